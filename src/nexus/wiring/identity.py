"""Accounts, sessions and addresses."""

from datetime import timedelta
from operator import eq

from dependency_injector import providers

from nexus.adapters.passwords import Argon2Passwords, common_passwords
from nexus.adapters.sql.queries.identity import SqlIdentityQueries
from nexus.application.accounts import (
    EnsureAccount,
    IssueVerification,
    Register,
    RequestVerification,
    VerifyEmail,
)
from nexus.application.addresses import ChangeAddress, RemoveAddress, SaveAddress
from nexus.application.sessions import LogIn, LogOut, LogOutEverywhere, RefreshSession
from nexus.application.users import ChangeProfile
from nexus.domain.users import PasswordRules, Preferences, Role
from nexus.entrypoints.http.accounts import accounts_blueprint
from nexus.entrypoints.http.addresses import addresses_blueprint
from nexus.entrypoints.http.auth import identify
from nexus.entrypoints.http.sessions import sessions_blueprint
from nexus.entrypoints.http.users import users_blueprint
from nexus.wiring.payments import Payments
from nexus.wiring.technology import Once


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


class Identity(Payments):
    identity_queries = Once(SqlIdentityQueries, Payments.engine)
    passwords = Once(Argon2Passwords)
    password_rules = Once(
        PasswordRules,
        least=Payments.settings.provided.password_min_length,
        common=providers.Callable(common_passwords),
    )
    session_lifetime = providers.Factory(
        timedelta, days=Payments.settings.provided.jwt_refresh_days
    )
    register_account = Once(
        Register,
        start_work=Payments.work.provider,
        passwords=passwords,
        rules=password_rules,
        now=Payments.clock,
        preferences=providers.Factory(
            Preferences, currency=Payments.settings.provided.default_currency
        ),
    )
    ensure_admin = Once(
        EnsureAccount,
        start_work=Payments.work.provider,
        passwords=passwords,
        rules=password_rules,
        now=Payments.clock,
        role=Role.ADMIN,
    )
    ensure_customer = Once(
        EnsureAccount,
        start_work=Payments.work.provider,
        passwords=passwords,
        rules=password_rules,
        now=Payments.clock,
        role=Role.CUSTOMER,
    )
    issue_verification = Once(
        IssueVerification,
        start_work=Payments.work.provider,
        now=Payments.clock,
        lifetime=providers.Callable(hours, Payments.settings.provided.verify_token_hours),
    )
    request_verification = Once(
        RequestVerification, start_work=Payments.work.provider, now=Payments.clock
    )
    verify_email = Once(VerifyEmail, start_work=Payments.work.provider, now=Payments.clock)
    log_in = Once(
        LogIn,
        start_work=Payments.work.provider,
        passwords=passwords,
        now=Payments.clock,
        lifetime=session_lifetime,
        login_fields=Payments.settings.provided.auth_login_fields,
        only_verified=providers.Callable(
            eq, Payments.settings.provided.require_verified_for, "login"
        ),
        claim_cart=Payments.claim_guest_cart,
    )
    refresh_session = Once(
        RefreshSession,
        start_work=Payments.work.provider,
        now=Payments.clock,
        lifetime=session_lifetime,
    )
    log_out = Once(LogOut, start_work=Payments.work.provider, now=Payments.clock)
    log_out_everywhere = Once(
        LogOutEverywhere, start_work=Payments.work.provider, now=Payments.clock
    )
    change_profile = Once(ChangeProfile, start_work=Payments.work.provider)
    save_address = Once(SaveAddress, start_work=Payments.work.provider, now=Payments.clock)
    change_address = Once(ChangeAddress, start_work=Payments.work.provider)
    remove_address = Once(RemoveAddress, start_work=Payments.work.provider)
    accounts = Once(
        accounts_blueprint,
        register=register_account,
        request_verification=request_verification,
        verify_email=verify_email,
    )
    sessions = Once(
        sessions_blueprint,
        log_in=log_in,
        refresh_session=refresh_session,
        log_out=log_out,
        log_out_everywhere=log_out_everywhere,
        queries=identity_queries,
        now=Payments.clock,
    )
    users = Once(users_blueprint, change_profile=change_profile, queries=identity_queries)
    addresses = Once(
        addresses_blueprint,
        save_address=save_address,
        change_address=change_address,
        remove_address=remove_address,
        queries=identity_queries,
    )
    caller = Once(identify, identity_queries, now=Payments.clock)
