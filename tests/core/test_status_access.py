"""Who may read a page that is not public: the whole decision, over all ways and all that can be shown."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import access
from quarterdeck.core.status.access import Evidence, Ways, decide

NET, INSIDE, OUTSIDE = ("10.0.0.0/8", "2001:db8::/32"), "10.1.2.3", "192.0.2.9"
WAYS = st.builds(
    Ways,
    visibility=st.sampled_from(access.VISIBILITIES),
    members=st.booleans(),
    password=st.booleans(),
    domains=st.sampled_from([(), ("corp.example",)]),
    networks=st.just(NET),
    network=st.sampled_from(access.NETWORK_RULES),
)
SHOWN = st.builds(
    Evidence,
    member=st.booleans(),
    password=st.booleans(),
    domain=st.sampled_from(["", "corp.example", "other.example"]),
    feed=st.booleans(),
    address=st.sampled_from([INSIDE, OUTSIDE, "", "2001:db8::7", "::ffff:10.9.9.9", "nonsense"]),
)
FILES = st.sampled_from(
    ["", "index.html", "history.atom", "api/v2/summary.json.gz", "incidents/x/", "badge.svg"]
)


@given(WAYS, SHOWN, FILES)
def test_nobody_reads_without_a_way_that_was_chosen(ways, shown, file):
    answer = decide(ways, shown, file)
    inside = access.within(shown.address, ways.networks)
    if ways.visibility == "public":
        assert answer.allowed
        return
    good = {
        "member": shown.member and (ways.visibility == "internal" or ways.members),
        "password": shown.password and ways.password and ways.visibility == "private",
        "domain": shown.domain == "corp.example" and bool(ways.domains) and ways.visibility == "private",
        "network": inside and ways.network == "enough" and ways.visibility == "private",
        "feed": shown.feed and access.is_for_programs(file),
    }
    open_here = inside or ways.network != "needed"
    assert answer.allowed == (any(good.values()) and open_here)
    if answer.allowed:
        assert good[answer.reason]


@given(WAYS, FILES)
def test_who_shows_nothing_reads_nothing_that_is_not_public(ways, file):
    assert decide(ways, Evidence(), file).allowed == (ways.visibility == "public")


@given(WAYS, SHOWN, FILES)
def test_showing_more_never_closes_and_asking_more_never_opens(ways, shown, file):
    if decide(ways, shown, file).allowed:
        everything = Evidence(True, True, shown.domain or "corp.example", True, shown.address)
        assert decide(ways, everything, file).allowed or ways.visibility != "public"
    if ways.network == "off" and not decide(ways, shown, file).allowed:
        stricter = Ways(ways.visibility, ways.members, ways.password, ways.domains, NET, "needed")
        assert not decide(stricter, shown, file).allowed


def test_addresses_in_every_dress_and_none_else_are_within():
    inside = ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "2001:0DB8:0::1", "2001:db8::1%eth0"]
    outside = [
        "",
        "11.0.0.1",
        "10.0.0.1.",
        "0x0a000001",
        "010.0.0.1",
        "2001:db9::1",
        "::10.0.0.1",
        "10.0.0.1, 1.2.3.4",
    ]
    assert [a for a in inside if not access.within(a, NET)] == []
    assert [a for a in outside if access.within(a, NET)] == []


def test_networks_are_kept_in_one_form_and_everybody_is_no_network():
    assert access.networks_of([" 10.1.2.3/8 ", "", "192.0.2.7", "::ffff:10.0.0.0/104", "2001:DB8::/32"]) == (
        "10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"
    )  # fmt: skip
    for strange in ("0.0.0.0/0", "::/0", "10.0.0.0/33", "office", "10.0.0.0/8 # us"):
        with pytest.raises(Refused):
            access.networks_of([strange])


def test_domains_are_compared_in_one_form():
    assert access.domains_of(["@Corp.Example", "xn--mnchen-3ya.example", "corp.example."]) == (
        "corp.example", "xn--mnchen-3ya.example"
    )  # fmt: skip
    for strange in (
        "localhost",
        "a b.example",
        "corp..example",
        "-x.example",
        "x@corp.example",
        "*.example",
        "x" * 300,
    ):
        with pytest.raises(Refused):
            access.domains_of([strange])
    assert access.domain_of("ann@evil@corp.example") == "corp.example"  # the address itself is refused before
    assert access.domain_of("corp.example") == access.domain_of("@corp.example") == ""
    assert access.domain_of("ann@sub.corp.example") == "sub.corp.example"


def test_a_private_page_without_a_way_in_is_seen_as_shut():
    for members, password, domains, network in itertools.product(
        (False, True), (False, True), ((), ("a.example",)), access.NETWORK_RULES
    ):
        ways = Ways("private", members, password, domains, NET, network)
        assert access.opens_to_somebody(ways) == (members or password or bool(domains) or network == "enough")


@pytest.mark.parametrize(
    "networks",
    [
        ["::ffff:0:0/96"],
        ["0.0.0.0/1", "128.0.0.0/1"],
        ["::/1"],
        ["2000::/3"],
        [f"{n}.0.0.0/8" for n in range(16, 48)],
    ],
)
def test_a_list_of_addresses_is_not_nearly_everybody(networks):
    with pytest.raises(Refused, match="all addresses|every address"):
        access.networks_of(networks)


def test_whole_networks_of_ones_own_are_no_great_part_of_all_addresses():
    usual = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "18.0.0.0/8", "2a00::/12"]
    assert access.networks_of(usual) == tuple(usual)
