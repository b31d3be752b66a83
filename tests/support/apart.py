"""A network of its own for a process, behind a router that can drop packets: no reset, no refusal, only silence.

with apart() as place:
    subprocess.Popen([*place.inside, "some", "program"])     # reaches this machine at place.store and place.mail
    place.cut(place.store)
    place.heal(place.store)
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_STORE, _MAIL, _ROUTER = "10.77.0.1", "10.77.0.2", "10.77.0.10"
_NEAR, _NODE = "10.77.4.1", "10.77.4.2"


class Apart:
    """`store` and `mail` are two addresses of this machine, `node` the address of what runs inside."""

    store, mail, node = _STORE, _MAIL, _NODE

    def __init__(self, mark: str) -> None:
        self._router, self._inner = f"qdr{mark}", f"qdn{mark}"
        self._link, self._far = f"qdl{mark}", f"qdf{mark}"

    @property
    def inside(self) -> tuple[str, ...]:
        """The words before a command that is to run there."""
        return (_ip(), "netns", "exec", self._inner)

    def cut(self, address: str) -> None:
        """From now on no packet from inside reaches this address."""
        self._in(self._router, "route", "replace", "blackhole", f"{address}/32")

    def heal(self, address: str) -> None:
        self._in(self._router, "route", "del", "blackhole", f"{address}/32")

    def make(self) -> None:
        for name in (self._router, self._inner):
            _run("netns", "add", name)
            self._in(name, "link", "set", "lo", "up")
        _run("link", "add", self._link, "type", "veth", "peer", "name", "up0", "netns", self._router)
        for address in (_STORE, _MAIL):
            _run("addr", "add", f"{address}/24", "dev", self._link)
        _run("link", "set", self._link, "up")
        self._in(self._router, "addr", "add", f"{_ROUTER}/24", "dev", "up0")
        self._in(self._router, "link", "set", "up0", "up")
        inner = ("link", "add", "down0", "type", "veth", "peer", "name", "eth0", "netns", self._inner)
        self._in(self._router, *inner)
        self._in(self._router, "addr", "add", f"{_NEAR}/30", "dev", "down0")
        self._in(self._router, "link", "set", "down0", "up")
        self._in(self._inner, "addr", "add", f"{_NODE}/30", "dev", "eth0")
        self._in(self._inner, "link", "set", "eth0", "up")
        self._in(self._inner, "route", "add", "default", "via", _NEAR)
        _run("route", "add", f"{_NODE}/32", "via", _ROUTER, "dev", self._link)
        forward = [_ip(), "netns", "exec", self._router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]
        subprocess.run(forward, check=True)

    def take_away(self) -> None:
        for name in (self._inner, self._router):
            subprocess.run([_ip(), "netns", "del", name], check=False, capture_output=True)
        subprocess.run([_ip(), "link", "del", self._link], check=False, capture_output=True)

    def _in(self, name: str, *words: str) -> None:
        _run("-n", name, *words)


def why_not() -> str:
    """Why there can be no such network here; empty when there can."""
    if os.geteuid() != 0:
        return "a network of its own needs root"
    if shutil.which("ip") is None:
        return "it needs the program ip: apt-get install iproute2"
    probe = subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True, text=True)
    return "" if probe.returncode == 0 else f"the kernel gives no network of its own: {probe.stderr.strip()}"


@contextmanager
def apart() -> Iterator[Apart]:
    """Made and taken away again."""
    place = Apart(str(os.getpid()))
    try:
        place.make()
        yield place
    finally:
        place.take_away()


def _ip() -> str:
    found = shutil.which("ip")
    assert found is not None
    return found


def _run(*words: str) -> None:
    told = subprocess.run([_ip(), *words], check=False, capture_output=True, text=True)
    assert told.returncode == 0, f"ip {' '.join(words)}: {told.stderr}"
