"""The long tail: over a hundred further services through the Apprise library, such as Matrix, Google Chat or Signal.

Install it with `pip install "quarterdeck[channels]"` and put the Apprise address of each service under a name of yours
in `targets`; that name is the address here. Only whoever writes the settings can add one: Apprise sends by itself, past
the list of allowed addresses. It says whether a service took a message and no more: no receipts, no button in place.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import rendering
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry, Sent
from .safe_http import SafeClient

KIND = "apprise"
NAME = "Apprise"
_LIBRARY = "apprise"
_TARGET = re.compile(r"^[\w.#-]{1,80}$")
_ADDRESS = re.compile(r"^[a-z][a-z0-9+]{1,20}://\S+$", re.IGNORECASE)
_TITLE, _TEXT = 250, 4_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Names and the Apprise addresses behind them, which hold tokens and passwords."""

    targets: dict[str, str] = field(
        default_factory=dict, repr=False, metadata={"label": "Targets", "secret": True}
    )

    def __post_init__(self) -> None:
        for name, url in self.targets.items():
            if not _TARGET.match(name):
                raise bad(
                    "apprise.targets", "A target's name has letters, digits, '.', '#', '-' or '_' only."
                )
            if not _ADDRESS.match(url):
                raise bad(
                    "apprise.targets", f"The target {name} needs an Apprise address, such as matrix://…"
                )


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    if find_spec(_LIBRARY) is None:
        return Lacks('the library (pip install "quarterdeck[channels]")')
    return Lacks("" if settings.targets else "targets")


def check_address(to: str) -> str:
    """The name of a target. Raises Refused."""
    target = to.strip()
    if not _TARGET.match(target):
        raise bad("apprise.target", "A target's name has letters, digits, '.', '#', '-' or '_' only.")
    return target


def render(outgoing: Outgoing) -> dict[str, Any]:
    """Title and text, both plain. The link stands whole at the end, whatever has to give way."""
    link = f"\n\n{outgoing.link_label}: {outgoing.link}" if rendering.is_web_link(outgoing.link) else ""
    facts = "\n".join(f"{label}: {fit(value, 400)}" for label, value in rendering.facts(outgoing))
    text = "\n\n".join(p for p in (outgoing.text.strip(), facts) if p)
    title = fit(rendering.title(outgoing), _TITLE)
    return {"title": title, "body": (fit(text, _TEXT - len(link)) + link).strip() or title or "Quarterdeck"}


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One message. Nothing recognises repeats, so an unclear end may show it twice."""
    refusal = refuse_drill(outgoing, room=True)
    if refusal is not None:
        return refusal
    url = settings.targets.get(check_address(outgoing.to))
    if url is None:
        return GaveUp(
            f"There is no target {outgoing.to} in the settings. Add it under [channels.apprise.targets]."
        )
    try:
        library: Any = importlib.import_module(_LIBRARY)
    except ImportError:
        return GaveUp('Apprise is not installed. Run: pip install "quarterdeck[channels]"')
    asset = library.AppriseAsset(
        async_mode=False, plugin_paths=[], allow_templates=False, secure_logging=True, http_redirects=False
    )
    sender = library.Apprise(asset=asset)
    if not sender.add(url):
        return GaveUp(
            f"Apprise does not know the address of {outgoing.to}. Correct it under [channels.apprise.targets]."
        )
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    level = library.NotifyType.FAILURE if outgoing.kind == "page" else library.NotifyType.INFO
    taken = sender.notify(
        **render(outgoing), notify_type=level, body_format=library.NotifyFormat.TEXT, timeout=limit
    )
    if taken:
        return Sent("", "Apprise says that it was taken.")
    return Retry("The service behind Apprise did not take it", ambiguous=True, elsewhere=True)
