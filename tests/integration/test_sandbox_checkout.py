from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import requests

from tests.integration.sandbox_stage import TX, Stage, set_stage

PAGE = f"/chapa/checkout/{TX}"
TELEBIRR = {"action": "pay", "method": "telebirr", "phone": "0900123456"}
VISA = {
    "action": "pay",
    "method": "card",
    "card_number": "4200 0000 0000 0000",
    "expiry": "12/34",
    "cvv": "123",
}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with set_stage() as stage:
        stage.initialize()
        yield stage


class Labels(HTMLParser):
    """Notes the fields of a page and what labels them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: set[str | None] = set()
        self.labelled: set[str | None] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "label" and "for" in facts:
            self.labelled.add(facts["for"])
        if tag == "input" and facts.get("type") != "radio":
            self.fields.add(facts.get("id"))


def press(stage: Stage, form: dict[str, str]) -> requests.Response:
    return stage.call("POST", PAGE, data=form)


class TestHostedPage:
    def test_shows_what_is_to_be_paid_to_whom_and_that_no_money_moves(self, stage: Stage) -> None:
        page = stage.call("GET", PAGE)

        assert page.status_code == 200
        assert page.headers["X-Simulator"] == "chapa"
        for words in ("ETB 1,500.50", "Nexus", TX, "No real money moves", "telebirr", "M-Pesa"):
            assert words in page.text
        assert "<script" not in page.text

    def test_labels_every_field(self, stage: Stage) -> None:
        labels = Labels(stage.call("GET", PAGE).text)

        assert labels.fields == {"phone", "otp", "card_number", "expiry", "cvv"}
        assert labels.labelled >= labels.fields

    def test_speaks_amharic_too(self, stage: Stage) -> None:
        page = stage.call("GET", f"{PAGE}?lang=am")

        assert '<html lang="am">' in page.text
        assert "እውነተኛ ገንዘብ አይንቀሳቀስም" in page.text

    def test_takes_the_customer_back_to_the_shop_and_tells_the_shop(self, stage: Stage) -> None:
        answer = press(stage, TELEBIRR)

        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{stage.shop.url}/orders/1"
        assert {visit.path for visit in stage.shop.called(2)} == {"/webhooks/chapa", "/callback"}
        assert stage.verify().json()["data"]["method"] == "telebirr"

    def test_thanks_where_there_is_no_shop_to_return_to(self, stage: Stage) -> None:
        stage.initialize(tx_ref="alone", return_url=None)

        answer = stage.call("POST", "/chapa/checkout/alone", data=TELEBIRR)

        assert answer.status_code == 200
        assert "Thank you" in answer.text

    @pytest.mark.parametrize(
        "form",
        [
            TELEBIRR | {"phone": "0900881111"},
            {"action": "pay", "method": "mpesa", "phone": "0700123456"},
            {"action": "pay", "method": "cbebirr", "phone": "0900112233"},
            {"action": "pay", "method": "awash", "phone": "0900123456", "otp": "12345"},
            VISA,
            VISA | {"card_number": "370000000000000 0", "cvv": "1234"},
        ],
    )
    def test_takes_the_magic_numbers(self, stage: Stage, form: dict[str, str]) -> None:
        assert press(stage, form).status_code == 303

    @pytest.mark.parametrize(
        "form",
        [
            TELEBIRR | {"phone": "0911223344"},
            TELEBIRR | {"phone": ""},
            TELEBIRR | {"method": "mpesa"},
            TELEBIRR | {"method": "awash", "otp": "54321"},
            TELEBIRR | {"action": "decline"},
            VISA | {"card_number": "4242 4242 4242 4242"},
            VISA | {"expiry": "12/30"},
            VISA | {"cvv": ""},
            VISA | {"card_number": "", "cvv": ""},
        ],
    )
    def test_declines_everything_else_and_lets_one_try_again(
        self, stage: Stage, form: dict[str, str]
    ) -> None:
        declined = press(stage, form)

        assert declined.status_code == 422
        assert 'role="alert"' in declined.text
        assert stage.verify().json()["data"]["status"] == "failed"
        assert press(stage, TELEBIRR).status_code == 303

    def test_ends_after_ten_tries(self, stage: Stage) -> None:
        statuses = [press(stage, {"action": "decline"}).status_code for _ in range(10)]

        assert statuses == [422] * 9 + [410]
        assert press(stage, TELEBIRR).status_code == 410
        assert stage.call("GET", PAGE).status_code == 410

    def test_lets_the_customer_cancel_for_good(self, stage: Stage) -> None:
        cancelled = press(stage, {"action": "cancel"})

        assert "cancelled" in cancelled.text
        assert f"{stage.shop.url}/orders/1" in cancelled.text
        assert press(stage, TELEBIRR).status_code == 200
        assert stage.verify().json()["data"]["status"] == "cancelled"
        webhooks = [visit for visit in stage.shop.called(2) if visit.method == "POST"]
        assert webhooks[0].body["event"] == "charge.failed/cancelled"

    def test_takes_no_second_payment(self, stage: Stage) -> None:
        press(stage, TELEBIRR)

        again = press(stage, TELEBIRR)

        assert again.status_code == 200
        assert "Thank you" in again.text
        assert len(stage.shop.called(2)) == 2

    def test_knows_when_the_webhook_must_come_first(self, stage: Stage) -> None:
        stage.scenario("webhook_before_return")

        press(stage, TELEBIRR)

        assert "POST" in {visit.method for visit in stage.shop.visits}

    def test_stays_open_for_the_one_who_pays_after_the_cancellation(self, stage: Stage) -> None:
        stage.chapa("PUT", f"/transaction/cancel/{TX}")
        assert press(stage, TELEBIRR).status_code == 200

        stage.scenario("paid_after_cancel")

        assert stage.call("GET", PAGE).status_code == 200
        assert press(stage, TELEBIRR).status_code == 303

    def test_says_when_there_is_no_such_payment(self, stage: Stage) -> None:
        page = stage.call("GET", "/chapa/checkout/other")

        assert page.status_code == 404
        assert "There is no such payment" in page.text


def test_the_link_dies_after_its_time() -> None:
    with set_stage(checkout_minutes=0) as stage:
        stage.initialize()

        assert stage.call("GET", PAGE).status_code == 410
        assert press(stage, TELEBIRR).status_code == 410
        assert stage.chapa("PUT", f"/transaction/cancel/{TX}").status_code == 400


def test_the_dashboard_shows_payments_and_faults(
    stage: Stage,
) -> None:
    stage.scenario("verify_5xx")

    page = stage.call("GET", "/")

    assert page.status_code == 200
    for words in (TX, "verify_5xx", "/mailbox", "No real money moves"):
        assert words in page.text
    assert stage.call("GET", "/healthz").json() == {"status": "ok"}
