"""Who may read a status page that is not public: the ways in that were chosen, what a reader can show, and the answer
with its reason. Knows nothing of cookies, mails or requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
)
from typing import Literal

from quarterdeck.core.kernel.refused import bad

Visibility = Literal["public", "private", "internal"]
NetworkRule = Literal["off", "enough", "needed"]
VISIBILITIES: tuple[Visibility, ...] = ("public", "private", "internal")
NETWORK_RULES: tuple[NetworkRule, ...] = ("off", "enough", "needed")
MOST_NETWORKS, MOST_DOMAINS = 200, 50
# What programs read, and people through them: these open with the token in their address, pages never do.
_MACHINE = (".json", ".atom", ".rss", ".ics")
_TWINS = (".gz", ".br")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

Network = IPv4Network | IPv6Network
# Addresses inside; and of all others how many a list may name, so that "these addresses" is not everybody.
_INSIDE = tuple(
    ip_network(n)
    for n in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")
)
_MOST_OF_ALL = {4: Fraction(1, 16), 6: Fraction(1, 1024)}


@dataclass(frozen=True, slots=True)
class Ways:
    """What opens a page. One of `members`, `password` and `domains` is enough. `network` "enough": its addresses open
    it, too; "needed": nothing does from anywhere else.
    """

    visibility: Visibility = "public"
    members: bool = False
    password: bool = False
    domains: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    network: NetworkRule = "off"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reader has shown, each checked already: signed in here, a right by the password of today, a right by a
    mail to an address of this domain, the token of the feeds; and where they come from, "" where that is not known.
    """

    member: bool = False
    password: bool = False
    domain: str = ""
    feed: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` is a word for programs and records; readers are told only whether."""

    allowed: bool
    reason: str


def decide(ways: Ways, shown: Evidence, file: str = "") -> Answer:
    """Whether this reader may have this file of the page. What is not opened is closed."""
    if ways.visibility == "public":
        return Answer(True, "public")
    inside = ways.network != "off" and within(shown.address, ways.networks)
    if ways.network == "needed" and not inside:
        return Answer(False, "network")
    if ways.visibility == "internal":
        return Answer(True, "member") if shown.member else _by_feed(shown, file, "login")
    if ways.members and shown.member:
        return Answer(True, "member")
    if ways.password and shown.password:
        return Answer(True, "password")
    if shown.domain and shown.domain in ways.domains:
        return Answer(True, "domain")
    if ways.network == "enough" and inside:
        return Answer(True, "network")
    return _by_feed(shown, file, "nothing")


def _by_feed(shown: Evidence, file: str, otherwise: str) -> Answer:
    if shown.feed and is_for_programs(file):
        return Answer(True, "feed")
    return Answer(False, otherwise)


def is_for_programs(file: str) -> bool:
    """Whether a file is a feed, a calendar or JSON, compressed or not."""
    for twin in _TWINS:
        file = file.removesuffix(twin)
    return file.endswith(_MACHINE)


def opens_to_somebody(ways: Ways) -> bool:
    """Whether there is any way in at all."""
    if ways.visibility != "private":
        return True
    return (
        ways.members
        or ways.password
        or bool(ways.domains)
        or (ways.network == "enough" and bool(ways.networks))
    )


def invites(ways: Ways, *, hidden: bool) -> bool:
    """Whether people may be invited to follow it by mail: what nobody is to know of, nobody outside is told of."""
    return ways.visibility == "private" and not hidden


def strange_to(ways: Ways, address: str) -> bool:
    """Whether mail domains are the only way in, and this mail address is of another."""
    others = ways.members or ways.password or ways.network == "enough"
    return bool(ways.domains) and not others and domain_of(address) not in ways.domains


def within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of the networks; an IPv4 address in IPv6 clothes is one of IPv4."""
    found = _address(address)
    if found is None:
        return False
    return any(found.version == net.version and found in net for net in map(ip_network, networks))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def networks_of(lines: Sequence[str]) -> tuple[str, ...]:
    """Addresses and networks (CIDR) as they are kept, each once. Raises Refused for one that cannot be read."""
    found = dict.fromkeys(_network(text.strip()) for text in lines if text.strip())
    if len(found) > MOST_NETWORKS:
        message = (
            f"These are more than {MOST_NETWORKS} networks. Put neighbours together, such as 10.0.0.0/8."
        )
        raise bad("access.networks", message, networks=message)
    if _is_nearly_all(found):
        message = (
            "Together these are a great part of all addresses. Make the page public if everybody may read it."
        )
        raise bad("access.networks", message, networks=message)
    return tuple(found)


def _is_nearly_all(networks: Iterable[str]) -> bool:
    outside = [n for n in map(ip_network, networks) if not any(_lies_in(n, i) for i in _INSIDE)]
    four = collapse_addresses(n for n in outside if isinstance(n, IPv4Network))
    six = collapse_addresses(n for n in outside if isinstance(n, IPv6Network))
    return any(
        sum(Fraction(1, 2**n.prefixlen) for n in nets) > _MOST_OF_ALL[version]
        for version, nets in ((4, list(four)), (6, list(six)))
    )


def _lies_in(one: Network, whole: Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(whole, IPv4Network) and one.subnet_of(whole)
    return isinstance(whole, IPv6Network) and one.subnet_of(whole)


def _network(text: str) -> str:
    try:
        net = ip_network(text, strict=False)
    except ValueError:
        message = (
            f"{text[:60]!r} is no address or network. Write it as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32."
        )
        raise bad("access.networks", message, networks=message) from None
    if net.prefixlen == 0:
        message = f"{text[:60]!r} is every address there is. Make the page public if everybody may read it."
        raise bad("access.networks", message, networks=message)
    mapped = net.network_address.ipv4_mapped if isinstance(net, IPv6Network) else None
    if mapped is not None and net.prefixlen >= 96:
        return str(ip_network(f"{mapped}/{net.prefixlen - 96}", strict=False))
    return str(net)


def domains_of(lines: Sequence[str]) -> tuple[str, ...]:
    """Mail domains as they are compared, each once. Raises Refused for one that cannot be read."""
    found = dict.fromkeys(domain(text) for text in lines if text.strip())
    if "" in found:
        strange = next(t.strip() for t in lines if t.strip() and not domain(t))
        message = f"{strange[:60]!r} is no mail domain. Write what stands after the @, such as example.com."
        raise bad("access.domains", message, domains=message)
    if len(found) > MOST_DOMAINS:
        message = f"These are more than {MOST_DOMAINS} domains. Keep those whose people really read the page."
        raise bad("access.domains", message, domains=message)
    return tuple(found)


def domain(text: str) -> str:
    """A mail domain in the one form that is compared, "" when it is none. Subdomains are domains of their own.

    Takes ASCII only: there is more than one way to write other letters in it, and mail is sent by only one of them.
    """
    plain = text.strip().removeprefix("@").rstrip(".").lower() if text.isascii() else ""
    return plain if _DOMAIN.fullmatch(plain) else ""


def domain_of(address: str) -> str:
    """The domain of a mail address, "" for what is no address."""
    name, at, rest = address.strip().rpartition("@")
    return domain(rest) if at and name else ""
