from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from nexus.application.stock_alerts import (
    AwaitStock,
    StopWaiting,
    UnsubscribeWords,
    Waiting,
)
from nexus.domain.shared import invalid
from nexus.entrypoints.http.access import (
    ANYONE,
    VISITOR,
    NotSignedIn,
    caller_or_none,
    open_to,
)
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Email
from nexus.entrypoints.http.schemas import Message, Text

ONE_CLICK = "/back-in-stock/unsubscribe"
PROMISE = "We will write to you once, when it is back."


class AlertBody(Schema):
    """`email` is a guest's; whoever is signed in is written to at the account's address."""

    email = Email(metadata={"example": "hana@example.com"})
    variant_id = fields.UUID()


_TOKEN = {"description": "The one of the link in a mail."}


class LinkQuery(Schema):
    token = Text(least=1, most=1000, metadata=_TOKEN)


class UnsubscribeQuery(Schema):
    token = Text(least=1, most=1000, required=True, metadata=_TOKEN)


def stock_alerts_blueprint(
    *, await_stock: AwaitStock, stop_waiting: StopWaiting, words: UnsubscribeWords
) -> Routes:
    blueprint = Routes("back-in-stock", __name__, description="Waiting for what is sold out")

    @blueprint.post("/products/<product>/back-in-stock")
    @blueprint.arguments(AlertBody, example={"email": "hana@example.com"})
    @blueprint.response(201, Message)
    @open_to(VISITOR)
    def subscribe(body: dict[str, Any], product: str) -> dict[str, str]:
        """Ask for a mail when a product, or a variant of it, is back: one mail, and no more.

        The answer is the same whoever waits already. What is in stock is refused: `in_stock`.
        Nobody waits for more than 50 things, and the address of a guest is forgotten after 180
        days.
        """
        variant_id: UUID | None = body.get("variant_id")
        await_stock(product=product, variant_id=variant_id, who=_waiting(body.get("email")))
        return {"message": PROMISE}

    @blueprint.delete("/products/<product>/back-in-stock")
    @blueprint.arguments(LinkQuery, location="query")
    @blueprint.response(204)
    @open_to(VISITOR)
    def unsubscribe(query: dict[str, str], product: str) -> None:
        """Wait for a product no longer; a guest says so with the token of a mail's link."""
        token = query.get("token")
        stop_waiting(who=words.reader_of(token) if token else _customer(), product=product)

    @blueprint.post(ONE_CLICK)
    @blueprint.arguments(UnsubscribeQuery, location="query")
    @blueprint.response(204)
    @open_to(ANYONE)
    def unsubscribe_from_all(query: dict[str, str]) -> None:
        """Wait for nothing any more: what mail programs call for one click (RFC 8058)."""
        stop_waiting(who=words.reader_of(query["token"]))

    return blueprint


def _waiting(email: str | None) -> Waiting:
    caller = caller_or_none()
    if caller is None and email is None:
        raise invalid("email", "Say where to write to.")
    if caller and email not in (None, caller.email):
        raise invalid("email", "Your account's address is written to.")
    return _customer() if caller else Waiting(email=email)


def _customer() -> Waiting:
    if caller := caller_or_none():
        return Waiting(caller.user_id, locale=caller.locale)
    raise NotSignedIn
