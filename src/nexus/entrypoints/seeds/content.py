"""What the demo shop consists of, read from the files beside this module."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

# A shop in which there is one of everything: variants, sold out, digital, dear and cheap.
FEW = (
    "COF-YIRG",
    "SPI-BERB",
    "HON-WHIT",
    "KEM-AXUM",
    "LAP-PAVI",
    "PHO-GALA",
    "KIT-JEBE",
    "EBO-COOK",
)


@dataclass(frozen=True)
class SeedCategory:
    slug: str
    name: str
    description: str
    parent: str | None = None


@dataclass(frozen=True)
class SeedProduct:
    """A product with the look of its card; `categories` begins with the primary one."""

    sku: str
    name: str
    categories: tuple[str, ...]
    price: str
    short: str
    description: str
    brand: str
    stock: int
    colours: tuple[str, str]
    motif: str
    was: str | None = None
    sale: str | None = None
    status: str = "active"
    tags: tuple[str, ...] = ()
    featured: bool = False
    digital: bool = False
    weight: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)
    short_stock: Mapping[str, int] = field(default_factory=dict)

    @property
    def variants(self) -> Iterator[dict[str, str]]:
        """Every combination of the options; a product without any has one variant."""
        for values in product(*self.options.values()):
            yield dict(zip(self.options, values, strict=True))

    def sku_of(self, options: Mapping[str, str]) -> str:
        return "-".join([self.sku, *(value.replace(" ", "").upper() for value in options.values())])

    def price_of(self, options: Mapping[str, str]) -> str | None:
        """Return what this variant costs if it is not the product's own price."""
        return next((self.prices[it] for it in options.values() if it in self.prices), None)

    def stock_of(self, options: Mapping[str, str]) -> int:
        few = [self.short_stock[it] for it in options.values() if it in self.short_stock]
        return min([self.stock, *few])


@dataclass(frozen=True)
class SeedCoupon:
    """`starts` and `ends` are days from today."""

    code: str
    discount_type: str
    value: str = "0"
    min_purchase: str | None = None
    max_discount: str | None = None
    starts: int | None = None
    ends: int | None = None
    categories: tuple[str, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SeedCollection:
    """Holds the products of these SKUs, or those that the rule finds."""

    slug: str
    name: str
    description: str
    products: tuple[str, ...] = ()
    rule: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class SeedReview:
    product: str
    rating: int
    title: str
    comment: str


@dataclass(frozen=True)
class Content:
    categories: tuple[SeedCategory, ...]
    products: tuple[SeedProduct, ...]
    coupons: tuple[SeedCoupon, ...]
    collections: tuple[SeedCollection, ...]
    reviews: tuple[SeedReview, ...]

    def name_of(self, sku: str) -> str | None:
        return next((it.name for it in self.products if it.sku == sku), None)


def content(size: str) -> Content:
    """Return the whole demo shop, or with `small` a few products of it."""
    departments = [_read(name) for name in _departments()]
    categories = [SeedCategory(**it) for read in departments for it in read["categories"]]
    products = [_product(it, read) for read in departments for it in read["products"]]
    coupons = [_coupon(it) for it in _read("coupons.toml")["coupons"]]
    if size == "small":
        products = [it for it in products if it.sku in FEW]
    shown = _read("showcase.toml")
    collections = [
        SeedCollection(**it | {"products": tuple(it.get("products", ()))})
        for it in shown["collections"]
    ]
    reviews = [SeedReview(**it) for it in shown["reviews"]]
    return Content(
        tuple(categories), tuple(products), tuple(coupons), tuple(collections), tuple(reviews)
    )


@cache
def _departments() -> tuple[str, ...]:
    names = (it.name for it in files(f"{__package__}.demo").iterdir())
    return tuple(sorted(it for it in names if it.endswith(".toml") and it[0].isdigit()))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(f"{__package__}.demo") / name).read_text(encoding="utf-8"))


def _product(entry: Mapping[str, Any], department: Mapping[str, Any]) -> SeedProduct:
    facts = {"motif": department["motif"], "tags": ()} | dict(entry)
    place = facts.pop("category")
    return SeedProduct(
        **facts | {"tags": tuple(facts["tags"])},
        categories=(place,) if isinstance(place, str) else tuple(place),
        colours=tuple(department["colours"]),
    )


def _coupon(entry: Mapping[str, Any]) -> SeedCoupon:
    own = {name: entry[name] for name in SeedCoupon.__dataclass_fields__ if name in entry}
    limits = {name: value for name, value in entry.items() if name not in own}
    categories = tuple(own.pop("categories", ()))
    return SeedCoupon(**own, categories=categories, limits=limits)
