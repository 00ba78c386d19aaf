from typing import Any

from marshmallow import Schema, post_load

from nexus.application.accounts import Register, RequestVerification, VerifyEmail
from nexus.domain.users import Profile
from nexus.entrypoints.http.access import ANYONE, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Email, Line, Phone, Username, secret
from nexus.entrypoints.http.schemas import Message


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


class MailedToken(Schema):
    token = secret(required=True)


class EmailBody(Schema):
    email = Email(required=True, metadata={"example": "abebe@nexus.test"})


def accounts_blueprint(
    *, register: Register, request_verification: RequestVerification, verify_email: VerifyEmail
) -> Routes:
    blueprint = Routes("accounts", __name__, description="Opening an account.")

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

    @blueprint.post("/auth/verify-email")
    @blueprint.arguments(MailedToken)
    @blueprint.response(200, Message)
    @open_to(ANYONE)
    def verify(body: dict[str, str]) -> dict[str, str]:
        """Prove an address by the token that was mailed to it."""
        verify_email(**body)
        return {"message": "Your address is verified."}

    @blueprint.post("/auth/verify-email/resend")
    @blueprint.arguments(EmailBody)
    @blueprint.response(202, Message)
    @open_to(ANYONE)
    def ask_again(body: dict[str, str]) -> dict[str, str]:
        """Have the verification mailed again, at most once a minute."""
        request_verification(**body)
        return {"message": "If the address has an account to verify, a mail is on its way."}

    return blueprint
