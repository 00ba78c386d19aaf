from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.application.preconditions import require_version
from nexus.domain.locations import Location, LocationNotEmpty
from nexus.domain.shared import new_id


@dataclass(frozen=True)
class CreateLocation:
    """Add a place that holds stock."""

    start_work: StartWork

    def __call__(self, *, facts: Mapping[str, Any]) -> UUID:
        location = Location(new_id(), **facts)
        with self.start_work() as work:
            work.locations.add(location)
        return location.id


@dataclass(frozen=True)
class ChangeLocation:
    """Change what is named of a place.

    One that becomes inactive takes what lies there out of the totals, unless orders hold some of
    it; one that becomes active again brings it back.
    """

    start_work: StartWork
    now: Clock

    def __call__(
        self, *, location_id: UUID, facts: Mapping[str, Any], expected: Collection[int] | None
    ) -> None:
        with self.start_work() as work:
            location = work.locations.lock(str(location_id))
            require_version(location, expected)
            was_active = location.is_active
            location.change(facts)
            work.locations.save(location)
            if location.is_active is not was_active:
                is_offered = location.is_active
                work.stock.offer(location_id, at=self.now(), is_offered=is_offered)


@dataclass(frozen=True)
class RemoveLocation:
    """Remove a place where nothing lies any more."""

    start_work: StartWork
    now: Clock

    def __call__(self, *, location_id: UUID, expected: Collection[int] | None) -> None:
        at = self.now()
        with self.start_work() as work:
            location = work.locations.lock(str(location_id))
            require_version(location, expected)
            location.remove(at=at)
            if work.stock.lies_at(location_id):
                raise LocationNotEmpty(location_id)
            work.locations.save(location)
            work.stock.offer(location_id, at=at, is_offered=False)
