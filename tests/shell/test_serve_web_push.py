"""A page goes from the engine of a running installation to a push service, and its answer comes back."""

from __future__ import annotations

import json

import httpx2
import pytest

from support.http_sink import Answer, http_sink
from support.patience import until
from support.push_receiver import Receiver, proven
from support.serving import Installation

pytestmark = pytest.mark.slow


def test_a_page_reaches_a_device_and_its_answer_comes_back(tmp_path):
    device = Receiver()
    with http_sink() as push_service:
        push_service.answer(Answer(201))
        installation = Installation(tmp_path)
        (installation.data / "quarterdeck.toml").write_text(
            f'allow_targets = ["127.0.0.1:{push_service.port}"]\n[channels.web_push]\ncontact = "mailto:ops@example.com"\n'
        )
        endpoint = f"http://127.0.0.1:{push_service.port}/push/abc"
        callout = installation.ask(
            "support.push_company:page_a_device", endpoint=endpoint, p256dh=device.p256dh, auth=device.auth
        )
        server = installation.serve()
        server.wait_until_ready()
        until(lambda: bool(push_service.arrived), 20)
        (arrived,) = push_service.arrived
        told = json.loads(device.read(arrived.body))
        assert told["callout"] == callout
        assert proven(arrived.headers["authorization"])[1]["sub"] == "mailto:ops@example.com"
        path = f"{server.url}/push/answer/{callout}/{told['token']}"
        answer = httpx2.post(path, timeout=20, trust_env=False)
        assert answer.json()["state"] == "acknowledged"
        became = installation.ask("support.push_company:become", callout=callout)
        assert became == {"state": "acknowledged", "via": "push", "delivery": "sent", "error": ""}
        large = httpx2.post(
            f"{server.url}/callbacks/mail", content=b"x" * 10_000_000, timeout=20, trust_env=False
        )
        assert large.status_code == 413
        assert server.stop() == 0, server.log
