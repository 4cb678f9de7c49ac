from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences import outbound
from preferences.outbound import OutboundRefused, Refusal, Target

LOOPBACK = [ip_network("127.0.0.1/32")]
INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::1:0:0",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


def refusal_of(url: str, *addresses: str, allowed: list[outbound.Network] | None = None) -> Refusal | None:
    """Why there is no connecting to the URL, whose host has these addresses."""
    try:
        target = outbound.target_of(url)
        outbound.addresses_of(target, allowed or [], resolve=lambda _host, _port: list(addresses))
    except OutboundRefused as error:
        return error.refusal
    return None


def test_a_public_name_is_connected_to_by_the_addresses_that_were_judged() -> None:
    target = outbound.target_of("https://Hooks.Example:8443/in?from=margin")
    assert target == Target("https", "hooks.example", 8443, "/in?from=margin")
    found = outbound.addresses_of(target, [], resolve=lambda host, port: ["1.1.1.1", "2606:4700:4700::1111"])
    assert found == ["1.1.1.1", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_of_the_internet_is_refused(address: str) -> None:
    assert not outbound.is_public(ip_address(address))
    assert refusal_of("https://hooks.example/", address) is Refusal.PRIVATE
    assert refusal_of("https://hooks.example/", "1.1.1.1", address) is Refusal.PRIVATE


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "172.15.0.1", "100.63.0.1", "2606:4700:4700::1111"])
def test_an_address_of_the_internet_is_let_through(address: str) -> None:
    assert outbound.is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("", Refusal.UNREADABLE),
        ("https://hooks.example/a b", Refusal.UNREADABLE),
        ("https://hooks.example/\r\nHost: inside", Refusal.UNREADABLE),
        ("https://hooks.example\\@inside/", Refusal.UNREADABLE),
        ("https://hooks.example/#part", Refusal.UNREADABLE),
        ("https://hööks.example/", Refusal.UNREADABLE),
        ("https://①②⑦.⓪.⓪.①/", Refusal.UNREADABLE),
        ("https://[::1/", Refusal.UNREADABLE),
        ("https://hooks.example:99999/", Refusal.UNREADABLE),
        ("https://hooks.example:x/", Refusal.UNREADABLE),
        ("https://hooks.example/" + "x" * 2_000, Refusal.UNREADABLE),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("gopher://hooks.example/", Refusal.SCHEME),
        ("hooks.example/in", Refusal.SCHEME),
        ("https://user:password@hooks.example/", Refusal.CREDENTIALS),
        ("https://hooks.example@inside.example/", Refusal.CREDENTIALS),
        ("https://", Refusal.HOST),
        ("https:///in", Refusal.HOST),
        ("https://-hooks.example/", Refusal.HOST),
        ("https://hooks..example/", Refusal.HOST),
        ("https://hooks.example./", Refusal.HOST),
        ("https://127.0.0.1./", Refusal.HOST),
        ("https://hooks%2eexample/", Refusal.HOST),
        ("https://2130706433/", Refusal.HOST),
        ("https://0177.0.0.1/", Refusal.HOST),
        ("https://0x7f.0.0.1/", Refusal.HOST),
        ("https://0x7f000001/", Refusal.HOST),
        ("https://127.1/", Refusal.HOST),
        ("https://hooks.example.0x1/", Refusal.HOST),
        ("https://[fe80::1%25eth0]/", Refusal.HOST),
        ("https://hooks.example:0/", Refusal.PORT),
    ],
)
def test_a_url_that_readers_could_understand_differently_is_refused(url: str, refusal: Refusal) -> None:
    with pytest.raises(OutboundRefused) as refused:
        outbound.target_of(url)
    assert refused.value.refusal is refusal


def test_a_host_that_is_an_address_is_judged_without_looking_anything_up() -> None:
    for url in ("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"):
        with pytest.raises(OutboundRefused, match="private"):
            outbound.check_form(outbound.target_of(url), [])
    outbound.check_form(outbound.target_of("https://127.0.0.1/"), LOOPBACK)
    outbound.check_form(outbound.target_of("https://hooks.example/"), [])


def test_without_tls_or_on_a_port_of_other_services_only_allowed_networks_are_talked_to() -> None:
    assert refusal_of("http://hooks.example/", "1.1.1.1") is Refusal.PLAIN
    assert refusal_of("https://hooks.example:25/", "1.1.1.1") is Refusal.PORT
    assert refusal_of("http://hooks.example:80/", "127.0.0.1", allowed=LOOPBACK) is None
    assert refusal_of("http://hooks.example/", "127.0.0.1", "1.1.1.1", allowed=LOOPBACK) is Refusal.PLAIN
    assert refusal_of("https://hooks.example/", "127.0.0.1", "1.1.1.1", allowed=LOOPBACK) is None
    assert refusal_of("https://hooks.example/", "127.0.0.2", allowed=LOOPBACK) is Refusal.PRIVATE
    for url in ("http://hooks.example/", "https://hooks.example:25/"):
        with pytest.raises(OutboundRefused):
            outbound.check_form(outbound.target_of(url), [])
        outbound.check_form(outbound.target_of(url), LOOPBACK)


def test_a_name_that_nobody_knows_is_told_as_such() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    for resolve in (nobody, lambda _host, _port: [], lambda _host, _port: ["nowhere"]):
        with pytest.raises(OutboundRefused, match="unknown"):
            outbound.addresses_of(outbound.target_of("https://hooks.example/"), [], resolve=resolve)


def test_the_systems_own_resolver_is_asked_where_no_other_is_given() -> None:
    found = outbound.addresses_of(outbound.target_of("http://127.0.0.1/"), LOOPBACK)
    assert found == ["127.0.0.1"]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(max_size=40).map("https://{}/in".format)))
def test_any_text_at_all_is_read_or_refused(url: str) -> None:
    try:
        target = outbound.target_of(url)
    except OutboundRefused:
        return
    assert target.host.isascii() and target.path.startswith("/") and 0 < target.port < 65536


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses())
def test_no_address_is_let_through_that_the_standard_library_knows_for_another(address: outbound.Address) -> None:
    if outbound.is_public(address):
        assert address.is_global and not address.is_loopback and not address.is_link_local and not address.is_reserved
