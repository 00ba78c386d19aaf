"""Paying over HTTP: the shop asks the sandbox's Chapa, and the sandbox calls the shop."""

import hmac
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.sandbox_stage import Stage, set_stage
from tests.integration.shop import Shop, Visitor

SECRET = "chapa-webhook-local"
NOBODY = UUID(int=9)


@pytest.fixture(scope="module")
def open_stage() -> Iterator[Stage]:
    with set_stage() as stage:
        yield stage


@pytest.fixture
def stage(open_stage: Stage) -> Stage:
    open_stage.call("POST", "/control/reset")
    open_stage.shop.visits.clear()
    return open_stage


@pytest.fixture(scope="module")
def paying_shop(database_url: str, open_stage: Stage) -> Iterator[Shop]:
    shop = Shop(
        database_url,
        CHAPA_BASE_URL=f"{open_stage.sandbox.base_url}/chapa/v1",
        GATEWAY_TIMEOUT_SECONDS="2",
        CORS_ORIGINS="https://www.nexus.test",
    )
    yield shop
    shop.close()


@pytest.fixture
def shop(paying_shop: Shop, stage: Stage) -> Shop:
    return paying_shop


@pytest.fixture
def mug(shop: Shop) -> UUID:
    return shop.sell(price="100.00", stock=5)


@pytest.fixture
def abebe(shop: Shop) -> Visitor:
    return shop.customer()


def ordered(visitor: Visitor, variant_id: UUID, **body: Any) -> dict[str, Any]:
    visitor.put_in(variant_id)
    order: dict[str, Any] = visitor.check_out(body).json
    return order


def initiated(visitor: Visitor, order: dict[str, Any]) -> dict[str, Any]:
    answer = visitor.post("/payments/initiate", {"order_id": order["id"]})
    assert answer.status_code == 201, answer.json
    payment: dict[str, Any] = answer.json
    return payment


def signed(body: bytes) -> dict[str, str]:
    return {"X-Chapa-Signature": hmac.new(SECRET.encode(), body, "sha256").hexdigest()}


def deliver(shop: Shop, body: bytes, **headers: str) -> Any:
    path = "/api/v1/payments/webhooks/chapa"
    return shop.app.test_client().post(path, data=body, headers=headers or signed(body))


def react(shop: Shop) -> None:
    """Run what the events ask for, as the worker does, where it concerns payments."""
    outbox, now = shop.container.outbox(), shop.container.clock()()
    outbox.expand({"internal.webhook_received": ("handle_webhook",)}, at=now, limit=100)
    for reaction_id in outbox.due(at=now, limit=100):
        shop.container.run_reaction()(reaction_id=reaction_id)


