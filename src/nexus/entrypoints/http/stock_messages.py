"""What is said of stock over HTTP, to staff."""

from marshmallow import Schema, fields, validate

from nexus.domain.inventory import MOST_UNITS
from nexus.domain.ledger import AdjustmentReason
from nexus.domain.locations import CODE_MAX, MAIN_CODE
from nexus.entrypoints.http.paging import PageQuery
from nexus.entrypoints.http.schemas import Flag, Moment, Since, Text, Whole

# An id is longer than a code may be.
_KEY_MAX = max(CODE_MAX, 36)


class Adjustment(Schema):
    """Units counted in (above 0) or out (below 0), at the location of this id or code."""

    delta = Whole(
        required=True,
        validate=validate.Range(min=-MOST_UNITS, max=MOST_UNITS),
        metadata={"example": 25},
    )
    reason = fields.Enum(AdjustmentReason, by_value=True, required=True)
    note = Text(most=500, load_default="")
    location = Text(least=1, most=_KEY_MAX, load_default=MAIN_CODE)


class Transfer(Schema):
    """Units carried between locations, each named by its id or code."""

    variant_id = fields.UUID(required=True)
    source = Text(required=True, least=1, most=_KEY_MAX, data_key="from")
    target = Text(required=True, least=1, most=_KEY_MAX, data_key="to")
    quantity = Whole(required=True, validate=validate.Range(min=1, max=MOST_UNITS))
    note = Text(most=500, load_default="")


class ShownLevelAt(Schema):
    """What lies at one location; at an inactive one nothing of it is available."""

    location_id = fields.UUID(required=True)
    code = fields.String(required=True)
    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    available = fields.Integer(required=True)


class ShownLevel(Schema):
    """What is on the shelf, what of it is promised to orders, and what is left.

    Inactive locations count for nothing here; `locations` tells of them too.
    """

    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    available = fields.Integer(required=True)
    low_stock_threshold = fields.Integer(required=True)
    locations = fields.List(fields.Nested(ShownLevelAt), required=True)


class ShownStock(ShownLevel):
    """The level of a variant, in a list of many."""

    variant_id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    name = fields.String(required=True)
    sku = fields.String(required=True)
    is_low = fields.Boolean(required=True)


class ShownMovement(Schema):
    """A line of the ledger.

    `delta` is of what lies at the location, `reserved_delta` of promises, `total_delta` of the
    variant's total, which leaves out inactive locations; what is `after` is that total.
    """

    id = fields.UUID(required=True)
    variant_id = fields.UUID(required=True)
    location = fields.String(required=True)
    delta = fields.Integer(required=True, attribute="on_hand_delta")
    reserved_delta = fields.Integer(required=True)
    total_delta = fields.Integer(required=True)
    reason = fields.String(required=True)
    note = fields.String(required=True)
    order_id = fields.UUID(required=True, allow_none=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    on_hand_after = fields.Integer(required=True)
    reserved_after = fields.Integer(required=True)
    created_at = Moment(required=True)


class ShownTransfer(Schema):
    """What was carried, and the two lines of the ledger about it."""

    variant_id = fields.UUID(required=True)
    source = fields.String(required=True, data_key="from")
    target = fields.String(required=True, data_key="to")
    quantity = fields.Integer(required=True)
    note = fields.String(required=True)
    movements = fields.List(fields.Nested(ShownMovement), required=True)


def _location() -> Text:
    return Text(most=_KEY_MAX, metadata={"description": "An id or a code."})


class StockQuery(PageQuery):
    low = Flag(metadata={"description": "Those at or below their threshold, or the others."})
    location = _location()
    search = Text(
        most=200, metadata={"description": "Begins the SKU, or is among the product's words."}
    )


class LedgerQuery(PageQuery):
    variant = fields.UUID(metadata={"description": "Of the variant with this id."})
    location = _location()
    reason = Text(most=40, metadata={"description": "Such as `received`, `reserved` or `sold`."})
    order = fields.UUID(metadata={"description": "Because of the order with this id."})
    created_after = Since(metadata={"description": "A time, or a day."})
