"""The places where stock lies, and which of them an order draws from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict, NotFound

# What names no place lies here, so it is always there.
MAIN = UUID("00000000-0000-7000-8000-000000000001")
MAIN_CODE = "main"
CODE_MAX = 30


@dataclass(eq=False)
class LocationNotFound(NotFound):
    key: str


@dataclass(eq=False)
class LocationNotEmpty(Conflict):
    location_id: UUID


class MainLocationStays(Conflict):
    """It takes what names no place: it is always active, and always called main."""


@dataclass
class Location(Aggregate):
    """A place that holds stock; the lowest priority serves first, the older of two alike.

    An inactive place serves nobody. What lies there is still counted, but it is no part of what
    the shop has to sell: a variant's total leaves it out.
    """

    id: UUID
    code: str
    name: str
    priority: int = 0
    is_active: bool = True
    address: str = ""
    removed_at: datetime | None = None

    @classmethod
    def main(cls) -> Location:
        return cls(MAIN, MAIN_CODE, "Main")

    def change(self, facts: Mapping[str, Any]) -> None:
        if self.id == MAIN and not self._stays(facts):
            raise MainLocationStays
        for name, value in facts.items():
            setattr(self, name, value)

    def _stays(self, facts: Mapping[str, Any]) -> bool:
        return facts.get("code", MAIN_CODE) == MAIN_CODE and facts.get("is_active", True) is True

    def remove(self, *, at: datetime) -> None:
        """Close it for good; the ledger goes on naming it."""
        if self.id == MAIN:
            raise MainLocationStays
        self.is_active, self.removed_at = False, at


@dataclass(frozen=True, slots=True)
class Level:
    """How much of a variant lies at one place, which serves orders while it is offered."""

    location_id: UUID
    on_hand: int = 0
    reserved: int = 0
    is_offered: bool = True

    @property
    def offered(self) -> int:
        """Its part of the variant's total."""
        return self.on_hand if self.is_offered else 0

    @property
    def available(self) -> int:
        return self.offered - self.reserved


def drawn(
    wanted: Mapping[UUID, int], levels: Mapping[UUID, Sequence[Level]]
) -> dict[UUID, dict[UUID, int]]:
    """Return how many of which variant come from which place; levels stand in order of serving.

    The first place that has everything serves the whole order. Where there is none, the first one
    that has all of a line serves the line; where there is none, the line is taken from each in
    turn. What cannot be had is left out.
    """
    whole = _serves_all(wanted, levels)
    return {
        variant_id: _drawn(quantity, levels[variant_id], whole)
        for variant_id, quantity in wanted.items()
    }


def _serves_all(wanted: Mapping[UUID, int], levels: Mapping[UUID, Sequence[Level]]) -> UUID | None:
    able = [
        [it.location_id for it in levels[variant_id] if it.available >= quantity]
        for variant_id, quantity in wanted.items()
    ]
    return next((it for it in able[0] if all(it in each for each in able)), None)


def _drawn(quantity: int, levels: Sequence[Level], whole: UUID | None) -> dict[UUID, int]:
    taken: dict[UUID, int] = {}
    for level in sorted(levels, key=lambda it: (it.location_id != whole, it.available < quantity)):
        if part := min(level.available, quantity - sum(taken.values())):
            taken[level.location_id] = part
    return taken
