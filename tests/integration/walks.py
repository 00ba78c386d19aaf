"""How each list of the shop gets one row more: a new list says so in `GROWN`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from nexus.application.reviews import WriteReview
from nexus.domain.payments import Payment
from nexus.domain.shared import Money
from nexus.wiring.technology import utc_now
from tests.integration.exchange import csv_of, send
from tests.integration.shop import Shop, Visitor
from tests.people import user


@dataclass
class Grower:
    """Whoever may see every list, in a shop where each can be made longer."""

    shop: Shop
    chief: Visitor
    mug: str

    def address(self, path: str) -> str:
        named = {"variant_id": self.mug, "product": "mug", "collection": "gifts"}
        if "{token}" in path:
            named["token"] = self.share()
        return path.format(**named)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.post("/collections", {"name": "Gifts"})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.chief.post(path, body)
        assert answer.status_code == 201, answer.text
        return answer.json

    def named(self, name: str) -> str:
        return f"{name}-{next(self._numbers)}"

    def order(self) -> Any:
        self.chief.put_in(self.shop.sell(self.named("Cup")))
        return self.chief.check_out().json

    def pay(self) -> None:
        """Begin to pay: nobody has to answer at the other end."""
        order_id, at = UUID(self.order()["id"]), datetime.now(UTC)
        payment = Payment.start(order_id, "chapa", Money.parse("100.00", "ETB"), at=at, until=None)
        with self.shop.container.work() as work:
            work.payments.add(payment)

    def count_in(self) -> None:
        self.post(f"/variants/{self.mug}/stock/adjustments", {"delta": 1, "reason": "received"})

    def sign_up(self) -> None:
        email = f"{self.named('guest')}@example.com"
        answer = self.chief.post("/auth/register", {"email": email, "password": "securepass"})
        assert answer.status_code == 201, answer.text

    def offer(self) -> None:
        terms = {"code": self.named("ten"), "discount_type": "percentage", "discount_value": "10"}
        self.post("/coupons", terms)

    def give(self) -> None:
        name = self.named("gift")
        self.shop.sell(name)
        assert self.chief.post(f"/collections/gifts/products/{name}").status_code < 300

    def import_(self) -> None:
        assert send(self.chief, csv_of(["sku"], [self.named("SKU")])).status_code == 202

    def review(self) -> None:
        someone = user(f"{self.named('shopper')}@example.com")
        with self.shop.container.work() as work:
            work.users.add(someone)
        write = WriteReview(self.shop.container.work, utc_now, only_buyers=False)
        write(author_id=someone.id, product="mug", rating=next(self._numbers) % 5 + 1)

    def wish(self) -> None:
        self.post("/wishlist", {"variant_id": str(self.shop.sell(self.named("Bowl")))})

    def share(self) -> str:
        """Return the word that opens the list of wishes."""
        self.wish()
        default = self.chief.get("/wishlist/lists").json[0]["id"]
        token: str = self.chief.post(f"/wishlist/lists/{default}/share").json["token"]
        return token

    def ask_another_price(self) -> None:
        """Ask it of the mug, whose slug is its name."""
        price = {"price": f"{next(self._numbers)}.00"}
        assert self.chief.patch("/products/mug", price).status_code == 200


# A list that is not here fails a test: say how it gets another row.
GROWN: Mapping[str, Callable[[Grower], Any]] = {
    "/audit": Grower.count_in,
    "/collections/{collection}/products": Grower.give,
    "/coupons": Grower.offer,
    "/jobs": Grower.import_,
    "/orders": Grower.order,
    "/payments": Grower.pay,
    "/products": lambda it: it.shop.sell(it.named("Jug")),
    "/products/{product}/reviews": Grower.review,
    "/products/{product}/prices": Grower.ask_another_price,
    "/reviews": Grower.review,
    "/stock": lambda it: it.shop.sell(it.named("Pot")),
    "/stock/movements": Grower.count_in,
    "/users": Grower.sign_up,
    "/variants/{variant_id}/stock/movements": Grower.count_in,
    "/wishlist": Grower.wish,
    "/wishlist/shared/{token}": Grower.wish,
}
