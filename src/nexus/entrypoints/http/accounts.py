from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, post_load

from nexus.application.accounts import CloseAccount, Register
from nexus.application.ports.export import ExportQueries
from nexus.application.ports.system import Clock
from nexus.domain.users import Profile
from nexus.entrypoints.http.access import ANYONE, IN_PERSON, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Email, Line, Phone, Username, secret
from nexus.entrypoints.http.schemas import Message, Moment


class RegisterBody(Schema):
    email = Email(required=True, metadata={"example": "hana@example.com"})
    password = secret(required=True, metadata={"example": "three-cups-of-buna"})
    username = Username(allow_none=True, metadata={"example": "hana"})
    first_name = Line(most=150, metadata={"example": "Hana"})
    last_name = Line(most=150, metadata={"example": "Girma"})
    phone = Phone(allow_none=True, metadata={"example": "0911234567"})

    @post_load
    def gather(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        email, password = body.pop("email"), body.pop("password")
        return {"email": email, "password": password, "profile": Profile(**body)}


class Export(Schema):
    """Everything that is kept of a person, but for secrets and what is made of them."""

    exported_at = Moment(required=True)
    account = fields.Dict(required=True)
    addresses = fields.List(fields.Dict(), required=True)
    carts = fields.List(fields.Dict(), required=True)
    orders = fields.List(fields.Dict(), required=True)
    reviews = fields.List(fields.Dict(), required=True)
    hidden_reviews = fields.List(fields.Dict(), required=True)
    helpful_votes = fields.List(fields.Dict(), required=True)
    wishlists = fields.List(fields.Dict(), required=True)
    stock_alerts = fields.List(fields.Dict(), required=True)
    sessions = fields.List(fields.Dict(), required=True)
    second_factors = fields.List(fields.Dict(), required=True)
    api_tokens = fields.List(fields.Dict(), required=True)
    mailed_links = fields.List(fields.Dict(), required=True)
    recently_viewed = fields.List(fields.Dict(), required=True)
    security_log = fields.List(fields.Dict(), required=True)


def accounts_blueprint(
    *,
    register: Register,
    close_account: CloseAccount,
    queries: ExportQueries,
    now: Clock,
) -> Routes:
    blueprint = Routes("accounts", __name__, description="Opening an account, and closing it.")

    @blueprint.post("/auth/register")
    @blueprint.arguments(RegisterBody)
    @blueprint.response(201, Message)
    @open_to(ANYONE)
    def open_account(body: dict[str, Any]) -> dict[str, str]:
        """Open an account.

        The answer is the same for an address that has one, whose owner is told by mail.
        """
        register(**body)
        return {"message": "Look into your mail to verify your address."}

    @blueprint.delete("/users/me")
    @blueprint.response(204)
    @open_to(IN_PERSON)
    def close() -> None:
        """Close one's account for good; being signed in is enough, and no body is read.

        Name, addresses, cart, wishes and sessions are gone at once. Orders stay, with the addresses
        that they were sent to, and so do reviews, which name nobody then. The last administrator
        cannot leave: 409 `last_admin`.
        """
        close_account(user_id=current_caller().user_id)

    @blueprint.get("/users/me/export")
    @blueprint.response(200, Export)
    @open_to(IN_PERSON)
    def export() -> Response:
        """Download everything that is kept of oneself, as one file."""
        held = dict(queries.held_of(current_caller().user_id))
        (account,) = held.pop("account")
        response = jsonify(Export().dump(held | {"account": account, "exported_at": now()}))
        response.headers["Content-Disposition"] = 'attachment; filename="nexus-export.json"'
        return response

    return blueprint
