"""Names that stand in addresses: readable, in any script, and never mistaken for an id."""

import re
import unicodedata
from collections.abc import Callable, Collection
from uuid import UUID

from nexus.domain.shared import invalid

SLUG_MAX = 120
# What stands in the same place of an address and means something else there.
TAKEN = frozenset({"bulk", "facets", "suggest"})
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_IN_SLUGS = re.compile(r"[^\w]+|_+")
_SLUG = re.compile(r"[^\W_]+([-_][^\W_]+)*")


def read_id(text: str) -> UUID | None:
    """Return the id that this is, or None for what can only be a slug."""
    return UUID(text) if _ID.fullmatch(text) else None


def slug_of(name: str) -> str:
    """Return a slug in the name's own script, never one that reads as an id."""
    plain = unicodedata.normalize("NFKC", name).lower().replace("'", "")
    slug = _NOT_IN_SLUGS.sub("-", plain)[:SLUG_MAX].strip("-") or "item"
    return f"item-{slug}"[:SLUG_MAX] if read_id(slug) else slug


def free_slug(wanted: str, taken: Collection[str]) -> str:
    """Return the slug, or the first of slug-2, slug-3, … that nothing has yet."""
    slug, number = wanted, 1
    while slug in taken or slug in TAKEN:
        number += 1
        slug = f"{wanted[: SLUG_MAX - 8]}-{number}"
    return slug


def chosen_slug(said: str | None, name: str, taken: Callable[[str], Collection[str]]) -> str:
    """Return the slug that was said, or else one from the name that nothing has yet."""
    plain = slug_of(name)
    return said or free_slug(plain, taken(plain))


def checked_slug(slug: str) -> str:
    slug = unicodedata.normalize("NFKC", slug).lower()
    if len(slug) > SLUG_MAX or read_id(slug) or not _SLUG.fullmatch(slug):
        raise invalid("slug", f"Letters, digits and hyphens, at most {SLUG_MAX}, and not an id.")
    if slug in TAKEN:
        raise invalid("slug", "This word has another meaning in addresses.")
    return slug
