"""What rows of a file say of one product, done to it by the domain's rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.application.catalog.products import VariantDraft, opening_stock
from nexus.application.ports.exchange import COLUMNS, OPTION, ProductRow
from nexus.domain.catalog import Product, ProductFacts, Variant, refuse_same_options
from nexus.domain.inventory import StockCommitted, StockItem
from nexus.domain.jobs import RowError
from nexus.domain.shared import Money, ValidationFailed

Rows = Sequence[ProductRow]
"""Rows that are one product."""


@dataclass(eq=False)
class RowsRefused(Exception):
    errors: list[RowError]


def refused(row: ProductRow, column: str, message: str) -> RowsRefused:
    return RowsRefused([RowError(row.number, column, message)])


@dataclass(frozen=True, slots=True)
class Terms:
    """When and by whom it is done, and from where on new stock is low."""

    at: datetime
    by: UUID | None
    low_stock_default: int


@dataclass
class Goods:
    """A product with all its variants in order, and the stock of those that are counted."""

    product: Product
    variants: list[Variant]
    stock: dict[UUID, StockItem] = field(default_factory=dict)

    def draft(self, skus: Collection[str]) -> Goods:
        """Return a copy in which the product and these variants may be changed."""
        product = replace(self.product, events=list(self.product.events))
        variants = [replace(it) if it.sku in skus else it for it in self.variants]
        mine = {it.id for it in variants if it.sku in skus}
        stock = {key: deepcopy(it) if key in mine else it for key, it in self.stock.items()}
        return Goods(product, variants, stock)

    def take_in(
        self, rows: Rows, facts: Mapping[str, Any], category_id: UUID | None, terms: Terms
    ) -> None:
        """Do what the rows say; raise RowsRefused, or ValidationFailed by the domain's paths."""
        said, known = self.product.facts, list(self.variants)
        seen = [(it, replace(it)) for it in known if it.sku in {row.sku for row in rows}]
        self._take_variants(rows, terms)
        wanted = {**facts, "price": self._take_prices(rows, terms)}
        self._take_stock(rows, terms)
        changes = {name: it for name, it in wanted.items() if getattr(said, name) != it}
        category_ids = self._categories(category_id)
        touched = len(self.variants) > len(known) or any(now != was for now, was in seen)
        offers = said.options != self.product.facts.options
        if known and (changes or category_ids or touched or offers):
            self.product.change(changes, category_ids, at=terms.at)

    def _take_variants(self, rows: Rows, terms: Terms) -> None:
        known = {it.sku: it for it in self.variants}
        told = [row for row in rows if row.options or row.sku not in known]
        for row in told:
            with in_row(row):
                variant = known.get(row.sku) or self._add(row, terms)
                if row.options.items() - variant.options.items():
                    variant.change({"options": {**variant.options, **row.options}}, at=terms.at)
                self.product.refuse_foreign(variant)
        if told:
            self.product.offer(*self.variants)
            self._refuse_twins(rows)

    def _refuse_twins(self, rows: Rows) -> None:
        try:
            refuse_same_options(self.variants)
        except ValidationFailed as refusal:
            twin = self.variants[int(min(refusal.errors).split(".")[1])]
            row = next((it for it in rows if it.sku == twin.sku), rows[-1])
            raise refused(row, "", "Another variant has the same options.") from refusal

    def _add(self, row: ProductRow, terms: Terms) -> Variant:
        draft = VariantDraft(sku=row.sku, options=row.options, stock=row.stock or 0)
        variant = draft.variant(self.product.id, len(self.variants), at=terms.at)
        default = terms.low_stock_default
        self.variants.append(variant)
        self.stock[variant.id] = opening_stock(
            variant, draft, default=default, now=lambda: terms.at
        )
        return variant

    def _take_prices(self, rows: Rows, terms: Terms) -> Money:
        """Give each variant what its row asks, and return what the product then costs.

        That is what all ask that have no price of their own, where they ask the same.
        """
        asked = {row.sku: row.price for row in rows if row.price is not None}
        price = self.product.facts.price
        heirs = {asked.get(it.sku, price) for it in self.variants if it.price is None}
        if len(heirs) == 1:
            (price,) = heirs
        for it in self.variants:
            own = asked.get(it.sku, it.price)
            if own is not None and own != (price if it.price is None else it.price):
                it.change({"price": own}, at=terms.at)
        return price

    def _take_stock(self, rows: Rows, terms: Terms) -> None:
        ids = {it.sku: it.id for it in self.variants}
        for row in rows:
            if row.stock is None:
                continue
            try:
                self.stock[ids[row.sku]].count(row.stock, by=terms.by, at=terms.at)
            except StockCommitted as refusal:
                promised = f"{refusal.reserved} are promised to orders."
                raise refused(row, "stock", promised) from refusal
            except ValidationFailed as refusal:
                raise refused(row, "stock", "Too many.") from refusal

    def _categories(self, primary: UUID | None) -> list[UUID] | None:
        """Return the categories with another primary in the place of the one before."""
        ids = self.product.category_ids
        if primary is None or ids[:1] == (primary,):
            return None
        return [primary, *(it for it in ids[1:] if it != primary)]


def new_goods(
    rows: Rows, facts: Mapping[str, Any], category_id: UUID | None, slug: str, terms: Terms
) -> Goods:
    """Return a product without variants; its first row has to say enough."""
    said = {**facts, "price": rows[0].price}
    if absent := [it for it in ("name", "price") if said.get(it) is None]:
        message = "A new product needs it."
        raise RowsRefused([RowError(rows[0].number, it, message) for it in absent])
    category_ids = [category_id] if category_id else []
    return Goods(Product.create(ProductFacts(**said, slug=slug), category_ids, at=terms.at), [])


def facts_of(rows: Rows) -> dict[str, Any]:
    """Return what the rows say of their product, which no two may say differently."""
    facts: dict[str, Any] = {}
    for row in rows:
        for name, value in row.facts.items():
            if facts.setdefault(name, value) != value:
                raise refused(row, name, "A row before it says otherwise of the same product.")
    return facts


@contextmanager
def in_row(row: ProductRow) -> Iterator[None]:
    """Name the row for what is refused; raise RowsRefused."""
    try:
        yield
    except ValidationFailed as refusal:
        raise RowsRefused(list(row_errors(refusal, row.number))) from refusal


def row_errors(refusal: ValidationFailed, row: int) -> Iterator[RowError]:
    """Name the column that is meant by the path of a field."""
    for path, messages in refusal.errors.items():
        column = path if path in COLUMNS or path.startswith(OPTION) else ""
        for message in messages:
            yield RowError(row, column, message)
