"""Coupons: staff make them, anybody may ask what one is worth."""

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from nexus.application.coupons import (
    ChangeCoupon,
    CreateCoupon,
    RemoveCoupon,
    ValidateCoupon,
    Validity,
)
from nexus.application.ports.shopping import COUPON_KEYS, ShoppingQueries
from nexus.application.ports.system import Clock
from nexus.application.pricing import ShowCart
from nexus.domain.coupons import CODE_MAX, SENTENCES, Coupon, CouponNotFound, DiscountType
from nexus.domain.shared import Money
from nexus.entrypoints.http.access import VISITOR, caller_or_none, open_to, staff
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.guests import cart_owner
from nexus.entrypoints.http.paging import (
    Envelope,
    Ordering,
    PageQuery,
    envelope,
    page_schema,
    page_wanted,
)
from nexus.entrypoints.http.schemas import Amount, Flag, Moment, Text, Whole, read_money

WRITE = staff("coupons.write")
MOST_USES = 2**31 - 1


class Hundredths(fields.Field[int]):
    """A percentage or an amount with two digits: `"10.00"` out, string or number in."""

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else Money(value, "ETB").text

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return read_money(value, "ETB", "Not a number with at most two digits.").minor


def _count() -> Whole:
    return Whole(allow_none=True, validate=validate.Range(1, MOST_USES))


class CouponTerms(Schema):
    """What a coupon gives, to whom and for how long. null takes a limit away."""

    code = Text(least=1, most=CODE_MAX, pattern=r"[^\s/]+")
    discount_type = fields.Enum(DiscountType, by_value=True)
    discount_value = Hundredths(metadata={"type": "string", "example": "10.00"})
    min_purchase_amount = Amount(allow_none=True, attribute="min_purchase")
    max_discount_amount = Amount(allow_none=True, attribute="max_discount")
    max_uses = _count()
    max_uses_per_customer = _count()
    valid_from = Moment(allow_none=True)
    valid_to = Moment(allow_none=True)
    is_active = Flag()
    is_public = Flag()
    stackable = Flag()
    product_ids = fields.List(fields.UUID(), validate=validate.Length(max=1000))
    category_ids = fields.List(fields.UUID(), validate=validate.Length(max=1000))


class NewCoupon(CouponTerms):
    code = Text(required=True, least=1, most=CODE_MAX, pattern=r"[^\s/]+")
    discount_type = fields.Enum(DiscountType, by_value=True, required=True)
    discount_value = Hundredths(load_default=0, metadata={"type": "string", "example": "10.00"})


class CouponShown(CouponTerms):
    id = fields.UUID(required=True)
    currency = fields.String(required=True)
    used_count = fields.Integer(required=True)
    created_at = Moment(required=True)


class CodeBody(Schema):
    code = Text(required=True, least=1, most=CODE_MAX)
    subtotal = Amount()


class CouponsQuery(PageQuery):
    ordering = Ordering(COUPON_KEYS)


class ValidityShown(Schema):
    valid = fields.Boolean(required=True)
    message = fields.String(required=True)
    reason = fields.String(allow_none=True)
    discount_amount = Amount(required=True)
    coupon = fields.Nested(CouponShown, allow_none=True)


