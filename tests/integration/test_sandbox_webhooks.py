import hmac
from collections.abc import Iterator
from typing import Any

import pytest

from nexus.entrypoints.sandbox.config import SandboxConfig
from tests.integration.sandbox_stage import TX, Stage, Visit, set_stage

SECRET = SandboxConfig.chapa_webhook_secret


@pytest.fixture
def stage() -> Iterator[Stage]:
    with set_stage() as stage:
        stage.initialize(callback_url=None)
        yield stage


def digest(message: bytes) -> str:
    return hmac.new(SECRET.encode(), message, "sha256").hexdigest()


def the_webhook(stage: Stage) -> Visit:
    (webhook,) = stage.shop.called(1)
    return webhook


class TestWebhook:
    def test_tells_of_a_payment_in_a_flat_body(self, stage: Stage) -> None:
        stage.complete(method="mpesa")

        webhook = the_webhook(stage)
        assert (webhook.method, webhook.path) == ("POST", "/webhooks/chapa")
        assert (
            webhook.body.items()
            >= {
                "event": "charge.success",
                "status": "success",
                "tx_ref": TX,
                "amount": "1500.50",
                "currency": "ETB",
                "mode": "test",
                "mobile": "251911223344",
                "payment_method": "mpesa",
                "first_name": "አበበ",
            }.items()
        )

    def test_tells_of_a_failure(self, stage: Stage) -> None:
        stage.complete(outcome="failed")

        body = the_webhook(stage).body
        assert (body["event"], body["status"]) == ("charge.failed/cancelled", "failed/cancelled")

    def test_tells_of_a_refund(self, stage: Stage) -> None:
        stage.complete()
        form = {"amount": "500", "meta": {"return": "7"}}

        stage.chapa("POST", f"/refund/{TX}", json=form)

        body = stage.shop.called(2)[1].body
        assert (
            body.items()
            >= {
                "event": "charge.refunded",
                "status": "refunded",
                "amount": "500.00",
                "meta": {"return": "7"},
            }.items()
        )

    def test_is_signed_twice_over_the_secret_and_over_the_very_bytes(self, stage: Stage) -> None:
        stage.complete()

        webhook = the_webhook(stage)
        assert webhook.headers["chapa-signature"] == digest(SECRET.encode())
        assert webhook.headers["x-chapa-signature"] == digest(webhook.raw)
        assert rb"\u12a0" in webhook.raw

    def test_is_repeated_until_the_shop_says_200(self, stage: Stage) -> None:
        stage.shop.statuses = [500, 202]

        stage.complete()

        visits = stage.shop.called(3)
        assert len({visit.raw for visit in visits}) == 1
        assert [entry["status"] for entry in stage.log() if entry["direction"] == "out"] == [
            500,
            202,
            200,
        ]

    def test_gives_up_in_the_end(self, stage: Stage) -> None:
        stage.shop.statuses = [500] * 9

        stage.complete()

        assert len(stage.shop.visits) == 5

    def test_may_come_twice(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_duplicate"])

        first, second = stage.shop.called(2)
        assert first.raw == second.raw

    def test_may_be_lost_and_sent_again_by_hand(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_lost"])
        assert stage.shop.visits == []

        answer = stage.call("POST", f"/control/webhooks/{TX}/resend")

        assert answer.status_code == 202
        assert the_webhook(stage).body["event"] == "charge.success"

    def test_may_come_late(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_late"], wait=False)
        assert stage.shop.visits == []

        assert the_webhook(stage).body["status"] == "success"

    def test_never_survives_a_reset(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_late"], wait=False)

        stage.call("POST", "/control/reset")

        stage.initialize(callback_url=None, tx_ref="another")
        stage.complete("another", faults=["webhook_late"])
        assert the_webhook(stage).body["tx_ref"] == "another"

    def test_may_be_signed_with_another_secret(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_bad_signature"])

        webhook = the_webhook(stage)
        assert webhook.headers["x-chapa-signature"] != digest(webhook.raw)
        assert webhook.headers["chapa-signature"] != digest(SECRET.encode())

    @pytest.mark.parametrize(
        ("fault", "field", "lie"),
        [
            ("webhook_wrong_amount", "amount", "750.25"),
            ("webhook_wrong_currency", "currency", "USD"),
            ("webhook_unknown_tx", "tx_ref", f"unknown-{TX}"),
        ],
    )
    def test_may_lie_under_a_good_signature(
        self, stage: Stage, fault: str, field: str, lie: str
    ) -> None:
        stage.complete(faults=[fault])

        webhook = the_webhook(stage)
        assert webhook.body[field] == lie
        assert webhook.headers["x-chapa-signature"] == digest(webhook.raw)
        assert stage.verify().json()["data"]["amount"] == 1500.5

    def test_can_be_put_right_when_sent_again(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_bad_signature"])

        stage.call("POST", f"/control/webhooks/{TX}/resend", json={"faults": []})

        webhook = stage.shop.called(2)[1]
        assert webhook.headers["x-chapa-signature"] == digest(webhook.raw)


def test_the_callback_is_a_bare_get_with_its_own_spelling() -> None:
    with set_stage() as stage:
        stage.initialize()
        stage.complete()

        (callback,) = (visit for visit in stage.shop.called(2) if visit.method == "GET")

    assert callback.path == "/callback"
    assert callback.query["trx_ref"] == [TX]
    assert callback.query["ref_id"][0].startswith("AP")
    assert callback.query["status"] == ["success"]


class TestControl:
    def test_lists_the_transactions(self, stage: Stage) -> None:
        stage.complete(faults=["webhook_lost"])

        (transaction,) = stage.call("GET", "/control/transactions").json()

        assert (
            transaction.items()
            >= {
                "tx_ref": TX,
                "amount": "1500.50",
                "currency": "ETB",
                "status": "success",
                "method": "telebirr",
                "faults": ["webhook_lost"],
            }.items()
        )

    def test_lets_a_failed_payment_succeed_later_but_only_once(self, stage: Stage) -> None:
        assert stage.complete(outcome="failed").json()["status"] == "failed"
        assert stage.complete().json()["status"] == "success"

        assert stage.complete().status_code == 409
        assert stage.complete(outcome="failed").status_code == 409

    def test_keeps_the_faults_of_one_payment_to_that_payment(self, stage: Stage) -> None:
        stage.complete(faults=["verify_5xx"])
        stage.initialize(callback_url=None, tx_ref="another")
        stage.complete("another")

        assert stage.verify().status_code == 500
        assert stage.verify("another").status_code == 200

    def test_keeps_a_scenario_until_the_next(self, stage: Stage) -> None:
        stage.scenario("webhook_lost", "verify_5xx")
        stage.complete()
        assert stage.verify().status_code == 500

        stage.scenario()

        assert stage.verify().status_code == 200
        assert stage.shop.visits == []

    def test_logs_both_directions(self, stage: Stage) -> None:
        stage.complete()

        opened, told = stage.log()

        assert set(opened) == {"at", "direction", "method", "path", "status", "body"}
        assert opened["direction"] == "in"
        assert opened["path"] == "/chapa/v1/transaction/initialize"
        assert opened["body"]["tx_ref"] == TX
        assert "CHASECK" not in str(opened)
        assert (told["direction"], told["path"]) == ("out", "/webhooks/chapa")
        assert (told["status"], told["body"]["event"]) == (200, "charge.success")

    def test_logs_that_nobody_answered(self) -> None:
        with set_stage() as stage:
            stage.sandbox.deliveries.webhook_url = "http://127.0.0.1:1/"
            stage.initialize(callback_url=None)

            stage.complete()

            assert {entry["status"] for entry in stage.log()[1:]} == {None}

    def test_forgets_everything_at_a_reset(self, stage: Stage) -> None:
        stage.scenario("verify_5xx")

        assert stage.call("POST", "/control/reset").status_code == 204

        assert stage.call("GET", "/control/transactions").json() == []
        assert stage.log() == []
        assert stage.verify().status_code == 404

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("transactions/other/complete", {"outcome": "success"}, 404),
            ("webhooks/other/resend", {}, 404),
            (f"webhooks/{TX}/resend", {}, 409),
            (f"transactions/{TX}/complete", {}, 422),
            (f"transactions/{TX}/complete", {"outcome": "maybe"}, 422),
            (f"transactions/{TX}/complete", {"outcome": ["success"]}, 422),
            (f"transactions/{TX}/complete", {"outcome": "success", "faults": ["rain"]}, 422),
            (f"transactions/{TX}/complete", {"outcome": "success", "faults": "rain"}, 422),
            (f"transactions/{TX}/complete", {"outcome": "success", "fault": []}, 422),
            (f"transactions/{TX}/complete", {"outcome": "success", "method": 1}, 422),
            (f"transactions/{TX}/complete", {"outcome": "success", "wait": "yes"}, 422),
            (f"transactions/{TX}/complete", ["success"], 400),
            ("scenario", {"faults": [1]}, 422),
            ("scenario", {}, 422),
        ],
    )
    def test_refuses_what_it_does_not_understand(
        self, stage: Stage, path: str, body: Any, status: int
    ) -> None:
        answer = stage.call("POST", f"/control/{path}", json=body)

        assert answer.status_code == status
        assert answer.json()["error"]
        assert stage.call("GET", "/control/transactions").json()[0]["status"] == "pending"
