from uuid import uuid4

import pytest

from tests.integration.shop import Shop


class TestGuestCart:
    def test_shows_an_empty_one_and_creates_nothing(self, shop: Shop) -> None:
        answer = shop.visitor().get("/cart")

        assert (answer.status_code, answer.json["items"], answer.json["token"]) == (200, [], None)
        assert answer.json["total"] == "0.00"
        assert shop.one("SELECT count(*) FROM carts")[0] == 0

    def test_is_found_again_by_cookie_and_by_header(self, shop: Shop) -> None:
        guest, mug = shop.visitor(), shop.sell()

        token = guest.put_in(mug, 2).json["token"]

        assert guest.get("/cart").json["total_items"] == 2
        assert shop.visitor().get("/cart", X_Cart_Token=token).json["total_items"] == 2
        assert shop.visitor().get("/cart", X_Cart_Token="x" * 40).json["items"] == []

    def test_keeps_no_token_that_could_be_stolen(self, shop: Shop) -> None:
        token = shop.visitor().put_in(shop.sell()).json["token"]

        assert shop.one("SELECT token_hash FROM carts")[0] != token


class TestAddToCart:
    def test_adds_up_and_prices_it(self, shop: Shop) -> None:
        guest, mug = shop.visitor(), shop.sell(price="115.00")
        guest.put_in(mug, 1)

        answer = guest.put_in(mug, 2)

        assert answer.status_code == 201
        (item,) = answer.json["items"]
        assert (item["quantity"], item["unit_price"], item["subtotal"]) == (3, "115.00", "345.00")
        assert answer.json["subtotal"] == "345.00"
        assert answer.json["shipping_amount"] == "150.00"
        assert answer.json["tax_amount"] == "64.57"
        assert answer.json["total"] == "495.00"

    def test_refuses_more_than_there_is(self, shop: Shop) -> None:
        guest, mug = shop.visitor(), shop.sell(stock=3)
        guest.put_in(mug, 2)

        answer = guest.put_in(mug, 2)

        assert (answer.status_code, answer.json["code"]) == (409, "insufficient_stock")
        assert answer.json["available"] == 3
        assert guest.get("/cart").json["total_items"] == 2

    @pytest.mark.parametrize(
        ("body", "status", "where"),
        [
            ({}, 422, "variant_id"),
            ({"variant_id": "x"}, 422, "variant_id"),
            ({"variant_id": str(uuid4())}, 404, None),
            ({"product_id": "nothing-like-it"}, 404, None),
            ({"variant_id": str(uuid4()), "quantity": 0}, 422, "quantity"),
            ({"variant_id": str(uuid4()), "quantity": -1}, 422, "quantity"),
            ({"variant_id": str(uuid4()), "quantity": 1.0}, 422, "quantity"),
            ({"variant_id": str(uuid4()), "quantity": True}, 422, "quantity"),
            ({"variant_id": str(uuid4()), "quantity": "2"}, 422, "quantity"),
            ({"variant_id": str(uuid4()), "quantity": 10**30}, 422, "quantity"),
            ({"variant_id": str(uuid4()), "price": "1.00"}, 422, "price"),
            ({"product_id": "a\u0000b"}, 422, "product_id"),
            ([], 422, None),
            ("text", 422, None),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, shop: Shop, body, status, where) -> None:
        answer = shop.visitor().post("/cart/items", body)

        assert answer.status_code == status, answer.json
        assert answer.content_type == "application/problem+json"
        assert where is None or where in answer.json["errors"]
        assert shop.one("SELECT count(*) FROM carts")[0] == 0

    def test_refuses_more_of_one_item_than_the_shop_sells(self, shop: Shop) -> None:
        answer = shop.visitor().put_in(shop.sell(stock=2000), 1000)

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["quantity"])

    def test_takes_few_statements(self, shop: Shop) -> None:
        customer, mug = shop.customer(), shop.sell()
        customer.put_in(mug)

        with shop.statements() as sent:
            customer.put_in(mug)

        assert len(sent) <= 6, sent


