"""A customer's address book."""

from dataclasses import dataclass
from uuid import UUID

from nexus.application.ports.identity import AddressEntry
from nexus.application.ports.system import Clock
from nexus.application.ports.work import StartWork
from nexus.domain.addresses import Address, Kind, SavedAddress
from nexus.domain.shared import new_id


@dataclass(frozen=True)
class SaveAddress:
    """Add an address to the owner's book; a default takes the place of the one before."""

    start_work: StartWork
    now: Clock

    def __call__(
        self, *, customer_id: UUID, kind: Kind, address: Address, is_default: bool
    ) -> UUID:
        saved = SavedAddress(new_id(), customer_id, kind, address, self.now(), is_default)
        with self.start_work() as work:
            if is_default:
                work.addresses.make_way(saved)
            work.addresses.add(saved)
        return saved.id


@dataclass(frozen=True)
class ChangeAddress:
    """Write an entry of the owner's book anew; raise Stale if it was changed since it was read."""

    start_work: StartWork

    def __call__(self, *, entry: AddressEntry, customer_id: UUID) -> None:
        with self.start_work() as work:
            saved = work.addresses.by_id(entry.id, owner=customer_id)
            saved.version = entry.version
            saved.kind, saved.is_default = entry.kind, entry.is_default
            saved.address = entry.address
            if saved.is_default:
                work.addresses.make_way(saved)
            work.addresses.save(saved)


@dataclass(frozen=True)
class RemoveAddress:
    """Take an address out of the owner's book; orders keep their copies."""

    start_work: StartWork

    def __call__(self, *, address_id: UUID, customer_id: UUID) -> None:
        with self.start_work() as work:
            work.addresses.remove(work.addresses.by_id(address_id, owner=customer_id))
