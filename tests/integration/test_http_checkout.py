from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.shop import ADDRESS, Shop, Visitor


def sums_up(order: dict) -> bool:
    lines = sum(round(float(item["total"]) * 100) for item in order["items"])
    return lines + round(float(order["shipping_amount"]) * 100) == round(
        float(order["total"]) * 100
    )


class TestCheckout:
    def test_turns_the_cart_into_an_order_and_holds_the_stock(self, shop: Shop) -> None:
        customer, mug = shop.customer(), shop.sell(price="99.99", stock=5)
        customer.put_in(mug, 3)
        shop.coupon()
        customer.post("/cart/coupon", {"code": "TEN"})

        answer = customer.check_out({"notes": "Ring twice."})

        order = answer.json
        assert answer.status_code == 201, order
        assert answer.headers["Location"].endswith(order["id"])
        assert order["order_number"].startswith(f"NX-{datetime.now(UTC).year}-0")
        assert (order["status"], order["payment_status"]) == ("pending", "unpaid")
        assert (order["subtotal"], order["discount_amount"]) == ("299.97", "30.00")
        assert (order["email"], order["coupon_code"]) == ("abebe@example.com", "TEN")
        assert order["shipping_address"]["phone"] == "+251911223344"
        assert order["billing_address"] == order["shipping_address"]
        assert sums_up(order)
        assert shop.level(mug) == (5, 3)
        assert customer.get("/cart").json["items"] == []
        assert shop.one("SELECT used_count FROM coupons")[0] == 1
        assert shop.one("SELECT count(*) FROM outbox WHERE name = 'order.placed'")[0] == 1

    def test_is_seen_by_id_and_number_with_its_history(self, shop: Shop) -> None:
        customer = shop.customer()
        customer.put_in(shop.sell())
        order = customer.check_out().json

        assert customer.get(f"/orders/{order['id']}").json == order
        assert customer.get(f"/orders/{order['order_number']}").json == order
        assert customer.get("/orders").json["results"] == [order]
        assert customer.get(f"/orders/{order['id']}/items").json == order["items"]
        (placed,) = customer.get(f"/orders/{order['id']}/history").json
        assert (placed["event"], placed["actor"]) == ("order.placed", "customer")

    def test_of_a_guest_needs_an_address_and_gives_a_token(self, shop: Shop) -> None:
        guest = shop.visitor()
        guest.put_in(shop.sell())

        nameless = guest.check_out()
        order = guest.check_out({"email": "Guest@Example.com"}).json

        assert (nameless.status_code, list(nameless.json["errors"])) == (422, ["email"])
        assert order["email"] == "guest@example.com"
        path = f"/orders/{order['id']}"
        assert guest.get(path, X_Order_Token=order["order_token"]).status_code == 200
        assert guest.get(f"{path}?token={order['order_token']}").status_code == 200
        assert guest.get(path, X_Order_Token="guessed").status_code == 404
        assert guest.get(path).status_code == 401

    def test_is_nobody_elses_business(self, shop: Shop) -> None:
        customer, other = shop.customer(), shop.customer("other")
        customer.put_in(shop.sell())
        order = customer.check_out().json

        foreign = other.get(f"/orders/{order['id']}")
        missing = other.get("/orders/01890000-0000-7000-8000-000000000000")

        assert foreign.status_code == missing.status_code == 404
        assert set(foreign.json) == set(missing.json)
        assert other.get(f"/orders/{order['order_number']}").status_code == 404
        assert other.get("/orders").json["count"] == 0

    def test_uses_a_kept_address_of_ones_own_alone(self, shop: Shop) -> None:
        customer, other = shop.customer(), shop.customer("other")
        mine = customer.post("/addresses", ADDRESS).json["id"]
        customer.put_in(shop.sell())
        other.put_in(shop.sell())

        by_id = {"shipping_address": None, "shipping_address_id": mine}
        del by_id["shipping_address"]
        foreign = other.post("/orders", by_id)
        own = customer.post("/orders", by_id)

        assert foreign.status_code == 422
        assert list(foreign.json["errors"]) == ["shipping_address_id"]
        assert own.status_code == 201
        assert own.json["shipping_address"]["city"] == "Addis Ababa"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"shipping_method": "teleport"}, "shipping_method"),
            ({"shipping_address": {"city": "Adama"}}, "shipping_address.phone"),
            ({"use_shipping_as_billing": False}, "billing_address"),
            ({"quote": "forged.quote"}, "quote"),
            ({"email": "nobody"}, "email"),
            ({"total": "0.01"}, "total"),
            ({"notes": "x" * 2001}, "notes"),
        ],
    )
    def test_changes_nothing_when_it_refuses(self, shop: Shop, body, field) -> None:
        customer, mug = shop.customer(), shop.sell()
        customer.put_in(mug)

        answer = customer.check_out(body)

        assert answer.status_code == 422, answer.json
        assert field in answer.json["errors"]
        assert customer.get("/cart").json["total_items"] == 1
        assert shop.level(mug) == (10, 0)

    def test_refuses_an_empty_cart(self, shop: Shop) -> None:
        assert shop.customer().check_out().json["code"] == "cart_empty"
        assert shop.visitor().check_out({"email": "a@example.com"}).json["code"] == "cart_empty"

    def test_names_what_is_short_and_keeps_the_cart(self, shop: Shop) -> None:
        one, two = shop.customer(), shop.customer("two")
        mug, cup = shop.sell(stock=2), shop.sell("Cup")
        for buyer in (one, two):
            buyer.put_in(mug, 2)
            buyer.put_in(cup, 1)
        one.check_out()

        answer = two.check_out()

        assert (answer.status_code, answer.json["code"]) == (409, "insufficient_stock")
        assert answer.json["items"] == [{"variant_id": str(mug), "requested": 2, "available": 0}]
        assert two.get("/cart").json["total_items"] == 3
        assert shop.level(cup) == (10, 1)

    def test_refuses_a_coupon_that_holds_no_more(self, shop: Shop) -> None:
        customer = shop.customer()
        customer.put_in(shop.sell())

        answer = customer.check_out({"coupon_code": "GONE"})

        assert (answer.status_code, answer.json["code"]) == (409, "coupon_refused")
        assert answer.json["reason"] == "unknown"

    def test_a_coupon_for_one_use_is_used_once(self, shop: Shop) -> None:
        customer, mug = shop.customer(), shop.sell()
        shop.coupon("ONCE", max_uses_per_customer=1)
        customer.put_in(mug)
        first = customer.check_out({"coupon_code": "once"})
        customer.put_in(mug)

        second = customer.check_out({"coupon_code": "ONCE"})

        assert first.status_code == 201
        assert second.json["reason"] == "used_up_for_customer"

    def test_stands_by_a_quote_and_tells_when_it_cannot(self, shop: Shop) -> None:
        customer, mug = shop.customer(), shop.sell(price="100.00")
        quote = customer.put_in(mug).json["quote"]
        with shop.engine.begin() as db:
            db.exec_driver_sql("UPDATE products SET price_minor = 11000")

        changed = customer.check_out({"quote": quote})
        fresh = customer.check_out({"quote": customer.get("/cart").json["quote"]})

        assert (changed.status_code, changed.json["code"]) == (409, "price_changed")
        assert (changed.json["quoted"], changed.json["total"]) == ("250.00", "260.00")
        assert changed.json["difference"] == "10.00"
        assert fresh.status_code == 201

    @pytest.mark.parametrize("lines", [1, 20])
    def test_takes_at_most_twelve_statements_whatever_the_lines(self, shop: Shop, lines) -> None:
        customer = shop.customer()
        for number in range(lines):
            customer.put_in(shop.sell(f"Item{number}"))
        shop.coupon("TEN", max_uses_per_customer=2)
        customer.post("/cart/coupon", {"code": "TEN"})
        address = customer.post("/addresses", ADDRESS).json["id"]

        with shop.statements() as sent:
            answer = customer.post(
                "/orders", {"shipping_address_id": address}, Idempotency_Key="once"
            )

        assert answer.status_code == 201
        assert len(sent) <= 12, sent


