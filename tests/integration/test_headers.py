"""What every answer tells browsers, and which other origins and hosts are served."""

from collections.abc import Iterator

import pytest

from tests.integration.shop import Shop

ORIGIN = "https://shop.example"
NOWHERE = "postgresql://127.0.0.1:1/nexus_test"
REAL = {
    "NEXUS_ENV": "production",
    "SECRET_KEY": "k3ys-of-our-own-that-nobody-else-has",
    "JWT_SECRET_KEY": "t0kens-are-signed-with-quite-another",
    "SMTP_HOST": "mail",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CORS_ORIGINS": ORIGIN,
    "ALLOWED_HOSTS": "shop.example,.nexus.test",
}


@pytest.fixture(scope="module")
def live() -> Iterator[Shop]:
    """A shop as it is in production, but for a database that nobody asks here."""
    shop = Shop(NOWHERE, **REAL)
    yield shop
    shop.close()


def fetch(shop: Shop, path: str, method: str = "GET", host: str = "shop.example", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return shop.app.test_client().open(
        path, method=method, headers=named, base_url=f"https://{host}"
    )


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path", ["/healthz", "/api/v1/nowhere", "/api/v1/users/me", "/api/openapi.json", "/"]
    )
    def test_can_be_framed_run_and_guessed_at_by_nobody(self, live: Shop, path: str) -> None:
        headers = fetch(live, path).headers

        assert headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "geolocation=()" in headers["Permissions-Policy"]

    def test_of_pictures_runs_nothing_either(self, shop: Shop) -> None:
        answer = shop.app.test_client().get("/media/none.jpg")

        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_asks_for_https_where_it_is_real(self, live: Shop, shop: Shop) -> None:
        asked = fetch(live, "/healthz").headers["Strict-Transport-Security"]

        assert asked == "max-age=31536000; includeSubDomains"
        assert "Strict-Transport-Security" not in shop.visitor().get("/nowhere").headers

    @pytest.mark.parametrize("page", ["/api/docs", "/api/redoc"])
    def test_of_the_documentation_runs_what_is_ours_alone(self, live: Shop, page: str) -> None:
        policy = fetch(live, page).headers["Content-Security-Policy"]

        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy


class TestPrivateAnswers:
    @pytest.mark.parametrize("name", ["Authorization", "X-Cart-Token", "X-Order-Token"])
    def test_are_those_to_whoever_shows_a_token(self, shop: Shop, name: str) -> None:
        answer = shop.visitor().client.get("/api/v1/nowhere", headers={name: "x"})

        assert answer.headers["Cache-Control"] == "no-store"

    def test_are_those_to_whoever_has_a_cart_or_a_link(self, shop: Shop) -> None:
        guest = shop.visitor().client
        guest.set_cookie("nexus_cart", "x")

        assert guest.get("/api/v1/nowhere").headers["Cache-Control"] == "no-store"
        linked = shop.visitor().get("/nowhere?token=x")
        assert linked.headers["Cache-Control"] == "no-store"

    def test_are_those_to_whoever_writes(self, shop: Shop) -> None:
        answer = shop.visitor().post("/auth/login", {"email": "a@example.com", "password": "x"})

        assert answer.headers["Cache-Control"] == "no-store"


class TestOtherOrigins:
    def test_that_are_allowed_may_call(self, live: Shop) -> None:
        answer = fetch(
            live,
            "/api/v1/cart/items",
            "OPTIONS",
            Origin=ORIGIN,
            Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="authorization, x-cart-token, idempotency-key",
        )

        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert (
            answer.headers["Access-Control-Allow-Headers"]
            == "authorization, idempotency-key, x-cart-token"
        )

    def test_read_what_they_need_and_send_no_cookies(self, live: Shop) -> None:
        headers = fetch(live, "/api/v1/nowhere", Origin=ORIGIN).headers

        assert headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "RateLimit-Remaining" in headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in headers

    @pytest.mark.parametrize(
        "origin", ["https://shop.example.evil", "http://shop.example", "https://evil", "null"]
    )
    def test_that_are_not_allowed_are_told_nothing(self, live: Shop, origin: str) -> None:
        asked = {"Origin": origin, "Access_Control_Request_Method": "POST"}

        for method, path in (("OPTIONS", "/api/v1/cart/items"), ("GET", "/api/v1/nowhere")):
            headers = fetch(live, path, method, **asked).headers
            assert not [name for name, _ in headers if name.startswith("Access-Control-Allow")]


class TestHosts:
    @pytest.mark.parametrize("host", ["shop.example", "api.nexus.test"])
    def test_that_are_ours_are_served(self, live: Shop, host: str) -> None:
        assert fetch(live, "/healthz", host=host).status_code == 200

    @pytest.mark.parametrize("host", ["evil.example", "shop.example.evil", "127.0.0.1"])
    def test_of_others_are_refused(self, live: Shop, host: str) -> None:
        answer = fetch(live, "/healthz", host=host)

        assert (answer.status_code, answer.json["code"]) == (400, "malformed_request")
        assert "X-Frame-Options" in answer.headers
