"""Writes that hold only while nobody else has written (If-Match)."""

from collections.abc import Collection

from nexus.domain.shared import Aggregate, PreconditionFailed


def require_version(aggregate: Aggregate, expected: Collection[int] | None) -> None:
    """Raise PreconditionFailed unless its version is among those expected, if any were named."""
    if expected is not None and aggregate.version not in expected:
        raise PreconditionFailed