class TestListOrders:
    def test_sorts_as_asked_and_else_the_newest_first(self, shop: Shop) -> None:
        abebe, mug = shop.customer(), shop.sell(price="100.00")
        for quantity in (2, 1, 3):
            abebe.put_in(mug, quantity)
            abebe.check_out()

        found = {
            ordering: [it["items"][0]["quantity"] for it in listed.json["results"]]
            for ordering in ("", "?ordering=total", "?ordering=-total", "?ordering=created_at")
            if (listed := abebe.get(f"/orders{ordering}"))
        }

        assert list(found.values()) == [[3, 1, 2], [1, 2, 3], [3, 2, 1], [2, 1, 3]]

    def test_names_a_parameter_that_cannot_be_meant(self, shop: Shop) -> None:
        abebe = shop.customer()

        for name, value in {"ordering": "secret", "status": "gone", "created_after": "x"}.items():
            answer = abebe.get(f"/orders?{name}={value}")
            assert (answer.status_code, list(answer.json["errors"])) == (422, [name])
        assert abebe.get("/orders?created_after=2026-01-01").status_code == 200


class TestRepeatedCheckout:
    def test_is_answered_from_memory(self, shop: Shop) -> None:
        customer, mug = shop.customer(), shop.sell()
        customer.put_in(mug)

        first = customer.check_out(Idempotency_Key="k1")
        again = customer.check_out(Idempotency_Key="k1")
        other = customer.check_out({"notes": "else"}, Idempotency_Key="k1")

        assert again.status_code == 201
        assert again.json == first.json
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
        assert shop.level(mug) == (10, 1)

    def test_remembers_a_refusal_too(self, shop: Shop) -> None:
        customer = shop.customer()

        first = customer.check_out(Idempotency_Key="k1")
        customer.put_in(shop.sell())
        again = customer.check_out(Idempotency_Key="k1")

        assert first.json["code"] == again.json["code"] == "cart_empty"

    def test_of_somebody_else_is_their_own(self, shop: Shop) -> None:
        one, two = shop.customer(), shop.customer("two")
        for buyer in (one, two):
            buyer.put_in(shop.sell())

        assert one.check_out(Idempotency_Key="k").status_code == 201
        assert two.check_out(Idempotency_Key="k").headers.get("Idempotent-Replayed") is None

    def test_refuses_an_overlong_key(self, shop: Shop) -> None:
        answer = shop.customer().check_out(Idempotency_Key="k" * 256)

        assert (answer.status_code, answer.json["code"]) == (400, "malformed_request")


