"""Lists of wishes, as their owners and those who were given a word see them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Select, case, func, select

from nexus.adapters.sql.catalog_tables import product_images, products, variants
from nexus.adapters.sql.queries.keyset import SortKey
from nexus.adapters.sql.queries.reading import SqlQueries
from nexus.adapters.sql.stock import stock_items
from nexus.adapters.sql.wishlists import wishes, wishlists
from nexus.application.ports.community import (
    SharedWishlist,
    ShownWish,
    ShownWishlist,
    WishedProduct,
)
from nexus.application.ports.images import thumbnail_of
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import ProductStatus
from nexus.domain.shared import Money
from nexus.domain.wishlists import WishlistNotFound, WishNotFound

_NEWEST = (SortKey(wishes.c.id, falling=True),)


class SqlWishlistQueries(SqlQueries):
    """`media` is what the addresses of pictures begin with."""

    def __init__(self, engine: Engine, *, media: str) -> None:
        super().__init__(engine)
        self._media = media

    def wishes(self, owner: UUID, list_id: UUID | None, wanted: PageWanted) -> Page[ShownWish]:
        chosen = wishlists.c.id == list_id if list_id else wishlists.c.is_default
        mine = select(wishlists.c.id).where(wishlists.c.customer_id == owner, chosen)
        page = self._page(
            _WISHES.where(wishes.c.wishlist_id == mine.scalar_subquery()),
            _NEWEST,
            wanted,
            self._wish,
        )
        if list_id and not page.items and self._first(mine) is None:
            raise WishlistNotFound
        return page

    def wish(self, item_id: UUID, owner: UUID) -> ShownWish:
        mine = select(wishlists.c.id).where(wishlists.c.customer_id == owner)
        query = _WISHES.where(wishes.c.id == item_id, wishes.c.wishlist_id.in_(mine))
        row = self._first(query)
        if row is None:
            raise WishNotFound(item_id)
        return self._wish(row)

    def lists(self, owner: UUID) -> Sequence[ShownWishlist]:
        query = _LISTS.where(wishlists.c.customer_id == owner)
        rows = self._all(query.order_by(wishlists.c.is_default.desc(), wishlists.c.id))
        return [ShownWishlist(**row._mapping) for row in rows]

    def shared(self, share_key: UUID) -> SharedWishlist:
        query = select(wishlists.c.id, wishlists.c.name)
        row = self._first(query.where(wishlists.c.share_key == share_key))
        if row is None:
            raise WishlistNotFound
        return SharedWishlist(row.id, row.name)

    def shared_wishes(self, list_id: UUID, wanted: PageWanted) -> Page[ShownWish]:
        return self._page(
            _WISHES.where(wishes.c.wishlist_id == list_id), _NEWEST, wanted, self._wish
        )

    def _wish(self, row: Any) -> ShownWish:
        return ShownWish(
            id=row.id,
            product_id=row.product_id,
            product=self._card(row),
            variant_id=row.variant_id,
            available=row.available,
            note=row.note,
            added_at=row.added_at,
        )

    def _card(self, row: Any) -> WishedProduct:
        price = Money(row.price, row.currency)
        compare_at = None if row.compare_at is None else Money(row.compare_at, row.currency)
        return WishedProduct(
            id=row.product_id,
            name=row.name,
            slug=row.slug,
            short_description=row.short_description,
            price=price,
            compare_at_price=compare_at,
            currency=row.currency,
            on_sale=row.on_sale,
            main_image_url=row.image and f"{self._media}{row.image}",
            main_image_thumbnail_url=row.image and f"{self._media}{thumbnail_of(row.image)}",
            rating_average=None if row.rating_average is None else float(row.rating_average),
            rating_count=row.rating_count,
            in_stock=row.available and row.left > 0,
        )


_LISTS = select(
    wishlists.c.id,
    wishlists.c.name,
    wishlists.c.is_default,
    wishlists.c.share_key,
    wishlists.c.created_at,
    select(func.count())
    .where(wishes.c.wishlist_id == wishlists.c.id)
    .correlate(wishlists)
    .scalar_subquery()
    .label("item_count"),
)


def _left() -> ColumnElement[Any]:
    """How many can be had of the wished variant, or of all that the product is sold as."""
    sold = variants.alias("sold")
    meant = (sold.c.product_id == wishes.c.product_id) & sold.c.is_active
    one = wishes.c.variant_id.is_(None) | (sold.c.id == wishes.c.variant_id)
    left = func.coalesce(func.sum(stock_items.c.on_hand - stock_items.c.reserved), 0)
    shelf = sold.join(stock_items, stock_items.c.variant_id == sold.c.id)
    return select(left).select_from(shelf).where(meant, one).correlate(wishes).scalar_subquery()


def _main_image() -> ColumnElement[Any]:
    main = (product_images.c.product_id == products.c.id) & product_images.c.is_main
    return select(product_images.c.path).where(main).correlate(products).scalar_subquery()


def _struck_out(chosen: Any) -> ColumnElement[Any]:
    """The variant's regular price where it has a price of its own, or what its product says."""
    of_product = chosen(products.c.compare_at_minor, products.c.regular_minor)
    return case((variants.c.price_minor.is_(None), of_product), else_=variants.c.regular_minor)


_PRICE = func.coalesce(variants.c.price_minor, products.c.price_minor)
_WISHES: Select[Any] = select(
    wishes.c.id,
    wishes.c.product_id,
    wishes.c.variant_id,
    wishes.c.note,
    wishes.c.added_at,
    *(products.c[name] for name in ("name", "slug", "short_description")),
    *(products.c[name] for name in ("currency", "rating_average", "rating_count")),
    _PRICE.label("price"),
    _struck_out(func.coalesce).label("compare_at"),
    func.coalesce(_struck_out(func.greatest) > _PRICE, False).label("on_sale"),
    _main_image().label("image"),
    _left().label("left"),
    ((products.c.status == ProductStatus.ACTIVE) & func.coalesce(variants.c.is_active, True)).label(
        "available"
    ),
).select_from(
    wishes.join(products, products.c.id == wishes.c.product_id).outerjoin(
        variants, variants.c.id == wishes.c.variant_id
    )
)
