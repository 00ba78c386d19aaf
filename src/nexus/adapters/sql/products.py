from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    func,
    insert,
    select,
    update,
)

from nexus.adapters.sql.catalog_tables import product_images, products, variants
from nexus.adapters.sql.categories import categories, keyed, product_categories, taken_slugs
from nexus.adapters.sql.repository import Row, SqlRepository
from nexus.adapters.sql.reservations import reservations
from nexus.adapters.sql.stock import stock_items
from nexus.application.ports.catalog import MEDIA, ForSale
from nexus.domain.catalog import (
    Option,
    Product,
    ProductFacts,
    ProductImage,
    ProductNotFound,
    ProductStatus,
    Variant,
    VariantNotFound,
)
from nexus.domain.shared import Money


class SqlProducts(SqlRepository):
    def add(self, product: Product, variants_: Sequence[Variant]) -> None:
        self._insert(products, product, _row(product))
        self._db.execute(
            insert(variants), [_variant_row(it) | {"version": it.version} for it in variants_]
        )
        self._categorise(product)

    def save(self, product: Product) -> None:
        self._update(products, product, product.id, _row(product))
        mine = product_categories.c.product_id == product.id
        self._db.execute(delete(product_categories).where(mine))
        self._categorise(product)

    def _categorise(self, product: Product) -> None:
        rows = [
            {"product_id": product.id, "category_id": id_, "is_primary": not at, "position": at}
            for at, id_ in enumerate(product.category_ids)
        ]
        if rows:
            self._db.execute(insert(product_categories), rows)

    def remove(self, product: Product) -> None:
        self._db.execute(delete(products).where(products.c.id == product.id))
        self._gather(product)

    def lock(self, key: str) -> Product:
        if product := self._locked(keyed(products, key)):
            return product
        raise ProductNotFound(key)

    def _locked(self, condition: ColumnElement[bool]) -> Product | None:
        query = select(products, _category_ids()).where(condition).with_for_update(of=products)
        row = self._db.execute(query).first()
        return _product(row) if row else None

    def taken_slugs(self, slug: str) -> set[str]:
        return taken_slugs(self._db, products, slug)

    def add_variant(self, variant: Variant) -> None:
        self._insert(variants, variant, _variant_row(variant))

    def save_variant(self, variant: Variant) -> None:
        self._update(variants, variant, variant.id, _variant_row(variant))

    def remove_variant(self, variant: Variant) -> None:
        self._db.execute(delete(variants).where(variants.c.id == variant.id))

    def lock_variant(self, variant_id: UUID) -> tuple[Product, Variant]:
        owner = select(variants.c.product_id).where(variants.c.id == variant_id).scalar_subquery()
        product = self._locked(products.c.id == owner)
        row = self._db.execute(select(variants).where(variants.c.id == variant_id)).first()
        if product is None or row is None:
            raise VariantNotFound(variant_id)
        return product, _variant(row, product.facts.price.currency)

    def count_variants(self, product_id: UUID) -> int:
        query = select(func.count()).where(variants.c.product_id == product_id)
        return self._db.execute(query).scalar_one()

    def only_variant(self, product_id: UUID) -> Variant | None:
        query = select(variants, products.c.currency).join(products)
        rows = self._db.execute(query.where(variants.c.product_id == product_id).limit(2)).all()
        return _variant(rows[0], rows[0].currency) if len(rows) == 1 else None

    def known(self, product_ids: Collection[UUID]) -> set[UUID]:
        return set(self._db.scalars(select(products.c.id).where(products.c.id.in_(product_ids))))

    def add_image(self, image: ProductImage) -> None:
        main = (product_images.c.product_id == image.product_id) & product_images.c.is_main
        if image.is_main:
            self._db.execute(update(product_images).where(main).values(is_main=False))
        row = {name: getattr(image, name) for name in _OF_IMAGES}
        there_is = select(product_images.c.id).where(main).exists()
        self._db.execute(insert(product_images).values(row | {"is_main": ~there_is}))

    def was_ordered(self, product_id: UUID, variant_id: UUID | None = None) -> bool:
        """Every order line has had a reservation, and those are kept."""
        mine = select(variants.c.id).where(variants.c.product_id == product_id)
        if variant_id:
            mine = mine.where(variants.c.id == variant_id)
        ordered = select(reservations.c.order_id).where(reservations.c.variant_id.in_(mine))
        return bool(self._db.execute(select(ordered.exists())).scalar())

    def for_sale(self, variant_ids: Collection[UUID]) -> dict[UUID, ForSale]:
        query = goods().where(variants.c.id.in_(variant_ids))
        return {row.id: for_sale_from(row) for row in self._db.execute(query)}

    def sold_variants_of(self, key: str) -> list[ForSale]:
        query = goods().where(keyed(products, key), _is_sold())
        rows = self._db.execute(query.order_by(variants.c.position, variants.c.id))
        return [for_sale_from(row) for row in rows]


