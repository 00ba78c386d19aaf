from marshmallow import Schema

from nexus.application.emails import ConfirmEmailChange, RequestEmailChange, VerifyEmail
from nexus.application.links import RequestLink
from nexus.entrypoints.http.access import ANYONE, IN_PERSON, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Email, secret
from nexus.entrypoints.http.schemas import Message


class MailedToken(Schema):
    token = secret(required=True)


class EmailBody(Schema):
    email = Email(required=True, metadata={"example": "abebe@nexus.test"})


class EmailChange(Schema):
    new_email = Email(required=True, metadata={"example": "hana@example.com"})
    password = secret(required=True)


def emails_blueprint(
    *,
    verify_email: VerifyEmail,
    request_verification: RequestLink,
    request_email_change: RequestEmailChange,
    confirm_email_change: ConfirmEmailChange,
) -> Routes:
    blueprint = Routes("emails", __name__, description="Proving an address, and changing it.")

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

    @blueprint.post("/auth/email/change")
    @blueprint.arguments(EmailChange)
    @blueprint.response(202, Message)
    @open_to(IN_PERSON)
    def change(body: dict[str, str]) -> dict[str, str]:
        """Ask to go by another address; nothing changes until the link mailed there is used.

        The answer is the same for an address that another account has. A wrong password is 422.
        """
        request_email_change(user_id=current_caller().user_id, **body)
        return {"message": "Look into the mail of your new address to confirm it."}

    @blueprint.post("/auth/email/change/confirm")
    @blueprint.arguments(MailedToken)
    @blueprint.response(200, Message)
    @open_to(ANYONE)
    def confirm(body: dict[str, str]) -> dict[str, str]:
        """Go by the new address from now on, which is proved by the token that was mailed there."""
        confirm_email_change(**body)
        return {"message": "Your account goes by your new address."}

    return blueprint
