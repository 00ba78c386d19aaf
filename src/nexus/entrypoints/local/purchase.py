"""One purchase over real HTTP, from opening an account to the mails. Every step is checked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from nexus.entrypoints.local.ledger import Ledger
from nexus.entrypoints.local.shop import Shop
from nexus.entrypoints.local.till import Caller, Mailbox, require, wait_for

PASSWORD = "buna-tetu-every-day"  # noqa: S105 (of an account that lives for a moment)
CENT = Decimal("0.01")
AMOUNTS = ("subtotal", "discount_amount", "shipping_amount", "tax_amount", "total")
LEAST = 5
HOME = {
    "first_name": "Hana",
    "last_name": "Tesfaye",
    "phone": "0911223344",
    "line1": "Churchill Avenue 12",
    "city": "Addis Ababa",
    "sub_city": "Arada",
    "woreda": "01",
    "house_no": "412",
    "is_default": True,
}
MAGIC = {"method": "telebirr", "phone": "0900123456", "action": "pay"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """`take` does it, and returns what is worth telling; it raises Lie if anything is wrong."""

    title: str
    take: Callable[[], str]


@dataclass
class Purchase:
    """A new customer buys two things."""

    shop: Shop
    administrator: tuple[str, str]
    email: str = field(default_factory=lambda: f"hana.{uuid4().hex[:12]}@nexus.test")
    goods: list[Json] = field(default_factory=list)
    cart: Json = field(default_factory=dict)
    order: Json = field(default_factory=dict)
    payment: Json = field(default_factory=dict)
    mails: list[Json] = field(default_factory=list)

    @cached_property
    def customer(self) -> Caller:
        return Caller(f"{self.shop.web}/api/v1")

    @cached_property
    def ledger(self) -> Ledger:
        staff = Caller(f"{self.shop.web}/api/v1")
        staff.log_in(*self.administrator)
        return Ledger(staff)

    @cached_property
    def sandbox(self) -> Caller:
        return Caller(self.shop.sandbox)

    @cached_property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.sandbox, self.email)

    def steps(self) -> Iterator[Step]:
        yield Step("Register", self.register)
        yield Step("Prove the address", self.verify)
        yield Step("Log in", self.log_in)
        yield Step("Search for coffee", self.find_coffee)
        yield Step("Choose a size", self.find_clothes)
        yield Step("Fill the cart", self.fill_cart)
        yield Step("Try an old coupon", self.try_old_coupon)
        yield Step("Apply WELCOME10", self.apply_coupon)
        yield Step("Place the order", self.place_order)
        yield Step("Place it again", self.place_again)
        yield Step("Look at the stock", self.see_reservation)
        yield Step("Begin to pay", self.begin_payment)
        yield Step("Pay at Chapa", self.pay)
        yield Step("Wait for the news", self.wait_until_paid)
        yield Step("Look at the ledger", self.see_ledger)
        yield Step("Read the mails", self.read_mails)
        yield Step("Add it all up", self.add_up)

    def register(self) -> str:
        body = {"email": self.email, "password": PASSWORD, "first_name": "Hana"}
        self.customer.call("POST", "/auth/register", json=body, expect=201)
        return self.email

    def verify(self) -> str:
        mail = self.mailbox.wait("verification")
        links = [link for link in mail["links"] if "token=" in link]
        require(links, "the verification mail has no link with a token")
        (token,) = parse_qs(urlsplit(links[0]).query)["token"]
        self.customer.call("POST", "/auth/verify-email", json={"token": token})
        return f"mail “{mail['subject']}”"

    def log_in(self) -> str:
        user = self.customer.log_in(self.email, PASSWORD)["user"]
        require(user["is_verified"], "the account is not verified after following the link")
        return f"as {user['role']}"

    def find_coffee(self) -> str:
        found = self.customer.call("GET", "/products", params={"search": "coffee"})
        require(found["results"], "a search for coffee finds nothing")
        first = found["results"][0]
        require("coffee" in str(first).lower(), f"{first['name']} has nothing to do with coffee")
        self._choose(first["slug"], {})
        return f"{found['count']} found, “{first['name']}” first"

    def find_clothes(self) -> str:
        found = self.customer.call("GET", "/products", params={"search": "kemis", "size": "M"})
        require(found["results"], "there is no habesha kemis in size M")
        variant = self._choose(found["results"][0]["slug"], {"size": "M"})
        return f"“{found['results'][0]['name']}”, {', '.join(variant['options'].values())}"

    def _choose(self, slug: str, wanted: dict[str, str]) -> Json:
        """Take the first variant like that; staff see to it that there is enough."""
        product = self.customer.call("GET", f"/products/{slug}")
        alike = [it for it in product["variants"] if it["options"].items() >= wanted.items()]
        require(alike, f"{product['name']} has no variant with {wanted}")
        variant: Json = alike[0]
        self.ledger.make_room(variant, least=LEAST)
        self.goods.append(variant)
        return variant

    def fill_cart(self) -> str:
        for variant, quantity in zip(self.goods, (2, 1), strict=True):
            body = {"variant_id": variant["id"], "quantity": quantity}
            self.cart = self.customer.call("POST", "/cart/items", json=body, expect=201)
        require(self.cart["total_items"] == 3, f"3 pieces make {self.cart['total_items']}")
        lines = sum(Decimal(line["subtotal"]) for line in self.cart["items"])
        require(lines == Decimal(self.cart["subtotal"]), "the lines do not add up to the subtotal")
        return f"3 pieces for {self.cart['subtotal']} {self.cart['currency']}"

    def try_old_coupon(self) -> str:
        refusal = self.customer.call("POST", "/cart/coupon", json={"code": "TIMKET"}, expect=422)
        require(refusal["code"] == "coupon_refused", f"it is refused as {refusal['code']}")
        require(refusal["reason"] == "expired", f"the reason is {refusal['reason']}")
        return f"refused: {refusal['reason']}"

    def apply_coupon(self) -> str:
        self.cart = self.customer.call("POST", "/cart/coupon", json={"code": "WELCOME10"})
        tenth = (Decimal(self.cart["subtotal"]) / 10).quantize(CENT, ROUND_HALF_UP)
        given = Decimal(self.cart["discount_amount"])
        require(given == tenth, f"10 % of {self.cart['subtotal']} is {tenth}, not {given}")
        return f"{given} {self.cart['currency']} off"

    def place_order(self) -> str:
        address = self.customer.call("POST", "/addresses", json=HOME, expect=201)
        self._checkout = {"shipping_address_id": address["id"], "shipping_method": "standard"}
        self._key = {"Idempotency-Key": f"demo-{uuid4()}"}
        self.order = self.customer.call(
            "POST", "/orders", json=self._checkout, headers=self._key, expect=201
        )
        require(self.order["status"] == "pending", f"its status is {self.order['status']}")
        return f"{self.order['order_number']} for {self.order['total']} {self.order['currency']}"

    def place_again(self) -> str:
        again = self.customer.answer("POST", "/orders", json=self._checkout, headers=self._key)
        require(again.status_code == 201, f"the repeated request answers {again.status_code}")
        require(again.json()["id"] == self.order["id"], "the repeated request made another order")
        replayed = again.headers.get("Idempotent-Replayed")
        require(replayed == "true", f"Idempotent-Replayed is {replayed}")
        return "the same order, replayed"

    def see_reservation(self) -> str:
        for line in self.order["items"]:
            moves = self.ledger.of_order(self.order["id"], line["variant_id"])
            require(moves == [(0, line["quantity"])], f"{line['sku']} moved as {moves}")
        return f"3 pieces held until {self.order['expires_at']}"

    def begin_payment(self) -> str:
        body = {"order_id": self.order["id"], "provider": "chapa"}
        self.payment = self.customer.call("POST", "/payments/initiate", json=body, expect=201)
        require(self.payment["checkout_url"], "there is nowhere to pay")
        due = self.payment["amount"], self.payment["currency"]
        require(due == (self.order["total"], self.order["currency"]), f"to pay are {due}")
        return str(self.payment["transaction_id"])

    def pay(self) -> str:
        """Do what a browser without scripts does: load the page, send its form, be sent back."""
        address = self.payment["checkout_url"]
        page = self.sandbox.answer("GET", address)
        due = f"{Decimal(self.order['total']):,.2f}"
        require(page.status_code == 200 and due in page.text, f"the page does not ask for {due}")
        require('<form method="post"' in page.text, "the page has no form")
        sent = self.sandbox.answer("POST", address, data=MAGIC)
        require(sent.status_code == 303, f"the form answers {sent.status_code}")
        return f"with telebirr, then back to {sent.headers['Location'].partition('?')[0]}"

    def wait_until_paid(self) -> str:
        path = f"/orders/{self.order['id']}"

        def look() -> Json | None:
            order: Json = self.customer.call("GET", path)
            return order if order["payment_status"] == "paid" else None

        self.order = wait_for(look, what="payment of the order")
        require(self.order["status"] == "confirmed", f"its status is {self.order['status']}")
        statuses = [it["status"] for it in self.order["payments"]]
        require(statuses == ["succeeded"], f"its payments are {statuses}")
        return f"order {self.order['status']}, {self.order['payment_status']}"

    def see_ledger(self) -> str:
        for line in self.order["items"]:
            number, variant_id = line["quantity"], line["variant_id"]
            moves = self.ledger.of_order(self.order["id"], variant_id)
            held, sold = (0, number), (-number, -number)
            require(moves == [held, sold], f"{line['sku']} moved as {moves}")
            self.ledger.require_level(variant_id)
        return "sold once, and every level is the sum of its movements"

    def read_mails(self) -> str:
        self.mails = [self.mailbox.wait(it) for it in ("order_confirmation", "payment_received")]
        for mail in self.mails:
            number = self.order["order_number"]
            require(number in mail["text"], f"“{mail['subject']}” does not name {number}")
        return ", ".join(f"“{mail['subject']}”" for mail in self.mails)

    def add_up(self) -> str:
        order = {name: Decimal(self.order[name]) for name in AMOUNTS}
        lines = sum(Decimal(line["total"]) for line in self.order["items"])
        require(
            lines + order["shipping_amount"] == order["total"], "the lines do not make the total"
        )
        before = order["subtotal"] - order["discount_amount"] + order["shipping_amount"]
        require(before == order["total"], "subtotal, discount and shipping do not make the total")
        require(self.order["total"] == self.payment["amount"], "not the total was paid")
        return " ".join(f"{name.removesuffix('_amount')} {order[name]}" for name in AMOUNTS)
