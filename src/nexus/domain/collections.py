"""Products that are shown together: chosen one by one, or by a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, Money, NotFound, invalid, new_id
from nexus.domain.slugs import checked_slug

MOST_PRODUCTS = 1000
MOST_CONDITIONS = 20


@dataclass(eq=False)
class CollectionNotFound(NotFound):
    collection: str


@dataclass(eq=False)
class NotInCollection(NotFound):
    product: str


@dataclass(eq=False)
class CollectionHasRule(Conflict):
    """Its rule says what is in it, so nobody else can."""

    collection_id: UUID

    detail = "The products of the collection are chosen by its rule."


class Match(StrEnum):
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the list of products may be asked for, all of it at once; None asks for nothing."""

    category: str | None = None
    brand: str | None = None
    tag: str | None = None
    size: str | None = None
    attributes: Mapping[str, str] | None = None
    min_price: Money | None = None
    max_price: Money | None = None
    min_rating: float | None = None
    on_sale: bool | None = None
    featured: bool | None = None
    in_stock: bool | None = None
    created_within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    match: Match
    conditions: tuple[Condition, ...]


@dataclass
class Collection(Aggregate):
    """Without a rule its products are chosen one by one, and stand in the order of choosing."""

    id: UUID
    name: str
    slug: str
    description: str = ""
    position: int = 0
    is_active: bool = True
    image_url: str | None = None
    meta_title: str = ""
    meta_description: str = ""
    rule: Rule | None = None
    product_ids: list[UUID] = field(default_factory=list)

    @classmethod
    def create(cls, *, name: str, slug: str) -> Collection:
        return cls(new_id(), name, checked_slug(slug))

    def change(self, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self, name, checked_slug(value) if name == "slug" else value)
        if self.rule:
            self.product_ids = []

    def choose(self, product_ids: Sequence[UUID]) -> None:
        """Have these in it, in this order, and no others."""
        self._require_choice()
        self.product_ids = list(dict.fromkeys(product_ids))
        if len(self.product_ids) > MOST_PRODUCTS:
            raise invalid("product_ids", f"At most {MOST_PRODUCTS} can be chosen.")

    def add(self, product_id: UUID) -> None:
        """Put it behind the others, unless it is there already."""
        self.choose([*self.product_ids, product_id])

    def remove(self, product_id: UUID) -> None:
        self._require_choice()
        if product_id not in self.product_ids:
            raise NotInCollection(str(product_id))
        self.product_ids.remove(product_id)

    def _require_choice(self) -> None:
        if self.rule:
            raise CollectionHasRule(self.id)
