from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.work import StartWork
from nexus.application.preconditions import require_version
from nexus.domain.collections import Collection
from nexus.domain.shared import ValidationFailed
from nexus.domain.slugs import chosen_slug


@dataclass(frozen=True)
class CreateCollection:
    """Begin a collection; without a slug it gets one from its name."""

    start_work: StartWork

    def __call__(self, *, facts: Mapping[str, Any]) -> UUID:
        rest = dict(facts)
        name, slug = rest.pop("name"), rest.pop("slug", None)
        with self.start_work() as work:
            slug = chosen_slug(slug, name, work.collections.taken_slugs)
            collection = Collection.create(name=name, slug=slug)
            collection.change(rest)
            work.collections.add(collection)
            return collection.id


@dataclass(frozen=True)
class ChangeCollection:
    """Change what is named; one that is given a rule forgets what was chosen."""

    start_work: StartWork

    def __call__(
        self, *, collection: str, changes: Mapping[str, Any], expected: Some[int] | None
    ) -> UUID:
        with self.start_work() as work:
            found = work.collections.lock(collection)
            require_version(found, expected)
            found.change(changes)
            work.collections.save(found)
            return found.id


@dataclass(frozen=True)
class RemoveCollection:
    start_work: StartWork

    def __call__(self, *, collection: str, expected: Some[int] | None) -> None:
        with self.start_work() as work:
            found = work.collections.lock(collection)
            require_version(found, expected)
            work.collections.remove(found)


@dataclass(frozen=True)
class ChooseProducts:
    """Have these products in a collection, in this order, and no others."""

    start_work: StartWork

    def __call__(
        self, *, collection: str, product_ids: Sequence[UUID], expected: Some[int] | None
    ) -> UUID:
        with self.start_work() as work:
            known = work.products.known(product_ids)
            if unknown := [at for at, it in enumerate(product_ids) if it not in known]:
                raise ValidationFailed(
                    {f"product_ids.{at}": ["No such product."] for at in unknown}
                )
            found = work.collections.lock(collection)
            require_version(found, expected)
            found.choose(product_ids)
            work.collections.save(found)
            return found.id


@dataclass(frozen=True)
class PutIntoCollection:
    """Have a product in a collection, behind the others unless it is there already."""

    start_work: StartWork

    def __call__(self, *, collection: str, product: str) -> None:
        with self.start_work() as work:
            product_id = work.products.lock(product).id
            found = work.collections.lock(collection)
            found.add(product_id)
            work.collections.save(found)


@dataclass(frozen=True)
class TakeFromCollection:
    start_work: StartWork

    def __call__(self, *, collection: str, product: str, expected: Some[int] | None) -> None:
        with self.start_work() as work:
            product_id = work.products.lock(product).id
            found = work.collections.lock(collection)
            require_version(found, expected)
            found.remove(product_id)
            work.collections.save(found)
