"""Which addresses may be called (BAD_INPUT.md, Files and the outside)."""

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tenants import addresses
from tenants.addresses import AddressRefused, HostUnknown
from tenants.errors import Kind


@pytest.fixture(autouse=True)
def closed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.1.2.3",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.171",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2001:10::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "5f00::1",
    ],
)
def test_an_address_that_is_not_public_is_closed(address: str) -> None:
    assert not addresses.is_open(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "192.1.0.1",
        "2606:4700::1111",
        "2a00:1450:4001::200e",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "2003::1",
    ],
)
def test_a_public_address_is_open(address: str) -> None:
    assert addresses.is_open(ip_address(address))


def test_loopback_opens_by_setting_and_nothing_else_does(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    for address in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        assert addresses.is_open(ip_address(address))
    for address in ("10.0.0.1", "169.254.169.254", "0.0.0.0", "::", "::ffff:10.0.0.1", "64:ff9b::7f00:1"):
        assert not addresses.is_open(ip_address(address))


@pytest.mark.parametrize("loopback", [True, False])
@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "127.0.1",
        "017700000001",
        "134744072",
        "0x8.0x8.0x8.0x8",
        "08.8.8.8",
        "1.2.3.4.5",
        "256.1.1.1",
        "evil.0x7f",
        "",
        ".",
        "127.0.0.1.",
    ],
)
def test_a_number_in_disguise_is_refused_whatever_it_means(
    settings: Settings, host: str, loopback: bool
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = loopback
    with pytest.raises(AddressRefused):
        addresses.resolve(host, 80, timeout=5)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.0.0.1:8000/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.1.2.3/",
        "https://user:password@8.8.8.8/",
        "https://8.8.8.8@127.0.0.1/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "//8.8.8.8/",
        "http://",
        "http:///x",
        "http://8.8.8.8:99999/",
        "http://8.8.8.8:x/",
        "http://[::1/",
        "",
        "8.8.8.8",
    ],
)
def test_a_url_that_must_not_be_called_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        addresses.ensure_callable(url)
    assert (refusal.value.kind, refusal.value.code) == (Kind.INVALID, "outbound-address-refused")


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8/hook", "http://1.1.1.1:8080/", "https://[2606:4700::1111]/"]
)
def test_a_public_url_is_taken(url: str) -> None:
    addresses.ensure_callable(url)


def answers(*found: str) -> Any:
    return lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in found]


def test_one_closed_address_among_open_ones_closes_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "10.0.0.1"))
    with pytest.raises(AddressRefused):
        addresses.resolve("two-faced.example", 80, timeout=5)


def test_a_name_nobody_knows_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers())
    with pytest.raises(HostUnknown):
        addresses.resolve("nowhere.example", 80, timeout=5)


def test_a_name_with_impossible_labels_is_unavailable() -> None:
    with pytest.raises(HostUnknown):
        addresses.resolve("x" * 70 + ".example", 80, timeout=5)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd20:ce::254",
    ],
)
def test_what_a_cloud_tells_its_machines_is_closed_in_an_opened_network_too(address: str) -> None:
    every = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    with pytest.raises(AddressRefused):
        addresses.resolve(address, 636, timeout=1.0, also=every)
    assert not addresses.is_open(ip_address(address))


def test_an_opened_network_is_open_there_and_nowhere_else() -> None:
    address = "10.1.2.3"
    assert addresses.resolve(address, 636, timeout=1.0, also=[ip_network("10.1.0.0/16")]) == [address]
    with pytest.raises(AddressRefused):
        addresses.resolve(address, 636, timeout=1.0)
    with pytest.raises(AddressRefused):
        addresses.resolve(address, 636, timeout=1.0, also=[ip_network("10.2.0.0/16")])
