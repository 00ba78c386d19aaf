from marshmallow import Schema, fields

from nexus.application.factors import BeginTotp, ConfirmTotp, RemoveTotp
from nexus.application.ports.credentials import CredentialQueries, FactorEntry
from nexus.application.ports.security import NewTotp
from nexus.entrypoints.http.access import IN_PERSON, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import secret
from nexus.entrypoints.http.schemas import Moment


class OwnPassword(Schema):
    password = secret(required=True)


class FactorCode(Schema):
    code = secret(required=True, metadata={"example": "123456"})


class FactorRemoval(OwnPassword, FactorCode):
    """The password, and a code of the app or for its loss."""


class TotpShown(Schema):
    """What an authenticator app is given, typed or as a QR code of `uri`; shown once."""

    secret = fields.String(required=True, metadata={"example": "JBSWY3DPEHPK3PXP"})
    uri = fields.String(required=True, metadata={"example": "otpauth://totp/Nexus:hana?secret=…"})


class RecoveryCodes(Schema):
    """Each opens the account once, in place of the app's code; shown once."""

    recovery_codes = fields.List(fields.String(), required=True)


class FactorShown(Schema):
    kind = fields.String(required=True, metadata={"example": "totp"})
    confirmed_at = Moment(required=True)
    recovery_codes_left = fields.Integer(required=True, metadata={"example": 10})


def factors_blueprint(
    *,
    begin_totp: BeginTotp,
    confirm_totp: ConfirmTotp,
    remove_totp: RemoveTotp,
    queries: CredentialQueries,
) -> Routes:
    blueprint = Routes("factors", __name__, description="A second factor beside the password.")

    @blueprint.get("/auth/factors")
    @blueprint.response(200, FactorShown(many=True))
    @open_to(IN_PERSON)
    def show() -> list[FactorEntry]:
        """List the second factors that a log-in asks for."""
        return queries.factors_of(current_caller().user_id)

    @blueprint.post("/auth/factors/totp")
    @blueprint.arguments(OwnPassword)
    @blueprint.response(201, TotpShown)
    @open_to(IN_PERSON)
    def begin(body: dict[str, str]) -> NewTotp:
        """Set up an authenticator app; it counts once it is confirmed."""
        return begin_totp(user_id=current_caller().user_id, **body)

    @blueprint.post("/auth/factors/totp/confirm")
    @blueprint.arguments(FactorCode)
    @blueprint.response(200, RecoveryCodes)
    @open_to(IN_PERSON)
    def confirm(body: dict[str, str]) -> dict[str, list[str]]:
        """Ask for the app's codes from now on; answers the recovery codes."""
        codes = confirm_totp(user_id=current_caller().user_id, **body)
        return {"recovery_codes": codes}

    @blueprint.delete("/auth/factors/totp")
    @blueprint.arguments(FactorRemoval)
    @blueprint.response(204)
    @open_to(IN_PERSON)
    def remove(body: dict[str, str]) -> None:
        """Ask for the app's codes no more."""
        remove_totp(user_id=current_caller().user_id, **body)

    return blueprint
