"""Waiting for what is sold out, and one mail when it is back."""

from typing import Any
from uuid import UUID

import pytest

from nexus.application import stock_alerts
from nexus.application.ports.gateways import Letter
from nexus.application.stock_alerts import AwaitStock, Waiting
from nexus.bootstrap import Container
from nexus.domain.ledger import AdjustmentReason
from tests.integration.catalogue import first_variant, make
from tests.integration.outbox import letters
from tests.integration.shop import Visitor
from tests.integration.signed_in import admin, customer, problem

GUEST = {"email": "guest@example.com"}


@pytest.fixture
def guest(container: Container) -> Visitor:
    return Visitor(container.http().test_client(), None)


@pytest.fixture
def hana(container: Container) -> Visitor:
    return signed_in(container, "hana")


def signed_in(container: Container, name: str) -> Visitor:
    someone = customer(container, f"{name}@example.com")
    return Visitor(container.http().test_client(), someone.tokens["access"])


@pytest.fixture
def staff(container: Container) -> Visitor:
    return Visitor(container.http().test_client(), admin(container).tokens["access"])


@pytest.fixture
def mug(staff: Visitor) -> Any:
    return make(staff, stock=0)


def stock(container: Container, variant_id: UUID | str, delta: int = 5) -> list[Letter]:
    """Put some on the shelf, and return what is mailed because of it."""
    container.adjust_stock()(
        variant_id=UUID(str(variant_id)),
        delta=delta,
        reason=AdjustmentReason.RECEIVED if delta > 0 else AdjustmentReason.LOST,
        note="",
        actor_id=None,
    )
    return [it for it in letters(container) if it.kind == "back_in_stock"]


def wait_for(who: Visitor, product: Any, **body: Any) -> Any:
    return who.post(f"/products/{product['slug']}/back-in-stock", body)


class TestSubscribe:
    def test_ends_with_one_mail_to_each(
        self, container: Container, guest: Visitor, hana: Visitor, mug: Any
    ) -> None:
        hana.patch("/users/me", {"first_name": "Hana", "preferences": {"locale": "am"}})
        answers = [wait_for(guest, mug, **GUEST), wait_for(hana, mug)]
        letters(container)

        sent = stock(container, first_variant(mug))

        assert [it.status_code for it in answers] == [201, 201]
        assert sorted((it.to, it.locale, it.facts["name"]) for it in sent) == [
            ("guest@example.com", "en", ""),
            ("hana@example.com", "am", "Hana"),
        ]
        assert {it.facts["product"] for it in sent} == {"Mug"}
        assert all(it.facts["link"].endswith("/products/mug") for it in sent)
        stock(container, first_variant(mug), -5)
        assert stock(container, first_variant(mug)) == []

    def test_answers_alike_whoever_waits_already(self, guest: Visitor, mug: Any) -> None:
        answers = [wait_for(guest, mug, **GUEST) for _ in range(2)]

        assert [(it.status_code, it.json) for it in answers] == [(201, answers[0].json)] * 2

    def test_mails_once_however_often_it_was_asked(
        self, container: Container, guest: Visitor, mug: Any
    ) -> None:
        for email in ("guest@example.com", "Guest@Example.com"):
            wait_for(guest, mug, email=email)

        assert len(stock(container, first_variant(mug))) == 1

    def test_mails_once_whoever_waits_for_it_in_two_ways(
        self, container: Container, guest: Visitor, hana: Visitor, mug: Any
    ) -> None:
        variant_id = first_variant(mug)
        for who, address in ((guest, GUEST), (hana, {})):
            wait_for(who, mug, **address)
            wait_for(who, mug, variant_id=str(variant_id), **address)

        told = [it.to for it in stock(container, variant_id)]

        assert sorted(told) == ["guest@example.com", "hana@example.com"]

    def test_of_a_variant_waits_for_that_one(
        self, container: Container, guest: Visitor, hana: Visitor, staff: Visitor
    ) -> None:
        sizes = [{"options": {"size": it}, "stock": 0} for it in ("S", "M")]
        shirt = make(staff, "Shirt", variants=sizes)
        small, medium = (it["id"] for it in shirt["variants"])
        wait_for(guest, shirt, variant_id=medium, **GUEST)
        wait_for(hana, shirt)

        assert [it.to for it in stock(container, small)] == ["hana@example.com"]
        assert [it.facts["options"] for it in stock(container, medium)] == [{"size": "M"}]

    def test_is_for_what_is_sold_out(self, container: Container, guest: Visitor, mug: Any) -> None:
        stock(container, first_variant(mug), 3)

        answer = wait_for(guest, mug, **GUEST)

        assert problem(answer) == (409, "in_stock")
        assert answer.json["available"] == 3

    def test_is_for_what_is_in_the_shop(self, guest: Visitor, staff: Visitor, mug: Any) -> None:
        other = str(first_variant(make(staff, "Cup", stock=0)))
        assert problem(wait_for(guest, mug, variant_id=other, **GUEST)) == (404, "not_found")

        staff.patch(f"/products/{mug['id']}", {"status": "inactive"})

        for slug in (mug["slug"], "nothing"):
            assert problem(wait_for(guest, {"slug": slug}, **GUEST)) == (404, "not_found")

    @pytest.mark.parametrize("body", [{}, {"email": "nowhere"}, {"email": "a@b.c\r\nBcc: d@e.f"}])
    def test_wants_an_address_of_a_guest(
        self, guest: Visitor, mug: Any, body: dict[str, str]
    ) -> None:
        assert problem(wait_for(guest, mug, **body)) == (422, "validation_failed")

    def test_wants_no_other_address_of_a_customer(self, hana: Visitor, mug: Any) -> None:
        assert problem(wait_for(hana, mug, **GUEST)) == (422, "validation_failed")
        assert wait_for(hana, mug, email="hana@example.com").status_code == 201

    @pytest.mark.parametrize(
        ("path", "hidden", "shown"),
        [
            ("/products/{product_id}", {"status": "inactive"}, {"status": "active"}),
            ("/variants/{id}", {"is_active": False}, {"is_active": True}),
        ],
    )
    def test_lasts_until_what_is_there_again_can_be_bought(
        self,
        container: Container,
        guest: Visitor,
        staff: Visitor,
        path: str,
        hidden: Any,
        shown: Any,
    ) -> None:
        shirt = make(staff, "Shirt", variants=[{"options": {"size": it}} for it in "SM"])
        variant = shirt["variants"][1]
        wait_for(guest, shirt, **GUEST)
        staff.patch(path.format(**variant), hidden)
        assert stock(container, variant["id"]) == []

        staff.patch(path.format(**variant), shown)

        assert [it.facts["options"] for it in letters(container)] == [{"size": "M"}]

    def test_is_not_missed_by_what_comes_meanwhile(
        self, container: Container, guest: Visitor, mug: Any
    ) -> None:
        """It comes when the shelf was looked at, and before it is known who waits."""
        works: list[int] = []

        def work() -> Any:
            works.append(len(works))
            if len(works) == 2:
                with container.work() as meanwhile:
                    waiting = meanwhile.stock_alerts.take(
                        UUID(mug["id"]), first_variant(mug), limit=1
                    )
                stock(container, first_variant(mug))
                for alert in waiting:
                    with container.work() as afterwards:
                        afterwards.stock_alerts.add(alert)
            return container.work()

        wait = AwaitStock(work, container.clock())
        wait(product=mug["slug"], variant_id=None, who=Waiting(email="guest@example.com"))

        assert [it.kind for it in letters(container)] == ["back_in_stock"]


