from typing import Any

from marshmallow import Schema, fields, validate

from nexus.application.ports.identity import Account, IdentityQueries
from nexus.application.users import ChangeProfile
from nexus.entrypoints.http.access import CUSTOMER, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.identity import Currency, Line, Phone, Username
from nexus.entrypoints.http.schemas import Flag, Moment

# Those that mails are written in.
LOCALES = ("en", "am")


class PreferencesBody(Schema):
    """What the shop speaks and reckons in with this person."""

    locale = fields.String(validate=validate.OneOf(LOCALES), metadata={"example": "am"})
    currency = Currency(metadata={"example": "ETB"})
    marketing_opt_in = Flag(metadata={"example": False})


class ProfileChanges(Schema):
    """What users may change about themselves; what is left out stays."""

    username = Username(allow_none=True, metadata={"example": "abebe"})
    first_name = Line(most=150, metadata={"example": "Abebe"})
    last_name = Line(most=150, metadata={"example": "Bikila"})
    phone = Phone(allow_none=True, metadata={"example": "+251911234567"})
    preferences = fields.Nested(PreferencesBody)


class AccountShown(Schema):
    id = fields.UUID(required=True)
    email = fields.String(required=True, metadata={"example": "abebe@nexus.test"})
    username = fields.String(required=True, allow_none=True)
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+251911234567"})
    is_verified = fields.Boolean(required=True)
    role = fields.String(required=True, validate=validate.OneOf(["customer", "staff", "admin"]))
    preferences = fields.Nested(PreferencesBody, required=True)
    created_at = Moment(required=True)


def users_blueprint(*, change_profile: ChangeProfile, queries: IdentityQueries) -> Routes:
    blueprint = Routes("users", __name__, description="The people who have an account.")

    @blueprint.get("/users/me")
    @blueprint.response(200, AccountShown)
    @open_to(CUSTOMER)
    def show() -> Account:
        """Show who is signed in."""
        return queries.account(current_caller().user_id)

    @blueprint.patch("/users/me")
    @blueprint.arguments(ProfileChanges)
    @blueprint.response(200, AccountShown)
    @open_to(CUSTOMER)
    def change(profile: dict[str, Any]) -> Account:
        """Change one's own profile and preferences."""
        me = current_caller().user_id
        preferences = profile.pop("preferences", {})
        change_profile(user_id=me, profile=profile, preferences=preferences)
        return queries.account(me)

    return blueprint
