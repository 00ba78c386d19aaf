"""Accounts, what proves them, and addresses."""

from datetime import timedelta

from dependency_injector import providers

from nexus.adapters.passwords import Argon2Passwords, QueuedPasswords, common_passwords
from nexus.adapters.sql.queries.export import SqlExportQueries
from nexus.adapters.sql.queries.identity import SqlIdentityQueries
from nexus.application.accounts import CloseAccount, EnsureAccount, Register
from nexus.application.addresses import ChangeAddress, RemoveAddress, SaveAddress
from nexus.application.emails import ConfirmEmailChange, RequestEmailChange, VerifyEmail
from nexus.application.forgetting import ForgetSpent
from nexus.application.links import AnswerLinkRequest, IssueLink, RequestLink
from nexus.application.passwords import ChangePassword, ResetPassword
from nexus.application.users import ChangeProfile
from nexus.domain.one_time_tokens import Purpose
from nexus.domain.passwords import PasswordRules
from nexus.domain.users import Preferences, Role
from nexus.entrypoints.http.accounts import accounts_blueprint
from nexus.entrypoints.http.addresses import addresses_blueprint
from nexus.entrypoints.http.emails import emails_blueprint
from nexus.entrypoints.http.passwords import passwords_blueprint
from nexus.entrypoints.http.users import users_blueprint
from nexus.wiring.payments import Payments
from nexus.wiring.shopping import minutes
from nexus.wiring.technology import Once


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def a_quarter(threads: int) -> int:
    return max(1, threads // 4)


class Identity(Payments):
    identity_queries = Once(SqlIdentityQueries, Payments.reader)
    passwords = Once(
        QueuedPasswords,
        Once(Argon2Passwords),
        at_once=providers.Callable(a_quarter, Payments.settings.provided.web_threads),
    )
    password_rules = Once(
        PasswordRules,
        least=Payments.settings.provided.password_min_length,
        common=providers.Callable(common_passwords),
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
    close_account = Once(
        CloseAccount, start_work=Payments.work.provider, passwords=passwords, now=Payments.clock
    )
    issue_verification = Once(
        IssueLink,
        start_work=Payments.work.provider,
        now=Payments.clock,
        purpose=Purpose.VERIFY_EMAIL,
        lifetime=providers.Callable(hours, Payments.settings.provided.verify_token_hours),
    )
    issue_reset = Once(
        IssueLink,
        start_work=Payments.work.provider,
        now=Payments.clock,
        purpose=Purpose.RESET_PASSWORD,
        lifetime=providers.Callable(minutes, Payments.settings.provided.reset_token_minutes),
    )
    issue_email_change = Once(
        IssueLink,
        start_work=Payments.work.provider,
        now=Payments.clock,
        purpose=Purpose.CHANGE_EMAIL,
        lifetime=providers.Callable(hours, Payments.settings.provided.verify_token_hours),
    )
    answer_link_request = Once(
        AnswerLinkRequest, start_work=Payments.work.provider, now=Payments.clock
    )
    change_password = Once(
        ChangePassword,
        start_work=Payments.work.provider,
        passwords=passwords,
        rules=password_rules,
        now=Payments.clock,
    )
    reset_password = Once(
        ResetPassword,
        start_work=Payments.work.provider,
        passwords=passwords,
        rules=password_rules,
        now=Payments.clock,
    )
    verify_email = Once(VerifyEmail, start_work=Payments.work.provider, now=Payments.clock)
    confirm_email_change = Once(
        ConfirmEmailChange, start_work=Payments.work.provider, now=Payments.clock
    )
    forget_spent = Once(ForgetSpent, start_work=Payments.work.provider, now=Payments.clock)
    change_profile = Once(ChangeProfile, start_work=Payments.work.provider)
    save_address = Once(SaveAddress, start_work=Payments.work.provider, now=Payments.clock)
    change_address = Once(ChangeAddress, start_work=Payments.work.provider)
    remove_address = Once(RemoveAddress, start_work=Payments.work.provider)
    accounts = Once(
        accounts_blueprint,
        register=register_account,
        close_account=close_account,
        queries=Once(SqlExportQueries, Payments.reader),
        now=Payments.clock,
    )
    emails = Once(
        emails_blueprint,
        verify_email=verify_email,
        request_verification=Once(
            RequestLink, start_work=Payments.work.provider, purpose=Purpose.VERIFY_EMAIL
        ),
        request_email_change=Once(
            RequestEmailChange, start_work=Payments.work.provider, passwords=passwords
        ),
        confirm_email_change=confirm_email_change,
    )
    password_routes = Once(
        passwords_blueprint,
        change_password=change_password,
        request_reset=Once(
            RequestLink, start_work=Payments.work.provider, purpose=Purpose.RESET_PASSWORD
        ),
        reset_password=reset_password,
    )
    users = Once(users_blueprint, change_profile=change_profile, queries=identity_queries)
    addresses = Once(
        addresses_blueprint,
        save_address=save_address,
        change_address=change_address,
        remove_address=remove_address,
        queries=identity_queries,
    )
