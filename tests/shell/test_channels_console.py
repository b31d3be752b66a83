"""The console: shown once, kept in order, safe with several writers, and harmless to a terminal."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace

from quarterdeck.channels.console import Settings, entries, send
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent

PAGE = Outgoing(
    key="k", to="ana", subject="Disk full", text="db-1 has 2 % left", link="https://q.example/ack/1"
)


WRITER = """
import sys
from quarterdeck.channels.console import Settings, send
from quarterdeck.channels.outcome import Outgoing
for n in range(25):
    page = Outgoing(key=f"{sys.argv[2]}-{n}", to="ana", subject="Disk full", text="x" * 5000)
    send(page, Settings(path=sys.argv[1]))
"""


def test_what_is_sent_is_shown_newest_first(tmp_path):
    settings = Settings(path=str(tmp_path / "data" / "console.jsonl"))
    for n in range(3):
        assert isinstance(send(replace(PAGE, key=str(n)), settings), Sent)
    assert [entry["key"] for entry in entries(settings.path)] == ["2", "1", "0"]
    assert len(entries(settings.path, limit=2)) == 2
    assert "db-1 has 2 % left" in entries(settings.path)[0]["shown"]


def test_a_repeat_is_shown_once(tmp_path):
    settings = Settings(path=str(tmp_path / "console.jsonl"))
    assert isinstance(send(PAGE, settings), Sent)
    assert isinstance(send(PAGE, settings), Sent)
    assert len(entries(settings.path)) == 1


def test_the_oldest_make_room(tmp_path):
    settings = Settings(path=str(tmp_path / "console.jsonl"), keep=20)
    for n in range(55):
        send(replace(PAGE, key=str(n)), settings)
    keys = [int(entry["key"]) for entry in entries(settings.path)]
    assert keys == sorted(keys, reverse=True)
    assert keys[0] == 54
    assert 18 <= len(keys) <= 20


def test_several_writers_lose_nothing_and_tear_nothing(tmp_path):
    path = tmp_path / "console.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, str(n)]) for n in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert {line["key"] for line in lines} == {f"{w}-{n}" for w in range(3) for n in range(25)}
    assert len(lines) == 75


def test_a_terminal_gets_no_control_characters(tmp_path):
    settings = Settings(path=str(tmp_path / "console.jsonl"))
    nasty = "\x1b[2J\x1b]0;gotcha\x07\u202eevil\r\n\x9b31m"
    send(replace(PAGE, subject=nasty, text=nasty, to=nasty, facts=(("Service", nasty),)), settings)
    (entry,) = entries(settings.path)
    told = json.dumps(entry, ensure_ascii=False)
    assert not set(told) & {"\x1b", "\x07", "\x9b", "\u202e", "\r"}


def test_others_on_the_machine_cannot_read_the_links(tmp_path):
    settings = Settings(path=str(tmp_path / "console.jsonl"), keep=2)
    for n in range(4):
        send(replace(PAGE, key=str(n)), settings)
        assert stat.S_IMODE((tmp_path / "console.jsonl").stat().st_mode) == 0o600


def test_a_torn_line_does_not_hide_the_others(tmp_path):
    path = tmp_path / "console.jsonl"
    path.write_bytes(b'{"key": "torn\n[1]\n')
    send(PAGE, Settings(path=str(path)))
    assert [entry["key"] for entry in entries(path)] == ["k"]


def test_a_place_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "file").write_text("")
    assert isinstance(send(PAGE, Settings(path=str(tmp_path / "file" / "console.jsonl"))), Retry)
    assert isinstance(send(PAGE, Settings()), GaveUp)
    assert entries(tmp_path / "nothing.jsonl") == []
