"""What is shown, and what is sold: how it is kept, and asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import Product, ProductStatus, Variant
from nexus.domain.categories import Category
from nexus.domain.shared import Money


class Categories(Protocol):
    """A `key` is an id or a slug, as text; one that names nothing raises CategoryNotFound."""

    def add(self, category: Category) -> None: ...
    def save(self, category: Category) -> None: ...

    def remove(self, category: Category) -> None:
        """Raise CategoryNotEmpty while anything is in it."""

    def lock_tree(self) -> None:
        """Keep the shape of the tree from others until this work ends."""

    def by_key(self, key: str) -> Category: ...
    def rebase(self, before: str, after: str) -> None:
        """Rewrite every path below one that has changed."""

    def empty_into(self, category: Category, other: Category) -> None:
        """Hang what lies directly in one category into the other."""

    def ids_of(self, keys: Collection[str]) -> dict[str, UUID]: ...
    def taken_slugs(self, slug: str) -> set[str]:
        """Return the slugs that are this one, or this one and more."""


@dataclass(frozen=True, slots=True)
class ForSale:
    """A variant as a cart needs it; `category_ids` holds the categories above its own too.

    `image` is the path of the product's main image.
    """

    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    product_slug: str
    options: Mapping[str, str]
    price: Money
    available: int
    is_sold: bool
    category_ids: frozenset[UUID]
    image: str | None
    is_digital: bool

    @property
    def buyable(self) -> int:
        """How many can be bought: none of what is not sold now."""
        return self.available if self.is_sold else 0


class Products(Protocol):
    """What is saved together is written together, however much it is."""

    def add(self, product: Product, variants: Sequence[Variant]) -> None: ...
    def save(self, product: Product) -> None: ...
    def save_all(self, products: Sequence[Product]) -> None: ...
    def remove(self, product: Product) -> None: ...

    def lock(self, key: str) -> Product:
        """Return it by id or slug, kept from other work; raise ProductNotFound."""

    def lock_all(self, product_ids: Collection[UUID]) -> list[Product]:
        """Return those that there are, kept from other work."""

    def lock_turning(self, at: datetime, *, most: int) -> list[tuple[Product, list[Variant]]]:
        """Return products with a price that is to turn by then, and such variants of theirs.

        They are kept from other work; those that other work has are left out.
        """

    def on_show(self, key: str) -> UUID:
        """Return the id of an active product; raise ProductNotFound."""

    def taken_slugs(self, slug: str) -> set[str]: ...
    def slugs_like(self, slugs: Collection[str]) -> set[str]:
        """Return which of these are taken, and those that count on from such."""

    def add_all(
        self, made: Sequence[tuple[Product, Sequence[Variant]]], more: Sequence[Variant]
    ) -> None:
        """Add products with their variants, and more variants of products that are there."""

    def of_skus(self, skus: Collection[str]) -> set[UUID]:
        """Return the ids of the products that any of these are of."""

    def add_variants(self, variants: Sequence[Variant]) -> None: ...
    def save_variants(self, variants: Sequence[Variant]) -> None: ...
    def remove_variants(self, variants: Sequence[Variant]) -> None: ...

    def lock_variant(self, variant_id: UUID) -> tuple[Product, Variant]:
        """Return it and its product, kept from other work; raise VariantNotFound."""

    def count_variants(self, product_id: UUID) -> int: ...
    def only_variant(self, product_id: UUID) -> Variant | None: ...
    def variants_of(self, product_ids: Collection[UUID]) -> list[Variant]:
        """Return what the products are sold as, in order."""

    def priced_variants_of(self, product_ids: Collection[UUID]) -> list[Variant]:
        """Return those that have a price of their own."""

    def known(self, product_ids: Collection[UUID]) -> set[UUID]: ...

    def ordered_of(self, product_ids: Collection[UUID]) -> set[UUID]:
        """Return the variants of these that any order, whatever became of it, has held."""

    def for_sale(self, variant_ids: Collection[UUID]) -> dict[UUID, ForSale]:
        """Return those that there are, sold at the moment or not."""

    def sold_variants_of(self, key: str) -> list[ForSale]:
        """Return what can be bought of an active product, in order; nothing for any other."""


@dataclass(frozen=True, slots=True)
class ListedCategory:
    """Each `document` is the JSON that the contract promises, ready to be sent."""

    id: UUID
    slug: str
    parent_id: UUID | None
    version: int
    document: str


@dataclass(frozen=True, slots=True)
class ListedProduct:
    document: str


@dataclass(frozen=True, slots=True)
class ShownProduct:
    id: UUID
    version: int
    document: str


@dataclass(frozen=True, slots=True)
class ShownVariant:
    id: UUID
    version: int
    document: str


@dataclass(frozen=True, slots=True)
class Members:
    """What is in a collection: what was chosen for it, or what fits all or any of the filters.

    Without either there is nothing in it.
    """

    chosen: UUID | None = None
    filters: "tuple[ProductFilter, ...]" = ()
    any_of: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """What is looked for; None asks for nothing. Orderings are keys, `-` in front for falling.

    `collection` is a key, whose `members` are found out by whoever answers.
    """

    search: str | None = None
    category: str | None = None
    collection: str | None = None
    members: Members | None = None
    min_price: Money | None = None
    max_price: Money | None = None
    size: str | None = None
    attributes: Mapping[str, str | None] | None = None
    brand: str | None = None
    tag: str | None = None
    min_rating: float | None = None
    in_stock: bool | None = None
    featured: bool | None = None
    on_sale: bool | None = None
    status: ProductStatus | None = None
    created_after: datetime | None = None
    ordering: tuple[str, ...] = ()


ORDERINGS = frozenset({"price", "name", "created_at", "rating", "popularity", "relevance"})


class Popularity(Protocol):
    """How often products were sold, as lists sort by it: a sale itself does not touch them."""

    def count_sales(self, *, most: int) -> int:
        """Bring that many products up to what was sold of them; return how many there were."""


class CatalogQueries(Protocol):
    """What shoppers may see; with `hidden`, what staff may see beside it."""

    def categories(self, *, hidden: bool) -> Sequence[ListedCategory]: ...
    def category(self, key: str, *, hidden: bool) -> ListedCategory: ...

    def products(
        self, wanted: ProductFilter, page: PageWanted, *, hidden: bool
    ) -> Page[ListedProduct]: ...
    def product(self, key: str, *, hidden: bool) -> ShownProduct: ...
    def variants_of(self, key: str, *, hidden: bool) -> Sequence[ShownVariant]: ...
    def variant(self, variant_id: UUID, *, hidden: bool) -> ShownVariant: ...
