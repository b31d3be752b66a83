"""Status pages, their components, and setting the state of one by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.status import status_pages as acts
from quarterdeck.app.visibility import must_see
from quarterdeck.core.status.propose import LONGEST_HOLD_DOWN, RULES
from quarterdeck.core.status.words import COMPONENT_STATES
from quarterdeck.store import models

from .doors import Request, need_key
from .fields import (
    Asked,
    Id,
    IncidentId,
    Key,
    Line,
    LongLine,
    Moment,
    NewKey,
    Number,
    Read,
    Text,
    Url,
    Word,
    Write,
    Yes,
)
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Status pages", "/status-pages")
COMPONENTS = Noun("Status pages", "/components")
ComponentState = Literal[COMPONENT_STATES]  # type: ignore[valid-type]
ComponentRule = Literal[RULES]  # type: ignore[valid-type]
HoldDown = Annotated[int, Number(0, int(LONGEST_HOLD_DOWN.total_seconds()))]
Components = Annotated[list[Id], Field(max_length=50)]
Names = Annotated[dict[Annotated[str, Text(12, least=1)], Annotated[str, Text(120)]], Field(max_length=20)]


class StatusPage(Read):
    """`revision` counts what changed, `published` what readers see already."""

    id: str
    key: str
    title: str
    description: str
    timezone: str
    support_url: str
    public: bool
    revision: int
    published: int
    published_at: Moment | None


class Component(Read):
    """`services` are keys; `page` is the key of its page. `rule` is what alerts of its services may do: nothing,
    propose a state, or publish it; better again only after they were quiet for `hold_down_seconds`. `parent` is the
    component it is a part of, null at the top; `depends_on` are the components it needs; `names` by language.
    """

    id: str
    page: str
    group: str
    name: str
    description: str
    position: int
    state: ComponentState
    services: list[str]
    rule: ComponentRule
    hold_down_seconds: int
    updated_at: Moment
    parent: str | None
    depends_on: list[str]
    names: dict[str, str]


class StatusPageWrite(Write):
    key: NewKey
    title: Annotated[str, Text(120, least=1)]
    description: LongLine = ""
    timezone: Word = "UTC"
    support_url: Url = ""
    public: Yes = True


class StatusPagePatch(Write):
    """Only what is named changes."""

    title: Annotated[str, Text(120, least=1)] | None = None
    description: LongLine | None = None
    timezone: Word | None = None
    support_url: Url | None = None
    public: Yes | None = None


class ComponentWrite(Write):
    name: Annotated[str, Text(120, least=1)]
    group: Annotated[str, Text(120)] = ""
    description: LongLine = ""
    position: Annotated[int, Number(0, 10_000)] | None = None
    services: Annotated[list[Key], Field(max_length=100)] = Field(default_factory=list)
    rule: ComponentRule = "propose"
    hold_down_seconds: HoldDown = 600
    parent: Id | None = None
    depends_on: Components = Field(default_factory=list)
    names: Names = Field(default_factory=dict)


class ComponentPatch(Write):
    """Only what is named changes. The state has its own address."""

    name: Annotated[str, Text(120, least=1)] | None = None
    group: Annotated[str, Text(120)] | None = None
    description: LongLine | None = None
    position: Annotated[int, Number(0, 10_000)] | None = None
    services: Annotated[list[Key], Field(max_length=100)] | None = None
    rule: ComponentRule | None = None
    hold_down_seconds: HoldDown | None = None
    parent: Id | Literal[""] | None = None  # "" puts it at the top
    depends_on: Components | None = None
    names: Names | None = None


class ComponentStateWrite(Write):
    """While an incident is told on the page, its status page manager and commander set states; others give a reason to
    `break_glass`, which is kept.
    """

    state: ComponentState
    reason: Line = ""
    incident: IncidentId | None = None
    break_glass: Line = ""


class ComponentRemovalAsked(Asked):
    break_glass: Line = ""


class ComponentsAsked(PageAsked):
    page: Word = ""


@NOUN.get("", "status.read", Page[StatusPage])
def list_status_pages(request: Request, asked: Query[PageAsked]) -> Page[StatusPage]:
    return page(
        asked,
        models.StatusPage.objects.all(),
        ("key",),
        lambda found: [StatusPage.model_validate(r) for r in found],
    )


@NOUN.post("", "status.edit", StatusPage)
def create_status_page(request: Request, body: StatusPageWrite) -> StatusPage:
    return StatusPage.model_validate(acts.create_page(request.act, **body.model_dump()))


@NOUN.get("/{page}", "status.read", StatusPage)
def get_status_page(request: Request, page: Key) -> StatusPage:
    return StatusPage.model_validate(acts.find_page(page))


@NOUN.patch("/{page}", "status.edit", StatusPage)
def change_status_page(request: Request, page: Key, body: StatusPagePatch) -> StatusPage:
    """Making a page public that is not takes the key of an administrator."""
    if body.public and not acts.find_page(page).public:
        need_key(request)
    return StatusPage.model_validate(
        acts.update_page(request.act, page, **body.model_dump(exclude_none=True))
    )


@NOUN.post("/{page}/components", "status.edit", Component)
def create_component(request: Request, page: Key, body: ComponentWrite) -> Component:
    """A component at the end of the page, operational until somebody says otherwise."""
    made = acts.create_component(request.act, page, **body.model_dump())
    return _told([acts.find_component(made.id)])[0]


@COMPONENTS.get("", "status.read", Page[Component])
def list_components(request: Request, asked: Query[ComponentsAsked]) -> Page[Component]:
    """Components in the order they were made, or those of one page (by key)."""
    rows = models.Component.objects.select_related("page")
    if asked.page:
        rows = rows.filter(page__key=asked.page)
    return page(asked, rows, ("id",), _told)


@COMPONENTS.get("/{component}", "status.read", Component)
def get_component(request: Request, component: Id) -> Component:
    return _told([acts.find_component(component)])[0]


@COMPONENTS.patch("/{component}", "status.edit", Component)
def change_component(request: Request, component: Id, body: ComponentPatch) -> Component:
    return _told([acts.update_component(request.act, component, **body.model_dump(exclude_none=True))])[0]


@COMPONENTS.delete("/{component}", "status.edit")
def remove_component(request: Request, component: Id, asked: Query[ComponentRemovalAsked]) -> None:
    """Take a component off its page. Rolling the page back brings it back with its history.

    One that is not operational is taken off beside an incident only by who publishes there; others give a reason to
    `break_glass`, which is kept.
    """
    acts.remove_component(request.act, component, break_glass=asked.break_glass)


@COMPONENTS.put("/{component}/state", "status.edit", Component)
def set_component_state(request: Request, component: Id, body: ComponentStateWrite) -> Component:
    """Put a component into a state now; its page is published again."""
    if body.incident:
        must_see(request.act.who, body.incident)
    acts.set_state(
        request.act, component, body.state, body.reason, body.incident or "", break_glass=body.break_glass
    )
    return _told([acts.find_component(component)])[0]


def _told(rows: list[models.Component]) -> list[Component]:
    through, needs = models.Component.services.through.objects, models.Component.depends_on.through.objects
    owned = _by_component(through, rows, "component_id", "service__key")
    needed = _by_component(needs, rows, "from_component_id", "to_component_id")
    plain = [n for n in Component.model_fields if n not in ("page", "services", "parent", "depends_on")]
    return [
        Component(
            **{n: getattr(r, n) for n in plain},
            page=r.page.key,
            services=sorted(owned.get(r.id, [])),
            parent=r.parent_id,
            depends_on=sorted(needed.get(r.id, [])),
        )
        for r in rows
    ]


def _by_component(links: Any, rows: list[models.Component], own: str, other: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for component, one in links.filter(**{f"{own}__in": [r.id for r in rows]}).values_list(own, other):
        found.setdefault(component, []).append(one)
    return found