class TestInitiate:
    def test_opens_a_checkout_at_chapa(self, abebe: Visitor, mug: UUID, stage: Stage) -> None:
        order = ordered(abebe, mug)

        answer = abebe.post("/payments/initiate", {"order_id": order["id"], "provider": "chapa"})

        payment = answer.json
        assert answer.status_code == 201
        assert payment["status"] == "pending"
        assert (payment["amount"], payment["currency"]) == (order["total"], "ETB")
        assert payment["expires_at"] == order["expires_at"]
        assert payment["checkout_url"].startswith(stage.sandbox.base_url)
        assert answer.headers["Location"].endswith(payment["payment_id"])
        (known,) = stage.sandbox.state.transactions()
        assert known.tx_ref == payment["transaction_id"]
        assert abebe.get(f"/orders/{order['id']}").json["payment_status"] == "pending"

    def test_is_open_to_a_guest_with_the_order_token(self, shop: Shop, mug: UUID) -> None:
        guest = shop.visitor()
        order = ordered(guest, mug, email="guest@example.com")
        body, token = {"order_id": order["id"]}, order["order_token"]

        assert guest.post("/payments", body, X_Order_Token=token).status_code == 201
        assert guest.post(f"/payments?token={token}", body).status_code == 201

    def test_shows_nobody_elses_order(self, shop: Shop, abebe: Visitor, mug: UUID) -> None:
        order = ordered(abebe, mug)
        body = {"order_id": order["id"]}

        stranger = shop.customer("sara").post("/payments/initiate", body)
        guess = shop.visitor().post("/payments/initiate", body, X_Order_Token="guess")
        nobody = shop.visitor().post("/payments/initiate", body)
        unknown = abebe.post("/payments/initiate", {"order_id": str(NOBODY)})

        assert [it.status_code for it in (stranger, guess, nobody, unknown)] == [404, 404, 401, 404]
        assert stranger.json["code"] == unknown.json["code"] == "not_found"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "order_id"),
            ({"order_id": "x"}, "order_id"),
            ({"provider": "stripe"}, "provider"),
            ({"return_url": "https://evil.test/"}, "return_url"),
            ({"return_url": "http://127.0.0.1:8000@evil.test"}, "return_url"),
            ({"return_url": 5}, "return_url"),
            ({"amount": "1.00"}, "amount"),
        ],
    )
    def test_says_which_field_is_wrong(
        self, abebe: Visitor, mug: UUID, body: dict[str, Any], field: str
    ) -> None:
        order = ordered(abebe, mug)
        whole = body and {"order_id": order["id"]} | body

        answer = abebe.post("/payments/initiate", whole)

        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]

    def test_lets_the_customer_come_back_to_a_page_of_ours(self, abebe: Visitor, mug: UUID) -> None:
        order = ordered(abebe, mug)
        body = {"order_id": order["id"], "return_url": "https://www.nexus.test/thanks"}

        assert abebe.post("/payments/initiate", body).status_code == 201

    def test_is_answered_from_memory_when_repeated(
        self, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        body = {"order_id": ordered(abebe, mug)["id"]}

        first, again = (
            abebe.post("/payments/initiate", body, Idempotency_Key="a key") for _ in range(2)
        )

        assert first.json == again.json
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(stage.sandbox.state.transactions()) == 1

    @pytest.mark.parametrize("fault", ["initialize_5xx", "initialize_html"])
    def test_leaves_the_order_payable_when_chapa_fails(
        self, abebe: Visitor, mug: UUID, stage: Stage, fault: str
    ) -> None:
        order = ordered(abebe, mug)
        stage.scenario(fault)

        answer = abebe.post("/payments/initiate", {"order_id": order["id"]})

        assert (answer.status_code, answer.json["code"]) == (502, "gateway_unavailable")
        stage.scenario()
        assert initiated(abebe, order)["status"] == "pending"

    def test_refuses_an_order_that_is_paid(self, abebe: Visitor, mug: UUID, stage: Stage) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        stage.complete(payment["transaction_id"])
        abebe.get(f"/payments/verify/{payment['payment_id']}")

        answer = abebe.post("/payments/initiate", {"order_id": order["id"]})

        assert (answer.status_code, answer.json["code"]) == (409, "order_not_payable")


class TestVerify:
    def test_confirms_the_order_once_chapa_has_the_money(
        self, shop: Shop, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        stage.complete(payment["transaction_id"], method="telebirr")

        answer = shop.visitor().get(f"/payments/verify/{payment['payment_id']}")

        assert answer.status_code == 200
        assert answer.json == {
            "status": "succeeded",
            "payment": {
                "id": payment["payment_id"],
                "order_number": order["order_number"],
                "provider": "chapa",
                "transaction_id": payment["transaction_id"],
                "status": "succeeded",
                "amount": order["total"],
                "currency": "ETB",
            },
        }
        paid = abebe.get(f"/orders/{order['id']}").json
        assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")
        assert shop.level(mug) == (4, 0)

    @pytest.mark.parametrize("name", ["tx_ref", "trx_ref"])
    def test_believes_nothing_that_the_callback_says(
        self, shop: Shop, abebe: Visitor, mug: UUID, name: str
    ) -> None:
        payment = initiated(abebe, ordered(abebe, mug))
        query = f"?{name}={payment['transaction_id']}&ref_id=AP1&status=success"

        answer = shop.visitor().get(f"/payments/verify{query}")

        assert (answer.status_code, answer.json["status"]) == (200, "pending")

    def test_takes_a_post_with_anything_in_it(self, shop: Shop, abebe: Visitor, mug: UUID) -> None:
        payment = initiated(abebe, ordered(abebe, mug))

        path = f"/payments/verify/{payment['payment_id']}"
        answer = shop.visitor().post(path, {"status": "success", "amount": 1})

        assert (answer.status_code, answer.json["status"]) == (200, "pending")

    def test_is_pending_while_chapa_does_not_say(
        self, shop: Shop, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        payment = initiated(abebe, ordered(abebe, mug))
        stage.complete(payment["transaction_id"])
        stage.scenario("verify_5xx")

        answer = shop.visitor().get(f"/payments/verify/{payment['payment_id']}")

        assert (answer.status_code, answer.json["status"]) == (200, "pending")

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (f"/payments/verify/{NOBODY}", 404),
            ("/payments/verify/nonsense", 404),
            ("/payments/verify?tx_ref=nx-unheard-of", 404),
            ("/payments/verify?tx_ref=%27%20or%201=1", 404),
            ("/payments/verify", 422),
            ("/payments/verify?tx_ref=", 422),
            ("/payments/verify?tx_ref=" + "x" * 100, 422),
            ("/payments/verify?tx_ref=%00", 422),
        ],
    )
    def test_refuses_what_is_not_known(self, shop: Shop, path: str, status: int) -> None:
        assert shop.visitor().get(path).status_code == status

    def test_shows_a_failure_and_a_later_success(
        self, shop: Shop, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        path = f"/payments/verify/{payment['payment_id']}"
        stage.complete(payment["transaction_id"], outcome="failed")
        failed = shop.visitor().get(path).json["status"]
        payable = abebe.get(f"/orders/{order['id']}").json
        stage.complete(payment["transaction_id"])

        paid = shop.visitor().get(path).json["status"]

        assert (failed, paid) == ("failed", "succeeded")
        assert (payable["status"], payable["payment_status"]) == ("pending", "failed")


class TestWebhook:
    def test_of_the_sandbox_pays_the_order(
        self, shop: Shop, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        stage.complete(payment["transaction_id"])
        news = stage.shop.called(1)[0]
        for _ in range(3):
            assert deliver(shop, news.raw, **news.headers).status_code == 200

        react(shop)

        assert abebe.get(f"/orders/{order['id']}").json["payment_status"] == "paid"
        assert shop.one("SELECT count(*) FROM webhook_inbox")[0] == 1
        assert shop.one("SELECT count(*) FROM outbox WHERE name = 'payment.succeeded'")[0] == 1
        assert shop.level(mug) == (4, 0)

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Other": "1"},
            {"X-Chapa-Signature": "0" * 64},
            {"Chapa-Signature": hmac.new(SECRET.encode(), SECRET.encode(), "sha256").hexdigest()},
        ],
    )
    def test_without_a_signature_over_its_bytes_is_refused(
        self, shop: Shop, headers: dict[str, str]
    ) -> None:
        answer = deliver(shop, b'{"event":"charge.success"}', **headers)

        assert (answer.status_code, answer.json["code"]) == (401, "invalid_signature")
        assert shop.one("SELECT count(*) FROM webhook_inbox")[0] == 0

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xff"])
    def test_that_is_signed_nonsense_is_malformed(self, shop: Shop, body: bytes) -> None:
        answer = deliver(shop, body)

        assert (answer.status_code, answer.json["code"]) == (400, "malformed_request")

    def test_of_an_unknown_provider_is_not_found(self, shop: Shop) -> None:
        answer = shop.visitor().post("/payments/webhooks/paypal", {})

        assert (answer.status_code, answer.json["code"]) == (404, "not_found")

    def test_of_something_unknown_is_kept_and_recorded(self, shop: Shop) -> None:
        body = json.dumps({"event": "payout.success", "tx_ref": f"nx-{uuid4().hex}"}).encode()

        assert deliver(shop, body).status_code == 200
        react(shop)

        assert shop.one("SELECT finding FROM webhook_inbox")[0] == "unknown_reference"

    def test_that_lies_about_the_amount_changes_nothing(
        self, shop: Shop, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        stage.complete(payment["transaction_id"], faults=["webhook_wrong_amount"])
        news = stage.shop.called(1)[0]
        deliver(shop, news.raw, **news.headers)

        react(shop)

        assert abebe.get(f"/orders/{order['id']}").json["payment_status"] == "paid"
        assert shop.one("SELECT finding FROM webhook_inbox")[0] == "amount_differs"

    def test_is_not_read_beyond_the_limit(self, shop: Shop) -> None:
        assert deliver(shop, b"x" * 2_000_000).status_code == 413


class TestReading:
    def test_is_for_owners_and_staff(self, shop: Shop, abebe: Visitor, mug: UUID) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        path = f"/payments/{payment['payment_id']}"
        sara, staff = shop.customer("sara"), shop.staff("orders.write")

        own = abebe.get(path).json

        assert own["transaction_id"] == payment["transaction_id"]
        assert (own["amount"], own["refunded_amount"]) == (order["total"], "0.00")
        assert (own["status"], own["completed_at"]) == ("pending", None)
        assert abebe.get("/payments").json["results"] == [own]
        assert staff.get("/payments").json["results"] == [staff.get(path).json]
        assert sara.get("/payments").json["results"] == []
        assert [it.get(path).status_code for it in (sara, shop.visitor())] == [404, 401]

    def test_shows_staff_what_came_in_unmatched(
        self, shop: Shop, abebe: Visitor, mug: UUID, stage: Stage
    ) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        stage.complete(payment["transaction_id"], faults=["verify_wrong_amount"])

        verified = abebe.get(f"/payments/verify/{payment['payment_id']}").json["status"]
        (listed,) = shop.staff("payments.refund").get("/payments?unmatched=true").json["results"]

        assert verified == "pending"
        assert listed["unmatched_reason"] == "amount_differs"
        assert float(listed["received_amount"]) == float(order["total"]) / 2
        assert abebe.get(f"/orders/{order['id']}").json["payment_status"] != "paid"

    def test_names_the_ways_to_pay(self, shop: Shop, database_url: str) -> None:
        silent = Shop(database_url, CHAPA_SECRET_KEY="")

        methods = shop.visitor().get("/payments/methods").json

        assert methods == [{"code": "chapa", "name": "Chapa", "currencies": ["ETB", "USD"]}]
        assert silent.visitor().get("/payments/methods").json == []


class TestVoid:
    def test_closes_the_checkout(self, abebe: Visitor, mug: UUID, stage: Stage) -> None:
        order = ordered(abebe, mug)
        payment = initiated(abebe, order)
        path = f"/payments/{payment['payment_id']}"

        answers = [abebe.delete(path) for _ in range(2)]

        assert [it.status_code for it in answers] == [204, 409]
        assert answers[1].json["code"] == "illegal_transition"
        assert stage.sandbox.state.transactions()[0].status == "cancelled"
        assert abebe.get(path).json["status"] == "cancelled"
        assert initiated(abebe, order)["status"] == "pending"
