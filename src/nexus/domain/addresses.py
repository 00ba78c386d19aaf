"""Where things are sent and billed to; Ethiopian ones as Ethiopians write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from nexus.domain.shared import Aggregate, NotFound

# Where a postal code has a known form. Elsewhere any short text will do.
POSTAL_CODES = {
    "ET": (r"\d{4}", "4 digits"),
    "KE": (r"\d{5}", "5 digits"),
    "US": (r"\d{5}(-\d{4})?", "5 digits, or 5-4"),
    "DE": (r"\d{5}", "5 digits"),
    "IT": (r"\d{5}", "5 digits"),
    "FR": (r"\d{5}", "5 digits"),
}


class Kind(StrEnum):
    SHIPPING = "shipping"
    BILLING = "billing"


@dataclass(eq=False)
class AddressNotFound(NotFound):
    address_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address by value, as orders copy it; the phone is E.164."""

    first_name: str
    phone: str
    city: str
    last_name: str = ""
    line1: str = ""
    line2: str = ""
    region: str = ""
    sub_city: str = ""
    woreda: str = ""
    kebele: str = ""
    house_no: str = ""
    landmark: str = ""
    postal_code: str = ""
    country: str = "ET"


def faults(address: Address) -> dict[str, list[str]]:
    """Return what keeps a parcel from getting there, by field; empty for a good address."""
    found: dict[str, list[str]] = {}
    places = (address.sub_city, address.woreda, address.kebele, address.landmark)
    if not address.line1 and not (address.country == "ET" and any(places)):
        found["line1"] = ["Give a line, or in Ethiopia a sub-city, woreda, kebele or landmark."]
    pattern, form = POSTAL_CODES.get(address.country, (".*", ""))
    if address.postal_code and not re.fullmatch(pattern, address.postal_code, re.ASCII):
        found["postal_code"] = [f"Must be {form} in {address.country}."]
    return found


@dataclass
class SavedAddress(Aggregate):
    """An address in its owner's book; at most one of a kind is the default."""

    id: UUID
    customer_id: UUID
    kind: Kind
    address: Address
    created_at: datetime
    is_default: bool = False
