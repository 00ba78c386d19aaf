import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from nexus.application.ports.work import StartWork
from nexus.domain.shared import new_id
from tests.contracts.recommendations import Seen, ViewsContract
from tests.integration.shop import Shop


class TestSqlViews(ViewsContract):
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work

    @pytest.fixture
    def hana(self, shop: Shop) -> UUID:
        ensure = shop.container.ensure_customer()
        return ensure(email="hana@example.com", password="three-cups-of-buna")

    @pytest.fixture
    def seen(self, shop: Shop) -> Seen:
        queries = shop.container.recommendation_queries()
        return lambda user_id: [
            UUID(json.loads(it.document)["id"]) for it in queries.viewed_by(user_id)
        ]


class TestBoughtTogether:
    """Orders that were confirmed are counted once, in whatever batches."""

    def bought(self, shop: Shop, *variants: UUID, minutes_ago: int = 5) -> None:
        hana = shop.visitor()
        token = hana.put_in(variants[0]).json["token"]
        for variant in variants[1:]:
            body = {"variant_id": str(variant), "quantity": 1}
            hana.post("/cart/items", body, X_Cart_Token=token)
        answer = hana.check_out({"email": "hana@example.com"}, X_Cart_Token=token)
        assert answer.status_code == 201, answer.text
        at = shop.container.clock()() - timedelta(minutes=minutes_ago)
        with shop.engine.begin() as db:
            told = {"at": at, "id": answer.json["id"]}
            db.execute(text("UPDATE orders SET confirmed_at = :at WHERE id = :id"), told)

    def times(self, shop: Shop) -> dict[tuple[UUID, UUID], int]:
        with shop.engine.connect() as db:
            rows = db.execute(text("SELECT product_id, other_id, times FROM bought_together"))
            return {(row.product_id, row.other_id): row.times for row in rows}

    def product_of(self, shop: Shop, variant_id: UUID) -> UUID:
        found = shop.one("SELECT product_id FROM variants WHERE id = :v", v=variant_id)
        return UUID(str(found[0]))

    def test_counts_each_order_once(self, shop: Shop) -> None:
        mug, cup, pot = (shop.sell(it) for it in ("Mug", "Cup", "Pot"))
        a, b, c = (self.product_of(shop, it) for it in (mug, cup, pot))
        count = shop.container.count_bought_together()
        self.bought(shop, mug, cup)
        self.bought(shop, mug, cup, pot)
        self.bought(shop, pot)

        for _ in range(2):
            count()
        self.bought(shop, cup, mug, minutes_ago=2)
        count()

        assert self.times(shop) == {
            **dict.fromkeys([(a, b), (b, a)], 3),
            **dict.fromkeys([(a, c), (c, a), (b, c), (c, b)], 1),
        }

    def test_leaves_out_what_is_not_confirmed_or_has_only_just_been(self, shop: Shop) -> None:
        mug, cup = (shop.sell(it) for it in ("Mug", "Cup"))
        self.bought(shop, mug, cup, minutes_ago=0)

        shop.container.count_bought_together()()

        assert self.times(shop) == {}

    def test_goes_on_in_batches(self, shop: Shop) -> None:
        mug, cup = (shop.sell(it) for it in ("Mug", "Cup"))
        for _ in range(3):
            self.bought(shop, mug, cup)
        pairs, until = shop.container.bought_together(), shop.container.clock()()

        counted = [pairs.count(until=until, most=2) for _ in range(3)]

        assert counted == [2, 1, 0]
        assert set(self.times(shop).values()) == {3}

    def test_reads_what_was_bought_with_one_from_an_index(self, shop: Shop) -> None:
        query = (
            "EXPLAIN SELECT other_id FROM bought_together WHERE product_id = :id"
            " ORDER BY times DESC, other_id DESC LIMIT 12"
        )
        with shop.engine.begin() as db:
            db.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"))
            plan = "\n".join(db.execute(text(query), {"id": new_id()}).scalars())

        assert "ix_bought_together_times" in plan
        assert "Sort" not in plan
