"""A Slack workspace on loopback: channels, members, topics, messages, scopes and rate limits, over Slack's own protocol."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from support.slack_fake import TOKEN

BOT = "U0QUARTER"
PAGE = 3  # members of a page: small, so that pages are turned


@dataclass
class Room:
    id: str
    name: str
    private: bool
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    prefs: str = ""
    bookmarks: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)


class Refuse(Exception):
    def __init__(self, error: str, **more: str) -> None:
        self.told = {"ok": False, "error": error} | more


@dataclass
class Workspace:
    """What is in the workspace. `refuse` maps a method to an error that it answers; `limited` counts down 429s."""

    port: int = 0
    rooms: dict[str, Room] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, dict[str, str]] = field(default_factory=dict)
    limited: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    clock: Callable[[], float] = time.time

    @property
    def server(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def room(self, name: str) -> Room:
        return next(r for r in self.rooms.values() if r.name == name)

    def names(self) -> list[str]:
        return [r.name for r in self.rooms.values()]

    def make(
        self, name: str, creator: str = BOT, *, private: bool = False, created: float | None = None
    ) -> Room:
        at = int(self.clock() if created is None else created)
        room = Room(f"C{len(self.rooms) + 1:09}", name, private, creator, at, [creator])
        self.rooms[room.id] = room
        return room

    def say(self, room: Room, user: str, text: str, ts: str) -> None:
        room.messages.append({"type": "message", "user": user, "text": text, "ts": ts})

    # -- methods of the Web API

    def answer(self, method: str, said: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        self.calls.append(method)
        if self.limited.get(method, 0):
            self.limited[method] -= 1
            return 429, {"ok": False, "error": "ratelimited"}
        try:
            if token != TOKEN:
                raise Refuse("invalid_auth")
            if method in self.refuse:
                raise Refuse(**self.refuse[method])
            return 200, {"ok": True} | getattr(self, "do_" + method.replace(".", "_"))(said)
        except Refuse as refused:
            return 200, refused.told
        except AttributeError:
            return 200, {"ok": False, "error": "unknown_method"}

    def _room(self, said: dict[str, Any], key: str = "channel") -> Room:
        room = self.rooms.get(said.get(key, ""))
        if room is None or (room.private and BOT not in room.members):
            raise Refuse("channel_not_found")
        return room

    def _live(self, said: dict[str, Any]) -> Room:
        room = self._room(said)
        if room.archived:
            raise Refuse("is_archived")
        if BOT not in room.members:
            raise Refuse("not_in_channel")
        return room

    def do_auth_test(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT, "url": "https://corvane.slack.com/", "team_id": "T1"}

    def do_conversations_create(self, said: dict[str, Any]) -> dict[str, Any]:
        name = said["name"]
        if len(name) > 80:
            raise Refuse("invalid_name_maxlength")
        if name != name.lower() or not all(c.isalnum() or c in "-_" for c in name):
            raise Refuse("invalid_name_specials")
        if name in self.names():
            raise Refuse("name_taken")
        room = self.make(name, private=said.get("is_private") == "true")
        return {"channel": {"id": room.id, "name": name, "creator": BOT, "created": room.created}}

    def do_conversations_list(self, said: dict[str, Any]) -> dict[str, Any]:
        private = said["types"] == "private_channel"
        found = [r for r in self.rooms.values() if r.private == private and not r.archived]
        told = [{"id": r.id, "name": r.name, "creator": r.creator, "created": r.created} for r in found]
        return _paged("channels", told, said)

    def do_conversations_setTopic(self, said: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if len(said["topic"]) > 250:
            raise Refuse("too_long")
        self._live(said).topic = said["topic"]
        return {}

    def do_conversations_setPurpose(self, said: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._live(said).purpose = said["purpose"]
        return {}

    def do_bookmarks_list(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"bookmarks": self._room(said, "channel_id").bookmarks}

    def do_bookmarks_add(self, said: dict[str, Any]) -> dict[str, Any]:
        self._room(said, "channel_id").bookmarks.append({"title": said["title"], "link": said["link"]})
        return {}

    def do_conversations_invite(self, said: dict[str, Any]) -> dict[str, Any]:
        room = self._live(said)
        for user in said["users"].split(","):
            if user not in self.users:
                raise Refuse("user_not_found")
            if user in room.members:
                raise Refuse("already_in_channel")
            room.members.append(user)
        return {}

    def do_conversations_members(self, said: dict[str, Any]) -> dict[str, Any]:
        return _paged("members", self._room(said).members, said)

    def do_users_info(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["user"] not in self.users:
            raise Refuse("user_not_found")
        return {
            "user": {"id": said["user"], "name": said["user"].lower(), "real_name": self.users[said["user"]]}
        }

    def do_conversations_history(self, said: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self._room(said).messages if m["ts"] <= said["latest"]]
        return {"messages": sorted(found, key=lambda m: m["ts"], reverse=True)[: int(said["limit"])]}

    def do_conversations_replies(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"messages": []}

    def do_conversations_archive(self, said: dict[str, Any]) -> dict[str, Any]:
        room = self._room(said)
        if room.archived:
            raise Refuse("already_archived")
        room.archived = True
        return {}

    def do_conversations_unarchive(self, said: dict[str, Any]) -> dict[str, Any]:
        self._room(said).archived = False
        return {}

    def do_conversations_kick(self, said: dict[str, Any]) -> dict[str, Any]:
        room = self._live(said)
        if said["user"] not in room.members:
            raise Refuse("not_in_channel")
        room.members.remove(said["user"])
        return {}

    def do_admin_conversations_setConversationPrefs(self, said: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._room(said, "channel_id").prefs = said["prefs"]
        return {}

    def do_chat_postMessage(self, said: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        room = self._live(said)
        room.messages.append({"type": "message", "user": BOT, "text": said["text"], "ts": f"{len(room.messages)}.1",
                              "blocks": said.get("blocks", [])})  # fmt: skip
        return {"channel": room.id, "ts": room.messages[-1]["ts"]}


def _paged(name: str, found: list[Any], said: dict[str, Any]) -> dict[str, Any]:
    start = int(said.get("cursor") or 0)
    after = str(start + PAGE) if start + PAGE < len(found) else ""
    return {name: found[start : start + PAGE], "response_metadata": {"next_cursor": after}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    workspace: Workspace

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        is_json = "json" in self.headers.get("content-type", "")
        said = json.loads(raw) if is_json else dict(parse_qsl(raw))
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        status, told = self.workspace.answer(self.path.rpartition("/")[2], said, token)
        body = json.dumps(told).encode()
        self.close_connection = True
        self.send_response(status)
        if status == 429:
            self.send_header("retry-after", "30")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: tests read `Workspace.calls`."""


@contextmanager
def slack_workspace() -> Iterator[Workspace]:
    workspace = Workspace(
        users={"U000ANA": "Ana Ferreira", "U000BEN": "Ben Okonkwo", "U00DANA": "Dana Guest"}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"workspace": workspace}))
    server.daemon_threads = True
    workspace.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield workspace
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
