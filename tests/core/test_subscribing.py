"""Which posts a subscriber gets, and when: parts, events, text messages, digests and quiet hours over clock changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quarterdeck.core.comms import subscribing
from quarterdeck.core.comms.subscribing import Offer, Wishes, waits_until, wants, wishes
from quarterdeck.core.kernel.refused import Refused

OFFER = Offer({"c1": "Shop", "c2": "Shop", "c3": ""}, {"en", "de"})


def get(
    event: str, affected: tuple[str, ...] = ("c1",), groups: tuple[str, ...] = ("Shop",), **more: object
) -> bool:
    told = {"kind": "email", "events": subscribing.EVENTS, "components": (), "chosen_groups": ()} | more
    return wants(event, affected, groups, **told)  # type: ignore[arg-type]


def test_a_part_is_heard_of_where_it_is_affected_and_everybody_hears_of_what_touches_none() -> None:
    assert get("updated") and get("updated", components=("c1",)) and get("updated", chosen_groups=("Shop",))
    assert not get("updated", components=("c2",)) and not get("updated", chosen_groups=("Other",))
    assert get("updated", (), (), components=("c2",))
    assert get("updated", components=("c2",), chosen_groups=("Shop",)), "either of what was chosen"


def test_event_types_and_what_a_text_message_is_worth() -> None:
    assert not get("planned", events=("incidents",)) and not get("opened", events=("maintenance",))
    texted = [e for e in ("opened", "updated", "resolved", "corrected", "summary", "planned", "reminded", "started",
                          "extended", "finished", "cancelled") if get(e, kind="sms")]  # fmt: skip
    assert texted == ["opened", "resolved", "started"]


@pytest.mark.parametrize(
    ("at", "zone", "due"),
    [
        ("2026-11-18T06:59:00", "Europe/Berlin", "2026-11-18T07:00:00"),
        ("2026-11-18T07:00:00", "Europe/Berlin", "2026-11-19T07:00:00"),
        ("2026-03-28T12:00:00", "Europe/Berlin", "2026-03-29T06:00:00"),  # the clock goes forward that night
        ("2026-11-18T23:30:00", "Asia/Tokyo", "2026-11-19T23:00:00"),
    ],
)
def test_a_digest_comes_at_eight_on_ones_own_clock(at: str, zone: str, due: str) -> None:
    found = waits_until(_at(at), digest="daily", timezone=zone, quiet_from="", quiet_to="")
    assert found == _at(due)


def test_quiet_hours_hold_a_post_and_a_digest_that_falls_into_them() -> None:
    night = {"timezone": "UTC", "quiet_from": "22:00", "quiet_to": "09:00"}
    assert waits_until(_at("2026-11-18T23:00:00"), digest="each", **night) == _at("2026-11-19T09:00:00")
    assert waits_until(_at("2026-11-18T12:00:00"), digest="each", **night) is None
    assert waits_until(_at("2026-11-18T12:00:00"), digest="daily", **night) == _at("2026-11-19T09:00:00")


def test_wishes_are_kept_in_one_form_and_what_the_page_has_not_is_refused_by_its_field() -> None:
    kept = wishes(
        Wishes(language="DE", components=("c1", "c1"), groups=("Shop", ""), events=("maintenance",)), OFFER
    )
    assert kept == Wishes(language="de", components=("c1",), groups=("Shop",), events=("maintenance",))
    for field, said in {
        "language": Wishes(language="fr"), "timezone": Wishes(timezone="Mars/Base"),
        "components": Wishes(components=("gone",)), "events": Wishes(events=()), "digest": Wishes(digest="weekly"),
        "quiet_from": Wishes(quiet_from="22:00"),
    }.items():  # fmt: skip
        with pytest.raises(Refused) as met:
            wishes(said, OFFER)
        assert list(met.value.fields) == [field]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
