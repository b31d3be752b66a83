"""A small shop for one installation: who is there, who is on call, what is watched, who is told. Runs inside
`Installation.ask`.
"""

from __future__ import annotations

from .server import PASSWORD


def furnish() -> dict[str, str]:
    """A small shop: Dev is on call for checkout, Ana can command, Cleo writes to customers; one public page."""
    from datetime import UTC, datetime, timedelta

    from quarterdeck.app.act import act_of
    from quarterdeck.app.comms import audiences
    from quarterdeck.app.paging.directory import layer_data
    from quarterdeck.app.people import accounts, keys
    from quarterdeck.app.status import status_pages
    from quarterdeck.core.oncall import Layer, Turn
    from quarterdeck.store import models
    from quarterdeck.store.ids import new_id

    from .world import World

    world = World()
    world.now = datetime.now(UTC)
    operator = accounts.operator(world.now)
    people = {
        handle: accounts.create(operator, f"{handle}@example.com", name, role=role, password=PASSWORD)
        for handle, name, role in (
            ("ana", "Ana Ruiz", "administrator"),
            ("dev", "Dev Patel", "responder"),
            ("cleo", "Cleo Marin", "responder"),
        )
    }
    act = act_of(people["ana"].id, "administrator", world.now, "web")
    start = world.now - timedelta(days=1)
    schedule = models.Schedule.objects.create(id=new_id(), key="shop-primary", name="Shop primary")
    layer = Layer(
        id="", name="Primary", people=(people["dev"].id,), turn=Turn("days", 7), handover_time=start.time(),
        handover_weekday=None, starts_at=start, ends_at=None, zone="UTC",
    )  # fmt: skip
    models.Layer.objects.create(id=new_id(), schedule=schedule, name="Primary", definition=layer_data(layer))
    checkout = world.service("checkout", world.policy("shop", ("shop-primary", 5), ("ana", 5)))
    world.policy("role-communications_lead", ("cleo", 5))
    _, key = keys.create_integration(act, "Prometheus", "alertmanager", service=checkout)
    page = status_pages.create_page(act, "shop", "Shop status")
    component = status_pages.create_component(act, "shop", "Checkout", services=["checkout"])
    audiences.add_contact(act, "customers_all", "customer@example.net")
    return {"key": key, "page": page.id, "component": component.id} | {h: p.id for h, p in people.items()}
