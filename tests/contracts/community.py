"""What every store of reviews, wishlists and alerts promises."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from nexus.application.catalog.products import CreateProduct, VariantDraft
from nexus.application.ports.community import Standing
from nexus.application.ports.work import StartWork
from nexus.domain.order_statuses import OrderStatus
from nexus.domain.reviews import AlreadyReviewed, Rating, Reader, Review, ReviewNotFound
from nexus.domain.shared import AlreadyExists, Money, Stale, new_id
from nexus.domain.stock_alerts import MOST_ALERTS, StockAlert
from nexus.domain.users import User
from nexus.domain.wishlists import Wish, Wishlist, WishlistNotFound, WishNotFound
from tests.goods import NOON, order_of, put_on_sale
from tests.people import user


class CommunityContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    @pytest.fixture
    def hana(self, store: StartWork) -> User:
        return self.person(store, "hana")

    @pytest.fixture
    def eve(self, store: StartWork) -> User:
        return self.person(store, "eve")

    def person(self, store: StartWork, name: str) -> User:
        person = user(f"{name}@example.com")
        with store() as work:
            work.users.add(person)
        return person

    def product_of(self, store: StartWork, variant_id: UUID) -> UUID:
        with store() as work:
            return work.products.for_sale([variant_id])[variant_id].product_id

    @pytest.fixture
    def mug(self, store: StartWork) -> UUID:
        """The variant of a product that has no other."""
        return put_on_sale(store)

    @pytest.fixture
    def product_id(self, store: StartWork, mug: UUID) -> UUID:
        return self.product_of(store, mug)


class ReviewsContract(CommunityContract):
    def say(self, store: StartWork, product_id: UUID, author: User, rating: int = 5) -> Review:
        review = Review.write(
            product_id, author.id, rating=rating, verified_purchase=False, at=NOON
        )
        with store() as work:
            work.reviews.add(review)
        return review

    def test_returns_a_review_as_it_was_said(
        self, store: StartWork, product_id: UUID, hana: User
    ) -> None:
        review = self.say(store, product_id, hana)

        with store() as work:
            assert work.reviews.by_id(review.id) == work.reviews.lock(review.id) == review

    def test_keeps_one_of_each_author(
        self, store: StartWork, product_id: UUID, hana: User, eve: User
    ) -> None:
        self.say(store, product_id, eve)
        self.say(store, product_id, hana)

        with pytest.raises(AlreadyReviewed):
            self.say(store, product_id, hana)

    def test_keeps_what_is_saved_and_refuses_what_is_stale(
        self, store: StartWork, product_id: UUID, hana: User
    ) -> None:
        stale = self.say(store, product_id, hana)
        with store() as work:
            changed = work.reviews.lock(stale.id)
            later = NOON + timedelta(hours=1)
            changed.change({"comment": "It broke."}, by=Reader(hana.id), at=later)
            work.reviews.save(changed)

        with store() as work:
            assert work.reviews.by_id(stale.id) == changed
        with pytest.raises(Stale), store() as work:
            work.reviews.save(stale)

    def test_forgets_what_is_removed(self, store: StartWork, product_id: UUID, hana: User) -> None:
        review = self.say(store, product_id, hana)
        with store() as work:
            work.reviews.vote(review.id, hana.id, at=NOON)
            work.reviews.remove(review)

        for read in ("by_id", "lock"):
            with store() as work, pytest.raises(ReviewNotFound):
                getattr(work.reviews, read)(review.id)

    def test_remembers_once_who_is_held_back(
        self, store: StartWork, product_id: UUID, hana: User, eve: User
    ) -> None:
        with store() as work:
            work.reviews.hold_back(hana.id, product_id)

        with store() as work:
            assert work.reviews.standing_of(eve.id, product_id) == Standing(False, False)
            assert work.reviews.standing_of(hana.id, product_id) == Standing(False, True)
        with store() as work:
            assert work.reviews.standing_of(hana.id, product_id) == Standing(False, False)

    def test_rates_by_what_is_not_hidden(
        self, store: StartWork, product_id: UUID, hana: User, eve: User
    ) -> None:
        with store() as work:
            assert work.reviews.rate(product_id) == Rating(None, 0)
        self.say(store, product_id, hana, 5)
        self.say(store, product_id, eve, 4)
        hidden = self.say(store, product_id, self.person(store, "abel"), 1)
        with store() as work:
            work.reviews.lock_product(product_id)
            hidden.change({"is_hidden": True}, by=Reader(moderates=True), at=NOON)
            work.reviews.save(hidden)

            assert work.reviews.rate(product_id) == Rating(4.5, 2)

    def test_follows_orders_with_the_marks_of_buyers(
        self, store: StartWork, mug: UUID, product_id: UUID, hana: User, eve: User
    ) -> None:
        mine, eves = (self.say(store, product_id, it) for it in (hana, eve))
        order = order_of(store, mug, customer_id=hana.id)
        with store() as work:
            work.orders.add(order)
        assert self.marks(store, order.id, mine, eves) == (False, False)

        with store() as work:
            order = work.orders.lock(order.id)
            order.paid(NOON)
            work.orders.save(order)
            assert work.reviews.standing_of(hana.id, product_id) == Standing(True, False)
            assert work.reviews.standing_of(eve.id, product_id) == Standing(False, False)
        assert self.marks(store, order.id, mine, eves) == (True, False)

        with store() as work:
            order.status = OrderStatus.CANCELLED
            work.orders.save(order)
        assert self.marks(store, order.id, mine, eves) == (False, False)

    def marks(self, store: StartWork, order_id: UUID, *reviews: Review) -> tuple[bool, ...]:
        with store() as work:
            work.reviews.verify_purchases(order_id)
        with store() as work:
            return tuple(work.reviews.by_id(it.id).verified_purchase for it in reviews)


class WishlistsContract(CommunityContract):
    def default(self, store: StartWork, owner: User) -> Wishlist:
        with store() as work:
            return work.wishlists.open(Wishlist.first(owner.id, at=NOON))

    def wish(self, kept: Wishlist, product_id: UUID, variant_id: UUID | None = None) -> Wish:
        return Wish(new_id(), kept.id, product_id, variant_id, "", NOON)

    def test_opens_one_default_list_of_each(self, store: StartWork, hana: User, eve: User) -> None:
        first = self.default(store, hana)

        assert self.default(store, hana) == first
        assert self.default(store, eve).id != first.id
        with store() as work:
            assert work.wishlists.lock(first.id, owner=hana.id) == first
            assert work.wishlists.count(hana.id) == 1
        with store() as work, pytest.raises(WishlistNotFound):
            work.wishlists.lock(first.id, owner=eve.id)

    def test_keeps_names_apart(self, store: StartWork, hana: User, eve: User) -> None:
        with store() as work:
            for owner, name in ((hana, "House"), (eve, "House"), (hana, "Garden")):
                work.wishlists.add(Wishlist.begin(owner.id, name, at=NOON))

        with pytest.raises(AlreadyExists), store() as work:
            work.wishlists.add(Wishlist.begin(hana.id, "house", at=NOON))

    def test_keeps_what_is_saved(self, store: StartWork, hana: User) -> None:
        kept = self.default(store, hana)
        key = new_id()
        with store() as work:
            kept.share(key)
            work.wishlists.save(kept)

        with store() as work:
            assert work.wishlists.lock(kept.id, owner=hana.id).share_key == key

    def test_has_each_wish_once(
        self, store: StartWork, hana: User, mug: UUID, product_id: UUID
    ) -> None:
        kept = self.default(store, hana)
        wishes = [self.wish(kept, product_id, it) for it in (None, mug, None, mug)]

        with store() as work:
            ids = [work.wishlists.put(it) for it in wishes]
            assert work.wishlists.count_wishes(kept.id) == 2

        assert ids == [wishes[0].id, wishes[1].id, wishes[0].id, wishes[1].id]

    def test_gives_a_wish_to_its_owner_once(
        self, store: StartWork, hana: User, eve: User, product_id: UUID
    ) -> None:
        wish = self.wish(self.default(store, hana), product_id)
        with store() as work:
            work.wishlists.put(wish)

        with store() as work, pytest.raises(WishNotFound):
            work.wishlists.take(wish.id, owner=eve.id)
        with store() as work:
            assert work.wishlists.take(wish.id, owner=hana.id) == wish
            with pytest.raises(WishNotFound):
                work.wishlists.take(wish.id, owner=hana.id)

    def test_forgets_a_list_with_all_that_is_on_it(
        self, store: StartWork, hana: User, product_id: UUID
    ) -> None:
        kept = self.default(store, hana)
        wish = self.wish(kept, product_id)
        with store() as work:
            work.wishlists.put(wish)
            work.wishlists.remove_all(hana.id)

        with store() as work:
            assert work.wishlists.count(hana.id) == work.wishlists.count_wishes(kept.id) == 0


class StockAlertsContract(CommunityContract):
    def wait(
        self,
        store: StartWork,
        product_id: UUID,
        variant_id: UUID | None = None,
        *,
        user_id: UUID | None = None,
        email: str | None = None,
    ) -> StockAlert:
        alert = StockAlert(new_id(), product_id, variant_id, NOON, user_id, email)
        with store() as work:
            work.stock_alerts.add(alert)
        return alert

    def take(self, store: StartWork, product_id: UUID, variant_id: UUID) -> list[StockAlert]:
        with store() as work:
            return work.stock_alerts.take(product_id, variant_id, limit=2)

    def test_gives_everyone_once_and_some_at_a_time(
        self, store: StartWork, mug: UUID, product_id: UUID, hana: User
    ) -> None:
        waiting = [
            self.wait(store, product_id, user_id=hana.id),
            self.wait(store, product_id, mug, email="guest@example.com"),
            self.wait(store, product_id, mug, user_id=hana.id),
        ]
        other = put_on_sale(store, name="Cup")

        assert self.take(store, self.product_of(store, other), other) == []
        taken = [self.take(store, product_id, mug) for _ in range(3)]

        assert [len(it) for it in taken] == [2, 1, 0]
        assert {it.id for some in taken for it in some} == {it.id for it in waiting}

    def test_knows_what_is_waited_for(
        self, store: StartWork, mug: UUID, product_id: UUID, hana: User
    ) -> None:
        cup_id = self.product_of(store, put_on_sale(store, name="Cup"))
        self.wait(store, product_id, mug, user_id=hana.id)

        with store() as work:
            assert work.stock_alerts.wait_for(product_id)
            assert not work.stock_alerts.wait_for(cup_id)

    def test_keeps_one_of_each(
        self, store: StartWork, mug: UUID, product_id: UUID, hana: User
    ) -> None:
        for _ in range(2):
            self.wait(store, product_id, mug, email="guest@example.com")
            self.wait(store, product_id, user_id=hana.id)

        assert len(self.take(store, product_id, mug)) == 2
        assert self.take(store, product_id, mug) == []

    def test_forgets_what_somebody_waits_for(
        self, store: StartWork, mug: UUID, product_id: UUID, hana: User
    ) -> None:
        cup = put_on_sale(store, name="Cup")
        cup_id = self.product_of(store, cup)
        kept = self.wait(store, product_id, email="guest@example.com")
        for variant_id in (mug, None):
            self.wait(store, product_id, variant_id, user_id=hana.id)
        self.wait(store, cup_id, user_id=hana.id)

        with store() as work:
            forget = work.stock_alerts.remove
            assert forget(user_id=hana.id, email=None, product=str(product_id)) == 2
            assert forget(user_id=hana.id, email=None, product="nothing") == 0
            assert forget(user_id=hana.id, email=None, product=None) == 1

        assert self.take(store, product_id, mug) == [kept]

    def test_forgets_guests_who_have_waited_long_and_nobody_else(
        self, store: StartWork, mug: UUID, product_id: UUID, hana: User
    ) -> None:
        kept = self.wait(store, product_id, user_id=hana.id)
        for name in ("abel", "dawit", "eve"):
            self.wait(store, product_id, email=f"{name}@example.com")

        def forget(before: datetime) -> int:
            with store() as work:
                return work.stock_alerts.forget_guests(before, limit=2)

        later = NOON + timedelta(seconds=1)
        assert [forget(it) for it in (NOON, later, later, later)] == [0, 2, 1, 0]
        assert self.take(store, product_id, mug) == [kept]

    def test_lets_nobody_wait_for_everything(self, store: StartWork) -> None:
        drafts = [VariantDraft(options={"size": str(n)}) for n in range(MOST_ALERTS)]
        create = CreateProduct(store, lambda: NOON, 5)
        facts = {"name": "Shirt", "price": Money(100_00)}
        shirt = create(facts=facts, categories={}, variants=drafts)
        with store() as work:
            sizes = [it.variant_id for it in work.products.sold_variants_of(str(shirt))]
        for size in sizes:
            self.wait(store, shirt, size, email="guest@example.com")

        self.wait(store, shirt, email="guest@example.com")
        self.wait(store, shirt, email="other@example.com")

        waiting = {(it.email, it.variant_id) for it in self.take(store, shirt, sizes[0])}
        assert waiting == {("guest@example.com", sizes[0]), ("other@example.com", None)}
