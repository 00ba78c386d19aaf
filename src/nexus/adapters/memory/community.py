from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from uuid import UUID

from nexus.adapters.memory.tables import MemoryTable, Tables
from nexus.application.ports.community import Standing
from nexus.domain.catalog import Product
from nexus.domain.order_statuses import BOUGHT
from nexus.domain.orders import Order
from nexus.domain.reviews import AlreadyReviewed, Rating, Review, ReviewNotFound
from nexus.domain.shared import Aggregate, AlreadyExists
from nexus.domain.stock_alerts import MOST_ALERTS, StockAlert
from nexus.domain.wishlists import Wish, Wishlist, WishlistNotFound, WishNotFound


@dataclass
class Vote(Aggregate):
    voted_at: datetime


@dataclass
class Hold(Aggregate):
    """There is nothing to it but its key."""


class MemoryReviews:
    def __init__(self, tables: Tables) -> None:
        self._reviews: MemoryTable[Review] = tables.table("reviews")
        self._votes: MemoryTable[Vote] = tables.table("review_votes")
        self._holds: MemoryTable[Hold] = tables.table("review_holds")
        self._orders: MemoryTable[Order] = tables.table("orders")

    def lock_product(self, product_id: UUID) -> None:
        """Nobody else is here."""

    def add(self, review: Review) -> None:
        slot = (review.product_id, review.author_id)
        if self._reviews.first(lambda it: (it.product_id, it.author_id) == slot):
            raise AlreadyReviewed
        self._reviews.insert(review.id, review)

    def save(self, review: Review) -> None:
        self._reviews.update(review.id, review)

    def remove(self, review: Review) -> None:
        self._reviews.delete(review.id)

    def by_id(self, review_id: UUID) -> Review:
        if review := self._reviews.get(review_id):
            return review
        raise ReviewNotFound(review_id)

    def lock(self, review_id: UUID) -> Review:
        return self.by_id(review_id)

    def hold_back(self, author_id: UUID, product_id: UUID) -> None:
        self._holds.insert((author_id, product_id), Hold())

    def rate(self, product_id: UUID) -> Rating:
        shown = self._reviews.where(lambda it: it.product_id == product_id and not it.is_hidden)
        stars = [it.rating for it in shown]
        return Rating(round(fmean(stars), 2) if stars else None, len(stars))

    def standing_of(self, author_id: UUID, product_id: UUID) -> Standing:
        held = self._holds.get((author_id, product_id)) is not None
        if held:
            self._holds.delete((author_id, product_id))
        return Standing(self._has_bought(author_id, product_id), held)

    def _has_bought(self, customer_id: UUID, product_id: UUID) -> bool:
        theirs = self._orders.where(lambda it: it.customer_id == customer_id)
        kept = [it for it in theirs if it.status in BOUGHT]
        return any(line.product_id == product_id for it in kept for line in it.lines)

    def verify_purchases(self, order_id: UUID) -> None:
        order = self._orders.get(order_id)
        held = {line.product_id for line in order.lines} if order else set()
        buyer = order and order.customer_id
        for it in self._reviews.where(lambda it: it.author_id == buyer and it.product_id in held):
            it.verified_purchase = self._has_bought(it.author_id, it.product_id)
            self._reviews.insert(it.id, it)

    def vote(self, review_id: UUID, voter_id: UUID, *, at: datetime) -> None:
        self._votes.insert((review_id, voter_id), Vote(at))

    def take_vote_back(self, review_id: UUID, voter_id: UUID) -> None:
        if self._votes.get((review_id, voter_id)):
            self._votes.delete((review_id, voter_id))


@dataclass
class KeptWish(Aggregate):
    wish: Wish


