from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.integration.sandbox_stage import TX, Stage, set_stage

TITLE_CHARACTERS = (
    "The customization.title may only contain letters, numbers, hyphens,"
    " underscores, spaces, and dots."
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with set_stage() as stage:
        yield stage


@pytest.fixture
def paid(stage: Stage) -> Stage:
    stage.initialize()
    stage.complete()
    return stage


def refusal(message: Any) -> dict[str, Any]:
    return {"message": message, "status": "failed", "data": None}


class TestInitialize:
    def test_answers_with_the_hosted_page_and_nothing_more(self, stage: Stage) -> None:
        answer = stage.initialize()

        assert answer.status_code == 200
        assert answer.headers["X-Simulator"] == "chapa"
        assert answer.json() == {
            "message": "Hosted Link",
            "status": "success",
            "data": {"checkout_url": f"{stage.sandbox.base_url}/chapa/checkout/{TX}"},
        }

    @pytest.mark.parametrize(
        ("header", "message"),
        [
            ("", "Authorization required"),
            ("Basic abc", "Authorization required"),
            ("Bearer CHASECK_TEST-other", "Invalid API Key or User doesn't exist"),
        ],
    )
    def test_refuses_strangers(self, stage: Stage, header: str, message: str) -> None:
        answer = stage.chapa(
            "POST",
            "/transaction/initialize",
            json=stage.payment(),
            headers={"Authorization": header},
        )

        assert answer.status_code == 401
        assert answer.json() == refusal(message)

    def test_refuses_what_is_not_declared_as_json(self, stage: Stage) -> None:
        answer = stage.chapa("POST", "/transaction/initialize", data={"amount": "1"})

        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Incorrect header settings Please check")

    @pytest.mark.parametrize(
        ("changes", "complaints"),
        [
            ({"amount": None}, {"amount": ["validation.required"]}),
            ({"amount": ""}, {"amount": ["validation.required"]}),
            ({"amount": "ten"}, {"amount": ["validation.numeric"]}),
            ({"amount": True}, {"amount": ["validation.numeric"]}),
            ({"amount": "1e400"}, {"amount": ["validation.numeric"]}),
            ({"amount": "0"}, {"amount": ["validation.min.numeric"]}),
            ({"amount": -5}, {"amount": ["validation.min.numeric"]}),
            ({"currency": None}, {"currency": ["validation.required"]}),
            ({"currency": ["ETB"]}, {"currency": ["validation.string"]}),
            ({"tx_ref": None}, {"tx_ref": ["validation.required"]}),
            ({"tx_ref": "x" * 51}, {"tx_ref": ["validation.max.string"]}),
            ({"tx_ref": "order 1"}, {"tx_ref": ["validation.alpha_dash"]}),
            ({"email": "abebe"}, {"email": ["validation.email"]}),
            ({"phone_number": "+251911223344"}, {"phone_number": ["validation.regex"]}),
            ({"phone_number": "0811223344"}, {"phone_number": ["validation.regex"]}),
            ({"return_url": "javascript:alert(1)"}, {"return_url": ["validation.url"]}),
            ({"customization": "Nexus"}, {"customization": ["validation.array"]}),
            (
                {"customization": {"title": "Seventeen letters"}},
                {"customization.title": ["The customization.title must not exceed 16 characters."]},
            ),
            (
                {"customization": {"title": "ኔክሰስ"}},
                {"customization.title": [TITLE_CHARACTERS]},
            ),
            (
                {"customization": {"description": "x" * 51}},
                {
                    "customization.description": [
                        "The customization.description must not exceed 50 characters."
                    ]
                },
            ),
            (
                {"customization": {"description": "Order #1"}},
                {"customization.description": [TITLE_CHARACTERS.replace("title", "description")]},
            ),
        ],
    )
    def test_complains_field_by_field(
        self, stage: Stage, changes: dict[str, Any], complaints: dict[str, list[str]]
    ) -> None:
        answer = stage.initialize(**changes)

        assert answer.status_code == 400
        assert answer.json() == refusal(complaints)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"'])
    def test_takes_anything_but_an_object_for_nothing(self, stage: Stage, body: bytes) -> None:
        answer = stage.chapa(
            "POST",
            "/transaction/initialize",
            data=body,
            headers={"Content-Type": "application/json"},
        )

        assert answer.status_code == 400
        assert set(answer.json()["message"]) == {"amount", "currency", "tx_ref"}

    def test_takes_birr_and_dollars_only(self, stage: Stage) -> None:
        answer = stage.initialize(currency="KES")

        assert answer.status_code == 400
        assert answer.json() == refusal("Invalid currency, KES is not supported")

    @pytest.mark.parametrize(
        "changes", [{"amount": 100}, {"amount": 99.9}, {"email": None}, {"customization": None}]
    )
    def test_takes_numbers_and_does_without_the_optional(
        self, stage: Stage, changes: dict[str, Any]
    ) -> None:
        assert stage.initialize(**changes).status_code == 200

    def test_never_takes_a_reference_twice_even_at_the_same_time(self, stage: Stage) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: stage.initialize(), range(8)))

        refused = [answer.json() for answer in answers if answer.status_code == 400]
        assert refused == [refusal("Transaction reference has been used before")] * 7

    def test_may_time_out_after_it_was_recorded(self, stage: Stage) -> None:
        stage.scenario("initialize_timeout")

        with pytest.raises(requests.ReadTimeout):
            stage.chapa("POST", "/transaction/initialize", json=stage.payment(), timeout=0.1)

        stage.scenario()
        assert stage.initialize().json() == refusal("Transaction reference has been used before")

    def test_may_break_down_before_it_was_recorded(self, stage: Stage) -> None:
        stage.scenario("initialize_5xx")
        assert stage.initialize().status_code == 500

        stage.scenario()
        assert stage.initialize().status_code == 200

    def test_may_answer_with_a_page_of_html(self, stage: Stage) -> None:
        stage.scenario("initialize_html")

        answer = stage.initialize()

        assert answer.status_code == 502
        assert answer.headers["Content-Type"].startswith("text/html")


