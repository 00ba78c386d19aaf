"""The tables of the catalogue, as the ORM sees them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Table, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(TEXT),
    }


product_categories = Table(
    "product_categories",
    Base.metadata,
    Column("product_id", ForeignKey("products.id"), primary_key=True),
    Column("category_id", ForeignKey("categories.id"), primary_key=True),
)


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str]
    parent_id: Mapped[UUID | None]
    image_url: Mapped[str | None]
    position: Mapped[int]
    is_active: Mapped[bool]
    meta_title: Mapped[str]
    meta_description: Mapped[str]
    product_count: Mapped[int] = column_property(
        select(func.count())
        .where(product_categories.c.category_id == id)
        .correlate_except(product_categories)
        .scalar_subquery(),
        deferred=True,
    )


class Stock(Base):
    __tablename__ = "stock_items"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int]


class Variant(Base):
    __tablename__ = "variants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    sku: Mapped[str]
    name: Mapped[str]
    price_minor: Mapped[int | None]
    options: Mapped[dict[str, Any]]
    attributes: Mapped[dict[str, Any]]
    is_active: Mapped[bool]
    position: Mapped[int]
    stored: Mapped[Stock] = relationship(lazy="joined")

    @property
    def stock(self) -> int:
        return self.stored.on_hand

    @property
    def available(self) -> int:
        return self.stored.on_hand - self.stored.reserved


class Image(Base):
    __tablename__ = "product_images"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    path: Mapped[str]
    alt_text: Mapped[str]
    position: Mapped[int]
    is_main: Mapped[bool]


class Product(Base):
    __tablename__ = "products"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str]
    short_description: Mapped[str]
    price_minor: Mapped[int]
    compare_at_minor: Mapped[int | None]
    currency: Mapped[str]
    status: Mapped[str]
    brand: Mapped[str]
    tags: Mapped[list[str]]
    attributes: Mapped[dict[str, Any]]
    options: Mapped[list[Any]]
    dimensions: Mapped[dict[str, Any]]
    weight_grams: Mapped[int | None]
    is_digital: Mapped[bool]
    is_featured: Mapped[bool]
    meta_title: Mapped[str]
    meta_description: Mapped[str]
    rating_average: Mapped[float | None]
    rating_count: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    categories: Mapped[list[Category]] = relationship(secondary=product_categories, lazy="selectin")
    variants: Mapped[list[Variant]] = relationship(lazy="selectin", order_by=Variant.position)
    images: Mapped[list[Image]] = relationship(lazy="selectin", order_by=Image.position)

    @property
    def sku(self) -> str:
        return self.variants[0].sku

    @property
    def category(self) -> Category | None:
        return self.categories[0] if self.categories else None

    @property
    def main_image_url(self) -> str | None:
        return next((f"/media/{it.path}" for it in self.images if it.is_main), None)

    @property
    def is_active(self) -> bool:
        return self.status == "active"

    @property
    def stock(self) -> int:
        return sum(it.stock for it in self.variants)

    @property
    def in_stock(self) -> bool:
        return any(it.available > 0 for it in self.variants)
