"""Sessions, second factors and API tokens."""

from datetime import timedelta
from operator import eq

from dependency_injector import providers

from nexus.adapters.sql.queries.credentials import SqlCredentialQueries
from nexus.adapters.totp import EncryptedTotp
from nexus.application.api_tokens import CreateApiToken, RevokeApiToken
from nexus.application.factors import (
    BeginTotp,
    CheckSecondFactor,
    ConfirmPassword,
    ConfirmTotp,
    RemoveTotp,
)
from nexus.application.sessions import (
    EndSession,
    LogIn,
    LogOut,
    LogOutEverywhere,
    NoteUse,
    RefreshSession,
)
from nexus.entrypoints.http.api_tokens import api_tokens_blueprint
from nexus.entrypoints.http.auth import identify
from nexus.entrypoints.http.factors import factors_blueprint
from nexus.entrypoints.http.sessions import sessions_blueprint
from nexus.wiring.identity import Identity
from nexus.wiring.technology import Once


class Credentials(Identity):
    credential_queries = Once(SqlCredentialQueries, Identity.reader)
    totp = Once(
        EncryptedTotp,
        Identity.settings.provided.secret_key,
        issuer=Identity.settings.provided.shop_name,
    )
    check_factor = Once(CheckSecondFactor, totp)
    session_lifetime = providers.Factory(
        timedelta, days=Identity.settings.provided.jwt_refresh_days
    )
    log_in = Once(
        LogIn,
        start_work=Identity.work.provider,
        passwords=Identity.passwords,
        now=Identity.clock,
        lifetime=session_lifetime,
        check_factor=check_factor,
        login_fields=Identity.settings.provided.auth_login_fields,
        only_verified=providers.Callable(
            eq, Identity.settings.provided.require_verified_for, "login"
        ),
        claim_cart=Identity.claim_guest_cart,
    )
    refresh_session = Once(
        RefreshSession,
        start_work=Identity.work.provider,
        now=Identity.clock,
        lifetime=session_lifetime,
    )
    log_out = Once(LogOut, start_work=Identity.work.provider, now=Identity.clock)
    log_out_everywhere = Once(
        LogOutEverywhere, start_work=Identity.work.provider, now=Identity.clock
    )
    end_session = Once(EndSession, start_work=Identity.work.provider, now=Identity.clock)
    note_use = Once(NoteUse, start_work=Identity.work.provider, now=Identity.clock)
    confirm_password = Once(
        ConfirmPassword, start_work=Identity.work.provider, passwords=Identity.passwords
    )
    begin_totp = Once(
        BeginTotp,
        start_work=Identity.work.provider,
        confirm_password=confirm_password,
        totp=totp,
        now=Identity.clock,
    )
    confirm_totp = Once(
        ConfirmTotp, start_work=Identity.work.provider, totp=totp, now=Identity.clock
    )
    remove_totp = Once(
        RemoveTotp,
        start_work=Identity.work.provider,
        confirm_password=confirm_password,
        check_factor=check_factor,
        now=Identity.clock,
    )
    create_api_token = Once(CreateApiToken, start_work=Identity.work.provider, now=Identity.clock)
    revoke_api_token = Once(RevokeApiToken, start_work=Identity.work.provider, now=Identity.clock)
    sessions = Once(
        sessions_blueprint,
        log_in=log_in,
        refresh_session=refresh_session,
        log_out=log_out,
        log_out_everywhere=log_out_everywhere,
        end_session=end_session,
        queries=Identity.identity_queries,
        credentials=credential_queries,
        now=Identity.clock,
    )
    factors = Once(
        factors_blueprint,
        begin_totp=begin_totp,
        confirm_totp=confirm_totp,
        remove_totp=remove_totp,
        queries=credential_queries,
    )
    api_tokens = Once(
        api_tokens_blueprint,
        create_api_token=create_api_token,
        revoke_api_token=revoke_api_token,
        queries=credential_queries,
    )
    caller = Once(
        identify,
        Identity.identity_queries,
        note_use=note_use,
        now=Identity.clock,
        factor_required_for=Identity.settings.provided.require_totp_for,
    )
