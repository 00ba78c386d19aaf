"""Many at once, for real: threads, connections and locks."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from nexus.domain.inventory import InsufficientStock
from nexus.domain.ledger import ReservationNotActive
from nexus.domain.shared import new_id
from tests.contracts.inventory import NOON, UNTIL, put_on_shelf, reserve
from tests.integration.shop import Shop


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """Return what each thread answered, or the refusal that it met."""

    def attempt(number: int) -> object:
        try:
            return act(number)
        except (InsufficientStock, ReservationNotActive) as refusal:
            return type(refusal)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(attempt, range(count)))


def reservations(shop: Shop, variant_id: UUID) -> int:
    query = "SELECT coalesce(sum(quantity), 0) FROM reservations WHERE variant_id = :v"
    return int(shop.one(f"{query} AND state = 'active'", v=variant_id)[0])


class TestRush:
    def test_forty_buyers_of_the_last_ten(self, shop: Shop) -> None:
        (mug,) = put_on_shelf(shop.container.work, 10)

        answers = at_once(40, lambda _: reserve(shop.container.work, {mug: 1}))

        assert answers.count(InsufficientStock) == 30
        assert shop.level(mug) == (10, 10)
        assert reservations(shop, mug) == 10

    def test_orders_that_overlap_in_opposite_order(self, shop: Shop) -> None:
        shelf = put_on_shelf(shop.container.work, *[20] * 6)

        def buy(number: int) -> UUID:
            mine: Sequence[UUID] = shelf if number % 2 else shelf[::-1]
            return reserve(shop.container.work, dict.fromkeys(mine, 1))

        answers = at_once(24, buy)

        assert answers.count(InsufficientStock) == 4
        assert {shop.level(it) for it in shelf} == {(20, 20)}

    def test_one_order_paid_and_expired_at_the_same_moment(self, shop: Shop) -> None:
        (mug,) = put_on_shelf(shop.container.work, 10)
        order_id = reserve(shop.container.work, {mug: 4})

        def settle(number: int) -> str:
            with shop.container.work() as work:
                if number % 2:
                    work.stock.commit(order_id, at=NOON)
                    return "sold"
                work.stock.release(order_id, at=NOON, reason="expired")
                return "released"

        answers = at_once(8, settle)

        (outcome,) = [it for it in answers if it is not ReservationNotActive]
        assert shop.level(mug) == ((6, 0) if outcome == "sold" else (10, 0))

    def test_everything_at_once_adds_up(self, shop: Shop) -> None:
        shelf = put_on_shelf(shop.container.work, 5, 7, 9)

        def live(number: int) -> None:
            order_id = reserve(shop.container.work, dict.fromkeys(shelf[: number % 3 + 1], 1))
            with shop.container.work() as work:
                if number % 2:
                    work.stock.commit(order_id, at=NOON)
                else:
                    work.stock.release(order_id, at=NOON, reason="expired")

        at_once(24, live)

        for variant_id in shelf:
            on_hand, reserved = shop.level(variant_id)
            assert (reserved, on_hand >= 0) == (0, True)

    def test_what_is_given_back_can_be_had_at_once(self, shop: Shop) -> None:
        (mug,) = put_on_shelf(shop.container.work, 5)

        def come_and_go(_: int) -> None:
            for _ in range(6):
                try:
                    order_id = reserve(shop.container.work, {mug: 1})
                except InsufficientStock:
                    continue
                with shop.container.work() as work:
                    work.stock.release(order_id, at=NOON, reason="expired")

        at_once(16, come_and_go)

        assert shop.level(mug) == (5, 0)

    def test_one_statement_whatever_the_number_of_lines(self, shop: Shop) -> None:
        shelf = put_on_shelf(shop.container.work, *[5] * 30)
        order_id = new_id()

        with shop.container.work() as work, shop.statements() as sent:
            work.stock.reserve(order_id, dict.fromkeys(shelf, 1), until=UNTIL, at=NOON)
            work.stock.commit(order_id, at=NOON + timedelta(minutes=1))
            work.products.for_sale(shelf)

        assert len(sent) == 3

    def test_a_falling_level_is_told_once(self, shop: Shop) -> None:
        (mug,) = put_on_shelf(shop.container.work, 5, threshold=3)

        for _ in range(3):
            reserve(shop.container.work, {mug: 1})

        query = "SELECT count(*), min(data->>'available') FROM outbox WHERE name = 'stock.low'"
        told = shop.one(query)
        assert tuple(told) == (1, "3")
