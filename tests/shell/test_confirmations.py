"""The words that confirm an act are shown on the page that follows it, whatever asks in between."""

from __future__ import annotations

from quarterdeck.app.people import keys
from support.browsing import browser, present

SAID = "Revoked. It is refused from now on."


def test_a_part_that_refreshes_itself_takes_no_words_away(db: None) -> None:
    world = present()
    world.person("ana", "administrator")
    row = keys.create_api_key(world.act("ana"), "Grafana", 90)[0]
    ana = browser(world, "ana")
    assert ana.post(f"/settings/keys/{row.id}/revoke").status_code == 302
    assert SAID not in ana.get("/alerts", headers={"HX-Request": "true", "X-Refresh": "1"}).content.decode()
    assert SAID in ana.get("/settings/keys").content.decode()
    assert SAID not in ana.get("/settings/keys").content.decode()
