"""What people may ask for: all that is kept of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

Held = Mapping[str, Sequence[Mapping[str, Any]]]
"""Plain records by what they are about."""


class ExportQueries(Protocol):
    def held_of(self, user_id: UUID) -> Held:
        """Return everything, as it is at one moment, without secrets and what is made of them."""
