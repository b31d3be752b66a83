"""Talking to a Quarterdeck over its REST interface, with a key, from wherever the person sits. Nothing local."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

REFUSED, UNREACHABLE = 1, 2


class Remote:
    """One installation. Every method ends the program in words when it cannot answer."""

    def __init__(self, url: str, key: str) -> None:
        import httpx2

        self._http = httpx2.Client(
            base_url=url.rstrip("/") + "/api/v1",
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=15,
        )
        self._unreachable = httpx2.HTTPError
        self._url = url

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, params={k: v for k, v in query.items() if v not in (None, "")})

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        return self._call("POST", path, json=dict(body), headers=headers)

    def put(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._call("PUT", path, json=dict(body)) if body else self._call("PUT", path)

    def delete(self, path: str, **query: Any) -> Any:
        return self._call("DELETE", path, params={k: v for k, v in query.items() if v not in (None, "")})

    def send_file(self, path: str, name: str, content: bytes, **fields: str) -> Any:
        return self._call("POST", path, files={"file": (name, content)}, data=fields)

    def _call(self, method: str, path: str, **how: Any) -> Any:
        try:
            answer = self._http.request(method, path, **how)
        except self._unreachable as e:
            stop(f"{self._url} does not answer: {e}", UNREACHABLE)
        try:
            value = answer.json() if answer.content else None
        except ValueError:
            stop(f"{self._url} answered {answer.status_code}, but not as Quarterdeck does.", UNREACHABLE)
        if answer.status_code >= 400:
            fault = value.get("error", {}) if isinstance(value, dict) else {}
            for phone in (value or {}).get("phone_list", []):
                click.echo(f"  {phone['name']:24} {phone['phone'] or phone['email']}", err=True)
            told = [fault.get("message") or f"{method} {path} answered {answer.status_code}."]
            told += [
                f"  {name}: {why}" for name, why in (fault.get("fields") or {}).items() if why not in told
            ]
            stop("\n".join(told), REFUSED)
        return value


def connect() -> Remote:
    """The installation and key in the environment. Ends the program when they are not set."""
    key = os.environ.get("QUARTERDECK_API_KEY", "")
    if not key:
        stop(
            "Set QUARTERDECK_API_KEY to one of your API keys (and QUARTERDECK_URL where it is not this machine). "
            "Make one under Settings, or with: quarterdeck user key you@example.com",
            UNREACHABLE,
        )
    return Remote(os.environ.get("QUARTERDECK_URL", "http://127.0.0.1:8080"), key)


def stop(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


def show(value: Any, lines: list[str], as_json: bool) -> None:
    """The answer as it came, or in words."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))
