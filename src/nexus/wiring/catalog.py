"""What is shown and sold, and how much there is of it."""

from nexus.adapters.kept_counts import KeptCounts
from nexus.adapters.sql.listings import SqlPopularity
from nexus.adapters.sql.queries.catalog import SqlCatalogQueries
from nexus.adapters.sql.queries.discovery import SqlDiscoveryQueries
from nexus.adapters.sql.queries.prices import SqlPriceQueries
from nexus.application.catalog.bulk import ChangeProducts
from nexus.application.catalog.categories import ChangeCategory, CreateCategory, RemoveCategory
from nexus.application.catalog.changes import ChangeProduct
from nexus.application.catalog.images import AttachImage
from nexus.application.catalog.popularity import CountSales
from nexus.application.catalog.prices import TurnPrices
from nexus.application.catalog.products import CreateProduct, RemoveProduct
from nexus.application.catalog.recommendations import NoteView
from nexus.application.catalog.variants import AddVariant, ChangeVariant, RemoveVariant
from nexus.entrypoints.http.bulk import bulk_blueprint
from nexus.entrypoints.http.categories import categories_blueprint
from nexus.entrypoints.http.discovery import discovery_blueprint
from nexus.entrypoints.http.prices import prices_blueprint
from nexus.entrypoints.http.products import products_blueprint
from nexus.entrypoints.http.variants import variants_blueprint
from nexus.wiring.inventory import Inventory
from nexus.wiring.technology import Once


class Catalog(Inventory):
    catalog_queries = Once(
        SqlCatalogQueries,
        Inventory.reader,
        media=Inventory.media_url,
        counts=Once(KeptCounts, answers=Inventory.ready_answers, editions=Inventory.editions),
    )
    change_products = Once(ChangeProducts, start_work=Inventory.work.provider, now=Inventory.clock)
    turn_prices = Once(TurnPrices, start_work=Inventory.work.provider, now=Inventory.clock)
    count_sales = Once(CountSales, popularity=Once(SqlPopularity, Inventory.engine))
    create_category = Once(CreateCategory, start_work=Inventory.work.provider)
    change_category = Once(ChangeCategory, start_work=Inventory.work.provider)
    remove_category = Once(RemoveCategory, start_work=Inventory.work.provider)
    low_stock = Inventory.settings.provided.low_stock_default
    create_product = Once(
        CreateProduct,
        start_work=Inventory.work.provider,
        now=Inventory.clock,
        low_stock_default=low_stock,
    )
    change_product = Once(
        ChangeProduct,
        start_work=Inventory.work.provider,
        now=Inventory.clock,
        low_stock_default=low_stock,
    )
    remove_product = Once(RemoveProduct, start_work=Inventory.work.provider, now=Inventory.clock)
    add_variant = Once(
        AddVariant,
        start_work=Inventory.work.provider,
        now=Inventory.clock,
        low_stock_default=low_stock,
    )
    change_variant = Once(
        ChangeVariant,
        start_work=Inventory.work.provider,
        now=Inventory.clock,
        low_stock_default=low_stock,
    )
    remove_variant = Once(RemoveVariant, start_work=Inventory.work.provider, now=Inventory.clock)
    attach_image = Once(
        AttachImage,
        start_work=Inventory.work.provider,
        now=Inventory.clock,
        store=Inventory.image_store,
    )
    categories = Once(
        categories_blueprint,
        create_category=create_category,
        change_category=change_category,
        remove_category=remove_category,
        queries=catalog_queries,
    )
    products = Once(
        products_blueprint,
        create_product=create_product,
        change_product=change_product,
        remove_product=remove_product,
        note_view=Once(NoteView, start_work=Inventory.work.provider, now=Inventory.clock),
        queries=catalog_queries,
    )
    discovery = Once(
        discovery_blueprint,
        queries=Once(
            SqlDiscoveryQueries,
            Inventory.reader,
            media=Inventory.media_url,
            currency=Inventory.settings.provided.default_currency,
        ),
    )
    prices = Once(prices_blueprint, queries=Once(SqlPriceQueries, Inventory.reader))
    bulk = Once(bulk_blueprint, change_products=change_products)
    variants = Once(
        variants_blueprint,
        add_variant=add_variant,
        change_variant=change_variant,
        remove_variant=remove_variant,
        queries=catalog_queries,
    )
