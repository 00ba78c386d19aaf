from typing import Any

from tests.integration.shop import Shop


def test_lives_whatever_else_is_down(shop: Shop) -> None:
    assert shop.visitor().client.get("/healthz").json == {"status": "ok"}


def test_is_ready_when_everything_answers(database_url: str, redis_url: str) -> None:
    shop = Shop(database_url, REDIS_URL=redis_url)

    answer: Any = shop.visitor().client.get("/readyz")

    shop.close()
    assert (answer.status_code, answer.json) == (
        200,
        {"status": "ok", "checks": {"database": "ok", "cache": "ok", "queue": "ok"}},
    )


def test_still_sells_without_its_queue(database_url: str, tmp_path) -> None:
    shop = Shop(database_url, REDIS_URL=f"unix://{tmp_path}/nobody.sock")

    answer: Any = shop.visitor().client.get("/readyz")

    shop.close()
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["database"] == "ok"
    assert answer.json["checks"]["queue"].startswith("unavailable")


def test_is_not_ready_without_its_database(tmp_path) -> None:
    shop = Shop(f"postgresql://nexus@/nexus_test?host={tmp_path}")
    visitor = shop.visitor()

    ready: Any = visitor.client.get("/readyz")
    products = visitor.get("/products")

    shop.close()
    assert (ready.status_code, ready.json["status"]) == (503, "unavailable")
    assert (products.status_code, products.json["code"]) == (503, "service_unavailable")
    assert products.headers["Retry-After"]
    assert "nexus_test" not in ready.text + products.text