def _is_sold() -> ColumnElement[bool]:
    return (products.c.status == ProductStatus.ACTIVE) & variants.c.is_active


def _category_ids() -> ColumnElement[Any]:
    held = product_categories.c
    of_product = select(held.category_id).where(held.product_id == products.c.id)
    return func.array(
        of_product.order_by(held.is_primary.desc(), held.position).scalar_subquery()
    ).label("category_ids")


def _lineage() -> ColumnElement[Any]:
    """The categories of the product and all above them: a path is their ids in a row."""
    held = product_categories
    paths = select(func.string_agg(categories.c.path, "")).select_from(
        held.join(categories, categories.c.id == held.c.category_id)
    )
    return paths.where(held.c.product_id == products.c.id).scalar_subquery().label("lineage")


def _main_image() -> ColumnElement[Any]:
    main = (product_images.c.product_id == products.c.id) & product_images.c.is_main
    return select(product_images.c.path).where(main).scalar_subquery().label("image")


def goods() -> Select[Any]:
    available = func.coalesce(stock_items.c.on_hand - stock_items.c.reserved, 0)
    return select(
        variants.c.id,
        variants.c.product_id,
        variants.c.sku,
        variants.c.options,
        products.c.name,
        products.c.slug,
        products.c.is_digital,
        products.c.currency,
        func.coalesce(variants.c.price_minor, products.c.price_minor).label("price"),
        available.label("available"),
        _is_sold().label("is_sold"),
        _lineage(),
        _main_image(),
    ).select_from(
        variants.join(products, products.c.id == variants.c.product_id).outerjoin(
            stock_items, stock_items.c.variant_id == variants.c.id
        )
    )


def for_sale_from(row: Any) -> ForSale:
    return ForSale(
        variant_id=row.id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        product_slug=row.slug,
        options=row.options,
        price=Money(row.price, row.currency),
        available=row.available,
        is_sold=row.is_sold,
        category_ids=frozenset(_ids_in(row.lineage or "")),
        image_url=f"{MEDIA}{row.image}" if row.image else None,
        is_digital=row.is_digital,
    )


def _ids_in(path: str) -> Iterable[UUID]:
    return (UUID(part) for part in path.split("/") if part)


def _row(product: Product) -> Row:
    facts = product.facts
    row = {name: getattr(facts, name) for name in _PLAIN}
    row |= {"id": product.id, "created_at": product.created_at, "updated_at": product.updated_at}
    row |= {"price_minor": facts.price.minor, "currency": facts.price.currency}
    row["compare_at_minor"] = facts.compare_at_price and facts.compare_at_price.minor
    row["options"] = [{"name": it.name, "values": it.values} for it in facts.options]
    return row | {"tags": list(facts.tags)}


_PLAIN = (
    *("name", "slug", "description", "short_description", "status", "brand", "attributes"),
    *("dimensions", "weight_grams", "is_digital", "is_featured", "meta_title", "meta_description"),
)


def _product(row: Any) -> Product:
    compare_at = row.compare_at_minor
    facts = ProductFacts(
        **{name: getattr(row, name) for name in _PLAIN} | {"status": ProductStatus(row.status)},
        price=Money(row.price_minor, row.currency),
        compare_at_price=None if compare_at is None else Money(compare_at, row.currency),
        tags=tuple(row.tags),
        options=tuple(Option(it["name"], tuple(it["values"])) for it in row.options),
    )
    return Product(
        row.id,
        facts,
        tuple(row.category_ids),
        row.created_at,
        row.updated_at,
        version=row.version,
    )


def _variant_row(variant: Variant) -> Row:
    row = {name: getattr(variant, name) for name in _OF_VARIANTS}
    return row | {"price_minor": variant.price and variant.price.minor}


_OF_VARIANTS = ("id", "product_id", "sku", "name", "options", "attributes", "is_active", "position")
_OF_IMAGES = ("id", "product_id", "variant_id", "path", "alt_text", "position", "is_main")


def _variant(row: Any, currency: str) -> Variant:
    price = None if row.price_minor is None else Money(row.price_minor, currency)
    mine = {name: getattr(row, name) for name in _OF_VARIANTS}
    return Variant(**mine, price=price, version=row.version)
