"""Somebody with a browser without scripts: opens pages, fills in the forms that stand on them, follows redirects.

ana = Visitor(url).sign_in("ana@example.com", "a password")
ana.open("/incidents/INC-1/handover")
ana.submit("/incidents/INC-1/handovers", person=ben)     # every other field as the page has it
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2


@dataclass
class Form:
    """`fields` as a browser would send them untouched; `choices` are the values a select or radio offers."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)


class Visitor:
    """`page` is the text of the page in view, `path` its address with the query."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.Client(base_url=url, timeout=30, trust_env=False)
        self._origin = url
        self.path, self.page = "", ""

    def sign_in(self, email: str, password: str) -> Visitor:
        self.open("/accounts/login/")
        self.submit("/accounts/login/", login=email, password=password)
        assert not self.path.startswith("/accounts/login"), self.page
        return self

    def open(self, path: str) -> str:
        """The text of a page that must be there."""
        return self._shown(self._client.get(path), path)

    def download(self, path: str) -> httpx2.Response:
        answer = self._client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer

    def forms(self) -> list[Form]:
        return _Forms(self.page).found

    def form(self, action: str) -> Form:
        """The first form of the page that goes to this address (its beginning, when it ends in "*")."""
        for form in self.forms():
            target = form.action or self.path
            if target == action or (action.endswith("*") and target.startswith(action[:-1])):
                return form
        raise AssertionError(f"{self.path} has no form to {action}, only {[f.action for f in self.forms()]}")

    def submit(self, action: str, more: dict[str, Any] | None = None, /, **given: Any) -> str:
        """Send that form with these fields changed; a list sends a field several times. Returns the next page."""
        form = self.form(action)
        changed = (more or {}) | given
        values = [(name, value) for name, value in form.fields if name not in changed]
        for name, value in changed.items():
            values += [(name, str(v)) for v in (value if isinstance(value, list) else [value])]
        target = form.action or self.path
        answer = self._client.post(
            target,
            content=urlencode(values),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self._origin,
                "Referer": urljoin(self._origin, self.path),
                "Sec-Fetch-Site": "same-origin",
                "Accept": "text/html",
            },
        )
        return self._shown(answer, target)

    def _shown(self, answer: httpx2.Response, asked: str) -> str:
        for _ in range(5):
            if answer.status_code not in (301, 302, 303):
                break
            asked = urljoin(f"{self._origin}{asked}", answer.headers["location"])
            parts = urlsplit(asked)
            asked = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = self._client.get(asked)
        assert answer.status_code == 200, f"{asked}: {answer.status_code} {answer.text[:3000]}"
        self.path, self.page = asked, answer.text
        return self.page


class _Forms(HTMLParser):
    """Collects the forms of a page with what each field holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select: tuple[str, bool] | None = None
        self._option: tuple[str, bool] | None = None
        self._area: str | None = None
        self._words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(a.get("action", ""))
            self.found.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and a.get("name"):
            self._input(self._form, a)
        elif tag == "textarea":
            self._area, self._words = a.get("name", ""), ""
        elif tag == "select":
            self._select = (a.get("name", ""), "multiple" in a)
            self._form.choices.setdefault(a.get("name", ""), {})
        elif tag == "option" and self._select:
            self._option, self._words = (a.get("value", ""), "selected" in a), ""

    def _input(self, form: Form, a: dict[str, str]) -> None:
        kind = a.get("type", "text")
        if kind in ("checkbox", "radio"):
            form.choices.setdefault(a["name"], {})[a.get("value", "on")] = ""
            if "checked" in a:
                form.fields.append((a["name"], a.get("value", "on")))
        elif kind not in ("submit", "button", "file"):
            form.fields.append((a["name"], a.get("value", "")))

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            # The first line break after the tag is the page's, not the text's.
            self._form.fields.append((self._area, self._words.removeprefix("\n")))
            self._area = None
        elif tag == "option" and self._select and self._option:
            name, multiple = self._select
            value, chosen = self._option
            first = not self._form.choices[name] and not multiple
            self._form.choices[name][value] = self._words.strip()
            if chosen or first:
                if not multiple:
                    self._form.fields = [f for f in self._form.fields if f[0] != name]
                self._form.fields.append((name, value))
            self._option = None
        elif tag == "select":
            self._select = None
