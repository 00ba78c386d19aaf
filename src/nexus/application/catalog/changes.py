from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.application.catalog.assortment import Assortment, WantedVariant, arrange
from nexus.application.catalog.products import NOTHING, chosen_categories, opening_stock
from nexus.application.inventory import change_stock
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.application.preconditions import require_version
from nexus.domain.catalog import Product, Variant
from nexus.domain.shared import invalid


@dataclass(frozen=True)
class ChangeProduct:
    """Change the facts that are named, and the categories unless they are None.

    `sold` are facts of what is sold: of the product's only variant, as long as it has no other.
    `variants` are changed or added; if they are the whole, those that are not named are removed.
    """

    start_work: StartWork
    now: Clock
    low_stock_default: int

    def __call__(
        self,
        *,
        product: str,
        changes: Mapping[str, Any],
        categories: Mapping[str, str] | None,
        expected: Collection[int] | None,
        sold: Mapping[str, Any] = NOTHING,
        variants: Sequence[WantedVariant] | None = None,
        is_whole: bool = False,
        actor_id: UUID | None = None,
    ) -> UUID:
        at = self.now()
        with self.start_work() as work:
            found = work.products.lock(product)
            require_version(found, expected)
            ids = None if categories is None else chosen_categories(work, categories)
            found.change(changes, ids, at=at)
            is_named = variants is not None or "options" in changes
            there = work.products.variants_of([found.id]) if is_named else []
            whole = is_whole and variants is not None
            planned = arrange(found, there, variants or (), is_whole=whole, at=at)
            work.products.save(found)
            self._carry_out(work, planned, actor_id, at)
            if sold:
                self._sell(work, found, sold, actor_id, at)
            return found.id

    def _carry_out(
        self, work: Work, planned: Assortment, actor_id: UUID | None, at: datetime
    ) -> None:
        """Make room for what takes the place of another before it is written."""
        default = self.low_stock_default
        drop(work, planned.dropped, at=at)
        work.products.save_variants(planned.changed)
        work.products.add_variants([variant for variant, _ in planned.added])
        work.stock.add(
            [opening_stock(*pair, default=default, now=self.now) for pair in planned.added]
        )
        change_stock(work, planned.counted, default=default, by=actor_id, at=at)

    def _sell(
        self,
        work: Work,
        product: Product,
        sold: Mapping[str, Any],
        actor_id: UUID | None,
        at: datetime,
    ) -> None:
        """Change the variant of a product that has no other."""
        variant = work.products.only_variant(product.id)
        if variant is None:
            raise invalid(min(sold), "The product has several variants: change the one meant.")
        if "sku" in sold:
            variant.change({"sku": sold["sku"]}, at=at)
            work.products.save_variants([variant])
        default = self.low_stock_default
        change_stock(work, {variant.id: sold}, default=default, by=actor_id, at=at)


def drop(work: Work, variants: Sequence[Variant], *, at: datetime) -> None:
    """Remove variants; those that were ever ordered are kept, and no longer sold."""
    ordered = work.products.ordered_of({it.product_id for it in variants}) if variants else set()
    kept = [it for it in variants if it.id in ordered]
    for variant in kept:
        variant.change({"is_active": False}, at=at)
    work.products.save_variants(kept)
    work.products.remove_variants([it for it in variants if it.id not in ordered])
