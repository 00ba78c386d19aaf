"""Carts, coupons and orders."""

from datetime import timedelta
from operator import eq

from dependency_injector import providers

from nexus.adapters.sql.queries.shopping import SqlShoppingQueries
from nexus.application.carts import (
    AddToCart,
    ApplyCoupon,
    ClaimGuestCart,
    ClearCart,
    RemoveFromCart,
    SetQuantity,
    TakeCouponOff,
)
from nexus.application.checkout import PlaceOrder
from nexus.application.coupons import ChangeCoupon, CreateCoupon, RemoveCoupon, ValidateCoupon
from nexus.application.pricing import Pricing, SealedQuotes, ShowCart
from nexus.domain.pricing import ShippingMethod, TaxRule
from nexus.domain.shared import Money
from nexus.entrypoints.http.carts import carts_blueprint
from nexus.entrypoints.http.coupons import coupons_blueprint
from nexus.entrypoints.http.orders import orders_blueprint
from nexus.settings import Settings
from nexus.wiring.showcase import Showcase
from nexus.wiring.technology import Once


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def pricing_of(settings: Settings) -> Pricing:
    """Read the shop's rules: one tax rate, a flat way to ship and one that is free above."""

    def money(text: str) -> Money:
        return Money.parse(text, settings.default_currency)

    free_from = money(settings.shipping_free_above)
    return Pricing(
        currency=settings.default_currency,
        tax=TaxRule(settings.tax_rate, inside=settings.prices_include_tax),
        shipping=(
            ShippingMethod("standard", "Standard delivery", money(settings.shipping_standard), 3),
            ShippingMethod(
                "economy", "Economy delivery", money(settings.shipping_economy), 7, free_from
            ),
        ),
        most_coupons=settings.coupon_max_per_cart,
    )


class Shopping(Showcase):
    shopping_queries = Once(SqlShoppingQueries, Showcase.reader, media=Showcase.media_url)
    pricing = Once(pricing_of, Showcase.settings)
    quotes = Once(
        SealedQuotes,
        seals=Showcase.seals,
        now=Showcase.clock,
        lifetime=providers.Callable(minutes, Showcase.settings.provided.quote_ttl_min),
    )
    show_cart = Once(
        ShowCart, queries=shopping_queries, pricing=pricing, quotes=quotes, now=Showcase.clock
    )
    most = Showcase.settings.provided.cart_max_qty
    add_to_cart = Once(
        AddToCart,
        start_work=Showcase.work.provider,
        now=Showcase.clock,
        currency=Showcase.settings.provided.default_currency,
        most=most,
    )
    set_quantity = Once(
        SetQuantity, start_work=Showcase.work.provider, now=Showcase.clock, most=most
    )
    remove_from_cart = Once(RemoveFromCart, start_work=Showcase.work.provider, now=Showcase.clock)
    clear_cart = Once(ClearCart, start_work=Showcase.work.provider, now=Showcase.clock)
    apply_coupon = Once(
        ApplyCoupon,
        start_work=Showcase.work.provider,
        now=Showcase.clock,
        pricing=pricing,
    )
    take_coupon_off = Once(TakeCouponOff, start_work=Showcase.work.provider, now=Showcase.clock)
    claim_guest_cart = Once(
        ClaimGuestCart, start_work=Showcase.work.provider, now=Showcase.clock, most=most
    )
    create_coupon = Once(
        CreateCoupon,
        start_work=Showcase.work.provider,
        now=Showcase.clock,
        currency=Showcase.settings.provided.default_currency,
    )
    change_coupon = Once(ChangeCoupon, start_work=Showcase.work.provider)
    remove_coupon = Once(RemoveCoupon, start_work=Showcase.work.provider)
    validate_coupon = Once(
        ValidateCoupon,
        start_work=Showcase.work.provider,
        now=Showcase.clock,
        currency=Showcase.settings.provided.default_currency,
    )
    place_order = Once(
        PlaceOrder,
        start_work=Showcase.work.provider,
        now=Showcase.clock,
        pricing=pricing,
        quotes=quotes,
        hold_for=providers.Callable(minutes, Showcase.settings.provided.reservation_ttl_min),
        only_verified=providers.Callable(
            eq, Showcase.settings.provided.require_verified_for, "checkout"
        ),
    )
    carts = Once(
        carts_blueprint,
        show_cart=show_cart,
        add_to_cart=add_to_cart,
        set_quantity=set_quantity,
        remove_from_cart=remove_from_cart,
        clear_cart=clear_cart,
        apply_coupon=apply_coupon,
        take_coupon_off=take_coupon_off,
        claim_guest_cart=claim_guest_cart,
        pricing=pricing,
        answers=Showcase.answers,
        now=Showcase.clock,
    )
    coupons = Once(
        coupons_blueprint,
        queries=shopping_queries,
        create_coupon=create_coupon,
        change_coupon=change_coupon,
        remove_coupon=remove_coupon,
        validate_coupon=validate_coupon,
        show_cart=show_cart,
        now=Showcase.clock,
    )
    orders = Once(
        orders_blueprint,
        place_order=place_order,
        queries=shopping_queries,
        order_tokens=Showcase.order_tokens,
        answers=Showcase.answers,
        now=Showcase.clock,
    )