class TestUnsubscribe:
    def letter(self, container: Container, guest: Visitor, mug: Any) -> Letter:
        wait_for(guest, mug, **GUEST)
        (letter,) = stock(container, first_variant(mug))
        stock(container, first_variant(mug), -5)
        return letter

    def test_is_one_click_in_a_mail(
        self, container: Container, guest: Visitor, staff: Visitor, mug: Any
    ) -> None:
        letter = self.letter(container, guest, mug)
        cup = make(staff, "Cup", stock=0)
        for product in (mug, cup):
            wait_for(guest, product, **GUEST)

        url = letter.facts["one_click"].partition("/api/v1")[2]
        answer = guest.client.post(f"/api/v1{url}", data={"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 204
        assert stock(container, first_variant(mug)) == []
        assert stock(container, first_variant(cup)) == []

    def test_of_one_product_leaves_the_others(
        self, container: Container, guest: Visitor, staff: Visitor, mug: Any
    ) -> None:
        token = self.letter(container, guest, mug).facts["unsubscribe"].partition("?token=")[2]
        cup = make(staff, "Cup", stock=0)
        for product in (mug, cup):
            wait_for(guest, product, **GUEST)

        answer = guest.delete(f"/products/{mug['slug']}/back-in-stock?token={token}")

        assert answer.status_code == 204
        assert stock(container, first_variant(mug)) == []
        assert len(stock(container, first_variant(cup))) == 1

    def test_is_for_a_customer_by_their_account(
        self, container: Container, hana: Visitor, mug: Any
    ) -> None:
        wait_for(hana, mug)
        path = f"/products/{mug['slug']}/back-in-stock"

        assert [hana.delete(path).status_code for _ in range(2)] == [204, 204]
        assert problem(hana.delete("/products/nothing/back-in-stock")) == (404, "not_found")
        assert stock(container, first_variant(mug)) == []

    @pytest.mark.parametrize("token", ["x", "a.b", "IGd1ZXN0QGV4YW1wbGUuY29t.00"])
    def test_is_for_nobody_who_guesses(self, guest: Visitor, mug: Any, token: str) -> None:
        path = f"/products/{mug['slug']}/back-in-stock"

        assert problem(guest.delete(path)) == (401, "unauthenticated")
        assert problem(guest.delete(f"{path}?token={token}")) == (422, "token_invalid")
        everything = guest.post(f"/back-in-stock/unsubscribe?token={token}")
        assert problem(everything) == (422, "token_invalid")

    def test_comes_with_closing_an_account(
        self, container: Container, hana: Visitor, mug: Any
    ) -> None:
        wait_for(hana, mug)
        (held,) = hana.get("/users/me/export").json["stock_alerts"]
        assert held["product_id"] == mug["id"]

        hana.delete("/users/me")

        assert stock(container, first_variant(mug)) == []


class TestCrowd:
    def test_is_called_in_batches_and_nobody_twice(
        self, container: Container, mug: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stock_alerts, "BATCH", 20)
        count = 2 * stock_alerts.BATCH + 7
        crowd = (
            "INSERT INTO stock_alerts (id, product_id, email, locale, created_at)"
            " SELECT gen_random_uuid(), %(p)s, 'p' || n || '@example.com', 'en', now()"
            " FROM generate_series(1, %(n)s) n"
        )
        with container.engine().begin() as db:
            db.exec_driver_sql(crowd, {"p": mug["id"], "n": count})

        sent = stock(container, first_variant(mug))

        assert len({it.to for it in sent}) == len(sent) == count
        assert len({it.id for it in sent}) == count
