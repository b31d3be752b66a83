"""The subscribers of a page that is taken over: mail addresses as a list that the engine takes, others one by one.

Only who had confirmed at the other product comes in, and that is written down as their consent. Nobody who
ended a subscription here comes back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from quarterdeck.core.comms.subscribing import Wishes
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import PRODUCTS, FoundSubscriber
from quarterdeck.store import models

from ..act import Act
from ..comms import contact_imports
from ..subscribers import subscriber_lists, subscribers
from . import audience_pages


def take(
    act: Act, row: models.PageImport, found: Iterable[FoundSubscriber], known: Mapping[str, str]
) -> dict[str, int]:
    """How many mail addresses are on their way, how many others came in, and how many of these were refused."""
    source = f"Confirmed at {PRODUCTS[row.product]}"
    mails = [one for one in found if one.kind == "email"]
    others = [one for one in found if one.kind != "email"]
    told = {"subscriber mail": 0, "subscriber other": 0, "subscriber refused": 0}
    if mails:
        try:
            _list(act, row, mails, known, source)
            told["subscriber mail"] = len(mails)
        except Refused:  # a page that not everybody may read has no subscribers
            told["subscriber refused"] = len(mails)
    for one in others:
        chosen = tuple(known[c] for c in one.components if c in known)
        try:
            subscribers.add(act, row.page.key, one.kind, one.address, source, Wishes(components=chosen))
            told["subscriber other"] += 1
        except Refused:
            told["subscriber refused"] += 1
    return {what: n for what, n in told.items() if n}


def _list(
    act: Act, row: models.PageImport, mails: list[FoundSubscriber], known: Mapping[str, str], source: str
) -> None:
    names = subscriber_lists.words(audience_pages.components(row.page))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("email", "components"))
    for one in mails:
        chosen = {names[known[c]] for c in one.components if known.get(c) in names}
        writer.writerow((one.address, ";".join(sorted(chosen))))
    file = io.BytesIO(text.getvalue().encode("utf-8", "replace"))
    made = contact_imports.begin(act, subscriber_lists.PAGE + row.page_id, row.name, file, source=source)
    contact_imports.start(act, made.id)