class TestParallelCheckout:
    def all_at_once(self, buyers: list[Visitor]) -> list[tuple[int, str | None]]:
        with ThreadPoolExecutor(len(buyers)) as pool:
            answers = pool.map(lambda it: it.check_out({"email": "g@example.com"}), buyers)
            return [(it.status_code, it.json.get("code")) for it in answers]

    def test_sells_the_last_ten_exactly_ten_times(self, shop: Shop) -> None:
        mug = shop.sell(stock=10)
        buyers = [shop.visitor() for _ in range(40)]
        for buyer in buyers:
            buyer.put_in(mug)

        told = self.all_at_once(buyers)

        assert told.count((201, None)) == 10
        assert told.count((409, "insufficient_stock")) == 30
        assert shop.level(mug) == (10, 10)
        assert shop.one("SELECT count(*) FROM orders")[0] == 10

    def test_of_one_cart_makes_one_order(self, shop: Shop) -> None:
        mug, customer = shop.sell(), shop.customer()
        customer.put_in(mug, 2)

        told = self.all_at_once([shop.visitor(customer.token) for _ in range(10)])

        assert told.count((201, None)) == 1
        assert told.count((409, "cart_empty")) == 9
        assert shop.level(mug) == (10, 2)

    def test_uses_a_coupon_no_more_often_than_it_allows(self, shop: Shop) -> None:
        mug = shop.sell(stock=50)
        shop.coupon("FEW", max_uses=3)
        buyers = [shop.visitor() for _ in range(12)]
        for buyer in buyers:
            buyer.put_in(mug)
            buyer.post("/cart/coupon", {"code": "FEW"})

        told = self.all_at_once(buyers)

        assert told.count((201, None)) == 3
        assert told.count((409, "coupon_refused")) == 9
        assert shop.one("SELECT used_count FROM coupons")[0] == 3
        assert shop.level(mug) == (50, 3)

    def test_uses_a_coupon_no_more_often_than_it_allows_one_buyer(self, shop: Shop) -> None:
        mug = shop.sell(stock=50)
        shop.coupon("ONCE", max_uses_per_customer=1)
        carts = [shop.visitor() for _ in range(12)]
        for cart in carts:
            cart.put_in(mug)
            cart.post("/cart/coupon", {"code": "ONCE"})

        told = self.all_at_once(carts)

        assert told.count((201, None)) == 1
        assert told.count((409, "coupon_refused")) == 11
        assert shop.one("SELECT used_count FROM coupons")[0] == 1


class TestExpiry:
    def test_gives_back_what_an_unpaid_order_held(self, shop: Shop) -> None:
        customer, mug = shop.customer(), shop.sell()
        shop.coupon()
        customer.put_in(mug, 4)
        order = customer.check_out({"coupon_code": "TEN"}).json
        later = datetime.now(UTC) + timedelta(minutes=31)
        expire_orders = replace(shop.container.expire_orders(), now=lambda: later)

        expired = [expire_orders(), expire_orders()]

        assert expired == [1, 0]
        seen = customer.get(f"/orders/{order['id']}").json
        assert (seen["status"], seen["payment_status"]) == ("cancelled", "unpaid")
        assert shop.level(mug) == (10, 0)
        assert shop.one("SELECT used_count FROM coupons")[0] == 0
        events = [it["event"] for it in customer.get(f"/orders/{order['id']}/history").json]
        assert events == ["order.placed", "order.expired"]
