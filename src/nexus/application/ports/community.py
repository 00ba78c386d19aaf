"""What shoppers say, wish and wait for: how it is kept, and asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.reviews import Rating, Reader, Review
from nexus.domain.shared import Money
from nexus.domain.stock_alerts import StockAlert
from nexus.domain.wishlists import Wish, Wishlist


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a product of which they are about to say something.

    They have bought it if an order that holds it is confirmed, or further; if they are held back,
    what they say waits for moderators.
    """

    has_bought: bool
    is_held_back: bool


class Reviews(Protocol):
    def lock_product(self, product_id: UUID) -> None:
        """Keep others from writing reviews of a product until this work ends.

        It comes before whatever changes one, so that the rating is made of what there is.
        """

    def add(self, review: Review) -> None:
        """Raise AlreadyReviewed."""

    def save(self, review: Review) -> None: ...
    def remove(self, review: Review) -> None: ...

    def by_id(self, review_id: UUID) -> Review:
        """Raise ReviewNotFound."""

    def lock(self, review_id: UUID) -> Review:
        """Return it with its product locked; raise ReviewNotFound."""

    def hold_back(self, author_id: UUID, product_id: UUID) -> None:
        """Remember that what they say next of the product waits for moderators."""

    def rate(self, product_id: UUID) -> Rating:
        """Make the product's rating anew of the reviews that are not hidden."""

    def standing_of(self, author_id: UUID, product_id: UUID) -> Standing:
        """Tell how they stand to the product; a hold is remembered no longer."""

    def verify_purchases(self, order_id: UUID) -> None:
        """Say again, of the buyer's reviews of what the order holds, whether they bought it."""

    def vote(self, review_id: UUID, voter_id: UUID, *, at: datetime) -> None:
        """Count a vote, once; raise ReviewNotFound."""

    def take_vote_back(self, review_id: UUID, voter_id: UUID) -> None: ...


class Wishlists(Protocol):
    def open(self, wishlist: Wishlist) -> Wishlist:
        """Keep this default list unless its owner has one; return the owner's, locked."""

    def add(self, wishlist: Wishlist) -> None:
        """Raise AlreadyExists for a name that the owner has a list of."""

    def save(self, wishlist: Wishlist) -> None: ...
    def remove(self, wishlist: Wishlist) -> None: ...
    def remove_all(self, owner: UUID) -> None: ...

    def lock(self, list_id: UUID, *, owner: UUID) -> Wishlist:
        """Return it, kept from other work; raise WishlistNotFound."""

    def count(self, owner: UUID) -> int: ...
    def count_wishes(self, list_id: UUID) -> int: ...

    def put(self, wish: Wish) -> UUID:
        """Keep it unless the list has the like already; return the id of the one it has."""

    def take(self, item_id: UUID, *, owner: UUID) -> Wish:
        """Remove it and return what it was; raise WishNotFound."""


class StockAlerts(Protocol):
    def add(self, alert: StockAlert) -> None:
        """Keep it unless there is the same already, or its owner waits for too many things."""

    def remove(self, *, user_id: UUID | None, email: str | None, product: str | None) -> int:
        """Forget what somebody waits for, all of it or of one product; return how much."""

    def wait_for(self, product_id: UUID) -> bool:
        """Tell whether anybody waits for a product, or for a variant of it."""

    def take(self, product_id: UUID, variant_id: UUID, *, limit: int) -> list[StockAlert]:
        """Remove and return some of those who wait for this; two works never get the same."""

    def forget_guests(self, before: datetime, *, limit: int) -> int:
        """Forget at most so many of the guests who wait since then; return how many."""


@dataclass(frozen=True, slots=True)
class NamedProduct:
    id: UUID
    name: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReview:
    """`author` is a first name and a letter, or None where nobody is named."""

    id: UUID
    product_id: UUID
    product: NamedProduct
    rating: int
    title: str
    comment: str
    author: str | None
    verified_purchase: bool
    helpful_count: int
    is_hidden: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """How many reviews give each number of stars, from 5 to 1."""

    rating_average: float | None
    rating_count: int
    stars: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What is looked for; None asks for nothing. The product is named by id or slug."""

    product: str | None = None
    rating: int | None = None
    verified: bool | None = None
    hidden: bool | None = None
    ordering: tuple[str, ...] = ()


REVIEW_KEYS = frozenset({"created_at", "rating", "helpful"})


class ReviewQueries(Protocol):
    """Reviews of what is for sale, as far as the reader may see them."""

    def reviews(
        self, wanted: PageWanted, which: ReviewFilter, reader: Reader
    ) -> Page[ShownReview]: ...

    def reviews_of(
        self, key: str, wanted: PageWanted, which: ReviewFilter, reader: Reader
    ) -> Page[ShownReview]:
        """Raise ProductNotFound where `reviews` finds nothing."""

    def review(self, review_id: UUID, reader: Reader) -> ShownReview:
        """Raise ReviewNotFound."""

    def summary(self, key: str) -> RatingSummary:
        """Raise ProductNotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedProduct:
    """A product as a list shows it: at the price, and as far in stock, as what is wished of it."""

    id: UUID
    name: str
    slug: str
    short_description: str
    price: Money
    compare_at_price: Money | None
    currency: str
    on_sale: bool
    main_image_url: str | None
    main_image_thumbnail_url: str | None
    rating_average: float | None
    rating_count: int
    in_stock: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWish:
    """`available` says whether it is in the shop, whatever there is of it."""

    id: UUID
    product_id: UUID
    product: WishedProduct
    variant_id: UUID | None
    available: bool
    note: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWishlist:
    id: UUID
    name: str
    is_default: bool
    item_count: int
    share_key: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SharedWishlist:
    id: UUID
    name: str


class WishlistQueries(Protocol):
    def wishes(self, owner: UUID, list_id: UUID | None, wanted: PageWanted) -> Page[ShownWish]:
        """Return a page of a list, of the default one where none is named; the latest first.

        Raise WishlistNotFound.
        """

    def wish(self, item_id: UUID, owner: UUID) -> ShownWish:
        """Raise WishNotFound."""

    def lists(self, owner: UUID) -> Sequence[ShownWishlist]:
        """Return the owner's, the default one first."""

    def shared(self, share_key: UUID) -> SharedWishlist:
        """Raise WishlistNotFound."""

    def shared_wishes(self, list_id: UUID, wanted: PageWanted) -> Page[ShownWish]: ...
