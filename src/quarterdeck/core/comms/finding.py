"""What the linter is given and what it answers: a text and its readers; findings with their place and a way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

ERROR, WARNING = "error", "warning"
HEADLINE, EFFECT, ACTION, BODY = "headline", "customer_effect", "action", "body"
# More than these nobody reads at once; a text made of nothing else is not looked through to its end.
MOST = 60
FIELDS = (HEADLINE, EFFECT, ACTION, BODY)


@dataclass(frozen=True, slots=True)
class Finding:
    """`start` and `end` count characters of `field`; both 0 where something is missing. An error keeps a text for
    readers outside from being released, unless somebody says why it may go.
    """

    code: str
    level: str
    field: str
    start: int
    end: int
    text: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What is about to be said, field by field, as the composer has it."""

    audience: str
    headline: str = ""
    customer_effect: str = ""
    action: str = ""
    body: str = ""
    next_update_at: datetime | None = None
    final: bool = False
    status_word: str = ""

    def parts(self) -> tuple[tuple[str, str], ...]:
        """(field, text) in the order readers meet them; empty ones are left out."""
        found = zip(FIELDS, (self.headline, self.customer_effect, self.action, self.body), strict=True)
        return tuple((name, said) for name, said in found if said.strip())

    def whole(self) -> str:
        return "\n".join(said for _, said in self.parts())


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it. `outside`: not of this organisation. `technical`: hosts and traces are their work.

    `grade` is how many years of school the text may ask for.
    """

    key: str
    title: str
    outside: bool
    technical: bool = False
    grade: float = 14.0
    headline_limit: int = 120
    channels: tuple[str, ...] = ("email",)

    @property
    def level(self) -> str:
        return ERROR if self.outside else WARNING


@dataclass(frozen=True, slots=True)
class Known:
    """What the organisation knows, to hold a text against. `people` are full names, `named` those who may be named;
    `hosts` machines by name; `others` what other audiences are told of the same phase; `facts` the facts panel.
    """

    people: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    acronyms: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)
    customers_affected: str = ""
    started_at: datetime | None = None
    is_over: bool = False
    others: tuple[Text, ...] = ()
