"""The variants of one product, as they are said all at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.application.catalog.products import VariantDraft
from nexus.application.inventory import STOCK_FACTS
from nexus.domain.catalog import Product, Variant, refuse_same_options, refuse_too_many
from nexus.domain.shared import invalid, within


@dataclass(frozen=True, slots=True)
class WantedVariant:
    """What is said of a variant: of the one that has the id or the SKU, or of one to be added."""

    said: Mapping[str, Any]
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NamedVariant:
    """A variant as it is to be; one that is added was drafted."""

    variant: Variant
    said: Mapping[str, Any]
    draft: VariantDraft | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Assortment:
    """What becomes of the variants of a product."""

    named: Sequence[NamedVariant]
    dropped: Sequence[Variant]

    @property
    def changed(self) -> list[Variant]:
        return [it.variant for it in self.named if it.is_changed]

    @property
    def added(self) -> list[tuple[Variant, VariantDraft]]:
        return [(it.variant, it.draft) for it in self.named if it.draft]

    @property
    def counted(self) -> dict[UUID, Mapping[str, Any]]:
        """What is said of those that there were before, of their stock among it."""
        return {it.variant.id: it.said for it in self.named if not it.draft}


def arrange(
    product: Product,
    there: Sequence[Variant],
    wanted: Sequence[WantedVariant],
    *,
    is_whole: bool,
    at: datetime,
) -> Assortment:
    """Plan what makes the variants as they are wanted; a refusal names which of them it means.

    Those that are not named are dropped where the wanted ones are the whole, and else stay.
    """
    known = list(_known(there, wanted))
    named_ids = {it.id for it in known if it}
    others = [it for it in there if it.id not in named_ids]
    first = 0 if is_whole else max((it.position + 1 for it in there), default=0)
    named = []
    for index, (want, variant) in enumerate(zip(wanted, known, strict=True)):
        with within(f"variants.{index}"):
            if variant is None:
                named.append(_drafted(want, product.id, first + index, at))
            else:
                more = {"position": index} if is_whole else {}
                named.append(_changed(want, variant, more, at))
    kept = [] if is_whole else others
    refuse_too_many(len(named) + len(kept))
    _check(product, [it.variant for it in named], kept)
    return Assortment(named, others if is_whole else [])


def _known(there: Sequence[Variant], wanted: Sequence[WantedVariant]) -> Iterator[Variant | None]:
    """Find for each that is wanted the variant that it means, if there is one."""
    by_id, by_sku = {it.id: it for it in there}, {it.sku: it for it in there}
    seen: set[UUID] = set()
    for index, want in enumerate(wanted):
        found = by_id.get(want.id) if want.id else by_sku.get(want.said.get("sku", ""))
        if want.id and found is None:
            raise invalid(f"variants.{index}.id", "The product has no such variant.")
        if found and found.id in seen:
            field = "id" if want.id else "sku"
            raise invalid(f"variants.{index}.{field}", "The variant is named twice.")
        seen |= {found.id} if found else set()
        yield found


def _drafted(want: WantedVariant, product_id: UUID, position: int, at: datetime) -> NamedVariant:
    draft = VariantDraft(**want.said)
    return NamedVariant(draft.variant(product_id, position, at=at), want.said, draft)


def _changed(
    want: WantedVariant, variant: Variant, more: Mapping[str, Any], at: datetime
) -> NamedVariant:
    before = replace(variant)
    said = {name: value for name, value in want.said.items() if name not in STOCK_FACTS}
    variant.change(said | dict(more), at=at)
    is_another = replace(variant, updated_at=before.updated_at) != before
    return NamedVariant(variant, want.said, is_changed=is_another)


def _check(product: Product, named: Sequence[Variant], kept: Collection[Variant]) -> None:
    refuse_same_options(named, kept)
    seen: set[str] = set()
    for index, variant in enumerate(named):
        with within(f"variants.{index}"):
            if variant.sku in seen:
                raise invalid("sku", "Another variant has the same SKU.")
            product.refuse_foreign(variant)
        seen.add(variant.sku)
    product.offer(*kept, *named)
