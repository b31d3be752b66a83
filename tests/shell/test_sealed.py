"""What opens a door elsewhere is not in the database in clear."""

from __future__ import annotations

from django.test import override_settings

from quarterdeck.store import sealed

OLD, NEW = "o" * 48, "n" * 48


def test_a_sealed_text_opens_with_its_key_and_with_none_other() -> None:
    with override_settings(QUARTERDECK_LINK_KEY=OLD):
        closed = sealed.SealedText().get_prep_value("https://calendar.example/secret")
        assert "calendar" not in closed and closed != sealed.seal("https://calendar.example/secret")
        assert sealed.SealedText().from_db_value(closed, None, None) == "https://calendar.example/secret"
    with override_settings(QUARTERDECK_LINK_KEY=NEW, QUARTERDECK_LINK_KEYS_BEFORE=(OLD,)):
        assert sealed.opened(closed) == "https://calendar.example/secret"
    with override_settings(QUARTERDECK_LINK_KEY=NEW):
        assert sealed.opened(closed) == "" == sealed.opened("not sealed at all")
        lost = sealed.SealedText().from_db_value(closed, None, None)
        assert lost == "" and not lost
        assert sealed.SealedText().get_prep_value(lost) == closed, "the key may be put back"
    assert sealed.SealedText().get_prep_value("") == ""
