"""What is shown and what is sold: products and their variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from nexus.domain.sales import Sale, check_sale, price_at, with_sale
from nexus.domain.shared import Aggregate, Conflict, Event, Money, NotFound, invalid, new_id
from nexus.domain.slugs import checked_slug

NAME_MAX = 200
MOST_TAGS = 50
MOST_VARIANTS = 1000


@dataclass(eq=False)
class ProductNotFound(NotFound):
    product: str


@dataclass(eq=False)
class VariantNotFound(NotFound):
    variant_id: UUID


@dataclass(eq=False)
class LastVariant(Conflict):
    """A product always has a variant, since variants are what is sold."""

    variant_id: UUID

    code = "conflict"
    detail = "A product keeps at least one variant."


@dataclass(frozen=True)
class ProductCreated(Event):
    name: ClassVar[str] = "product.created"
    product_id: UUID
    slug: str


@dataclass(frozen=True)
class ProductUpdated(Event):
    name: ClassVar[str] = "product.updated"
    product_id: UUID
    slug: str


@dataclass(frozen=True)
class ProductRetired(Event):
    name: ClassVar[str] = "product.retired"
    product_id: UUID
    slug: str


@dataclass(frozen=True)
class ProductOffered(Event):
    """It, or a variant of it, is to be had that was not sold before."""

    name: ClassVar[str] = "internal.product_offered"
    product_id: UUID


class ProductStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    INACTIVE = "inactive"
    DISCONTINUED = "discontinued"


@dataclass(frozen=True, slots=True)
class Option:
    """A way in which the variants of a product differ."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """All that staff say of a product; `price` is the regular one, whatever a sale asks."""

    name: str
    slug: str
    price: Money
    sale: Sale | None = None
    compare_at_price: Money | None = None
    description: str = ""
    short_description: str = ""
    status: ProductStatus = ProductStatus.ACTIVE
    brand: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    dimensions: Mapping[str, Any] = field(default_factory=dict)
    weight_grams: int | None = None
    is_digital: bool = False
    is_featured: bool = False
    meta_title: str = ""
    meta_description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "slug", checked_slug(self.slug))
        if self.compare_at_price and self.compare_at_price.currency != self.price.currency:
            raise invalid("compare_at_price", "Must be in the currency of the price.")
        check_sale(self.price, self.sale)
        if len(self.tags) > MOST_TAGS:
            raise invalid("tags", f"At most {MOST_TAGS}.")
        names = [option.name for option in self.options]
        if len(set(names)) < len(names):
            raise invalid("options", "Two options have the same name.")


@dataclass
class Product(Aggregate):
    """What is shown. Its variants are what is sold; the first of its categories is the primary."""

    id: UUID
    facts: ProductFacts
    category_ids: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def asked(self) -> Money:
        """What it costs since it was last written."""
        return price_at(self.updated_at, self.facts.price, self.facts.sale)

    @property
    def turns_at(self) -> datetime | None:
        """When its price is to be looked at again."""
        return self.facts.sale.turns_after(self.updated_at) if self.facts.sale else None

    @classmethod
    def create(cls, facts: ProductFacts, category_ids: Iterable[UUID], *, at: datetime) -> Product:
        product = cls(new_id(), facts, tuple(dict.fromkeys(category_ids)), at, at)
        product.events.append(ProductCreated(product.id, facts.slug))
        return product

    def change(
        self, changes: Mapping[str, Any], category_ids: Iterable[UUID] | None, *, at: datetime
    ) -> None:
        """Replace the named facts, and the categories unless they are None.

        Whatever is written, the price is turned to what is to be asked by now.
        """
        before = self.facts.status
        self.facts = replace(self.facts, **with_sale(changes, self.facts.sale, at=at))
        if category_ids is not None:
            self.category_ids = tuple(dict.fromkeys(category_ids))
        self.updated_at = at
        gone = ProductStatus.DISCONTINUED
        retired = self.facts.status is gone and before is not gone
        happened = ProductRetired if retired else ProductUpdated
        self.events.append(happened(self.id, self.facts.slug))
        active = ProductStatus.ACTIVE
        if self.facts.status is active and before is not active:
            self.events.append(ProductOffered(self.id))

    def retire(self, *, at: datetime) -> None:
        """Take it out of the shop for good, keeping it for the orders that name it."""
        self.change({"status": ProductStatus.DISCONTINUED}, None, at=at)

    def touch(self, *, at: datetime) -> None:
        """Say that something below it has changed: a variant, an image."""
        self.change({}, None, at=at)

    def refuse_foreign(self, variant: Variant) -> None:
        """Where a product names its options, a variant on sale has no other."""
        known = {option.name for option in self.facts.options}
        if known and variant.is_active and (foreign := variant.options.keys() - known):
            raise invalid("options", f"The product has no option {min(foreign)!r}.")

    def offer(self, *variants: Variant) -> None:
        """Add the values of those on sale; only where no options are named may they name some."""
        for variant in variants:
            self.refuse_foreign(variant)
        known = {option.name: dict.fromkeys(option.values) for option in self.facts.options}
        for name, value in (pair for it in variants if it.is_active for pair in it.options.items()):
            known.setdefault(name, {})[value] = None
        options = tuple(Option(name, tuple(values)) for name, values in known.items())
        self.facts = replace(self.facts, options=options)


@dataclass
class Variant(Aggregate):
    """What is sold; without a price of its own it costs what its product does."""

    id: UUID
    product_id: UUID
    sku: str
    name: str = ""
    price: Money | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    is_active: bool = True
    position: int = 0
    sale: Sale | None = None
    updated_at: datetime = field(kw_only=True)

    def __post_init__(self) -> None:
        check_sale(self.price, self.sale)

    @property
    def asked(self) -> Money | None:
        return self.price and price_at(self.updated_at, self.price, self.sale)

    @property
    def turns_at(self) -> datetime | None:
        return self.sale.turns_after(self.updated_at) if self.sale else None

    def change(self, changes: Mapping[str, Any], *, at: datetime) -> None:
        """Replace what is named, and ask what is to be asked by now."""
        was_sold = self.is_active
        for name, value in with_sale(changes, self.sale, at=at).items():
            setattr(self, name, value)
        check_sale(self.price, self.sale)
        self.updated_at = at
        if self.is_active and not was_sold:
            self.events.append(ProductOffered(self.product_id))


def refuse_too_many(count: int) -> None:
    if count > MOST_VARIANTS:
        raise invalid("variants", f"A product has at most {MOST_VARIANTS} variants.")


def refuse_same_options(variants: Sequence[Variant], others: Iterable[Variant] = ()) -> None:
    """Two variants on sale that differ in nothing cannot be told apart."""
    seen = {_differing(it) for it in others if it.is_active}
    for index, variant in enumerate(variants):
        if variant.is_active and _differing(variant) in seen:
            raise invalid(f"variants.{index}.options", "Another variant has the same options.")
        seen |= {_differing(variant)} if variant.is_active else set()


def _differing(variant: Variant) -> frozenset[tuple[str, str]]:
    return frozenset(variant.options.items())
