"""The demo shop, made by the same use cases as any other: none of their rules is bypassed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from nexus.application.accounts import EnsureAccount
from nexus.application.addresses import SaveAddress
from nexus.application.catalog.categories import CreateCategory
from nexus.application.catalog.images import AttachImage
from nexus.application.catalog.products import CreateProduct, VariantDraft
from nexus.application.coupons import CreateCoupon, ValidateCoupon
from nexus.application.ports.catalog import CatalogQueries, ShownProduct
from nexus.application.ports.identity import IdentityQueries
from nexus.application.ports.system import Clock
from nexus.domain.addresses import Address, Kind
from nexus.domain.catalog import ProductNotFound, ProductStatus
from nexus.domain.coupons import DiscountType
from nexus.domain.sales import Sale
from nexus.domain.shared import AlreadyExists, Money
from nexus.domain.slugs import slug_of
from nexus.domain.users import Profile
from nexus.entrypoints.seeds.cards import draw_card, spoken_in_latin
from nexus.entrypoints.seeds.content import Content, SeedCategory, SeedCoupon, SeedProduct
from nexus.entrypoints.seeds.showcase import Showing
from nexus.entrypoints.seeds.steps import Step
from nexus.settings import Settings

CUSTOMER = ("abebe@nexus.test", "nexus-customer-local")
ABEBE = Profile(first_name="Abebe", last_name="Bikila", phone="+251911234567")
HOME = Address(
    first_name="Abebe",
    last_name="Bikila",
    phone="+251911234567",
    line1="Bole Road, near Edna Mall",
    city="Addis Ababa",
    region="Addis Ababa",
    sub_city="Bole",
    woreda="03",
    house_no="1207",
    postal_code="1000",
)


@dataclass(frozen=True)
class Filling:
    """What is there already is recognised by its slug, code or address, and left alone."""

    settings: Settings
    now: Clock
    ensure_customer: EnsureAccount
    save_address: SaveAddress
    create_category: CreateCategory
    create_product: CreateProduct
    attach_image: AttachImage
    create_coupon: CreateCoupon
    validate_coupon: ValidateCoupon
    catalog: CatalogQueries
    identity: IdentityQueries
    showing: Showing

    def steps(self, content: Content) -> Iterator[Step]:
        if self.settings.nexus_env != "production":
            yield Step("Accounts", CUSTOMER[0], self._customer)
        known = {it.slug for it in self.catalog.categories(hidden=True)}
        for at, category in enumerate(content.categories):
            yield Step("Categories", category.name, partial(self._category, category, at, known))
        for product in content.products:
            yield Step("Products", product.name, partial(self._product, product))
        for coupon in content.coupons:
            yield Step("Coupons", coupon.code, partial(self._coupon, coupon))
        yield from self.showing.collections(content)
        if self.settings.nexus_env != "production":
            yield from self.showing.reviews(content, self._abebe)

    def _customer(self) -> bool:
        began = self.now()
        id_ = self._abebe()
        if not self.identity.addresses_of(id_):
            self.save_address(customer_id=id_, kind=Kind.SHIPPING, address=HOME, is_default=True)
        return self.identity.account(id_).created_at >= began

    def _abebe(self) -> UUID:
        email, password = CUSTOMER
        return self.ensure_customer(email=email, password=password, profile=ABEBE)

    def _category(self, category: SeedCategory, position: int, known: set[str]) -> bool:
        if category.slug in known:
            return False
        facts = {
            "name": category.name,
            "slug": category.slug,
            "parent_id": category.parent,
            "description": category.description,
            "position": position,
            "meta_title": f"{category.name} | Nexus",
            "meta_description": category.description,
        }
        return made(lambda: self.create_category(facts=facts))

    def _product(self, product: SeedProduct) -> bool:
        slug = slug_of(spoken_in_latin(product.name))
        found = self._find(slug)
        is_new = found is None and made(lambda: self._create(product, slug))
        found = self._find(slug) if is_new else found
        if found and not orjson.loads(found.document)["images"]:
            self._picture(found.id, product)
        return is_new

    def _find(self, slug: str) -> ShownProduct | None:
        try:
            return self.catalog.product(slug, hidden=True)
        except ProductNotFound:
            return None

    def _create(self, product: SeedProduct, slug: str) -> UUID:
        categories = {f"category_ids.{at}": it for at, it in enumerate(product.categories)}
        return self.create_product(
            facts=self._facts(product) | {"slug": slug},
            categories=categories,
            variants=[self._draft(product, options) for options in product.variants],
        )

    def _facts(self, product: SeedProduct) -> dict[str, Any]:
        return {
            "name": product.name,
            "price": self._money(product.price),
            "compare_at_price": product.was and self._money(product.was),
            "description": product.description,
            "short_description": product.short,
            "status": ProductStatus(product.status),
            "brand": product.brand,
            "tags": product.tags,
            "attributes": product.attributes,
            "weight_grams": product.weight,
            "is_digital": product.digital,
            "is_featured": product.featured,
            "meta_title": f"{product.name} | Nexus",
            "meta_description": product.short,
            "sale": product.sale and Sale(self._money(product.sale), None, self._in_a_fortnight),
        }

    @property
    def _in_a_fortnight(self) -> datetime:
        return self.now() + timedelta(days=14)

    def _draft(self, product: SeedProduct, options: dict[str, str]) -> VariantDraft:
        price = product.price_of(options)
        return VariantDraft(
            sku=product.sku_of(options),
            name=" / ".join(options.values()),
            price=None if price is None else self._money(price),
            options=options,
            stock=product.stock_of(options),
        )

    def _picture(self, product_id: UUID, product: SeedProduct) -> None:
        self.attach_image(
            product=str(product_id),
            content=draw_card(product.name, product.colours, product.motif),
            alt_text=product.name,
            is_main=True,
        )

    def _coupon(self, coupon: SeedCoupon) -> bool:
        nothing = Money.zero(self.settings.default_currency)
        known = self.validate_coupon(code=coupon.code, subtotal=nothing, buyer="").coupon
        return known is None and made(
            lambda: self.create_coupon(code=coupon.code, **self._terms(coupon))
        )

    def _terms(self, coupon: SeedCoupon) -> dict[str, Any]:
        now, queries = self.now(), self.catalog
        kind = DiscountType(coupon.discount_type)
        per_cent = kind is DiscountType.PERCENTAGE
        return dict(coupon.limits) | {
            "discount_type": kind,
            "discount_value": hundredths(coupon.value) if per_cent else self._minor(coupon.value),
            "min_purchase": coupon.min_purchase and self._money(coupon.min_purchase),
            "max_discount": coupon.max_discount and self._money(coupon.max_discount),
            "valid_from": None if coupon.starts is None else now + timedelta(days=coupon.starts),
            "valid_to": None if coupon.ends is None else now + timedelta(days=coupon.ends),
            "category_ids": frozenset(
                queries.category(it, hidden=True).id for it in coupon.categories
            ),
        }

    def _money(self, text: str) -> Money:
        return Money.parse(text, self.settings.default_currency)

    def _minor(self, text: str) -> int:
        return self._money(text).minor


def hundredths(text: str) -> int:
    return int(Decimal(text) * 100)


def made(create: Callable[[], object]) -> bool:
    """Create it, unless somebody else has it already: another seed, or staff under a new name."""
    try:
        create()
    except AlreadyExists:
        return False
    return True
