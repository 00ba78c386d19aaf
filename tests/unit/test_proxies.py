from ipaddress import ip_network

import pytest
from flask import Flask

from nexus.entrypoints.http.limits import address
from nexus.entrypoints.http.proxies import client

OURS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_not_ours(
    peer: str, forwarded: str, found: str
) -> None:
    assert client(peer, forwarded, OURS) == found


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_is_counted_as_what_one_customer_has(remote: str, counted: str) -> None:
    with Flask("shop").test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert address() == counted
