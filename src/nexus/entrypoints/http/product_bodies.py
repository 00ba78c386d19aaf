"""What is said of products: when they are created, replaced and changed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate

from nexus.application.catalog.assortment import WantedVariant
from nexus.application.catalog.products import VariantDraft
from nexus.domain.catalog import MOST_VARIANTS, NAME_MAX, Option, ProductStatus
from nexus.domain.slugs import SLUG_MAX
from nexus.entrypoints.http.catalog_fields import (
    MOST_OPTIONS,
    Dimensions,
    Facts,
    OptionBody,
    Price,
    SaleBody,
    VariantBody,
    tags,
    units,
)
from nexus.entrypoints.http.schemas import Flag, Text, Whole

SOLD = ("sku", "stock", "low_stock_threshold")


class NamedVariant(VariantBody):
    """A variant of those that there are, by its `id` or `sku`; or one that is added."""

    id = fields.UUID()


def refuse_sold(data: Mapping[str, Any], names: Iterable[str]) -> None:
    """Each variant says it for itself."""
    for name in names:
        if name in data:
            raise ValidationError("Give it with each variant.", name)


class ProductChanges(SaleBody):
    """What may be said of a product. `title` is `name`, and `is_active` speaks of `status`.

    `sku`, `stock` and `low_stock_threshold` are those of the variant of a product with one alone.
    """

    name = Text(least=1, most=NAME_MAX, metadata={"example": "Yirgacheffe coffee, 500 g"})
    slug = Text(least=1, most=SLUG_MAX)
    description = Text(most=50_000)
    short_description = Text(most=1000)
    price = Price(metadata={"description": "The regular one; a sale has its own."})
    compare_at_price = Price(allow_none=True)
    status = fields.Enum(ProductStatus, by_value=True)
    is_active = Flag()
    brand = Text(most=120)
    tags = tags()
    attributes = Facts()
    dimensions = fields.Nested(Dimensions)
    weight_grams = Whole(allow_none=True, validate=validate.Range(min=0, max=10**9))
    is_digital = Flag()
    is_featured = Flag()
    meta_title = Text(most=200)
    meta_description = Text(most=500)
    category = Text(least=1, allow_none=True, metadata={"description": "Its id or slug."})
    category_id = fields.UUID(allow_none=True)
    category_ids = fields.List(fields.UUID(), validate=validate.Length(max=50))

    sku = Text(least=1, most=64)
    stock = units()
    low_stock_threshold = units()

    options = fields.List(fields.Nested(OptionBody), validate=validate.Length(max=MOST_OPTIONS))
    variants = fields.List(
        fields.Nested(NamedVariant),
        validate=validate.Length(max=MOST_VARIANTS),
        metadata={"description": "One with an `id` or a known `sku` is changed, others are added."},
    )

    @pre_load
    def read_aliases(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict) or "title" not in data:
            return data
        if "name" in data:
            raise ValidationError("It is another word for name: give one of them.", "title")
        return {"name" if key == "title" else key: value for key, value in data.items()}

    @post_load
    def read_status(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        is_active = data.pop("is_active", None)
        if is_active is None:
            return data
        active = ProductStatus.ACTIVE
        if (data.get("status", active) is active) != is_active and "status" in data:
            raise ValidationError("It contradicts status.", "is_active")
        return {"status": active if is_active else ProductStatus.INACTIVE} | data

    @post_load
    def read_variants(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if "variants" not in data:
            return data
        refuse_sold(data, SOLD)
        named = [WantedVariant(it, it.pop("id", None)) for it in data["variants"]]
        return data | {"variants": named}


class ProductBody(ProductChanges):
    """`variants`, if they are given, are all that there are: others are removed."""

    name = Text(least=1, most=NAME_MAX, required=True)
    price = Price(required=True)
    variants = fields.List(
        fields.Nested(NamedVariant), validate=validate.Length(min=1, max=MOST_VARIANTS)
    )


class NewProduct(ProductBody):
    """`sku`, `stock` and `low_stock_threshold` are the default variant's, or use `variants`."""

    variants = fields.List(fields.Nested(VariantBody), validate=validate.Length(max=MOST_VARIANTS))

    @post_load
    def read_variants(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        variants = data.pop("variants", None)
        if variants:
            refuse_sold(data, SOLD[1:])
        own = {name: data.pop(name) for name in SOLD if name in data}
        variants = variants or [{}]
        variants[0] = own | variants[0]
        return data | {"variants": [VariantDraft(**it) for it in variants]}


def facts_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the body says of the product itself, in the domain's types."""
    others = {"category", "category_id", "category_ids", "variants", *SOLD}
    facts = {name: value for name, value in body.items() if name not in others}
    if "tags" in facts:
        facts["tags"] = tuple(dict.fromkeys(facts["tags"]))
    if "options" in facts:
        facts["options"] = tuple(Option(it["name"], tuple(it["values"])) for it in facts["options"])
    return facts


def sold_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the body says of what is sold, should that be one thing alone."""
    return {name: body[name] for name in SOLD if name in body}


def categories_in(body: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the categories by the field that names each, the primary first; None if none does."""
    if not body.keys() & {"category", "category_id", "category_ids"}:
        return None
    return dict(_named_categories(body))


def _named_categories(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("category", "category_id"):
        if body.get(field):
            yield field, str(body[field])
    for index, id_ in enumerate(body.get("category_ids", ())):
        yield f"category_ids.{index}", str(id_)
