from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.application.catalog.products import chosen_categories
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork, Work
from nexus.domain.catalog import Product, Variant
from nexus.domain.price_changes import NewPrice, PriceShift
from nexus.domain.shared import ValidationFailed, within


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonChange:
    """What is to become of each of many products; `facts` are those that are the same for all.

    What shifts prices shifts those that variants have of their own as well.
    """

    facts: Mapping[str, Any]
    price: NewPrice | PriceShift | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    category: str | None = None

    def of_product(self, product: Product) -> dict[str, Any]:
        """Return the facts of the product that become others."""
        now = product.facts
        tags = dict.fromkeys((*now.tags, *self.add_tags))
        wanted = dict(self.facts) | {"tags": tuple(it for it in tags if it not in self.remove_tags)}
        if self.price:
            wanted["price"] = self.price.of(now.price)
        return {name: value for name, value in wanted.items() if value != getattr(now, name)}

    def of_variant(self, variant: Variant) -> dict[str, Any]:
        if variant.price is None or not isinstance(self.price, PriceShift):
            return {}
        price = self.price.of(variant.price)
        return {} if price == variant.price else {"price": price}


@dataclass(frozen=True)
class ChangeProducts:
    """Change many products in the same way, all or none; return how many are others than before."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, product_ids: Sequence[UUID], change: CommonChange) -> int:
        at = self.now()
        paths = {id_: f"ids.{index}" for index, id_ in enumerate(product_ids)}
        with self.start_work() as work:
            category = {"category": change.category} if change.category else {}
            category_ids = chosen_categories(work, category) or None
            products = _found(work, paths)
            variants = self._shifted(work, change, paths, at)
            touched = {it.product_id for it in variants}
            changed = []
            for product in products:
                facts = change.of_product(product)
                is_moved = category_ids not in (None, [*product.category_ids])
                if facts or is_moved or product.id in touched:
                    with within(paths[product.id]):
                        product.change(facts, category_ids, at=at)
                    changed.append(product)
            work.products.save_all(changed)
            work.products.save_variants(variants)
            return len(changed)

    def _shifted(
        self, work: Work, change: CommonChange, paths: Mapping[UUID, str], at: datetime
    ) -> list[Variant]:
        """Return the variants that have another price of their own now."""
        if not isinstance(change.price, PriceShift):
            return []
        priced = work.products.priced_variants_of(paths)
        shifted = [(it, facts) for it in priced if (facts := change.of_variant(it))]
        for variant, facts in shifted:
            with within(paths[variant.product_id]):
                variant.change(facts, at=at)
        return [it for it, _ in shifted]


def _found(work: Work, paths: Mapping[UUID, str]) -> Collection[Product]:
    """Lock them all; name each that there is not."""
    products = work.products.lock_all(paths)
    unknown = paths.keys() - {it.id for it in products}
    if unknown:
        raise ValidationFailed({paths[id_]: ["No such product."] for id_ in unknown})
    return products
