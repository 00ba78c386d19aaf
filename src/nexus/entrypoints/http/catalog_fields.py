"""What the messages of the catalogue have in common."""

from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from nexus.domain.catalog import MOST_TAGS
from nexus.domain.inventory import MOST_UNITS
from nexus.domain.price_changes import DEAREST_MINOR
from nexus.domain.shared import Money
from nexus.entrypoints.http.access import caller_or_none
from nexus.entrypoints.http.schemas import Amount, Flag, Moment, Text, Whole

# Together they fit an index entry, which is how two variants with the same options are refused.
MOST_OPTIONS, OPTION_NAME_MAX, OPTION_VALUE_MAX = 5, 30, 60
CATALOG_WRITE = "catalog.write"


def sees_hidden() -> bool:
    """Tell whether the caller is of the staff who keep the catalogue."""
    caller = caller_or_none()
    return caller is not None and caller.may(CATALOG_WRITE)


class Facts(fields.Dict):
    """A JSON object whose numbers come back as the numbers they were."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=Text(least=1, most=100), validate=validate.Length(max=100), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        # marshmallow gives its own no types.
        facts = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        return _with_floats(facts)


def _with_floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _with_floats(each) for name, each in value.items()}
    return [_with_floats(each) for each in value] if isinstance(value, list) else value


class Price(Amount):
    """What something may cost: nothing at least, and no more than fits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Money:
        money = super()._deserialize(value, attr, data, **kwargs)
        if money.minor > DEAREST_MINOR:
            raise ValidationError("Too much.")
        return money


def tags() -> fields.List[str]:
    return fields.List(Text(least=1, most=60), validate=validate.Length(max=MOST_TAGS))


def units() -> Whole:
    return Whole(validate=validate.Range(min=0, max=MOST_UNITS), metadata={"example": 10})


class OptionBody(Schema):
    name = Text(least=1, most=OPTION_NAME_MAX, required=True, metadata={"example": "size"})
    values = fields.List(
        Text(least=1, most=OPTION_VALUE_MAX), required=True, metadata={"example": ["S", "M"]}
    )


class Measure(fields.Float):
    """A JSON number above 0, which comes back as the number it was."""

    def __init__(self) -> None:
        above_0 = validate.Range(min=0, min_inclusive=False, max=1_000_000)
        super().__init__(validate=above_0, allow_nan=False, metadata={"example": 12.5})

    def _validated(self, value: Any) -> Any:
        if type(value) not in (int, Decimal):
            raise self.make_error("invalid", input=value)
        return value if type(value) is int else float(value)


class Dimensions(Schema):
    """How large it is, packed: in centimetres unless `unit` says otherwise."""

    length = Measure()
    width = Measure()
    height = Measure()
    depth = Measure()
    diameter = Measure()
    unit = fields.String(validate=validate.OneOf(["mm", "cm", "m", "in"]))


class SaleBody(Schema):
    """A scheduled sale. Null for a moment leaves that side open; null for the price ends it."""

    sale_price = Price(allow_none=True, metadata={"example": "999.00"})
    sale_starts_at = Moment(allow_none=True, metadata={"example": "2030-11-29T00:00:00Z"})
    sale_ends_at = Moment(allow_none=True, metadata={"example": "2030-12-02T00:00:00Z"})


class ShownTerms(Schema):
    """How a price comes about; the sale as it is planned is null for all but the staff."""

    regular_price = Amount(required=True, allow_none=True)
    sale_price = Amount(required=True, allow_none=True)
    sale_starts_at = Moment(required=True, allow_none=True)
    sale_ends_at = Moment(required=True, allow_none=True)


class VariantBody(SaleBody):
    """What may be said of a variant, each of it optional."""

    sku = Text(least=1, most=64, metadata={"example": "TEE-RED-M"})
    name = Text(most=200)
    price = Price(allow_none=True)
    options = fields.Dict(
        keys=Text(least=1, most=OPTION_NAME_MAX),
        values=Text(least=1, most=OPTION_VALUE_MAX),
        validate=validate.Length(max=MOST_OPTIONS),
        metadata={"example": {"size": "M", "colour": "red"}},
    )
    attributes = Facts()
    is_active = Flag()
    low_stock_threshold = Whole(
        allow_none=True, validate=validate.Range(min=0, max=MOST_UNITS), metadata={"example": 5}
    )
    stock = units()


class ShownVariant(ShownTerms):
    """What is sold. `price` is null where it is the product's; `available` is not promised yet."""

    id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    price = Amount(required=True, allow_none=True)
    compare_at_price = Amount(required=True, allow_none=True)
    lowest_price_30_days = Amount(required=True, allow_none=True)
    on_sale = fields.Boolean(required=True)
    currency = fields.String(required=True, metadata={"example": "ETB"})
    options = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    attributes = fields.Dict(required=True)
    stock = fields.Integer(required=True)
    available = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    low_stock_threshold = fields.Integer(required=True)
