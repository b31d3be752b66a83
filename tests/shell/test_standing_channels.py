"""Calls and chats that stand ready: taken by incidents, looked at by the engine, named on Health when they are broken."""

from __future__ import annotations

import pytest
from django.test import override_settings

from quarterdeck.app.chat import standing_channels
from quarterdeck.app.health import health_standing
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.engine.standing_channels import StandingChannels
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.http_sink import Answer, http_sink
from support.rest import Organisation

__all__ = ["org"]
CALL, CHAT = "https://meet.example.com/shop", "https://chat.example.com/shop"


@pytest.fixture
def shop(org: Organisation) -> Organisation:
    """Checkout is the shop's, search is nobody's; the shop's call and chat stand ready."""
    team = models.Team.objects.create(key="shop", name="Shop")
    models.Service.objects.create(key="checkout", name="Checkout", team=team)
    models.Service.objects.create(key="search", name="Search")
    put(org, "team/shop", CALL, CHAT)
    return org


def put(org: Organisation, whose: str, call: str, chat: str = "") -> None:
    answer = org.call("root").put(f"/standing-channels/{whose}", {"call_url": call, "chat_url": chat})
    assert answer.status == 200, answer.json


def links(incident: str) -> tuple[str, str]:
    row = models.IncidentRow.objects.get(id=incident)
    return row.bridge_url, row.chat_url


@pytest.mark.requirement("R-197")
def test_an_incident_takes_the_channels_that_stand_ready_for_its_team_else_its_structure(
    shop: Organisation,
) -> None:
    put(shop, "template/software", "https://meet.example.com/all")
    assert links(shop.declare("ana", services=["search", "checkout"])) == (CALL, CHAT)
    assert links(shop.declare("ana", services=["search"])) == ("https://meet.example.com/all", "")
    own = shop.declare("ana", services=["checkout"], bridge_url="https://meet.example.com/own")
    assert links(own) == ("https://meet.example.com/own", CHAT)
    assert links(shop.declare("ana", services=["checkout"], restricted=True)) == ("", "")
    assert CALL in signed_in(shop, "ana").get("/incidents/INC-1").content.decode()
    put(shop, "team/shop", "")
    assert links(shop.declare("ana", services=["checkout"])) == ("https://meet.example.com/all", "")


def test_a_second_incident_takes_another_call_where_one_stands_ready_else_both_are_told(
    shop: Organisation,
) -> None:
    put(shop, "template/software", "https://meet.example.com/all")
    first = shop.declare("ana", services=["checkout"])
    second = shop.declare("ana", services=["checkout"])
    assert links(second) == ("https://meet.example.com/all", CHAT)
    third = shop.declare("ana", services=["checkout"])
    assert links(third) == (CALL, CHAT)
    page = signed_in(shop, "ana").get(f"/incidents/{third}").content.decode()
    told_of = page[page.index("is also that of") :][:400]
    assert first in told_of
    assert second in told_of, "the chat is the same"
    hidden = shop.declare("ana", restricted=True, bridge_url=CALL)
    assert hidden not in signed_in(shop, "ana").get(f"/incidents/{third}").content.decode()


def looked(chore: StandingChannels, org: Organisation) -> None:
    """The engine's minute: it asks, waits for the answers, and keeps them in the next."""
    chore(org.now)
    chore.wait()
    chore(org.now)


def told() -> list[tuple[str, str]]:
    return [(f.level, f.text) for f in health_standing.look()]


@pytest.mark.requirement("R-197")
def test_the_daily_look_names_the_channel_that_is_broken_on_health(shop: Organisation) -> None:
    with http_sink() as meet, override_settings(QUARTERDECK_ALLOW_TARGETS=[f"127.0.0.1:{meet.port}"]):
        call = f"http://127.0.0.1:{meet.port}/call"
        put(shop, "team/shop", call, f"http://127.0.0.1:{meet.port}/chat")
        assert [level for level, _ in told()] == ["warning"]
        chore = StandingChannels()
        meet.answer(Answer(302), Answer(401))
        looked(chore, shop)
        assert [level for level, _ in told()] == ["ok"]
        asked = len(meet.arrived)
        looked(chore, shop)
        assert len(meet.arrived) == asked == 2  # not again before a day is over
        shop.now += standing_channels.EVERY
        meet.answer(Answer(404), Answer(200))
        looked(chore, shop)
        ((level, text),) = told()
        assert (
            level == "fault"
            and text
            == f"Nothing usable answers at the address of the call of the team Shop: {call}. The other side answered 404."
        )
        for page in ("/settings/health", "/catalog/channels"):
            assert "The other side answered 404." in signed_in(shop, "root").get(page).content.decode(), page
        meet.answer(Answer(200))
        shop.now += standing_channels.EVERY_WHILE_BROKEN
        looked(chore, shop)
        assert [level for level, _ in told()] == ["ok"]
    shop.now += standing_channels.EVERY
    looked(StandingChannels(SafeClient(allow=[f"127.0.0.1:{meet.port}"])), shop)
    assert [level for level, _ in told()] == ["fault", "fault"]  # nobody listens there any more


def test_what_no_browser_opens_is_refused_and_only_who_may_sets_it(shop: Organisation) -> None:
    root = signed_in(shop, "root")
    said = {
        "whose": "team:shop",
        "call_url": "javascript:alert(1)",
        "chat_url": "https://chat.example.com/new",
    }
    page = root.post("/catalog/channels", said)
    assert page.status_code == 422 and "https://chat.example.com/new" in page.content.decode()
    assert standing_channels.of("team", "shop").chat_url == CHAT
    assert root.post("/catalog/channels", said | {"call_url": CALL}).status_code == 302
    assert standing_channels.of("team", "shop").chat_url == "https://chat.example.com/new"
    assert root.post("/catalog/channels", {"whose": "moon:x"}).status_code == 422
    body = {"call_url": CALL}
    assert shop.call("ana").put("/standing-channels/team/shop", body).status == 403
    assert shop.call("root").put("/standing-channels/team/nowhere", body).status == 404
    assert shop.call("root").put("/standing-channels/template/nowhere", body).code == "channel.unknown"
    assert "Set them" not in signed_in(shop, "ole").get("/catalog/channels").content.decode()
