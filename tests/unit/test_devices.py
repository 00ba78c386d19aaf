import pytest

from nexus.entrypoints.http.devices import device, network

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/126.0.0.0"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (f"{MOZILLA} (Android 14; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox on Android"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0) {CHROME} Safari/537.36 Edg/126.0", "Edge on Windows"),
        (f"{MOZILLA} (Macintosh; Mac OS X 14_5) {WEBKIT} Safari/605.1", "Safari on macOS"),
        (f"{MOZILLA} (iPhone; like Mac OS X) {WEBKIT} Safari/604", "Safari on iPhone"),
        ("python-requests/2.32.3", "python-requests"),
        ("", ""),
        ("\u1230\u120b\u121d", ""),
        ("x" * 500, "x" * 80),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_what_is_told_of_a_device(agent: str, told: str) -> None:
    assert device(agent) == told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("nowhere", ""),
    ],
)
def test_what_is_told_of_an_address(address: str, told: str) -> None:
    assert network(address) == told
