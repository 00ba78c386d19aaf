"""Every change of stock, and what orders hold of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from nexus.domain.shared import Aggregate, Conflict

# How many of a variant at which places.
Parts = Mapping[UUID, int]


@dataclass(eq=False)
class ReservationNotActive(Conflict):
    order_id: UUID


@dataclass(eq=False)
class AlreadyReserved(Conflict):
    order_id: UUID


class AdjustmentReason(StrEnum):
    RECEIVED = "received"
    CORRECTION = "correction"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"
    TRANSFER = "transfer"


class ReservationState(StrEnum):
    ACTIVE = "active"
    CONSUMED = "consumed"
    RELEASED = "released"


RESERVED = "reserved"
SOLD = "sold"
CLOSED = "closed"
REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line of the ledger: what changed at a place, why, and the variant's total after it.

    The total changes with the place, unless the place is inactive and so no part of the total;
    closing a place takes what lies there out of the total, and moves nothing.
    """

    id: UUID
    variant_id: UUID
    location_id: UUID
    on_hand_delta: int
    reserved_delta: int
    total_delta: int
    reason: str
    order_id: UUID | None
    note: str
    actor_id: UUID | None
    created_at: datetime
    on_hand_after: int
    reserved_after: int


@dataclass
class Reservation(Aggregate):
    """A hold of one variant for an order, at the place that is to send it."""

    order_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int
    expires_at: datetime
    state: ReservationState = ReservationState.ACTIVE
