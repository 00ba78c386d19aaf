"""How PostgreSQL goes about the very statements that the application sends, among many products."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from nexus.adapters.editions import RedisEditions
from nexus.adapters.kept_counts import KeptCounts
from nexus.adapters.ready_answers import LayeredAnswers
from nexus.adapters.rq_queue import redis_client
from nexus.adapters.sql.engine import sql_engine
from nexus.adapters.sql.queries.catalog import SqlCatalogQueries
from nexus.application.ports.catalog import Members, ProductFilter
from nexus.application.ports.pages import Page, PageWanted
from nexus.domain.catalog import ProductStatus
from nexus.domain.shared import Money
from tests.integration.many_products import MANY, database_of_many
from tests.integration.statements import heard

pytestmark = pytest.mark.long

Plan = Mapping[str, Any]
LARGE = {"products", "listings", "variants", "stock_items", "product_categories"}
FIRST = PageWanted(size=20)
YESTERDAY = datetime(2026, 1, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = sql_engine(database_of_many(), pool=2)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def queries(engine: Engine) -> SqlCatalogQueries:
    """Nobody tells the edition here, so nothing is kept, and every statement is sent."""
    nobody = redis_client("redis://127.0.0.1:1/0", timeout=0.1)
    counts = KeptCounts(LayeredAnswers(nobody, room=0), RedisEditions(nobody))
    return SqlCatalogQueries(engine, media="/media/", counts=counts)


@contextmanager
def plans(engine: Engine) -> Iterator[list[Plan]]:
    """Gather the plan of every statement that is sent while this lasts."""
    found: list[Plan] = []
    with heard() as sent:
        yield found
    with engine.connect() as db:
        for statement, values in sent:
            told = db.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}", values
            ).scalar_one()
            found.append(told[0]["Plan"])


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def scanned(plan: Plan) -> list[str]:
    """Return the large tables that are read from end to end."""
    return [
        f"{it['Relation Name']}: {it['Actual Rows']} rows, {it['Shared Hit Blocks']} blocks"
        for it in nodes(plan)
        if it["Node Type"] == "Seq Scan" and it["Relation Name"] in LARGE
    ]


def blocks(plan: Plan) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def listed(
    queries: SqlCatalogQueries, page: PageWanted = FIRST, *, hidden: bool = False, **wanted: Any
) -> Page[Any]:
    return queries.products(ProductFilter(**wanted), page, hidden=hidden)


CATEGORY = {"category": "category-7"}


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ({}, FIRST),
        ({}, PageWanted(50, 20)),
        ({"ordering": ("price",)}, FIRST),
        ({"ordering": ("-price",)}, PageWanted(3, 20)),
        ({"ordering": ("name",)}, FIRST),
        ({"ordering": ("-created_at",)}, FIRST),
        ({"ordering": ("created_at",)}, FIRST),
        ({"ordering": ("-rating",)}, FIRST),
        ({"ordering": ("-popularity",)}, FIRST),
        ({"ordering": ("price", "-name")}, FIRST),
        (CATEGORY, FIRST),
        ({"category": "category-2"}, FIRST),
        (CATEGORY | {"ordering": ("price",)}, PageWanted(3, 20)),
        (CATEGORY | {"ordering": ("-name",)}, FIRST),
        (CATEGORY | {"ordering": ("-popularity",)}, FIRST),
        ({"in_stock": True}, FIRST),
    ],
)
def test_lists_are_read_in_the_order_of_an_index(
    engine: Engine, queries: SqlCatalogQueries, wanted: dict[str, Any], page: PageWanted
) -> None:
    with plans(engine) as found:
        assert len(listed(queries, page, **wanted).items) == 20

    assert [scanned(it) for it in found] == [[]] * len(found)
    assert blocks(found[0]) < 2_000, found[0]


@pytest.mark.parametrize(
    "wanted",
    [
        {"search": "edition55"},
        {"search": "kind3 edition"},
        {"search": "edition55", "category": "category-7"},
        {"search": "edition55", "ordering": ("price",)},
        {"search": "edition55", "max_price": Money(80_00)},
        {"search": "SKU-1234"},
        {"search": "editoin77"},
        {"brand": "maker7"},
        {"brand": "Maker7", "ordering": ("price",)},
        {"tag": "tag7"},
        {"tag": "tag7", "category": "category-2"},
        {"min_price": Money(60_00), "max_price": Money(61_00)},
        {"min_price": Money(60_00), "ordering": ("price",)},
        {"in_stock": False},
        {"in_stock": False, "category": "category-12"},
        {"on_sale": True},
        {"featured": True},
        {"featured": True, "ordering": ("price",)},
        {"attributes": {"ram": "16"}},
        {"attributes": {"ram": "16"}, "category": "category-1", "ordering": ("price",)},
        {"size": "M"},
        {"min_rating": 4.9},
        {"min_rating": 4.0, "category": "category-7"},
        {"created_after": YESTERDAY},
        {"brand": "maker7", "in_stock": True, "min_price": Money(60_00)},
    ],
)
def test_filters_are_served_by_indexes(
    engine: Engine, queries: SqlCatalogQueries, wanted: dict[str, Any]
) -> None:
    with plans(engine) as found:
        assert listed(queries, **wanted).items

    assert [scanned(it) for it in found] == [[]] * len(found)


MAKER, TAG = ProductFilter(brand="maker7"), ProductFilter(tag="tag7")
RULES = [
    (MAKER, ProductFilter(featured=True)),
    (MAKER, ProductFilter(in_stock=False)),
    (TAG, ProductFilter(max_price=Money(51_00)), ProductFilter(min_rating=4.9)),
    (ProductFilter(category="category-7"), ProductFilter(category="category-8")),
    (ProductFilter(category="category-2"), ProductFilter(on_sale=True)),
    (ProductFilter(size="M"), ProductFilter(attributes={"ram": "16"})),
    (replace(MAKER, max_price=Money(60_00)), replace(TAG, in_stock=True)),
]


@pytest.mark.parametrize("ordering", [(), ("price",)])
@pytest.mark.parametrize("filters", RULES)
def test_so_are_filters_of_which_any_will_do(
    engine: Engine,
    queries: SqlCatalogQueries,
    filters: tuple[ProductFilter, ...],
    ordering: tuple[str, ...],
) -> None:
    members = Members(filters=filters, any_of=True)

    with plans(engine) as found:
        begun = replace(FIRST, after=())
        far = listed(queries, begun, members=members, ordering=ordering).last
        listed(queries, replace(FIRST, after=far), members=members, ordering=ordering)

    assert [scanned(it) for it in found] == [[]] * 2


NONE, OF_NOBODY = ProductFilter(tag="none"), ProductFilter(brand="nobody")


@pytest.mark.parametrize("ordering", [(), ("price",), ("-name",)])
@pytest.mark.parametrize(
    "wanted",
    [
        {"tag": "none"},
        {"tag": "none", "min_price": Money(1_00)},
        {"tag": "none", "category": "category-2"},
        {"brand": "nobody"},
        {"size": "Ninety"},
        {"attributes": {"ram": "none"}},
        {"members": Members(filters=(NONE, OF_NOBODY), any_of=True)},
        {"members": Members(filters=(NONE, TAG))},
        {
            "members": Members(
                filters=(ProductFilter(category="category-7"), ProductFilter(category="category-8"))
            )
        },
    ],
)
def test_nobody_goes_far_for_what_no_product_has(
    engine: Engine, queries: SqlCatalogQueries, wanted: dict[str, Any], ordering: tuple[str, ...]
) -> None:
    with plans(engine) as found:
        assert not listed(queries, **wanted, ordering=ordering).items

    assert [scanned(it) for it in found] == [[]] * len(found)
    assert blocks(found[0]) < 10_000, found[0]


@pytest.mark.parametrize("wanted", [{}, {"status": ProductStatus.DISCONTINUED}, CATEGORY])
def test_so_is_what_staff_see(
    engine: Engine, queries: SqlCatalogQueries, wanted: dict[str, Any]
) -> None:
    with plans(engine) as found:
        assert listed(queries, hidden=True, **wanted).items

    assert [scanned(it) for it in found] == [[]] * len(found)


@pytest.mark.parametrize(
    "ordering",
    [
        *((name,) for name in ("price", "-price", "name", "-created_at", "-rating")),
        ("price", "-name"),
        ("-popularity",),
    ],
)
@pytest.mark.parametrize("wanted", [{}, CATEGORY])
def test_a_walk_costs_the_same_however_far_it_is(
    engine: Engine,
    queries: SqlCatalogQueries,
    wanted: dict[str, Any],
    ordering: tuple[str, ...],
) -> None:
    far = listed(queries, PageWanted(150, 20), ordering=ordering, **wanted).last

    with plans(engine) as found:
        assert len(listed(queries, replace(FIRST, after=far), ordering=ordering, **wanted).items)

    (plan,) = found
    assert scanned(plan) == []
    assert blocks(plan) < 1_500, plan


@pytest.mark.parametrize("key", ["product-1234", "00000000-0000-7000-8000-0000000004d2"])
def test_a_product_is_found_by_its_key(
    engine: Engine, queries: SqlCatalogQueries, key: str
) -> None:
    with plans(engine) as found:
        queries.product(key, hidden=False)

    (plan,) = found
    assert scanned(plan) == []


def test_categories_count_nothing(engine: Engine, queries: SqlCatalogQueries) -> None:
    with plans(engine) as found:
        queries.categories(hidden=False)

    assert [scanned(it) for it in found] == [[]]
    assert blocks(found[0]) < 200


def test_counts_end_where_nobody_counts_on(queries: SqlCatalogQueries) -> None:
    assert listed(queries).count == MANY - MANY // 50
    assert listed(queries, in_stock=True).count == 10_000
    assert listed(queries, search="edition").count == 10_000
    assert listed(queries, brand="maker7").count == 2_858
