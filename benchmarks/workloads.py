"""What is asked of a catalogue, in a shop of a given number of products."""

from collections.abc import Sequence
from dataclasses import dataclass

from nexus.adapters.sql.bulk_load import CATEGORIES, product_id

API = "/api/v1"
PAGE = 20
SHOWN_PRODUCTS = 100
# Stands in the title of one loaded product in a hundred.
WORD = "Addamar"
CATEGORY = "load-07"


@dataclass(frozen=True)
class Workload:
    """Paths that are asked for in turn."""

    name: str
    title: str
    paths: Sequence[str]


def workloads(products: int) -> list[Workload]:
    # Page 3, or the last where a category has fewer.
    page = max(1, min(3, products // CATEGORIES // PAGE))
    listed = f"{API}/products?page_size={PAGE}"
    in_category = f"{listed}&category={CATEGORY}&ordering=price&page={page}"
    return [
        Workload("W1", "category list", [f"{API}/categories"]),
        Workload("W2", "product list, page 1", [listed]),
        Workload("W3", f"a category by price, page {page}", [in_category]),
        Workload("W4", "search for a word in 1 % of titles", [f"{listed}&search={WORD}"]),
        Workload("W5", "product page", [f"{API}/products/{it}" for it in _spread(products)]),
    ]


def _spread(products: int) -> list[str]:
    shown = min(SHOWN_PRODUCTS, products)
    return [str(product_id(at * products // shown)) for at in range(shown)]