class TestVerify:
    def test_tells_the_lookup_and_the_payment_apart(self, paid: Stage) -> None:
        answer = paid.verify().json()

        data = answer.pop("data")
        assert answer == {"message": "Payment details", "status": "success"}
        assert data["reference"].startswith("AP")
        assert (
            data.items()
            >= {
                "status": "success",
                "tx_ref": TX,
                "amount": 1500.5,
                "charge": 45.02,
                "currency": "ETB",
                "mode": "test",
                "method": "telebirr",
                "type": "API",
                "first_name": "አበበ",
            }.items()
        )

    def test_says_that_nothing_was_paid(self, stage: Stage) -> None:
        stage.initialize()

        answer = stage.verify()

        assert answer.status_code == 404
        assert answer.json() == {"message": "Payment not paid yet", "status": None, "data": None}

    def test_says_that_nobody_knows_the_reference(self, stage: Stage) -> None:
        answer = stage.verify("other")

        assert answer.status_code == 404
        assert answer.json() == refusal("Invalid transaction or Transaction not found")

    def test_plays_the_other_kind_of_account_too(self) -> None:
        settings = {
            "unpaid_is_not_found": False,
            "unknown_status": 400,
            "amounts_as_text": True,
        }
        with set_stage(**settings) as stage:
            stage.initialize()

            unpaid, unknown = stage.verify(), stage.verify("other")

        assert unpaid.status_code == 200
        assert unpaid.json()["data"].items() >= {"status": "pending", "amount": "1500.50"}.items()
        assert unknown.status_code == 400

    def test_reports_a_failure(self, stage: Stage) -> None:
        stage.initialize()
        stage.complete(outcome="failed")

        assert stage.verify().json()["data"]["status"] == "failed"

    def test_answers_html_to_a_get_with_a_body(self, paid: Stage) -> None:
        answer = paid.chapa("GET", f"/transaction/verify/{TX}", data="{}")

        assert answer.status_code == 403
        assert answer.text.startswith("<!DOCTYPE html>")

    def test_refuses_a_live_key(self, paid: Stage) -> None:
        answer = paid.chapa(
            "GET",
            f"/transaction/verify/{TX}",
            headers={"Authorization": "Bearer CHASECK-live"},
        )

        assert answer.status_code == 401
        assert answer.json() == refusal(
            "Live secret keys can't be used to verify a test transaction"
        )

    def test_may_break_down(self, paid: Stage) -> None:
        paid.scenario("verify_5xx")

        assert paid.verify().status_code == 500

    def test_may_take_too_long(self, paid: Stage) -> None:
        paid.scenario("verify_timeout")

        assert paid.verify().elapsed.total_seconds() >= 0.3

    def test_may_be_behind_at_first(self, stage: Stage) -> None:
        stage.initialize()
        stage.complete(faults=["verify_pending_first"])

        statuses = [stage.verify().json()["data"]["status"] for _ in range(3)]

        assert statuses == ["pending", "success", "success"]

    def test_may_name_another_amount(self, paid: Stage) -> None:
        paid.scenario("verify_wrong_amount")

        assert paid.verify().json()["data"]["amount"] == 750.25


