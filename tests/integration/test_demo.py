from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from click import ClickException
from rich.console import Console

from nexus.entrypoints.local.demo import buy, receipt
from nexus.entrypoints.local.shop import Shop
from tests.integration.local_stage import ADMINISTRATOR, Stage, kill, local_stage, pause

pytestmark = pytest.mark.long
DELIVERIES = 20


# One shop for all of them: starting it takes longer than everything that is done with it.
@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with local_stage(tmp_path_factory.mktemp("shop")) as stage:
        yield stage


@pytest.fixture
def output() -> StringIO:
    return StringIO()


class TestDemo:
    def test_buys_something_for_real_as_often_as_one_likes(
        self, stage: Stage, output: StringIO
    ) -> None:
        console = Console(file=output, width=200)
        first = buy(stage.supervisor.shop, ADMINISTRATOR, console)

        second = buy(stage.supervisor.shop, ADMINISTRATOR, console)

        assert first.order["payment_status"] == second.order["payment_status"] == "paid"
        assert first.order["order_number"] != second.order["order_number"]
        assert second.order["order_number"] in receipt(second)
        assert "Read the mails" in output.getvalue()

    def test_ends_at_the_first_lie(self, stage: Stage, output: StringIO) -> None:
        without_mails = Shop(stage.supervisor.shop.web, "http://127.0.0.1:1")

        with pytest.raises(ClickException, match="Prove the address: GET /mailbox/messages"):
            buy(without_mails, ADMINISTRATOR, Console(file=output, width=200))

        assert "Register" in output.getvalue()
        assert "Log in" not in output.getvalue()


class TestWorker:
    def test_killed_between_an_order_and_its_mail_sends_it_once_it_is_back(
        self, stage: Stage
    ) -> None:
        purchase = stage.purchase()
        pause(stage.worker)
        purchase.place_order()
        order_id = purchase.order["id"]
        stage.wait_until(lambda: stage.owed(order_id, rung=True))

        kill(stage.worker)

        stage.wait_until(lambda: not stage.owed(order_id))
        assert len(purchase.mailbox.mails("order_confirmation")) == 1


class TestCheckout:
    def test_succeeds_without_a_queue_and_the_mail_follows(self, stage: Stage) -> None:
        purchase = stage.purchase()
        stage.supervisor.servers["REDIS_URL"].stop()

        purchase.place_order()

        assert stage.owed(purchase.order["id"])
        assert not purchase.mailbox.mails("order_confirmation")
        stage.wait_until(lambda: not stage.owed(purchase.order["id"]))
        assert len(purchase.mailbox.mails("order_confirmation")) == 1


class TestPayment:
    def test_that_nobody_heard_of_is_found_by_asking(self, stage: Stage) -> None:
        purchase = stage.purchase()
        purchase.place_order()
        purchase.begin_payment()
        stage.pay_in_silence(purchase)
        path = f"/orders/{purchase.order['id']}"
        assert purchase.customer.call("GET", path)["payment_status"] == "pending"

        with stage.in_a_while(timedelta(minutes=2)) as container:
            container.reconcile_payments()()

        assert purchase.customer.call("GET", path)["payment_status"] == "paid"
        purchase.mailbox.wait("payment_received")

    def test_is_settled_once_however_often_the_news_comes(self, stage: Stage) -> None:
        purchase = stage.purchase()
        purchase.place_order()
        purchase.begin_payment()
        stage.pay_in_silence(purchase)
        resend = f"/control/webhooks/{purchase.payment['transaction_id']}/resend"

        with ThreadPoolExecutor(DELIVERIES) as threads:
            sent = [
                threads.submit(stage.sandbox.call, "POST", resend, json={"wait": True}, expect=202)
                for _ in range(DELIVERIES)
            ]
        assert all(it.result() for it in sent)

        purchase.wait_until_paid()
        stage.wait_until(lambda: not stage.owed(purchase.order["id"]))
        purchase.see_ledger()
        purchase.read_mails()
