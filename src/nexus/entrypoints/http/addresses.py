from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load

from nexus.application.addresses import ChangeAddress, RemoveAddress, SaveAddress
from nexus.application.ports.identity import AddressEntry, IdentityQueries
from nexus.domain.addresses import Address, Kind, faults
from nexus.domain.shared import ValidationFailed
from nexus.entrypoints.http.access import CUSTOMER, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes, flat
from nexus.entrypoints.http.identity import Country, Line, e164
from nexus.entrypoints.http.schemas import Flag


class AddressBody(Schema):
    """An address; loading gives an Address that a parcel can be sent to."""

    first_name = Line(required=True, least=1, most=150, metadata={"example": "Abebe"})
    last_name = Line(most=150, metadata={"example": "Bikila"})
    phone = Line(required=True, least=1, most=40, metadata={"example": "0911234567"})
    line1 = Line(most=200, metadata={"example": "Bole Road, behind Edna Mall"})
    line2 = Line(most=200, metadata={"example": "Third floor"})
    city = Line(required=True, least=1, most=100, metadata={"example": "Addis Ababa"})
    region = Line(most=100, metadata={"example": "Addis Ababa"})
    sub_city = Line(most=100, metadata={"example": "Bole"})
    woreda = Line(most=50, metadata={"example": "03"})
    kebele = Line(most=50, metadata={"example": "14"})
    house_no = Line(most=50, metadata={"example": "1024"})
    landmark = Line(most=200, metadata={"example": "Opposite the Total station"})
    postal_code = Line(most=20, metadata={"example": "1000"})
    country = Country(metadata={"example": "ET"})

    @post_load
    def gather(self, body: dict[str, Any], **_: Any) -> Any:
        return deliverable(Address(**body))


class SavedAddressBody(AddressBody):
    kind = fields.Enum(Kind, by_value=True, load_default=Kind.SHIPPING)
    is_default = Flag(load_default=False, metadata={"example": True})

    @post_load
    def gather(self, body: dict[str, Any], *, partial: bool | None = None, **_: Any) -> Any:
        """Gather the address; changes are checked with what they change."""
        if partial:
            return body
        own = {"kind": body.pop("kind"), "is_default": body.pop("is_default")}
        return own | {"address": deliverable(Address(**body))}


class AddressChanges(SavedAddressBody):
    """Any part of an address; what is left out stays."""


class AddressShown(Schema):
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    phone = fields.String(required=True, metadata={"example": "+251911234567"})
    line1 = fields.String(required=True)
    line2 = fields.String(required=True)
    city = fields.String(required=True)
    region = fields.String(required=True)
    sub_city = fields.String(required=True)
    woreda = fields.String(required=True)
    kebele = fields.String(required=True)
    house_no = fields.String(required=True)
    landmark = fields.String(required=True)
    postal_code = fields.String(required=True)
    country = fields.String(required=True, metadata={"example": "ET"})


class SavedAddressShown(AddressShown):
    id = fields.UUID(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    is_default = fields.Boolean(required=True)


def deliverable(address: Address) -> Address:
    """Return the address with its phone as E.164; raise marshmallow's ValidationError."""
    found = faults(address)
    try:
        phone = e164(address.phone, address.country)
    except ValidationError as error:
        raise ValidationError(found | {"phone": error.messages}) from error
    if found:
        raise ValidationError(found)
    return replace(address, phone=phone)


def _revised(entry: AddressEntry, changes: dict[str, Any]) -> AddressEntry:
    changed = replace(entry, **changes)
    try:
        return replace(changed, **asdict(deliverable(changed.address)))
    except ValidationError as error:
        raise ValidationFailed(dict(flat(error.messages))) from error


def addresses_blueprint(
    *,
    save_address: SaveAddress,
    change_address: ChangeAddress,
    remove_address: RemoveAddress,
    queries: IdentityQueries,
) -> Routes:
    blueprint = Routes("addresses", __name__, description="The caller's address book.")

    def mine(address_id: UUID) -> AddressEntry:
        return queries.address(address_id, owner=current_caller().user_id)

    @blueprint.get("/addresses")
    @blueprint.response(200, SavedAddressShown(many=True))
    @open_to(CUSTOMER)
    def book() -> list[AddressEntry]:
        """List one's addresses, newest first."""
        return queries.addresses_of(current_caller().user_id)

    @blueprint.post("/addresses")
    @blueprint.arguments(SavedAddressBody)
    @blueprint.response(201, SavedAddressShown)
    @open_to(CUSTOMER)
    def save(body: dict[str, Any]) -> tuple[AddressEntry, dict[str, str]]:
        """Add an address; in Ethiopia a sub-city, woreda, kebele or landmark does for `line1`."""
        address_id = save_address(customer_id=current_caller().user_id, **body)
        return mine(address_id), {"Location": f"/api/v1/addresses/{address_id}"}

    @blueprint.get("/addresses/<uuid:address_id>")
    @blueprint.response(200, SavedAddressShown)
    @open_to(CUSTOMER)
    def show(address_id: UUID) -> AddressEntry:
        """Show one of one's addresses."""
        return mine(address_id)

    @blueprint.patch("/addresses/<uuid:address_id>")
    @blueprint.arguments(AddressChanges(partial=True))
    @blueprint.response(200, SavedAddressShown)
    @open_to(CUSTOMER)
    def change(body: dict[str, Any], address_id: UUID) -> AddressEntry:
        """Change parts of an address."""
        entry = _revised(mine(address_id), body)
        change_address(entry=entry, customer_id=current_caller().user_id)
        return mine(address_id)

    @blueprint.delete("/addresses/<uuid:address_id>")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def remove(address_id: UUID) -> None:
        """Remove an address; orders keep their copies."""
        remove_address(address_id=address_id, customer_id=current_caller().user_id)

    return blueprint
