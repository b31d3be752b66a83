"""Pages under an incident: each stands under one tab of it, says so in its title, and leads back to where it hangs."""

from __future__ import annotations

import html
import re

import pytest

from support.browsing import browser
from support.rest import Organisation

_BACK = re.compile(r'<p class="(?:crumb|inc__id)">((?:<a class="link".*?</a>(?: / )?)+)')


@pytest.mark.parametrize(("type_", "label"), [("availability", "Forms"), ("major_emergency", "ICS")])
def test_every_page_under_an_incident_leads_back_to_where_it_hangs(db: None, type_: str, label: str) -> None:
    org = Organisation()
    org.call("ana", "administrator")
    incident = org.declare(type=type_)
    page = browser(org, "ana")
    home = f"/incidents/{incident}"
    first = page.get(home).content.decode()
    tabs = dict(
        re.findall(rf'<a href="({home}/?[a-z]*)"[^>]*>([A-Za-z]+)', first[first.index('class="tabs"') :])
    )
    assert tabs[f"{home}/ics"] == label
    todo, seen, kinds, titles = [home], set(), {home}, {}
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = page.get(path, follow=True)
        assert answer.status_code == 200, path
        text = answer.content.decode()
        if "<main" not in text:
            continue
        titles[path] = text.partition("<title>")[2].partition("</title>")[0]
        main = text[text.index("<main") : text.index("</main>")]
        if 'class="tabs"' in main:
            current = re.findall(r'<nav class="tabs".*?</nav>', main, re.S)[0].count("aria-current")
            assert current == 1, path
        assert main.count("<h1") == 1, path
        for back in _BACK.findall(main):
            for href, said in re.findall(r'href="(.*?)">(.*?)</a>', back):
                assert href.startswith(home), (path, href)
                assert href.partition("?")[0] not in (home + "/ics",) or said in (label, "All forms"), (
                    path,
                    said,
                )
        for href in map(html.unescape, re.findall(rf'href="({home}[^"#]*)', text)):
            href = href if "subject=" in href else href.partition("?")[0]
            shape = re.sub(r"[0-9a-f-]{30,}|forms/\w+|\?.*", "*", href)  # one of a kind is enough
            if shape not in kinds and not re.search(r"/(pdf|files|fill|print)\b|\.\w+$", href):
                kinds.add(shape)
                todo.append(href)
    assert len(seen) > 12
    mains = [titles[p] for p in tabs if p in titles]
    assert len(set(mains)) == len(mains), mains
