from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.work import StartWork, Work
from nexus.application.preconditions import require_version
from nexus.domain.categories import Category, CategoryNotFound
from nexus.domain.shared import invalid
from nexus.domain.slugs import chosen_slug


@dataclass(frozen=True)
class CreateCategory:
    """Hang a category into the tree; without a slug it gets one from its name."""

    start_work: StartWork

    def __call__(self, *, facts: Mapping[str, Any]) -> UUID:
        rest = dict(facts)
        name, slug, parent = rest.pop("name"), rest.pop("slug", None), rest.pop("parent_id", None)
        with self.start_work() as work:
            work.categories.lock_tree()
            slug = chosen_slug(slug, name, work.categories.taken_slugs)
            category = Category.below(_named(work, "parent_id", parent), name=name, slug=slug)
            category.change(rest)
            work.categories.add(category)
            return category.id


@dataclass(frozen=True)
class ChangeCategory:
    """Change what is named; another parent takes all below it along."""

    start_work: StartWork

    def __call__(
        self, *, category: str, changes: Mapping[str, Any], expected: Collection[int] | None
    ) -> UUID:
        rest = dict(changes)
        with self.start_work() as work:
            work.categories.lock_tree()
            found = work.categories.by_key(category)
            require_version(found, expected)
            before = found.path
            if "parent_id" in rest:
                found.move_below(_named(work, "parent_id", rest.pop("parent_id")))
            found.change(rest)
            work.categories.save(found)
            if found.path != before:
                work.categories.rebase(before, found.path)
            return found.id


@dataclass(frozen=True)
class RemoveCategory:
    """Remove an empty category, or one whose products and categories another takes over."""

    start_work: StartWork

    def __call__(
        self, *, category: str, reassign_to: str | None, expected: Collection[int] | None
    ) -> None:
        with self.start_work() as work:
            work.categories.lock_tree()
            found = work.categories.by_key(category)
            require_version(found, expected)
            if heir := _named(work, "reassign_to", reassign_to):
                if heir.path.startswith(found.path):
                    raise invalid("reassign_to", "Must lie outside of the category.")
                work.categories.empty_into(found, heir)
            work.categories.remove(found)


def _named(work: Work, field: str, key: str | None) -> Category | None:
    """Find the category that a field of the request names."""
    if key is None:
        return None
    try:
        return work.categories.by_key(key)
    except CategoryNotFound as error:
        raise invalid(field, "No such category.") from error
