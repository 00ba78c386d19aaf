from marshmallow import Schema

from nexus.application.links import RequestLink
from nexus.application.passwords import ChangePassword, ResetPassword
from nexus.entrypoints.http.access import (
    ANYONE,
    IN_PERSON,
    current_caller,
    current_session,
    open_to,
)
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Email, secret
from nexus.entrypoints.http.schemas import Message


class PasswordChange(Schema):
    current_password = secret(required=True)
    new_password = secret(required=True, metadata={"example": "four-cups-of-buna"})


class ResetRequest(Schema):
    email = Email(required=True, metadata={"example": "abebe@nexus.test"})


class NewPassword(Schema):
    token = secret(required=True)
    password = secret(required=True, metadata={"example": "four-cups-of-buna"})


def passwords_blueprint(
    *, change_password: ChangePassword, request_reset: RequestLink, reset_password: ResetPassword
) -> Routes:
    blueprint = Routes("passwords", __name__, description="Setting another password.")

    @blueprint.post("/auth/password/change")
    @blueprint.arguments(PasswordChange)
    @blueprint.response(204)
    @open_to(IN_PERSON)
    def change(body: dict[str, str]) -> None:
        """Set another password; every session ends but this one.

        A wrong `current_password` is 422, since the caller is signed in and stays so.
        """
        change_password(user_id=current_caller().user_id, session_id=current_session(), **body)

    @blueprint.post("/auth/password/reset")
    @blueprint.arguments(ResetRequest)
    @blueprint.response(202, Message)
    @open_to(ANYONE)
    def forget(body: dict[str, str]) -> dict[str, str]:
        """Have a link mailed that sets another password, at most once a minute.

        The answer is the same for an address that has no account.
        """
        request_reset(**body)
        return {"message": "If the address has an account, a mail is on its way."}

    @blueprint.post("/auth/password/reset/confirm")
    @blueprint.arguments(NewPassword)
    @blueprint.response(204)
    @open_to(ANYONE)
    def reset(body: dict[str, str]) -> None:
        """Set another password by the token that was mailed; every session ends.

        The token works once. A password that is refused leaves it as it was.
        """
        reset_password(**body)

    return blueprint
