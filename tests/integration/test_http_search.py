"""What people find who spell as they speak, mistype, or write Amharic."""

from urllib.parse import quote

import pytest

from tests.integration.catalogue import make
from tests.integration.shop import Shop, Visitor


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


@pytest.fixture
def guest(shop: Shop) -> Visitor:
    return shop.visitor()


def found(guest: Visitor, search: str, more: str = "") -> list[str]:
    answer = guest.get(f"/products?search={quote(search)}{more}")
    assert answer.status_code == 200, answer.text
    return [it["name"] for it in answer.json["results"]]


class TestMistypedWords:
    @pytest.mark.parametrize("search", ["laptpo", "labtop", "lptop", "LAPTOPP"])
    def test_find_what_was_meant(self, staff: Visitor, guest: Visitor, search: str) -> None:
        make(staff, "Gaming laptop")
        make(staff, "Mug")

        assert found(guest, search) == ["Gaming laptop"]

    def test_find_a_brand(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Galaxy S24", brand="Samsung")
        make(staff, "Sandal")

        assert found(guest, "samsng") == ["Galaxy S24"]

    @pytest.mark.parametrize("search", ["ቲሽርት", "ቴሸርት", "ቲሸርቱ", "ቲሸርቅ"])
    def test_find_an_amharic_word(self, staff: Visitor, guest: Visitor, search: str) -> None:
        make(staff, "የኢትዮጵያ ቲሸርት")
        make(staff, "ጀበና")

        assert found(guest, search) == ["የኢትዮጵያ ቲሸርት"]

    @pytest.mark.parametrize(
        "change", [{"name": "Kettle"}, {"status": "draft"}, {"status": "discontinued"}]
    )
    def test_are_forgiven_though_a_name_was_once_mistyped_like_that(
        self, staff: Visitor, guest: Visitor, change: dict[str, str]
    ) -> None:
        make(staff, "Laptop")
        make(staff, "Laptpo")
        staff.patch("/products/laptpo", change)

        assert found(guest, "laptpo") == ["Laptop"]

    def test_mean_what_is_nearest_alone(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Thing")
        make(staff, "ThinkPad")

        assert found(guest, "thinkpd") == ["ThinkPad"]

    def test_leave_the_others_alone(self, staff: Visitor, guest: Visitor) -> None:
        for name in ("Green laptop", "Greek laptop", "Green mug"):
            make(staff, name)

        assert found(guest, "green laptpo") == ["Green laptop"]

    def test_give_way_to_words_that_are_right(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Table")
        make(staff, "Cable")

        assert found(guest, "cable") == ["Cable"]


class TestAmharic:
    @pytest.mark.parametrize(
        ("name", "search"),
        [
            ("ፀሐይ መነጽር", "ጸሀይ"),
            ("ጸሀይ መነፅር", "ፀሐይ"),
            ("ፀሐይ መነጽር", "ፀኃይ መነፅር"),
            ("የሠርግ ልብስ", "የሰርግ"),
            ("ዓለም ካርታ", "አለም"),
            ("ኣለም ካርታ", "ዐለም"),
            ("ሐረር ቡና", "ሃረር"),
            ("የቡና፡ሲኒ።", "ሲኒ"),
            ("ቡና፣ሻይ", "ሻይ፤ቡና"),
            ("ቡና፣ሻይ", "ሻይ።"),
            ("ኢትዮጵያ", "ኢትዮ"),
        ],
    )
    def test_is_found_however_it_is_written(
        self, staff: Visitor, guest: Visitor, name: str, search: str
    ) -> None:
        make(staff, name)
        make(staff, "Mug")

        assert found(guest, search) == [name]

    def test_tells_letters_apart_that_sound_apart(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "ቡና")

        assert found(guest, "ሻይ") == []

    def test_is_sorted_as_its_letters_are_behind_latin_ones(
        self, staff: Visitor, guest: Visitor
    ) -> None:
        in_order = [
            "apple",
            "Äpple red",
            "Banana",
            "ሀብል",
            "ለውዝ",
            "መነጽር",
            "ሠዓት",
            "ሰዓት ዋና",
            "ቡና",
            "ጀበና",
        ]
        for name in reversed(in_order):
            make(staff, name)

        names = [it["name"] for it in guest.get("/products?ordering=name").json["results"]]
        assert names == in_order


class TestLatin:
    @pytest.mark.parametrize("search", ["cafe", "CAFÉ", "cafe\u0301", "ｃａｆｅ", "café-au-lait"])
    def test_is_found_with_and_without_accents(
        self, staff: Visitor, guest: Visitor, search: str
    ) -> None:
        make(staff, "Café au lait")

        assert found(guest, search) == ["Café au lait"]

    @pytest.mark.parametrize("search", ["node.js", "node", "women's", "⑴:*", "(a | b) & !c:*"])
    def test_is_no_language_of_queries(self, staff: Visitor, guest: Visitor, search: str) -> None:
        make(staff, "Node.js for women's work 1 a b c")

        assert found(guest, search) == ["Node.js for women's work 1 a b c"]


class TestNumbers:
    @pytest.mark.parametrize(
        ("name", "search"),
        [
            ("Gaming laptop", "laptops"),
            ("Gaming laptop", "gaming LAPTOPS"),
            ("Two laptops", "laptop"),
            ("Laptops and bags", "laptop bag"),
            ("Laptop bag", "laptops bags"),
            ("Brush", "brushes"),
            ("Brushes", "brush"),
            ("Battery", "batteries"),
            ("Batteries", "battery"),
            ("Red shoe", "shoes"),
            ("Summer dresses", "dress"),
        ],
    )
    def test_are_the_same(self, staff: Visitor, guest: Visitor, name: str, search: str) -> None:
        make(staff, name)
        make(staff, "Mug")

        assert found(guest, search) == [name]
        (facet,) = [
            it
            for it in guest.get(f"/products/facets?search={quote(search)}").json
            if it["name"] == "in_stock"
        ]
        assert sum(it["count"] for it in facet["values"]) == 1

    def test_do_not_hide_what_is_called_so_behind_what_mentions_it(
        self, staff: Visitor, guest: Visitor
    ) -> None:
        make(staff, "Backpack", description="Holds laptops of any size")
        make(staff, "ThinkPad laptop")

        assert found(guest, "laptops") == ["ThinkPad laptop", "Backpack"]

    def test_are_no_beginnings(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Pens")
        make(staff, "Holder for pens")
        make(staff, "Pencil holders")

        assert found(guest, "pen holder") == ["Holder for pens"]
        assert found(guest, "holder pen") == ["Holder for pens", "Pencil holders"]


class TestRanking:
    def test_puts_the_very_sku_first(self, staff: Visitor, guest: Visitor) -> None:
        make(staff, "Lap-1 lap-1 stand", sku="LAP-100")
        make(staff, "Table", sku="LAP-1")

        assert found(guest, "lap-1") == ["Table", "Lap-1 lap-1 stand"]

    def test_puts_names_before_brands_before_descriptions(
        self, staff: Visitor, guest: Visitor
    ) -> None:
        make(staff, "Lamp", description="Stands well beside an awash. Awash, awash, awash!")
        make(staff, "Awash kettle of the highlands")
        make(staff, "Chair", brand="Awash")

        assert found(guest, "awash") == ["Awash kettle of the highlands", "Chair", "Lamp"]

    def test_puts_a_whole_word_before_the_beginning_of_one(
        self, staff: Visitor, guest: Visitor
    ) -> None:
        make(staff, "Lamp, lampshade", brand="Lampadary")
        make(staff, "Stand", description="For a lamp")
        make(staff, "Lampshade, lampshade", brand="Lampadary")

        assert found(guest, "lamp") == [
            "Lamp, lampshade",
            "Stand",
            "Lampshade, lampshade",
        ]
        assert found(guest, "lam")[-1] == "Stand"
