"""Keeping in mind what one would like to have, showing it to others, and buying it."""

from dataclasses import dataclass
from uuid import UUID

from nexus.application.carts import AddToCart
from nexus.application.ports.security import Seals
from nexus.application.ports.shopping import CartOwner
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.catalog import VariantNotFound
from nexus.domain.shared import new_id
from nexus.domain.wishlists import (
    MOST_LISTS,
    MOST_WISHES,
    Wish,
    Wishlist,
    WishlistNotFound,
    too_many_lists,
    too_many_wishes,
)

PURPOSE = "wishlist"


@dataclass(frozen=True)
class MakeWish:
    """Put a product, or a variant of one, on a list: on the default one where none is named.

    Raise ProductNotFound, VariantNotFound, WishlistNotFound.
    """

    start_work: StartWork
    now: Clock

    def __call__(
        self,
        *,
        customer_id: UUID,
        list_id: UUID | None = None,
        product: str | None = None,
        variant_id: UUID | None = None,
        note: str = "",
    ) -> tuple[UUID, bool]:
        """Return the id of the item, and whether it is a new one."""
        with self.start_work() as work:
            product_id = wished_for(work, product, variant_id)
            kept = list_of(work, customer_id, list_id, now=self.now)
            wish = Wish(new_id(), kept.id, product_id, variant_id, note, self.now())
            item_id = work.wishlists.put(wish)
            if item_id == wish.id and work.wishlists.count_wishes(kept.id) > MOST_WISHES:
                raise too_many_wishes()
            return item_id, item_id == wish.id


@dataclass(frozen=True)
class ForgetWish:
    """Take something off a list; raise WishNotFound."""

    start_work: StartWork

    def __call__(self, *, customer_id: UUID, item_id: UUID) -> None:
        with self.start_work() as work:
            work.wishlists.take(item_id, owner=customer_id)


@dataclass(frozen=True)
class MoveToCart:
    """Put something from a list into the cart; whatever the cart refuses stays on the list."""

    start_work: StartWork
    add_to_cart: AddToCart

    def __call__(
        self, *, customer_id: UUID, item_id: UUID, quantity: int, variant_id: UUID | None = None
    ) -> None:
        with self.start_work() as work:
            wish = work.wishlists.take(item_id, owner=customer_id)
            if variant_id and not is_of(work, wish.product_id, variant_id):
                raise VariantNotFound(variant_id)
            self.add_to_cart.within(
                work,
                owner=CartOwner(customer_id),
                quantity=quantity,
                variant_id=variant_id or wish.variant_id,
                product=str(wish.product_id),
            )


@dataclass(frozen=True)
class BeginWishlist:
    """Begin another list, beside the default one; raise AlreadyExists."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, customer_id: UUID, name: str) -> UUID:
        with self.start_work() as work:
            # Whoever holds the default list is the only one to count the others.
            list_of(work, customer_id, None, now=self.now)
            if work.wishlists.count(customer_id) >= MOST_LISTS:
                raise too_many_lists()
            wishlist = Wishlist.begin(customer_id, name, at=self.now())
            work.wishlists.add(wishlist)
            return wishlist.id


@dataclass(frozen=True)
class RenameWishlist:
    """Call a list something else; raise AlreadyExists."""

    start_work: StartWork

    def __call__(self, *, customer_id: UUID, list_id: UUID, name: str) -> None:
        with self.start_work() as work:
            wishlist = work.wishlists.lock(list_id, owner=customer_id)
            wishlist.name = name
            work.wishlists.save(wishlist)


@dataclass(frozen=True)
class RemoveWishlist:
    """Remove a list with all that is on it; raise DefaultWishlist."""

    start_work: StartWork

    def __call__(self, *, customer_id: UUID, list_id: UUID) -> None:
        with self.start_work() as work:
            wishlist = work.wishlists.lock(list_id, owner=customer_id)
            wishlist.require_removable()
            work.wishlists.remove(wishlist)


@dataclass(frozen=True)
class ShareWishlist:
    """Let whoever is given the word read a list."""

    start_work: StartWork

    def __call__(self, *, customer_id: UUID, list_id: UUID) -> UUID:
        """Return the key that the word is made of; asked again, the same."""
        with self.start_work() as work:
            wishlist = work.wishlists.lock(list_id, owner=customer_id)
            key = new_id()
            wishlist.share(key)
            work.wishlists.save(wishlist)
            return wishlist.share_key or key


@dataclass(frozen=True)
class KeepWishlistPrivate:
    """Take back every word that opens a list."""

    start_work: StartWork

    def __call__(self, *, customer_id: UUID, list_id: UUID) -> None:
        with self.start_work() as work:
            wishlist = work.wishlists.lock(list_id, owner=customer_id)
            wishlist.keep_private()
            work.wishlists.save(wishlist)


@dataclass(frozen=True)
class SharedWords:
    """Words that open a list to whoever was given them, and are made by nobody else."""

    seals: Seals

    def for_list(self, share_key: UUID) -> str:
        return self.seals.seal(PURPOSE, share_key.hex)

    def list_of(self, token: str) -> UUID:
        """Return the share key that the word was made of; raise WishlistNotFound."""
        if key := self.seals.open(PURPOSE, token):
            return UUID(key)
        raise WishlistNotFound


def list_of(work: Work, customer_id: UUID, list_id: UUID | None, *, now: Clock) -> Wishlist:
    """Return the list that is named, locked, or the default one, which everybody has."""
    if list_id:
        return work.wishlists.lock(list_id, owner=customer_id)
    return work.wishlists.open(Wishlist.first(customer_id, at=now()))


def wished_for(work: Work, product: str | None, variant_id: UUID | None) -> UUID:
    """Return the product that is meant; what is not in the shop nobody can wish for."""
    if variant_id is None:
        return work.products.on_show(product or "")
    goods = work.products.for_sale([variant_id]).get(variant_id)
    if goods is None or not goods.is_sold:
        raise VariantNotFound(variant_id)
    return goods.product_id


def is_of(work: Work, product_id: UUID, variant_id: UUID) -> bool:
    goods = work.products.for_sale([variant_id]).get(variant_id)
    return goods is not None and goods.product_id == product_id