class MemoryWishlists:
    def __init__(self, tables: Tables) -> None:
        self._lists: MemoryTable[Wishlist] = tables.table("wishlists")
        self._wishes: MemoryTable[KeptWish] = tables.table("wishes")

    def open(self, wishlist: Wishlist) -> Wishlist:
        owner = wishlist.customer_id
        found = self._lists.first(lambda it: it.customer_id == owner and it.is_default)
        if found is None:
            self.add(wishlist)
        return found or wishlist

    def add(self, wishlist: Wishlist) -> None:
        self._check(wishlist)
        self._lists.insert(wishlist.id, wishlist)

    def save(self, wishlist: Wishlist) -> None:
        self._check(wishlist)
        self._lists.update(wishlist.id, wishlist)

    def _check(self, wishlist: Wishlist) -> None:
        slot = (wishlist.customer_id, wishlist.name.lower())
        others = self._lists.where(lambda it: it.id != wishlist.id)
        if any((it.customer_id, it.name.lower()) == slot for it in others):
            raise AlreadyExists("name")

    def remove(self, wishlist: Wishlist) -> None:
        self._lists.delete(wishlist.id)
        for it in self._wishes.where(lambda it: it.wish.wishlist_id == wishlist.id):
            self._wishes.delete(it.wish.id)

    def remove_all(self, owner: UUID) -> None:
        for it in self._lists.where(lambda it: it.customer_id == owner):
            self.remove(it)

    def lock(self, list_id: UUID, *, owner: UUID) -> Wishlist:
        found = self._lists.get(list_id)
        if found is None or found.customer_id != owner:
            raise WishlistNotFound
        return found

    def count(self, owner: UUID) -> int:
        return len(self._lists.where(lambda it: it.customer_id == owner))

    def count_wishes(self, list_id: UUID) -> int:
        return len(self._wishes.where(lambda it: it.wish.wishlist_id == list_id))

    def put(self, wish: Wish) -> UUID:
        slot = (wish.wishlist_id, wish.product_id, wish.variant_id)
        like = self._wishes.first(
            lambda it: (it.wish.wishlist_id, it.wish.product_id, it.wish.variant_id) == slot
        )
        if like is None:
            self._wishes.insert(wish.id, KeptWish(wish))
        return like.wish.id if like else wish.id

    def take(self, item_id: UUID, *, owner: UUID) -> Wish:
        kept = self._wishes.get(item_id)
        mine = self._lists.where(lambda it: it.customer_id == owner)
        if kept is None or kept.wish.wishlist_id not in {it.id for it in mine}:
            raise WishNotFound(item_id)
        self._wishes.delete(item_id)
        return kept.wish


class MemoryStockAlerts:
    def __init__(self, tables: Tables) -> None:
        self._alerts: MemoryTable[StockAlert] = tables.table("stock_alerts")
        self._products: MemoryTable[Product] = tables.table("products")

    def add(self, alert: StockAlert) -> None:
        theirs = self._of(alert.user_id, alert.email)
        slots = {(it.product_id, it.variant_id) for it in theirs}
        if (alert.product_id, alert.variant_id) not in slots and len(theirs) < MOST_ALERTS:
            self._alerts.insert(alert.id, alert)

    def remove(self, *, user_id: UUID | None, email: str | None, product: str | None) -> int:
        named = self._products.where(lambda it: product in (str(it.id), it.facts.slug))
        ids = {it.id for it in named}
        ended = [it for it in self._of(user_id, email) if not product or it.product_id in ids]
        for it in ended:
            self._alerts.delete(it.id)
        return len(ended)

    def _of(self, user_id: UUID | None, email: str | None) -> list[StockAlert]:
        return self._alerts.where(lambda it: (it.user_id, it.email) == (user_id, email))

    def wait_for(self, product_id: UUID) -> bool:
        return self._alerts.first(lambda it: it.product_id == product_id) is not None

    def take(self, product_id: UUID, variant_id: UUID, *, limit: int) -> list[StockAlert]:
        waiting = self._alerts.where(
            lambda it: it.product_id == product_id and it.variant_id in (None, variant_id)
        )
        taken = sorted(waiting, key=lambda it: it.id)[:limit]
        for it in taken:
            self._alerts.delete(it.id)
        return taken

    def forget_guests(self, before: datetime, *, limit: int) -> int:
        old = self._alerts.where(lambda it: it.user_id is None and it.created_at < before)
        for it in old[:limit]:
            self._alerts.delete(it.id)
        return len(old[:limit])
