from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from nexus.adapters.sql.stock_alerts import SqlStockAlerts
from nexus.application.ports.work import StartWork
from nexus.domain.reviews import Review
from nexus.domain.shared import Stale, new_id
from nexus.domain.users import User
from tests.contracts.community import ReviewsContract, StockAlertsContract, WishlistsContract
from tests.goods import NOON
from tests.integration.shop import Shop


class InPostgres:
    @pytest.fixture
    def store(self, shop: Shop) -> StartWork:
        return shop.container.work


class TestSqlReviews(InPostgres, ReviewsContract):
    def test_refuses_what_is_said_of_nothing(self, store: StartWork, hana: User) -> None:
        gone = Review.write(new_id(), hana.id, rating=5, verified_purchase=False, at=NOON)

        with pytest.raises(Stale), store() as work:
            work.reviews.add(gone)
        with pytest.raises(Stale), store() as work:
            work.reviews.vote(gone.id, hana.id, at=NOON)


class TestSqlWishlists(InPostgres, WishlistsContract):
    def test_refuses_a_wish_for_nothing(
        self, store: StartWork, hana: User, product_id: UUID
    ) -> None:
        kept = self.default(store, hana)

        for wish in (self.wish(kept, new_id()), self.wish(kept, product_id, new_id())):
            with pytest.raises(Stale), store() as work:
                work.wishlists.put(wish)

    def test_opens_one_however_many_do_at_once(self, store: StartWork, hana: User) -> None:
        with ThreadPoolExecutor(6) as pool:
            opened = list(pool.map(lambda _: self.default(store, hana).id, range(6)))

        assert len(set(opened)) == 1


class TestSqlStockAlerts(InPostgres, StockAlertsContract):
    def test_gives_no_more_than_is_asked_for_however_they_are_looked_up(
        self, shop: Shop, store: StartWork, mug: UUID, product_id: UUID
    ) -> None:
        crowd = text(
            "INSERT INTO stock_alerts (id, product_id, email, locale, created_at)"
            " SELECT gen_random_uuid(), :p, 'p' || n || '@example.com', 'en', now()"
            " FROM generate_series(1, 47) n"
        )
        with shop.engine.begin() as db:
            db.execute(crowd, {"p": product_id})
            for way in ("hashagg", "hashjoin", "indexscan", "bitmapscan", "material", "mergejoin"):
                db.execute(text(f"SET LOCAL enable_{way} = off"))

            taken = [SqlStockAlerts(db, []).take(product_id, mug, limit=20) for _ in range(3)]

        assert [len(it) for it in taken] == [20, 20, 7]

    def test_refuses_to_wait_for_nothing(self, store: StartWork, hana: User) -> None:
        with pytest.raises(Stale):
            self.wait(store, new_id(), user_id=hana.id)
