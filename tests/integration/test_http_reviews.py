"""What shoppers say of a product, and what it comes to."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from nexus.application.ports.work import StartWork
from nexus.application.reviews import ChangeReview, RemoveReview, WriteReview
from nexus.domain.reviews import Reader
from nexus.domain.users import User
from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor
from tests.integration.signed_in import problem
from tests.people import user


@pytest.fixture
def mug(shop: Shop) -> Any:
    return make(shop.staff("catalog.write", "reviews.moderate"), stock=5)


@pytest.fixture
def staff(shop: Shop, mug: Any) -> Visitor:
    return shop.signed_in("staff")


@pytest.fixture
def hana(shop: Shop) -> Visitor:
    hana = shop.customer("hana")
    hana.patch("/users/me", {"first_name": "Hana", "last_name": "Girma"})
    return hana


def say(who: Visitor, product: Any, rating: int = 5, **more: Any) -> Any:
    answer = who.post("/reviews", {"product_id": product["id"], "rating": rating, **more})
    assert answer.status_code == 201, answer.text
    return answer.json


def rating(shop: Shop, product: Any) -> tuple[float | None, int]:
    shown = shop.visitor().get(f"/products/{product['id']}").json
    return shown["rating_average"], shown["rating_count"]


class TestWrite:
    def test_shows_what_was_said_and_who_said_it(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        body = {"product_id": mug["slug"], "rating": 4, "title": " Fine ", "comment": "It holds."}

        answer = hana.post("/reviews", body)

        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/api/v1/reviews/{answer.json['id']}"
        assert {it: answer.json[it] for it in ("rating", "title", "comment", "author")} == {
            "rating": 4,
            "title": "Fine",
            "comment": "It holds.",
            "author": "Hana G.",
        }
        assert answer.json["product"] == {it: mug[it] for it in ("id", "name", "slug")}
        assert answer.json["verified_purchase"] is False
        assert shop.visitor().get(f"/reviews/{answer.json['id']}").json == answer.json
        assert rating(shop, mug) == (4, 1)

    def test_names_nobody_by_their_address(self, shop: Shop, mug: Any) -> None:
        review = say(shop.customer("nameless"), mug)

        assert review["author"] is None

    def test_is_done_once_by_each(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        say(hana, mug)

        again = hana.post(f"/products/{mug['slug']}/reviews", {"rating": 1})

        assert problem(again) == (409, "already_reviewed")
        assert rating(shop, mug) == (5, 1)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"rating": 0}, "rating"),
            ({"rating": 6}, "rating"),
            ({"rating": 4.5}, "rating"),
            ({"rating": "5"}, "rating"),
            ({}, "rating"),
            ({"rating": 5, "title": "a\nb"}, "title"),
            ({"rating": 5, "comment": "x" * 5001}, "comment"),
            ({"rating": 5, "is_hidden": True}, "is_hidden"),
            ({"rating": 5, "verified_purchase": True}, "verified_purchase"),
        ],
    )
    def test_refuses_what_is_no_review(
        self, mug: Any, hana: Visitor, body: dict[str, Any], field: str
    ) -> None:
        answer = hana.post(f"/products/{mug['id']}/reviews", body)

        assert problem(answer) == (422, "validation_failed")
        assert list(answer.json["errors"]) == [field]

    @pytest.mark.parametrize("status", ["draft", "inactive", "discontinued"])
    def test_is_for_what_is_on_show(
        self, mug: Any, staff: Visitor, hana: Visitor, status: str
    ) -> None:
        staff.patch(f"/products/{mug['id']}", {"status": status})

        for product in (mug["id"], mug["slug"], "nothing-at-all"):
            answer = hana.post("/reviews", {"product_id": product, "rating": 5})
            assert problem(answer) == (404, "not_found")
            assert problem(hana.get(f"/products/{product}/reviews")) == (404, "not_found")

    def test_is_for_those_who_are_signed_in(self, shop: Shop, mug: Any) -> None:
        answer = shop.visitor().post("/reviews", {"product_id": mug["id"], "rating": 5})

        assert problem(answer) == (401, "unauthenticated")

    def test_is_told_to_whoever_listens(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        review = say(hana, mug, 3)

        event = shop.one("SELECT data FROM outbox WHERE name = 'review.created'").data
        assert event == {"review_id": review["id"], "product_id": mug["id"], "rating": 3}

    def test_is_found_by_its_stars_at_once(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        visitor = shop.visitor()
        assert visitor.get("/products?min_rating=4").json["count"] == 0

        say(hana, mug, 4)

        assert visitor.get("/products?min_rating=4").json["count"] == 1

    def test_costs_a_handful_of_statements(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        with shop.statements() as sent:
            say(hana, mug)

        assert len(sent) <= 8, sent


class TestPurchase:
    def order(self, shop: Shop, who: Visitor, product: Any) -> str:
        who.put_in(UUID(product["variants"][0]["id"]))
        order_id: str = who.check_out().json["id"]
        return order_id

    def settle(self, shop: Shop, order_id: str, status: str) -> None:
        """Say what has become of an order, and let follow what follows."""
        with shop.engine.begin() as db:
            db.exec_driver_sql(
                "UPDATE orders SET status = %(s)s WHERE id = %(o)s",
                {"s": status, "o": order_id},
            )
        with shop.container.work() as work:
            work.reviews.verify_purchases(UUID(order_id))

    def test_is_verified_once_the_order_is_confirmed(
        self, shop: Shop, mug: Any, hana: Visitor
    ) -> None:
        order_id = self.order(shop, hana, mug)
        review = say(hana, mug)
        assert review["verified_purchase"] is False

        self.settle(shop, order_id, "confirmed")
        assert hana.get(f"/reviews/{review['id']}").json["verified_purchase"] is True

        self.settle(shop, order_id, "cancelled")
        assert hana.get(f"/reviews/{review['id']}").json["verified_purchase"] is False

    def test_is_verified_at_once_where_it_came_first(
        self, shop: Shop, mug: Any, hana: Visitor
    ) -> None:
        self.settle(shop, self.order(shop, hana, mug), "delivered")

        review = say(hana, mug)
        say(shop.customer("eve"), mug)

        assert review["verified_purchase"] is True
        found = shop.visitor().get("/reviews?verified=true").json["results"]
        assert [it["id"] for it in found] == [review["id"]]

    def test_may_be_asked_of_everybody(
        self, shop: Shop, mug: Any, hana: Visitor, database_url: str
    ) -> None:
        strict = Shop(database_url, REVIEW_REQUIRES_PURCHASE="true")
        guest = strict.visitor(hana.token)
        body = {"product_id": mug["id"], "rating": 5}

        assert problem(guest.post("/reviews", body)) == (403, "purchase_required")

        self.settle(shop, self.order(shop, hana, mug), "confirmed")
        assert guest.post("/reviews", body).status_code == 201
        strict.close()


class TestChange:
    def test_is_for_its_author(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        review = say(hana, mug, 5, comment="It holds.")

        answer = hana.patch(f"/reviews/{review['id']}", {"rating": 2})

        assert answer.status_code == 200
        assert (answer.json["rating"], answer.json["comment"]) == (2, "It holds.")
        assert rating(shop, mug) == (2, 1)

    def test_is_for_nobody_else(self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor) -> None:
        path = f"/reviews/{say(hana, mug)['id']}"
        eve = shop.customer("eve")

        assert problem(eve.patch(path, {"rating": 1})) == (404, "not_found")
        assert problem(eve.delete(path)) == (404, "not_found")
        assert problem(hana.patch(path, {"is_hidden": True})) == (403, "forbidden")
        assert problem(staff.patch(path, {"rating": 1})) == (403, "forbidden")
        assert problem(hana.patch(path, {})) == (422, "validation_failed")
        assert rating(shop, mug) == (5, 1)

    def test_takes_it_away(self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor) -> None:
        mine, eves = say(hana, mug, 5), say(shop.customer("eve"), mug, 1)

        assert staff.delete(f"/reviews/{eves['id']}").status_code == 204
        assert rating(shop, mug) == (5, 1)
        assert hana.delete(f"/reviews/{mine['id']}").status_code == 204
        assert rating(shop, mug) == (None, 0)
        assert say(hana, mug, 3)["rating"] == 3


class TestModeration:
    def test_hides_it_from_all_but_its_author(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        path = f"/reviews/{say(hana, mug)['id']}"

        hidden = staff.patch(path, {"is_hidden": True})

        assert (hidden.status_code, hidden.json["is_hidden"]) == (200, True)
        assert rating(shop, mug) == (None, 0)
        for who, status in ((shop.visitor(), 404), (shop.customer("eve"), 404), (hana, 200)):
            assert who.get(path).status_code == status
            assert who.get("/reviews").json["count"] == (status == 200)

        staff.patch(path, {"is_hidden": False})
        assert rating(shop, mug) == (5, 1)
        assert shop.visitor().get(path).status_code == 200

    def test_outlasts_the_review_that_its_author_takes_away(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        hidden = say(hana, mug, 1)
        staff.patch(f"/reviews/{hidden['id']}", {"is_hidden": True})
        hana.delete(f"/reviews/{hidden['id']}")

        again = say(hana, mug, 1)

        assert again["is_hidden"] is True
        assert rating(shop, mug) == (None, 0)
        assert shop.visitor().get(f"/reviews/{again['id']}").status_code == 404
        assert hana.get(f"/reviews/{again['id']}").status_code == 200

    def test_outlasts_a_review_that_staff_take_away(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        staff.delete(f"/reviews/{say(hana, mug)['id']}")

        assert say(hana, mug)["is_hidden"] is True
        assert say(shop.customer("eve"), mug)["is_hidden"] is False

    def test_ends_once_the_new_one_is_shown(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        staff.delete(f"/reviews/{say(hana, mug)['id']}")
        shown = say(hana, mug, 4)
        staff.patch(f"/reviews/{shown['id']}", {"is_hidden": False})
        assert rating(shop, mug) == (4, 1)
        hana.delete(f"/reviews/{shown['id']}")

        assert say(hana, mug)["is_hidden"] is False

    def test_keeps_nothing_of_what_was_taken_away(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        staff.delete(f"/reviews/{say(hana, mug, comment='Call me at home.')['id']}")

        assert hana.get("/users/me/export").json["reviews"] == []
        assert set(shop.one("SELECT * FROM review_holds")._mapping) == {"author_id", "product_id"}

    def test_finds_what_waits_for_it(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        eve = shop.customer("eve")
        eves, hidden = say(eve, mug), say(hana, mug)
        staff.patch(f"/reviews/{hidden['id']}", {"is_hidden": True})

        def found(who: Visitor, query: str) -> list[str]:
            return [it["id"] for it in who.get(f"/reviews?{query}").json["results"]]

        assert [found(it, "hidden=true") for it in (staff, hana, eve)] == [
            [hidden["id"]],
            [hidden["id"]],
            [],
        ]
        assert found(staff, "hidden=false") == [eves["id"]]

    def test_is_written_down(self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor) -> None:
        review = say(hana, mug)

        staff.patch(f"/reviews/{review['id']}", {"is_hidden": True})

        deed = shop.one("SELECT * FROM audit_log WHERE entity = 'review'")
        assert (deed.action, str(deed.entity_id)) == ("review.changed", review["id"])
        assert deed.after["is_hidden"] is True


class TestHelpful:
    def test_counts_each_voter_once(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        path = f"/reviews/{say(hana, mug)['id']}"
        eve, abel = shop.customer("eve"), shop.customer("abel")

        counts = [who.call("PUT", f"{path}/helpful") for who in (eve, eve, abel)]

        assert [it.json["helpful_count"] for it in counts] == [1, 1, 2]
        assert eve.delete(f"{path}/helpful").status_code == 204
        assert eve.delete(f"{path}/helpful").status_code == 204
        assert eve.get(path).json["helpful_count"] == 1

    def test_is_not_for_ones_own(self, mug: Any, hana: Visitor) -> None:
        path = f"/reviews/{say(hana, mug)['id']}/helpful"

        assert problem(hana.call("PUT", path)) == (409, "own_review")

    def test_puts_the_most_helpful_first(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        eve = shop.customer("eve")
        first, second = say(hana, mug, 2), say(eve, mug, 4)
        eve.call("PUT", f"/reviews/{first['id']}/helpful")

        orders = ("", "-helpful", "rating", "-created_at", "created_at")
        found = {
            it: [review["id"] for review in eve.get(f"/reviews?ordering={it}").json["results"]]
            for it in orders
        }

        older, newer = [first["id"], second["id"]], [second["id"], first["id"]]
        assert found == dict(zip(orders, (newer, older, older, newer, older), strict=True))


class TestList:
    def test_finds_by_product_and_stars(self, shop: Shop, mug: Any, staff: Visitor) -> None:
        cup = make(staff, "Cup")
        eve, abel = shop.customer("eve"), shop.customer("abel")
        for who, product, stars in ((eve, mug, 5), (abel, mug, 2), (eve, cup, 2)):
            say(who, product, stars)

        def count(query: str) -> int:
            answer = shop.visitor().get(f"/reviews?{query}")
            assert answer.status_code == 200, answer.text
            found: int = answer.json["count"]
            return found

        assert [count(f"product={mug[it]}") for it in ("id", "slug")] == [2, 2]
        assert (count("rating=2"), count(f"product={mug['id']}&rating=2")) == (2, 1)
        assert (count("product=nothing"), count("verified=true"), count("verified=false")) == (
            0,
            0,
            3,
        )
        assert shop.visitor().get(f"/products/{cup['slug']}/reviews").json["count"] == 1

    @pytest.mark.parametrize("query", ["rating=9", "rating=x", "ordering=title", "page_size=101"])
    def test_refuses_what_it_does_not_know(self, shop: Shop, query: str) -> None:
        assert problem(shop.visitor().get(f"/reviews?{query}")) == (422, "validation_failed")

    def test_forgets_what_has_left_the_shop(
        self, shop: Shop, mug: Any, hana: Visitor, staff: Visitor
    ) -> None:
        review = say(hana, mug)
        staff.patch(f"/products/{mug['id']}", {"status": "inactive"})

        assert shop.visitor().get("/reviews").json["count"] == 0
        assert shop.visitor().get(f"/reviews/{review['id']}").status_code == 404
        assert hana.get(f"/reviews/{review['id']}").status_code == 200

    def test_is_read_in_one_statement_or_two(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        say(hana, mug)
        visitor = shop.visitor()

        for path, most in (
            (f"/products/{mug['id']}/reviews", 1),
            (f"/products/{mug['id']}/reviews?page_size=1&page=2", 3),
            (f"/reviews?product={mug['slug']}", 1),
            (f"/products/{mug['id']}/reviews/summary", 1),
        ):
            with shop.statements() as sent:
                assert visitor.get(path).status_code == 200
            assert len(sent) <= most, sent

    @pytest.mark.parametrize("ordering", ["", "-rating", "helpful", "rating,-created_at"])
    def test_is_walked_by_cursor(self, shop: Shop, mug: Any, ordering: str) -> None:
        for name, stars in (("abel", 3), ("dawit", 5), ("eve", 3)):
            say(shop.customer(name), mug, stars)
        path = f"/products/{mug['slug']}/reviews?ordering={ordering}"
        whole = [it["id"] for it in shop.visitor().get(path).json["results"]]

        walked, link = [], f"{path}&cursor=&page_size=1"
        while link:
            page = shop.visitor().get(link).json
            walked += [it["id"] for it in page["results"]]
            link = (page["next"] or "").partition("/api/v1")[2]

        assert walked == whole

    def test_sums_up_the_stars(self, shop: Shop, mug: Any, staff: Visitor) -> None:
        path = f"/products/{mug['slug']}/reviews/summary"
        assert shop.visitor().get(path).json["stars"] == dict.fromkeys("54321", 0)
        names = {"abel": 5, "dawit": 5, "eve": 4, "hana": 1}
        hidden = [say(shop.customer(name), mug, stars) for name, stars in names.items()][-1]
        staff.patch(f"/reviews/{hidden['id']}", {"is_hidden": True})

        assert shop.visitor().get(path).json == {
            "rating_average": 4.67,
            "rating_count": 3,
            "stars": {"5": 2, "4": 1, "3": 0, "2": 0, "1": 0},
        }
        assert problem(shop.visitor().get("/products/nothing/reviews/summary"))[0] == 404


class TestRush:
    """However many say, change and take back at once, the rating is that of what is left."""

    def people(self, start_work: StartWork, count: int) -> list[User]:
        people = [user(f"p{n}@example.com") for n in range(count)]
        with start_work() as work:
            for it in people:
                work.users.add(it)
        return people

    def test_of_twenty_is_counted_exactly(self, shop: Shop, mug: Any) -> None:
        store, clock = shop.container.work, shop.container.clock()
        write = WriteReview(store, clock, only_buyers=False)
        people = self.people(store, 20)

        def opine(at: int) -> None:
            write(author_id=people[at].id, product=mug["id"], rating=at % 5 + 1)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(opine, range(20)))

        assert rating(shop, mug) == (3, 20)

    def test_of_all_kinds_of_changes_drifts_by_nothing(self, shop: Shop, mug: Any) -> None:
        store, clock = shop.container.work, shop.container.clock()
        write = WriteReview(store, clock, only_buyers=False)
        change, remove = ChangeReview(store, clock), RemoveReview(store)
        people = self.people(store, 12)
        ids = [write(author_id=it.id, product=mug["id"], rating=5) for it in people]
        moderator = Reader(moderates=True)

        def churn(at: int) -> None:
            author = Reader(people[at].id)
            change(review_id=ids[at], changes={"rating": at % 5 + 1}, by=author)
            change(review_id=ids[at], changes={"is_hidden": at % 3 == 0}, by=moderator)
            if at % 4 == 1:
                remove(review_id=ids[at], by=author)
            with suppress(ZeroDivisionError), store() as work:
                work.reviews.lock_product(UUID(mug["id"]))
                raise ZeroDivisionError

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(churn, range(12)))

        left = [at % 5 + 1 for at in range(12) if at % 3 and at % 4 != 1]
        assert rating(shop, mug) == (round(sum(left) / len(left), 2), len(left))
        books = shop.container.books()
        assert not [it for it in books.names if "rating" in it and books.wrong(it)]


class TestWithdrawal:
    def test_leaves_the_review_and_names_nobody(self, shop: Shop, mug: Any, hana: Visitor) -> None:
        review = say(hana, mug, comment="It holds.")
        (held,) = hana.get("/users/me/export").json["reviews"]
        assert (held["comment"], held["rating"]) == ("It holds.", 5)

        assert hana.delete("/users/me").status_code == 204

        shown = shop.visitor().get(f"/reviews/{review['id']}").json
        assert (shown["author"], shown["comment"]) == (None, "It holds.")
        assert rating(shop, mug) == (5, 1)
