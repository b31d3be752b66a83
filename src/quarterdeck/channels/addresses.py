"""Which addresses the product may talk to on somebody else's word, and what an operator allows beyond.

Our own table: what `ipaddress` calls private or global misses nets that reach inside (100.64/10, NAT64).
Never resolves a name and never connects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from quarterdeck.core.kernel.refused import bad

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Inside nets: an operator may open them for a host by its name.
_INSIDE: tuple[tuple[str, str], ...] = (
    ("10.0.0.0/8", "a private address"),
    ("172.16.0.0/12", "a private address"),
    ("192.168.0.0/16", "a private address"),
    ("100.64.0.0/10", "a carrier's shared address"),
    ("127.0.0.0/8", "this machine"),
    ("::1/128", "this machine"),
    ("fc00::/7", "a private address"),
)

# Nets nobody means by a name: only an address or a net in the allow-list opens them.
_NEVER: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this machine"),
    ("169.254.0.0/16", "a link-local address (cloud metadata lives there)"),
    ("192.0.0.0/24", "a protocol address"),
    ("192.0.2.0/24", "a documentation address"),
    ("192.88.99.0/24", "a 6to4 relay address"),
    ("198.18.0.0/15", "a benchmark address"),
    ("198.51.100.0/24", "a documentation address"),
    ("203.0.113.0/24", "a documentation address"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved or broadcast address"),
    ("::/96", "an unspecified or IPv4-compatible address"),
    ("::ffff:0:0/96", "an IPv4-mapped address"),
    ("::ffff:0:0:0/96", "an IPv4-translated address"),
    ("64:ff9b::/96", "a NAT64 address"),
    ("64:ff9b:1::/48", "a local NAT64 address"),
    ("100::/64", "a discard address"),
    ("2001::/23", "a protocol or Teredo address"),
    ("2001:db8::/32", "a documentation address"),
    ("2002::/16", "a 6to4 address"),
    ("3fff::/20", "a documentation address"),
    ("5f00::/16", "a segment routing address"),
    ("fe80::/10", "a link-local address"),
    ("fec0::/10", "a site-local address"),
    ("ff00::/8", "a multicast address"),
)
_INSIDE_NETS = tuple((ip_network(net), why) for net, why in _INSIDE)
_NEVER_NETS = tuple((ip_network(net), why) for net, why in _NEVER)
USUAL_PORTS = frozenset({80, 443, 8080, 8443})
_GLOBAL_V6 = IPv6Network("2000::/3")

_HOST_ENTRY = re.compile(r"^(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?$")


def denied(address: Address) -> str | None:
    """Why an address is off limits in words, None when anybody may be sent there."""
    for net, why in _INSIDE_NETS + _NEVER_NETS:
        if address in net:
            return why
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return "not a public address"
    return None


@dataclass(frozen=True, slots=True)
class AllowList:
    """What an operator opens beyond the public internet: hosts, host:port pairs, addresses and nets.

    An entry without a port opens the usual ports, one with a port exactly that port; both allow http there.
    A host by its name opens the inside nets for that name. Link-local, multicast, translated and reserved
    addresses open only where an address or a net names them.
    """

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    nets: tuple[tuple[Network, int | None], ...] = ()

    @staticmethod
    def parse(entries: Iterable[str]) -> AllowList:
        """Reads entries such as `hooks.lan`, `hooks.lan:9000`, `10.1.2.3`, `10.1.0.0/16`, `[fd00::1]:9000`.

        Raises Refused (bad) at the first entry that is none of these.
        """
        hosts: set[tuple[str, int | None]] = set()
        nets: list[tuple[Network, int | None]] = []
        for raw in entries:
            entry = raw.strip().lower()
            if not entry:
                continue
            net, name, port = _read(entry)
            if net is not None:
                nets.append((net, port))
            else:
                hosts.add((name, port))
        return AllowList(frozenset(hosts), tuple(nets))

    def lists_host(self, host: str, port: int) -> bool:
        """Whether this host is listed by its name for this port."""
        return (host, port) in self.hosts or ((host, None) in self.hosts and port in USUAL_PORTS)

    def lists_address(self, address: Address, port: int) -> bool:
        """Whether this address is listed for this port; of a translated address, the inner one too."""
        inner = _inner(address)
        if inner is not None and denied(inner) and not self.lists_address(inner, port):
            return False
        return any(
            address in net and (port in USUAL_PORTS if p is None else p == port) for net, p in self.nets
        )

    def refusal(self, host: str, address: Address, port: int) -> str | None:
        """Why this address may not be reached for this host and port, None when it may."""
        why = denied(address)
        if why is None or self.lists_address(address, port):
            return None
        if self.lists_host(host, port) and any(address in net for net, _ in _INSIDE_NETS):
            return None
        return why


def literal(host: str) -> Address | None:
    """The address a host is written as (no brackets), None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _read(entry: str) -> tuple[Network | None, str, int | None]:
    try:
        return ip_network(entry, strict=False), "", None
    except ValueError:
        pass
    found = _HOST_ENTRY.match(entry)
    port = int(found["port"]) if found and found["port"] else None
    if not found or (port is not None and not 1 <= port <= 65535):
        raise bad(
            "http.allow_entry",
            f"{entry[:80]!r} is not a host, host:port, address or net. "
            "Write one such as hooks.lan:9000 or 10.1.0.0/16.",
        )
    host = found["host"].strip("[]").rstrip(".")
    address = literal(host)
    if address is not None:
        return ip_network(address), "", port
    return None, host, port


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that a translated IPv6 address ends at."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if (
        any(address in IPv6Network(net) for net in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
        and int(address) > 1
    ):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
