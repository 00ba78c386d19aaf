"""Many products at once: loaded in a few statements, changed one by one, written in a few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from nexus.application.catalog.goods import (
    Goods,
    Rows,
    Terms,
    facts_of,
    in_row,
    new_goods,
    refused,
)
from nexus.application.ports.exchange import ProductRow
from nexus.application.ports.work import Work
from nexus.domain.catalog import Variant
from nexus.domain.slugs import free_slug, slug_of

CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


@dataclass
class Batch:
    """The products that rows speak of. Rows that are refused leave no trace in it."""

    terms: Terms
    loaded: Mapping[UUID, Goods]
    categories: Mapping[str, UUID]
    taken_slugs: set[str]
    now: dict[UUID, Goods]
    owners: Mapping[str, UUID]

    @classmethod
    def load(cls, work: Work, rows: Sequence[ProductRow], terms: Terms) -> "Batch":
        """Find what there is of them, and keep it from other work."""
        ids = work.products.of_skus({row.sku for row in rows}) if rows else set()
        goods = {it.id: Goods(it, []) for it in work.products.lock_all(ids)} if ids else {}
        for variant in work.products.variants_of(goods.keys()) if goods else ():
            goods[variant.product_id].variants.append(variant)
        named = {row.facts["category"] for row in rows if "category" in row.facts}
        owners = {it.sku: key for key, each in goods.items() for it in each.variants}
        new = {it.facts["name"] for it in rows if it.sku not in owners and "name" in it.facts}
        batch = cls(
            terms,
            goods,
            work.categories.ids_of(named) if named else {},
            work.products.slugs_like({slug_of(it) for it in new}) if new else set(),
            dict(goods),
            owners,
        )
        batch._load_stock(work, {row.sku for row in rows if row.stock is not None})
        return batch

    def _load_stock(self, work: Work, skus: set[str]) -> None:
        mine = {it.id: each for each in self.loaded.values() for it in each.variants}
        counted = [it.id for each in self.loaded.values() for it in each.variants if it.sku in skus]
        for item in work.stock.lock_all(counted) if counted else ():
            mine[item.variant_id].stock[item.variant_id] = item

    def put(self, rows: Rows) -> tuple[Goods, str]:
        """Take in the rows of a product; return it, and what becomes of it. Raise RowsRefused."""
        facts = facts_of(rows)
        category_id = self._category(rows, facts.pop("category", None))
        before = self._owner(rows)
        with in_row(rows[0]):
            if before:
                goods = before.draft({row.sku for row in rows})
            else:
                slug = free_slug(slug_of(facts.get("name", "")), self.taken_slugs)
                goods = new_goods(rows, facts, category_id, slug, self.terms)
            goods.take_in(rows, facts, category_id, self.terms)
        self._keep(goods)
        return goods, CREATED if before is None else UNCHANGED if goods == before else CHANGED

    def _category(self, rows: Rows, key: str | None) -> UUID | None:
        if key is None or key in self.categories:
            return self.categories.get(key or "")
        row = next(it for it in rows if it.facts.get("category") == key)
        raise refused(row, "category", "No such category: give the slug or id of one.")

    def _owner(self, rows: Rows) -> Goods | None:
        """Return the product that the rows are of, if it is there."""
        owners = {self.owners[it.sku]: it for it in rows if it.sku in self.owners}
        if len(owners) > 1:
            message = "This SKU belongs to another product than the rows beside it."
            raise refused(list(owners.values())[-1], "sku", message)
        return self.now[next(iter(owners))] if owners else None

    def _keep(self, goods: Goods) -> None:
        self.now[goods.product.id] = goods
        self.taken_slugs.add(goods.product.facts.slug)

    def write(self, work: Work) -> None:
        """Write what has become other than it was."""
        new = [it for key, it in self.now.items() if key not in self.loaded]
        old = [(it, self.loaded[key]) for key, it in self.now.items() if key in self.loaded]
        added, changed = _sorted_variants(old)
        work.products.add_all([(it.product, it.variants) for it in new], added)
        work.products.save_all([now.product for now, was in old if now.product != was.product])
        work.products.save_variants(changed)
        fresh = {it.id for it in added} | {it.id for each in new for it in each.variants}
        stock = [(key, it) for each in self.now.values() for key, it in each.stock.items()]
        if opened := [it for key, it in stock if key in fresh]:
            work.stock.add(opened)
        work.stock.save_all([it for key, it in stock if key not in fresh and it.movements])


def _sorted_variants(pairs: Sequence[tuple[Goods, Goods]]) -> tuple[list[Variant], list[Variant]]:
    """Return the variants that are new to their product, and those that have changed."""
    added, changed = [], []
    for now, before in pairs:
        was = {it.id: it for it in before.variants}
        added += [it for it in now.variants if it.id not in was]
        changed += [it for it in now.variants if it.id in was and it != was[it.id]]
    return added, changed
