"""What Health says of mail and of the lifeline, from a process that sees the settings and from one that must not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from quarterdeck.app.comms import mail_server
from quarterdeck.app.health import health_setup
from quarterdeck.boot.machine import lifeline
from quarterdeck.channels import email
from quarterdeck.engine.mail_look import MailLook
from support.smtp_sink import smtp_sink

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(values, *, known, now=NOW):
    (finding,) = health_setup.mail(values, known, now, stored=True)
    return finding


def settings_for(port, **more):
    return {"host": "127.0.0.1", "port": port, "tls": "none", "from_address": "q@example.com"} | more


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"host": "mail"}, "no sender's address"),
        ({"from_address": "q@example.com"}, "no mail server"),
        (settings_for(25, tls="yes"), "not an encryption"),
        (settings_for(1), "could not be reached"),
    ],
)
def test_mail_that_could_not_be_sent_is_a_fault_whatever_answers(db, values, word):
    finding = told(values, known=True)
    assert finding.level == "fault"
    assert word in finding.text


def test_mail_is_well_once_the_server_would_take_one(db):
    with smtp_sink() as sink:
        assert email.look(email.Settings(**settings_for(sink.port))) == ""
        assert told(settings_for(sink.port), known=True).level == "ok"
        assert sink.mails == []


def test_a_process_without_the_settings_tells_what_the_engine_found(db):
    assert told({}, known=False).level == "warning"
    with smtp_sink() as sink, override_settings(QUARTERDECK_CHANNELS={"email": settings_for(sink.port)}):
        look = MailLook()
        look(NOW)
        for _ in range(100):
            if look._answer is not None:
                break
            time.sleep(0.05)
        look(NOW + timedelta(minutes=1))
    finding = told({}, known=False, now=NOW + timedelta(minutes=2))
    assert (finding.level, "Asked by the engine" in finding.text) == ("ok", True)
    mail_server.keep("The mail server hung up.", "mail:587", NOW + timedelta(minutes=3))
    assert told({}, known=False, now=NOW + timedelta(minutes=4)).level == "fault"
    assert told({}, known=False, now=NOW + timedelta(hours=1)).level == "warning"


def test_a_command_that_sees_no_settings_of_mail_says_so_beside_the_engine_s_answer(db):
    mail_server.keep("", "mail:587", NOW)
    finding = told({}, known=True)
    assert finding.level == "ok"
    assert "given to serve alone" in finding.text


def test_the_lifeline_is_well_only_with_a_file_it_can_use(tmp_path):
    file = tmp_path / "lifeline.toml"

    def finding():
        (one,) = health_setup.lifeline(lifeline(file))
        return one

    assert finding().level == "warning"
    file.write_text("nonsense = 1")
    assert (finding().level, "unknown key 'nonsense'" in finding().text) == ("fault", True)
    file.write_text('[page]\npassword = "long enough to be one"')
    assert "names no way to people" in finding().text
    file.write_text('[mail]\nhost = "mail"\nsender = "q@example.com"')
    assert "no snapshot" in finding().text
