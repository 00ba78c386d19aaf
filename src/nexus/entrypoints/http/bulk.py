from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from nexus.application.catalog.bulk import ChangeProducts, CommonChange
from nexus.domain.catalog import ProductStatus
from nexus.domain.price_changes import DEAREST_MINOR, NewPrice, PriceShift
from nexus.entrypoints.http.access import open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE, Price, tags
from nexus.entrypoints.http.schemas import Amount, Flag, Text

MOST_AT_ONCE = 1000
TEN_PERCENT_OFF = {
    "ids": ["019a9b4e-7a00-7000-8000-000000000000"],
    "price": {"change_percent": "-10"},
}


class Percent(fields.Decimal):
    """Percent, as plain digits in a string or a JSON number; four behind the point at most."""

    def _validated(self, value: Any) -> Decimal:
        digits = str(value).removeprefix("-")
        is_plain = digits.isascii() and digits.replace(".", "", 1).isdigit() and len(digits) <= 10
        if type(value) not in (str, int, Decimal) or not is_plain:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class PriceChange(Schema):
    """One of the three. Prices are rounded half up, and never fall below 0."""

    set = Price()
    change_percent = Percent(
        validate=validate.Range(min=-100, max=10_000), metadata={"example": "-10"}
    )
    change_amount = Amount(least=-DEAREST_MINOR, metadata={"example": "-50.00"})

    @validates_schema
    def check_one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Give one of set, change_percent and change_amount.")


class CommonChanges(Schema):
    """What is to become of each product; `price` is its regular one, and its variants' own too."""

    ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE)
    )
    status = fields.Enum(ProductStatus, by_value=True)
    price = fields.Nested(PriceChange)
    is_featured = Flag()
    add_tags = tags()
    remove_tags = tags()
    category = Text(least=1, metadata={"description": "Its id or slug; they are in it alone then."})

    @validates_schema
    def check_change(self, data: dict[str, Any], **_: Any) -> None:
        if not data.keys() - {"ids"}:
            raise ValidationError("Say what is to be changed.")
        if set(data.get("add_tags", ())) & set(data.get("remove_tags", ())):
            raise ValidationError("A tag is to be added as well.", "remove_tags")


class ChangedCount(Schema):
    """How many are others than before."""

    changed = fields.Integer(required=True)


def bulk_blueprint(*, change_products: ChangeProducts) -> Routes:
    blueprint = Routes("bulk", __name__, description="Products: many at once")

    @blueprint.post("/products/bulk")
    @blueprint.arguments(CommonChanges, example=TEN_PERCENT_OFF)
    @blueprint.response(200, ChangedCount)
    @open_to(staff(CATALOG_WRITE))
    def change_many(body: dict[str, Any]) -> dict[str, int]:
        """Change many products in the same way, all or none of them."""
        ids, price = body.pop("ids"), body.pop("price", None)
        said = {name: body.pop(name) for name in _SAID if name in body}
        change = CommonChange(facts=said, price=price and _price(**price), **body)
        return {"changed": change_products(product_ids=ids, change=change)}

    return blueprint


_SAID: Sequence[str] = ("status", "is_featured")


def _price(**said: Any) -> NewPrice | PriceShift:
    if "set" in said:
        return NewPrice(said["set"])
    if "change_percent" in said:
        return PriceShift(percent=said["change_percent"])
    return PriceShift(minor=said["change_amount"].minor)