def _terms(body: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of ids into what the aggregate holds."""
    sets = {name: frozenset(body[name]) for name in ("product_ids", "category_ids") if name in body}
    return body | sets


def _validity(found: Validity) -> dict[str, Any]:
    refusal = found.refusal
    return {
        "valid": refusal is None,
        "message": SENTENCES[refusal] if refusal else "This coupon can be used.",
        "reason": refusal,
        "discount_amount": found.discount,
        "coupon": found.coupon if refusal is None else None,
    }


TEN_PERCENT = {
    "code": "MESKEREM10",
    "discount_type": "percentage",
    "discount_value": "10.00",
    "min_purchase_amount": "500.00",
    "max_uses": 100,
}


def coupons_blueprint(
    *,
    queries: ShoppingQueries,
    create_coupon: CreateCoupon,
    change_coupon: ChangeCoupon,
    remove_coupon: RemoveCoupon,
    validate_coupon: ValidateCoupon,
    show_cart: ShowCart,
    now: Clock,
) -> Routes:
    blueprint = Routes("coupons", __name__, description="Codes for money off")

    def shown(coupon_id: UUID) -> Coupon:
        if coupon := queries.coupon(coupon_id):
            return coupon
        raise CouponNotFound(coupon_id)

    @blueprint.get("/coupons")
    @blueprint.arguments(CouponsQuery, location="query")
    @blueprint.response(200, page_schema(CouponShown))
    @open_to(VISITOR)
    def list_coupons(query: dict[str, Any]) -> Envelope:
        """List coupons: staff see all, others the public ones that are valid now."""
        wanted = page_wanted(query)
        caller = caller_or_none()
        all_of_them = caller is not None and caller.may("coupons.write")
        public_at = None if all_of_them else now()
        return envelope(queries.coupons(wanted, public_at=public_at, **query), wanted)

    @blueprint.post("/coupons")
    @blueprint.arguments(NewCoupon, example=TEN_PERCENT)
    @blueprint.response(201, CouponShown)
    @open_to(WRITE)
    def create(body: dict[str, Any]) -> tuple[Coupon, int, dict[str, str]]:
        """Make a coupon."""
        coupon_id = create_coupon(**_terms(body))
        return (
            shown(coupon_id),
            201,
            {"Location": url_for("coupons.get_coupon", coupon_id=coupon_id)},
        )

    @blueprint.get("/coupons/<uuid:coupon_id>")
    @blueprint.response(200, CouponShown)
    @open_to(WRITE)
    def get_coupon(coupon_id: UUID) -> Coupon:
        """Show a coupon."""
        return shown(coupon_id)

    @blueprint.patch("/coupons/<uuid:coupon_id>")
    @blueprint.arguments(CouponTerms, example={"max_uses": 200})
    @blueprint.response(200, CouponShown)
    @open_to(WRITE)
    def change(body: dict[str, Any], coupon_id: UUID) -> Coupon:
        """Change some terms of a coupon."""
        change_coupon(coupon_id=coupon_id, **_terms(body))
        return shown(coupon_id)

    @blueprint.put("/coupons/<uuid:coupon_id>")
    @blueprint.arguments(NewCoupon, example=TEN_PERCENT)
    @blueprint.response(200, CouponShown)
    @open_to(WRITE)
    def replace(body: dict[str, Any], coupon_id: UUID) -> Coupon:
        """Set all terms of a coupon anew; what is not named is as in a new one."""
        change_coupon(coupon_id=coupon_id, **UNLIMITED | _terms(body))
        return shown(coupon_id)

    @blueprint.delete("/coupons/<uuid:coupon_id>")
    @blueprint.response(204)
    @open_to(WRITE)
    def remove(coupon_id: UUID) -> None:
        """Remove a coupon; one that was ever used is only made inactive."""
        remove_coupon(coupon_id=coupon_id)

    @blueprint.post("/coupons/validate")
    @blueprint.arguments(CodeBody, example={"code": "WELCOME10", "subtotal": "1000.00"})
    @blueprint.response(200, ValidityShown)
    @open_to(VISITOR)
    def validate_code(body: dict[str, Any]) -> dict[str, Any]:
        """Say what a code would take off a subtotal, or off the cart's."""
        caller = caller_or_none()
        buyer = str(caller.user_id) if caller else ""
        if "subtotal" in body:
            return _validity(validate_coupon(**body, buyer=buyer))
        lines = show_cart(owner=cart_owner()).priced_lines
        return _validity(validate_coupon(code=body["code"], lines=lines, buyer=buyer))

    return blueprint


UNLIMITED: dict[str, Any] = {
    "min_purchase": None,
    "max_discount": None,
    "max_uses": None,
    "max_uses_per_customer": None,
    "valid_from": None,
    "valid_to": None,
    "is_active": True,
    "is_public": False,
    "stackable": False,
    "product_ids": frozenset(),
    "category_ids": frozenset(),
}
