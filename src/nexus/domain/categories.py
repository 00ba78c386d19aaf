"""The tree in which products are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.domain.shared import (
    Aggregate,
    Conflict,
    NotFound,
    ValidationFailed,
    invalid,
    new_id,
)
from nexus.domain.slugs import checked_slug

DEEPEST = 32


@dataclass(eq=False)
class CategoryNotFound(NotFound):
    category: str


@dataclass(eq=False)
class CategoryNotEmpty(Conflict):
    """It has products or categories below it, which need another place first."""

    category_id: UUID


@dataclass
class Category(Aggregate):
    """A node of the tree; `path` holds the ids from the root down to itself."""

    id: UUID
    name: str
    slug: str
    path: str
    parent_id: UUID | None = None
    description: str = ""
    position: int = 0
    is_active: bool = True
    image_url: str | None = None
    meta_title: str = ""
    meta_description: str = ""

    @classmethod
    def below(cls, parent: Category | None, *, name: str, slug: str) -> Category:
        category = cls(new_id(), name, checked_slug(slug), "")
        category.move_below(parent)
        return category

    def move_below(self, parent: Category | None) -> None:
        """Hang it, with all below it, in another place of the tree."""
        if parent and self.path and parent.path.startswith(self.path):
            raise invalid("parent_id", "A category cannot lie within itself.")
        if parent and parent.path.count("/") >= DEEPEST:
            raise too_deep()
        self.parent_id = parent.id if parent else None
        self.path = f"{parent.path if parent else ''}{self.id.hex}/"

    def change(self, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self, name, checked_slug(value) if name == "slug" else value)


def too_deep() -> ValidationFailed:
    return invalid("parent_id", f"The tree is at most {DEEPEST} categories deep.")
