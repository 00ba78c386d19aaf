from concurrent.futures import ThreadPoolExecutor

from nexus.domain.shared import ValidationFailed
from tests.integration.shop import Shop


class TestMoves:
    def test_two_at_once_never_tie_a_knot(self, shop: Shop) -> None:
        create, change = shop.container.create_category(), shop.container.change_category()
        for name in ("a", "b"):
            create(facts={"name": name})

        def move(pair: tuple[str, str]) -> bool:
            try:
                change(category=pair[0], changes={"parent_id": pair[1]}, expected=None)
            except ValidationFailed:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            moved = list(pool.map(move, [("a", "b"), ("b", "a")]))

        assert sorted(moved) == [False, True]
        assert shop.one("SELECT count(*) FROM categories WHERE parent_id IS NULL")[0] == 1

    def test_equal_names_made_at_once_get_slugs_of_their_own(self, shop: Shop) -> None:
        create = shop.container.create_category()

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: create(facts={"name": "Phones"}), range(4)))

        assert len(set(made)) == 4
