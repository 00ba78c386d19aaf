from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.catalog.changes import drop
from nexus.application.catalog.products import VariantDraft, opening_stock
from nexus.application.inventory import STOCK_FACTS, change_stock
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.application.preconditions import require_version
from nexus.domain.catalog import LastVariant, refuse_too_many


@dataclass(frozen=True)
class AddVariant:
    """Add to a product one more way of having it, with its opening stock."""

    start_work: StartWork
    now: Clock
    low_stock_default: int

    def __call__(self, *, product: str, draft: VariantDraft) -> UUID:
        at = self.now()
        with self.start_work() as work:
            found = work.products.lock(product)
            others = work.products.count_variants(found.id)
            refuse_too_many(others + 1)
            variant = draft.variant(found.id, others, at=at)
            found.offer(variant)
            work.products.add_variants([variant])
            work.stock.add(
                [opening_stock(variant, draft, default=self.low_stock_default, now=self.now)]
            )
            found.touch(at=at)
            work.products.save(found)
            return variant.id


@dataclass(frozen=True)
class ChangeVariant:
    """Change what is named of one variant, and leave the others alone."""

    start_work: StartWork
    now: Clock
    low_stock_default: int

    def __call__(
        self,
        *,
        variant_id: UUID,
        changes: Mapping[str, Any],
        expected: Collection[int] | None,
        actor_id: UUID | None = None,
    ) -> None:
        at = self.now()
        with self.start_work() as work:
            product, variant = work.products.lock_variant(variant_id)
            require_version(variant, expected)
            variant.change({it: changes[it] for it in changes.keys() - STOCK_FACTS}, at=at)
            product.offer(variant)
            product.touch(at=at)
            work.products.save_variants([variant])
            work.products.save(product)
            default = self.low_stock_default
            change_stock(work, {variant_id: changes}, default=default, by=actor_id, at=at)


@dataclass(frozen=True)
class RemoveVariant:
    """Remove a variant; one that was ever ordered is kept, and no longer sold."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, variant_id: UUID, expected: Collection[int] | None) -> None:
        at = self.now()
        with self.start_work() as work:
            product, variant = work.products.lock_variant(variant_id)
            require_version(variant, expected)
            if work.products.count_variants(product.id) == 1:
                raise LastVariant(variant_id)
            drop(work, [variant], at=at)
            product.touch(at=at)
            work.products.save(product)
