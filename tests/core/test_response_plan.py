"""The response plan says its four chapters, and every part that is taken away is flagged in its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quarterdeck import catalog
from quarterdeck.core.incidents.response_plan import Setup, response_plan
from quarterdeck.core.incidents.structure import Catalog, Template

SHIPPED = catalog.load()
CALLED = {a.role for t in SHIPPED.templates for a in t.assembly if a.how == "callout"}
KEYS = {"default", "commander"} | {f"role-{role}" for role in CALLED}
WHOLE = Setup({key: (key.capitalize(), ("Ana for 5 minutes",)) for key in KEYS}, {"email": 3})


def lacks(shipped: Catalog = SHIPPED, setup: Setup = WHOLE) -> dict[str, list[str]]:
    return {c.key: [x.text for x in c.lacks] for c in response_plan(shipped, setup) if c.lacks}


def software(**changes: object) -> Catalog:
    def changed(t: Template) -> Template:
        return replace(t, **changes) if t.key == "software" else t  # type: ignore[arg-type]

    return replace(SHIPPED, templates=tuple(changed(t) for t in SHIPPED.templates))


def without_duties(role: str) -> Catalog:
    t = SHIPPED.template("software")
    assert t
    return software(roles=tuple(replace(r, checklist={}) if r.key == role else r for r in t.roles))


def mute() -> Catalog:
    t = SHIPPED.template("software")
    assert t
    return software(roles=tuple(replace(r, grants=()) for r in t.roles))


def test_the_shipped_catalogue_with_its_people_and_policies_set_up_is_complete() -> None:
    chapters = response_plan(SHIPPED, WHOLE)
    assert lacks() == {}
    assert [c.key for c in chapters] == ["roles", "channels", "escalation", "decisions"]
    assert all(c.lines for c in chapters)


@pytest.mark.requirement("R-187")
@pytest.mark.parametrize(
    ("shipped", "setup", "chapter", "said"),
    [
        (without_duties("commander"), WHOLE, "roles", "the duties of Incident Commander are not written"),
        (replace(SHIPPED, templates=()), WHOLE, "roles", "There is no structure"),
        (SHIPPED, replace(WHOLE, channels={}), "channels", "Nobody can be reached"),
        (SHIPPED, replace(WHOLE, unreachable=("Ben",)), "channels", "Not reached on any channel: Ben."),
        (software(audiences=()), WHOLE, "channels", "nobody is told anything"),
        (SHIPPED, replace(WHOLE, policies={}), "escalation", "Nobody is called to command."),
        (
            SHIPPED,
            Setup({k: v for k, v in WHOLE.policies.items() if k != "default"}, {"email": 1}, ("Shop",)),
            "escalation",
            "Alerts of Shop call nobody",
        ),
        (
            SHIPPED,
            replace(WHOLE, policies=dict(WHOLE.policies) | {"x": ("Night", ())}),
            "escalation",
            "The policy Night calls nobody.",
        ),
        (
            SHIPPED,
            replace(WHOLE, policies={k: v for k, v in WHOLE.policies.items() if k != "role-scribe"}),
            "escalation",
            "Nobody is set to be called as Scribe.",
        ),
        (mute(), WHOLE, "decisions", "Software incident: nobody may decide."),
        (software(gates={}), WHOLE, "decisions", "nothing is asked before a phase begins"),
        (software(chains={}), WHOLE, "decisions", "nobody is named who releases"),
        (replace(SHIPPED, matrix={}), WHOLE, "decisions", "The matrix gives no severity for"),
    ],
)
def test_a_part_that_is_missing_is_flagged_in_its_chapter(
    shipped: Catalog, setup: Setup, chapter: str, said: str
) -> None:
    assert any(said in text for text in lacks(shipped, setup)[chapter]), lacks(shipped, setup)
