"""Slugs and SKUs that one work is about to give, while others wait who would give the same."""

import re
from collections.abc import Iterable
from zlib import crc32

from sqlalchemy import Connection, Table, select, text

# As many names as there are would be too many locks, when a thousand variants are written.
_BUCKETS = 64
_SLUGS, _SKUS = 1, 2
_HOLD = text(
    "SELECT pg_advisory_xact_lock(kind, bucket)"
    " FROM unnest(CAST(:kinds AS int[]), CAST(:buckets AS int[])) AS held (kind, bucket)"
)
_NUMBERS = re.compile(r"(-\d+)*$")
_STEM_MAX = 100


def hold_names(db: Connection, *, slugs: Iterable[str] = (), skus: Iterable[str] = ()) -> None:
    """Let nobody else write these names until this work ends; call it before anything is written.

    Rows are looked at once they are written: two that gave the same name would each wait for the
    other. Everyone holds slugs before SKUs, and each in order, or they could wait here.
    """
    held = {(_SLUGS, _bucket(_stem(it))) for it in slugs} | {(_SKUS, _bucket(it)) for it in skus}
    if held:
        kinds, buckets = zip(*sorted(held), strict=True)
        db.execute(_HOLD, {"kinds": list(kinds), "buckets": list(buckets)})


def taken_slugs(db: Connection, table: Table, slug: str) -> set[str]:
    """Return the slugs that begin so, to which nobody else adds until this work ends."""
    hold_names(db, slugs=[slug])
    alike = table.c.slug.startswith(slug, autoescape=True)
    return set(db.execute(select(table.c.slug).where(alike)).scalars())


def _stem(slug: str) -> str:
    """Return what a slug has in common with those that are counted on from it."""
    return _NUMBERS.sub("", slug)[:_STEM_MAX]


def _bucket(name: str) -> int:
    return crc32(name.encode()) % _BUCKETS
