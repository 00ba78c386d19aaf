"""Every request that takes an Idempotency-Key, and how to get in its way."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import Engine, event

from tests.integration.processes import Running, address, wait_for
from tests.integration.sandbox_stage import Stage
from tests.integration.shop import ADDRESS, Shop, Visitor

# What is written while the process waits: its work is not committed yet, or its answer not kept.
AT_WORK = "NEW.outcome IS NOT NULL AND OLD.outcome IS NULL"
ANSWERING = "NEW.status IS NOT NULL"
_WAITING = """SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"""
_A_MINUTE_LATER = "UPDATE idempotency_keys SET begun_at = begun_at - interval '1 minute'"


@dataclass
class Buying:
    """Somebody with two mugs in their cart, and what the shop can show for it."""

    shop: Shop
    stage: Stage
    web: Running
    mug: UUID
    abebe: Visitor

    def post(self, path: str, body: Any) -> Any:
        """Ask another process of the shop than the one that is killed."""
        return self.abebe.post(path, body, Idempotency_Key="once")

    def post_and_die(self, path: str, body: Any, moment: str) -> None:
        host, port = address(self.web)
        headers = {"Idempotency-Key": "once", "Authorization": f"Bearer {self.abebe.token}"}
        headers["Content-Type"] = "application/json"
        url, data = f"http://{host}:{port}/api/v1{path}", json.dumps(body)
        with ThreadPoolExecutor(1) as pool, snare(self.shop.engine, moment) as is_caught:
            answer = pool.submit(requests.post, url, data=data, headers=headers, timeout=20)
            wait_for(is_caught)
            self.web.kill_workers()
            assert isinstance(answer.exception(), requests.ConnectionError)

    def let_a_minute_pass(self) -> None:
        with self.shop.engine.begin() as db:
            db.exec_driver_sql(_A_MINUTE_LATER)

    def mugs_in_cart(self) -> int:
        wanted: int = self.abebe.get("/cart").json["total_items"]
        return wanted

    def orders_and_stock(self) -> tuple[int, tuple[int, int]]:
        (orders,) = self.shop.one("SELECT count(*) FROM orders")
        return orders, self.shop.level(self.mug)

    def open_payments(self) -> tuple[int, int]:
        """Return how many are pending with us, and how many at Chapa."""
        (ours,) = self.shop.one("SELECT count(*) FROM payments WHERE status = 'pending'")
        theirs = [it.status.value for it in self.stage.sandbox.state.transactions()]
        return ours, theirs.count("pending")


@contextmanager
def snare(engine: Engine, moment: str) -> Iterator[Callable[[], bool]]:
    """Have whoever writes that to a row of a key wait; tell whether somebody does."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("SELECT pg_advisory_lock(1)")
        db.exec_driver_sql(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = '20s'"
            " AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'"
        )
        db.exec_driver_sql(
            "CREATE TRIGGER wait BEFORE UPDATE ON idempotency_keys"
            f" FOR EACH ROW WHEN ({moment}) EXECUTE FUNCTION wait()"
        )
        try:
            yield lambda: bool(db.exec_driver_sql(_WAITING).scalar_one())
        finally:
            db.exec_driver_sql("SELECT pg_advisory_unlock(1)")
            db.exec_driver_sql("DROP FUNCTION wait() CASCADE")


@contextmanager
def once_begun(engine: Engine, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Do that when the next request has taken its key, and before it does anything else."""
    seen: list[bool] = []

    def look(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append("idempotency_keys" in statement)
        if seen == [True, False]:
            meanwhile()

    event.listen(engine, "before_cursor_execute", look)
    yield
    event.remove(engine, "before_cursor_execute", look)


def adding(buying: Buying) -> tuple[str, Any]:
    return "/cart/items", {"variant_id": str(buying.mug), "quantity": 2}


def checking_out(buying: Buying) -> tuple[str, Any]:
    return "/orders", {"shipping_address": ADDRESS}


def paying(buying: Buying) -> tuple[str, Any]:
    order = buying.abebe.check_out().json
    return "/payments/initiate", {"order_id": order["id"]}


@dataclass(frozen=True)
class Asking:
    """A request, and what there is of its effect before it and after it, once and only once."""

    request: Callable[[Buying], tuple[str, Any]]
    effect: Callable[[Buying], object]
    before: object
    after: object


# By the endpoint: every one that takes a key stands here, or a test complains.
ASKINGS = {
    "cart.add_item": Asking(adding, Buying.mugs_in_cart, 2, 4),
    "orders.checkout": Asking(checking_out, Buying.orders_and_stock, (0, (10, 0)), (1, (10, 2))),
    "payments.initiate": Asking(paying, Buying.open_payments, (0, 0), (1, 1)),
}
