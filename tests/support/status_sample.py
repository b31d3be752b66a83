"""A status page with everything on it, folded by the core from posts and changes: a busy day at Corvane."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quarterdeck.core.status import Component, PageSnapshot, Post, StateChange, StatusPage, snapshot

NOW = datetime(2026, 11, 18, 14, 28, tzinfo=UTC)
URL = "https://status.corvane.example"
PAGE = StatusPage("corvane", "Corvane status", "Europe/Berlin", support_url="https://corvane.example/help")
COMPONENTS = [
    Component("cards", "Selling", "Card payments at checkout and in the app", position=1),
    Component("seats", "Selling", "Seat and cabin reservation", position=2),
    Component("wallets", "Selling", "Wallets, vouchers and sales on account", position=3),
    Component("search", "Selling", "Timetable and fare search", position=4),
    Component("gates", "Boarding", "Gate scanners, live passenger list", position=5),
    Component("passes", "Boarding", "Boarding passes", position=6),
    Component("notices", "Boarding", "Departure notices by push, SMS and e-mail", position=7),
    Component("console", "Back office", "Operator console", position=8),
    Component("payouts", "Back office", "Settlement, refunds and payout files", position=9),
    Component("partners", "Back office", "Partner interface for travel agencies", position=10),
]
# Component, days ago, minutes, state.
PAST = [
    ("cards", 78, 95, "under_maintenance"), ("cards", 43, 40, "degraded_performance"),
    ("cards", 42, 71, "partial_outage"), ("cards", 12, 51, "degraded_performance"),
    ("seats", 59, 30, "degraded_performance"), ("seats", 24, 120, "under_maintenance"),
    ("wallets", 42, 15, "degraded_performance"), ("gates", 65, 90, "under_maintenance"),
    ("gates", 34, 25, "degraded_performance"), ("gates", 5, 34, "degraded_performance"),
    ("passes", 20, 22, "partial_outage"), ("notices", 52, 130, "partial_outage"),
    ("notices", 51, 44, "degraded_performance"), ("notices", 1, 72, "degraded_performance"),
    ("console", 24, 60, "under_maintenance"), ("payouts", 2, 35, "major_outage"),
]  # fmt: skip


def at(clock: str, days_ago: int = 0) -> datetime:
    """A time in UTC on the day of the sample or before it."""
    hour, minute = map(int, clock.split(":"))
    return NOW.replace(hour=hour, minute=minute) - timedelta(days=days_ago)


def changes() -> list[StateChange]:
    found = [StateChange(c.id, "operational", at("08:00", 200)) for c in COMPONENTS if c.id != "partners"]
    found.append(StateChange("partners", "operational", at("09:00", 35)))
    for component, days_ago, minutes, state in PAST:
        start = at("09:10", days_ago)
        found.append(StateChange(component, state, start))
        found.append(StateChange(component, "operational", start + timedelta(minutes=minutes)))
    found += [
        StateChange("cards", "partial_outage", at("12:51")),
        StateChange("cards", "major_outage", at("13:59")),
        StateChange("seats", "degraded_performance", at("13:10")),
        StateChange("gates", "partial_outage", at("14:20")),
        StateChange("notices", "degraded_performance", at("13:30")),
    ]
    return found


def posts() -> list[Post]:
    return [*_payments(), *_gates(), *_database(), *_past()]


def _payments() -> list[Post]:
    title = "Card payments failing at checkout"
    told = [
        ("investigating", "13:06", "Some card payments at checkout fail. We are looking into it and will write "
         "again by 14:21."),
        ("investigating", "13:20", "We see the failures in *Europe West* only. Next update by 14:36."),
        ("investigating", "13:59", "About six in ten card payments fail, most with “bank did not answer”. Trying "
         "again rarely helps. Selling on account works and is described in your operator console under Sales."),
        ("identified", "14:14", "We know the cause: a release of our payment router from 13:46. We have started to "
         "roll it back, one region at a time. **No double charges** have been found."),
        ("identified", "14:27", "We are rolling back the change that stopped card payments. Two thirds of our "
         "regions run the earlier version again, and there card payments work.\n\nWallets, vouchers and boarding "
         "are not affected. You can sell on account at the quay until card payments are back everywhere; "
         "[these sales carry no fee](https://corvane.example/fees)."),
    ]  # fmt: skip
    states = {"cards": "major_outage", "seats": "degraded_performance"}
    return [
        Post(f"pay-{n}", "INC-1042", title, word, body, at(clock),
             components=states if n >= 2 else {"cards": "partial_outage"},
             next_update_at=at(clock) + timedelta(minutes=17), started_at=at("12:51"))
        for n, (word, clock, body) in enumerate(told)
    ]  # fmt: skip


def _gates() -> list[Post]:
    body = (
        "Scanners at Piraeus E9 and Igoumenitsa cannot reach us and fall back to the offline passenger list. "
        "Tickets bought in the last 10 minutes may need a look at the booking number."
    )
    return [
        Post("gate-1", "INC-1043", "Gate scanners at two Greek ports use offline lists", "investigating", body,
             at("14:24"), components={"gates": "partial_outage"}, next_update_at=at("14:54"), started_at=at("14:20")),
    ]  # fmt: skip


def _database() -> list[Post]:
    body = (
        "Reservations pause for up to four minutes inside this window. "
        "Sales without a seat, boarding and the gates go on."
    )
    return [
        Post("db-1", "MNT-17", "Larger database for seat and cabin reservation", "scheduled", body, at("09:00", 3),
             components={"seats": "under_maintenance"}, impact="maintenance",
             scheduled_for=at("01:00", -4), scheduled_until=at("03:00", -4)),
    ]  # fmt: skip


def _past() -> list[Post]:
    past = [
        ("INC-1039", "Departure notices up to 20 minutes late", 1, 72, "notices", "postmortem"),
        ("INC-1031", "Gate scanners slow at Split and Ancona", 5, 34, "gates", "resolved"),
        ("INC-1024", "Some card payments refused by one bank", 12, 51, "cards", "resolved"),
        ("INC-1002", "Boarding passes without a gate number", 20, 22, "passes", "postmortem pending"),
        ("INC-0987", "Wallets slow after a release", 42, 15, "wallets", "resolved"),
    ]
    made = []
    for ref, title, days_ago, minutes, component, last in past:
        start = at("09:10", days_ago)
        end = start + timedelta(minutes=minutes)
        made.append(Post(f"{ref}-a", ref, title, "investigating", "We are looking into it.", start,
                         components={component: "degraded_performance"}))  # fmt: skip
        made.append(Post(f"{ref}-b", ref, title, "resolved", "All is well again.", end,
                         components={component: "operational"}))  # fmt: skip
        if last != "resolved":
            made.append(
                Post(
                    f"{ref}-c",
                    ref,
                    title,
                    last,
                    "What happened, and what we change.",
                    end + timedelta(hours=5),
                )
            )
    title = "New switches in the data centre"
    made.append(Post("mnt-a", "MNT-16", title, "scheduled", "Short pauses.", at("09:00", 30),
                     components={"console": "under_maintenance"}, impact="maintenance",
                     scheduled_for=at("01:00", 24), scheduled_until=at("03:00", 24)))  # fmt: skip
    made.append(Post("mnt-b", "MNT-16", title, "completed", "Done.", at("02:00", 24),
                     components={"console": "operational"}, impact="maintenance"))  # fmt: skip
    return made


def busy_page() -> PageSnapshot:
    """Two open incidents, planned work, a month of history, ninety days of bars."""
    return snapshot(PAGE, COMPONENTS, changes(), posts(), NOW)


def quiet_page() -> PageSnapshot:
    """Nothing has ever happened."""
    fine = [StateChange(c.id, "operational", at("08:00", 200)) for c in COMPONENTS]
    return snapshot(PAGE, COMPONENTS, fine, [], NOW)