class TestChangeCart:
    def test_sets_a_quantity_and_takes_out_at_zero(self, shop: Shop) -> None:
        guest = shop.visitor()
        item = guest.put_in(shop.sell()).json["items"][0]["id"]

        assert guest.patch(f"/cart/items/{item}", {"quantity": 4}).json["total_items"] == 4
        assert guest.patch(f"/cart/items/{item}", {"quantity": 99}).status_code == 409
        assert guest.patch(f"/cart/items/{item}", {"quantity": 0}).json["items"] == []
        assert guest.delete(f"/cart/items/{item}").status_code == 404

    def test_is_closed_to_whoever_else_knows_the_item(self, shop: Shop) -> None:
        item = shop.visitor().put_in(shop.sell()).json["items"][0]["id"]
        other = shop.visitor()
        other.put_in(shop.sell())

        assert other.patch(f"/cart/items/{item}", {"quantity": 4}).status_code == 404
        assert shop.visitor().delete(f"/cart/items/{item}").status_code == 404

    def test_is_emptied_with_its_coupons(self, shop: Shop) -> None:
        guest = shop.visitor()
        guest.put_in(shop.sell())
        shop.coupon()
        guest.post("/cart/coupon", {"code": "ten"})

        answer = guest.delete("/cart/items")

        assert (answer.status_code, answer.json["items"], answer.json["coupons"]) == (200, [], [])
        assert guest.delete("/cart/clear").status_code == 200

    def test_warns_of_what_changed_since(self, shop: Shop) -> None:
        guest, mug = shop.visitor(), shop.sell(price="100.00")
        guest.put_in(mug, 2)
        with shop.engine.begin() as db:
            db.exec_driver_sql("UPDATE products SET price_minor = 12000")

        cart = guest.get("/cart").json

        assert cart["items"][0]["price_changed"] is True
        assert [it["code"] for it in cart["warnings"]] == ["price_changed"]
        assert cart["subtotal"] == "240.00"


class TestCartCoupon:
    def test_takes_money_off_whatever_the_case_of_the_code(self, shop: Shop) -> None:
        guest = shop.visitor()
        guest.put_in(shop.sell(), 2)
        shop.coupon()

        answer = guest.post("/cart/coupon", {"code": " ten "})

        assert answer.status_code == 200
        assert answer.json["coupons"] == [{"code": "TEN", "discount_amount": "20.00"}]
        assert answer.json["total"] == "330.00"
        assert guest.delete("/cart/coupon/TEN").json["discount_amount"] == "0.00"
        assert guest.delete("/cart/coupon/TEN").status_code == 404

    def test_names_the_reason_of_a_refusal(self, shop: Shop) -> None:
        guest = shop.visitor()
        guest.put_in(shop.sell())
        shop.coupon("SLEEPS", is_active=False)

        unknown = guest.post("/cart/coupon", {"code": "NONE"})
        asleep = guest.post("/cart/coupon", {"code": "SLEEPS"})

        assert (unknown.status_code, unknown.json["code"]) == (422, "coupon_refused")
        assert (unknown.json["reason"], asleep.json["reason"]) == ("unknown", "inactive")

    def test_a_second_one_must_stack(self, shop: Shop) -> None:
        guest = shop.visitor()
        guest.put_in(shop.sell())
        shop.coupon("ONE")
        shop.coupon("TWO")
        guest.post("/cart/coupon", {"code": "ONE"})

        assert guest.post("/cart/coupon", {"code": "TWO"}).json["reason"] == "not_stackable"
        assert guest.post("/cart/coupon", {"code": "ONE"}).status_code == 200

    def test_one_that_holds_no_more_is_a_warning(self, shop: Shop) -> None:
        guest = shop.visitor()
        guest.put_in(shop.sell())
        shop.coupon()
        guest.post("/cart/coupon", {"code": "TEN"})
        with shop.engine.begin() as db:
            db.exec_driver_sql("UPDATE coupons SET is_active = false")

        cart = guest.get("/cart").json

        assert (cart["coupons"], cart["discount_amount"]) == ([], "0.00")
        assert [it["code"] for it in cart["warnings"]] == ["coupon_refused"]


class TestMergeCarts:
    def test_adds_up_capped_at_what_there_is_and_only_once(self, shop: Shop) -> None:
        mug, cup = shop.sell(stock=5), shop.sell("Cup")
        guest, customer = shop.visitor(), shop.customer()
        guest.put_in(cup, 1)
        token = guest.put_in(mug, 3).json["token"]
        customer.put_in(mug, 4)

        merged = customer.post("/cart/merge", {"token": token})
        again = customer.post("/cart/merge", {"token": token})

        assert merged.status_code == 200
        assert sorted(it["quantity"] for it in merged.json["items"]) == [1, 5]
        assert again.json["items"] == merged.json["items"]
        assert guest.get("/cart").json["items"] == []

    def test_happens_at_login(self, shop: Shop) -> None:
        guest = shop.visitor()
        shop.customer("sara")
        token = guest.put_in(shop.sell(), 2).json["token"]

        access = (
            shop.visitor()
            .post(
                "/auth/login",
                {"email": "sara@example.com", "password": "securepass"},
                X_Cart_Token=token,
            )
            .json["access"]
        )

        assert shop.visitor(access).get("/cart").json["total_items"] == 2


class TestShippingMethods:
    def test_are_priced_for_the_cart(self, shop: Shop) -> None:
        abebe = shop.customer()
        abebe.put_in(shop.sell(price="100.00"))

        methods = abebe.get("/cart/shipping-methods").json

        assert [(it["code"], it["price"]) for it in methods] == [
            ("standard", "150.00"),
            ("economy", "100.00"),
        ]

    def test_are_asked_for_with_the_id_of_an_address_alone(self, shop: Shop) -> None:
        answer = shop.visitor().get("/cart/shipping-methods?address_id=home")

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["address_id"])