class TestCancel:
    def test_ends_the_link(self, stage: Stage) -> None:
        stage.initialize()

        answer = stage.chapa("PUT", f"/transaction/cancel/{TX}")

        assert answer.status_code == 200
        assert answer.json()["message"] == "Checkout link expired successfully"
        assert answer.json()["data"].items() >= {"tx_ref": TX, "amount": "1500.50"}.items()
        assert stage.complete().status_code == 409

    def test_cannot_be_repeated(self, stage: Stage) -> None:
        stage.initialize()
        stage.chapa("PUT", f"/transaction/cancel/{TX}")

        answer = stage.chapa("PUT", f"/transaction/cancel/{TX}")

        assert answer.status_code == 400
        assert answer.json() == refusal("Payment link already expired")

    def test_comes_too_late_for_what_is_paid(self, paid: Stage) -> None:
        assert paid.chapa("PUT", f"/transaction/cancel/{TX}").status_code == 400

    def test_may_lose_against_a_payment_on_its_way(self, stage: Stage) -> None:
        stage.initialize()
        stage.chapa("PUT", f"/transaction/cancel/{TX}")

        stage.complete(faults=["paid_after_cancel"])

        assert stage.verify().json()["data"]["status"] == "success"


class TestRefund:
    def refund(self, stage: Stage, **wanted: Any) -> requests.Response:
        reference = stage.verify().json()["data"]["reference"]
        return stage.chapa("POST", f"/refund/{reference}", json=wanted)

    def test_pays_everything_back_unless_told_otherwise(self, paid: Stage) -> None:
        answer = self.refund(paid, reason="damaged", reference="R-1").json()

        assert answer["message"].startswith("Refund initiated successfully.")
        assert (
            answer["data"].items()
            >= {
                "amount": "1500.50",
                "status": "Refund Initiated",
                "merchant_reference": "R-1",
                "reason": "damaged",
            }.items()
        )
        assert paid.verify().json()["data"]["status"] == "refunded"

    def test_takes_a_form_as_well(self, paid: Stage) -> None:
        form = {"amount": "500.50", "meta[customer_id]": "7"}

        data = paid.chapa("POST", f"/refund/{TX}", data=form).json()["data"]

        assert data.items() >= {"amount": "500.50", "meta": {"customer_id": "7"}}.items()
        assert paid.verify().json()["data"]["status"] == "success"

    def test_pays_back_in_parts_but_never_more_than_was_paid(self, paid: Stage) -> None:
        assert self.refund(paid, amount="1000").status_code == 200

        answer = self.refund(paid, amount="500.51")

        assert answer.status_code == 400
        assert answer.json() == refusal(
            "Refund amount cannot exceed the full transaction amount or be less than 0"
        )
        assert self.refund(paid, amount="500.50").status_code == 200
        assert self.refund(paid).status_code == 400

    def test_happens_once_for_each_reference_of_the_shop(self, paid: Stage) -> None:
        self.refund(paid, amount="1", reference="R-1")

        answer = self.refund(paid, amount="1", reference="R-1")

        assert answer.status_code == 400
        assert answer.json() == refusal({"reference": ["validation.unique"]})

    def test_can_be_looked_up(self, paid: Stage) -> None:
        ref_id = self.refund(paid, amount="1").json()["data"]["ref_id"]

        answer = paid.chapa("GET", f"/refund/{ref_id}/verify").json()

        assert answer["message"] == "Refund verified successfully"
        assert (
            answer["data"].items()
            >= {
                "ref_id": ref_id,
                "status": "refunded",
                "amount": "1.00",
            }.items()
        )

    def test_is_refused_for_what_was_never_paid(self, stage: Stage) -> None:
        stage.initialize()

        assert stage.chapa("POST", f"/refund/{TX}").status_code == 400
        assert stage.chapa("POST", "/refund/other").status_code == 404
        assert stage.chapa("GET", "/refund/other/verify").status_code == 404

    def test_may_be_refused_as_the_real_test_mode_does(self, paid: Stage) -> None:
        paid.scenario("refund_fails")

        answer = self.refund(paid)

        assert answer.status_code == 400
        assert answer.json() == refusal("Refunds can only be processed in live mode")


def test_lists_the_banks(stage: Stage) -> None:
    banks = stage.chapa("GET", "/banks").json()["data"]

    assert {"telebirr", "awash_bank"} <= {bank["slug"] for bank in banks}
