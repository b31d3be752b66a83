"""Where the guarded client may go: spellings of addresses, nets, names, ports and what an operator opens."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.channels.addresses import AllowList, denied
from quarterdeck.channels.deadlines import Deadline
from quarterdeck.channels.safe_http import SafeClient, Unreached, parse_target
from quarterdeck.core.kernel.refused import Refused

PUBLIC = "93.184.215.14"

INSIDE = [
    # plain addresses of every net that is not the public internet
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.254", "0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.0.192",
    "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "198.19.255.255", "192.88.99.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    # the same machine in other numbers
    "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0177.0.0.01", "127.1", "127.0.1",
    "0x7f.1", "0", "00000000", "3232235777", "0xa9fea9fe", "2852039166", "169.254.43518", "127.0.0.1.",
    "127.000.000.001", "010.8.8.8", "1.1.1.1.1", "256.1.1.1",
    # IPv6 and what hides inside it
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]", "[2001::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:db8::1]", "[3fff::1]",
    "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]",
    "[ff02::1]",
    "[100::1]", "[5f00::1]", "[4000::1]", "[e000::1]", "[::1]:443", "[0000:0000::0001]",
    # digits and dots of other scripts, which IDNA may fold into plain ones
    "１２７.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①", "127．0．0．1", "١٢٧.٠.٠.١",
    # user names and separators that two parsers read differently
    "user@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1@example.com", "example.com:443@127.0.0.1",
    "example.com\\@127.0.0.1", "127.0.0.1\\.example.com", "example.com%2f@127.0.0.1", "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1", "127.0.0.1\t", "127.0.0.1\n.example.com", " 127.0.0.1", "127.0.0.1%00.example.com",
    "exa mple.com", "", ".", "..", "example..com", "-example.com", "a" * 64 + ".example",
]  # fmt: skip


def refusing_resolver(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host!r} must not be looked up")


def resolver(**names: list[str]):
    table = {name.replace("_", "."): found for name, found in names.items()}

    def resolve(host: str, port: int) -> list[str]:
        if host not in table:
            raise OSError(f"{host} is not known")
        return table[host]

    return resolve


def vet(client: SafeClient, url: str):
    return client.vetted(url, Deadline(2.0))


@pytest.mark.parametrize("host", INSIDE)
def test_a_spelling_that_leads_inside_or_is_unclear_is_refused_without_a_look_up(host):
    client = SafeClient(resolve=refusing_resolver)
    with pytest.raises(Refused):
        vet(client, f"https://{host}/hook")


def test_the_list_of_spellings_is_as_long_as_promised():
    assert len(set(INSIDE)) >= 60


@pytest.mark.parametrize(
    "url",
    [
        "http:/127.0.0.1/", "https:127.0.0.1", "//127.0.0.1/", "file:///etc/passwd", "gopher://example.com/",
        "ftp://example.com/", "javascript:alert(1)", "data:text/plain,x", "unix:///run/docker.sock",
        "https://example.com:0/", "https://example.com:65536/", "https://example.com:-1/", "https://example.com:x/",
        "https://" + "a" * 2000 + ".com/", "https:///hook", "https://?x", "https://#x", "HTTPS//example.com",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(Refused):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://example.com", "example.com", 443),
        ("HTTPS://EXAMPLE.com./hook?a=1#top", "example.com", 443),
        ("https://bücher.example:8443/ü", "xn--bcher-kva.example", 8443),
        ("https://faß.example/", "xn--fa-hia.example", 443),
        ("https://93.184.215.14/", PUBLIC, 443),
        ("https://[2606:2800:21f::1]:8080/", "2606:2800:21f::1", 8080),
        ("https://under_score.example/", "under_score.example", 443),
        ("https://example.com/?q=a@b", "example.com", 443),
    ],
)
def test_a_public_address_is_read_as_it_is_meant(url, host, port):
    target = parse_target(url)
    assert (target.host, target.port) == (host, port)
    assert "#" not in str(target.url)


def test_a_name_is_looked_up_once_and_its_address_is_what_is_used():
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return [PUBLIC]

    target, found = vet(SafeClient(resolve=resolve), "https://hooks.example.com/x")
    assert (target.host, [str(a) for a in found], asked) == (
        "hooks.example.com",
        [PUBLIC],
        [("hooks.example.com", 443)],
    )


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "::1", "fd00::1", "169.254.169.254", "fe80::1%eth0"]
)
def test_a_name_that_leads_inside_is_told_like_one_that_does_not_exist(address):
    told = []
    for found in ([address], []):
        with pytest.raises(Unreached) as raised:
            vet(SafeClient(resolve=resolver(evil_example=found)), "https://evil.example/")
        told.append((raised.value.why, raised.value.ambiguous))
    assert told[0] == told[1]
    assert "evil" not in told[0][0]


def test_one_address_inside_among_public_ones_is_enough_to_refuse():
    client = SafeClient(resolve=resolver(mixed_example=[PUBLIC, "10.0.0.1"]))
    with pytest.raises(Unreached):
        vet(client, "https://mixed.example/")


@pytest.mark.parametrize("found", [[], ["not an address"]])
def test_a_name_without_an_address_is_not_reached(found):
    with pytest.raises(Unreached) as raised:
        vet(SafeClient(resolve=resolver(nowhere_example=found)), "https://nowhere.example/")
    assert not raised.value.ambiguous


def test_plain_http_and_unusual_ports_need_the_operator():
    client = SafeClient(resolve=resolver(example_com=[PUBLIC]))
    for url in ("http://example.com/", "https://example.com:22/", "https://example.com:9000/"):
        with pytest.raises(Refused):
            vet(client, url)
    opened = SafeClient(resolve=resolver(example_com=[PUBLIC]), allow=["example.com", "example.com:9000"])
    for url in ("http://example.com/", "http://example.com:9000/", "https://example.com:8443/"):
        assert vet(opened, url)[1]
    with pytest.raises(Refused):
        vet(opened, "https://example.com:22/")


def test_a_listed_host_opens_inside_nets_but_not_the_metadata_address():
    names = resolver(hooks_lan=["10.1.2.3"], meta_lan=["169.254.169.254"])
    client = SafeClient(resolve=names, allow=["hooks.lan:9000", "meta.lan"])
    assert vet(client, "http://hooks.lan:9000/")[1]
    for url in ("http://hooks.lan/", "http://hooks.lan:9001/", "http://meta.lan/", "http://other.lan:9000/"):
        with pytest.raises((Refused, Unreached)):
            vet(client, url)


def test_a_listed_net_opens_names_and_addresses_in_it():
    names = resolver(hooks_lan=["10.1.2.3"], far_lan=["10.2.0.1"])
    client = SafeClient(resolve=names, allow=["10.1.0.0/16", "[fd00::1]:9000"])
    for url in ("http://hooks.lan/", "https://10.1.9.9:8443/", "http://[fd00::1]:9000/"):
        assert vet(client, url)[1]
    for url in ("http://far.lan/", "https://10.1.9.9:9000/", "http://[fd00::1]/", "http://[fd00::2]:9000/"):
        with pytest.raises((Refused, Unreached)):
            vet(client, url)


def test_a_listed_translated_net_does_not_open_what_hides_inside():
    client = SafeClient(resolve=refusing_resolver, allow=["64:ff9b::/96"])
    assert vet(client, "https://[64:ff9b::5db8:d70e]/")[1]
    with pytest.raises(Refused):
        vet(client, "https://[64:ff9b::7f00:1]/")


@pytest.mark.parametrize(
    "entry", ["http://hooks.lan", "10.0.0.0/33", "hooks.lan:99999", "a b", "hooks.lan/path", "*"]
)
def test_an_entry_of_the_allow_list_that_means_nothing_is_refused(entry):
    with pytest.raises(Refused, match="allow_entry"):
        AllowList.parse([entry])


def test_a_form_learns_without_a_look_up_what_cannot_work():
    client = SafeClient(resolve=refusing_resolver)
    assert client.check("https://hooks.example.com/x").host == "hooks.example.com"
    for url in ("http://hooks.example.com/", "https://10.0.0.1/", "https://hooks.example.com:25/"):
        with pytest.raises(Refused):
            client.check(url)


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_every_ipv4_address_that_hides_in_ipv6_is_denied(number):
    inner = ip_address(number)
    for form in (f"::ffff:{inner}", f"::{inner}", f"64:ff9b::{inner}", f"::ffff:0:{inner}"):
        assert denied(ip_address(form))
    assert denied(ip_address(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_the_standard_library_calls_private_is_denied_too(address):
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert denied(address)
