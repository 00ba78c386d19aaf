import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from nexus.domain.catalog import ProductStatus
from nexus.domain.coupons import DiscountType
from nexus.domain.slugs import slug_of
from nexus.entrypoints.seeds.cards import SIDE, draw_card, spoken_in_latin
from nexus.entrypoints.seeds.content import Content, content
from nexus.entrypoints.seeds.motifs import MOTIFS

ROOT = Path(__file__).parents[2]
COLOURS = ("#3b2417", "#c98b4a")


@pytest.fixture(scope="module")
def demo() -> Content:
    return content("demo")


class TestContent:
    def test_names_nothing_twice(self, demo: Content) -> None:
        skus = [it.sku_of(options) for it in demo.products for options in it.variants]
        names = [spoken_in_latin(it.name) for it in demo.products]
        slugs = [it.slug for it in demo.categories]

        assert len(set(skus)) == len(skus)
        assert len(set(names)) == len(names) == 60
        assert len(set(slugs)) == len(slugs)

    def test_has_what_the_readme_and_the_documentation_buy(self, demo: Content) -> None:
        names = [spoken_in_latin(it.name) for it in demo.products if not it.options]
        simple = set(map(slug_of, names))
        told = (ROOT / "README.md", ROOT / "src/nexus/entrypoints/http/carts.py")

        bought = {
            slug for it in told for slug in re.findall(r'"product_id": "([^"]+)"', it.read_text())
        }

        assert bought
        assert bought <= simple

    def test_hangs_everything_into_a_tree_of_three_levels(self, demo: Content) -> None:
        depths: dict[str | None, int] = {None: 0}
        for category in demo.categories:
            depths[category.slug] = depths[category.parent] + 1

        assert set(depths.values()) == {0, 1, 2, 3}
        assert all(slug in depths for it in demo.products for slug in it.categories)
        assert all(slug in depths for it in demo.coupons for slug in it.categories)

    def test_shows_and_praises_what_it_has(self, demo: Content) -> None:
        shown = {sku for it in demo.collections for sku in it.products}

        assert all(map(demo.name_of, shown | {it.product for it in demo.reviews}))

    def test_has_one_of_everything_that_a_shop_can_have(self, demo: Content) -> None:
        sizes = {it for product in demo.products for it in product.options.get("size", ())}

        assert {it.status for it in demo.products} == {"active", "draft", "discontinued"}
        assert all(ProductStatus(it.status) for it in demo.products)
        assert {it.discount_type for it in demo.coupons} == set(DiscountType)
        assert {"XS", "S", "M", "L", "XL", "XXL"} <= sizes
        assert sum("Laptop" in it.name for it in demo.products) >= 4
        assert any(it.digital for it in demo.products)
        assert any(it.stock == 0 for it in demo.products)

    def test_takes_the_smaller_stock_and_the_dearer_price_of_a_variant(self, demo: Content) -> None:
        kemis = next(it for it in demo.products if it.sku == "KEM-AXUM")

        assert kemis.stock_of({"size": "XXL", "colour": "gold"}) == 0
        assert kemis.stock_of({"size": "M", "colour": "gold"}) == 8
        assert kemis.price_of({"size": "XXL", "colour": "gold"}) == "5100.00"
        assert kemis.price_of({"size": "M", "colour": "gold"}) is None

    def test_can_be_small(self) -> None:
        assert len(content("small").products) == 8


class TestCard:
    @pytest.mark.parametrize("motif", sorted(MOTIFS))
    def test_is_a_square_picture_of_any_motif(self, motif: str) -> None:
        picture = Image.open(BytesIO(draw_card("Black Clay Jebena", COLOURS, motif)))

        assert picture.format == "JPEG"
        assert picture.size == (SIDE, SIDE)

    def test_is_always_the_same_for_the_same_product(self) -> None:
        assert draw_card("Coffee", COLOURS, "bean") == draw_card("Coffee", COLOURS, "bean")
        assert draw_card("Coffee", COLOURS, "bean") != draw_card("Tea", COLOURS, "bean")

    def test_leaves_out_letters_that_its_font_has_not(self) -> None:
        assert spoken_in_latin("My First Fidel (የመጀመሪያዬ ፊደል)") == "My First Fidel"
