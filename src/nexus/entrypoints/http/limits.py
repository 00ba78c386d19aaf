"""How often each route may be called, and by whom the calls are counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from nexus.application.limits import (
    Attempt,
    By,
    CountAttempt,
    GiveBack,
    Limit,
    RateLimited,
    Rule,
)
from nexus.domain.shared import NexusError, Unavailable
from nexus.entrypoints.http.access import caller_or_none
from nexus.entrypoints.http.bodies import read_json
from nexus.entrypoints.http.identity import account_name
from nexus.entrypoints.http.paths import API

MINUTE, HOUR = 60, 3600
NAMES = ("identifier", "email", "username")
WRITES = {"POST", "DELETE"}
NEVER_LIMITED = {"/healthz", "/readyz", "/metrics"}

# Wrong passwords only. Who knows the right one is never locked out by who does not: beyond its
# limit an account is not closed, each address has fewer guesses at it (docs/adr/0008).
GUESSES = Rule(
    "guesses",
    (
        Limit(10, MINUTE, By.BOTH),
        Limit(3, HOUR, By.BOTH, beyond=Limit(100, HOUR, By.ACCOUNT)),
        Limit(300, MINUTE, By.ADDRESS),
    ),
    failures=True,
)
# What asks somebody signed in for the password again.
PROOFS = Rule("proofs", (Limit(10, MINUTE, By.ACCOUNT),), failures=True)
# What mails an address that somebody signed in may name.
LETTERS = Rule("letters", (Limit(10, HOUR, By.ACCOUNT),))
# What others read: more than a person has to say.
SAYINGS = Rule("reviews", (Limit(30, HOUR, By.ACCOUNT),))
# What has an address written to, later and once; whose address it is nobody has proved.
ALERTS = Rule("back-in-stock", (Limit(200, HOUR), Limit(30, HOUR, By.ACCOUNT)))
# What is open to everybody and is slow, or sends mail: many people may share an address.
OPEN = (Limit(200, MINUTE), Limit(1000, HOUR))
# Everything else: what no person reaches, and no program has to.
CALLS = Rule("calls", (Limit(30_000, MINUTE),))

# A wrong password is 422 where somebody is signed in already.
REFUSED = frozenset({401, 422})


@dataclass(frozen=True, slots=True)
class Limited:
    """A rule, and the statuses of the answers that are failures to it."""

    rule: Rule
    failures: frozenset[int] = frozenset()


ROUTES: Mapping[str, Limited] = {
    "/auth/login": Limited(GUESSES, frozenset({401})),
    "/auth/register": Limited(Rule("register", OPEN)),
    "/auth/verify-email": Limited(Rule("verify-email", OPEN)),
    "/auth/verify-email/resend": Limited(Rule("verify-email resend", OPEN)),
    "/auth/password/reset": Limited(Rule("password reset", OPEN)),
    "/auth/password/reset/confirm": Limited(Rule("password reset confirm", OPEN)),
    "/auth/password/change": Limited(PROOFS, REFUSED),
    "/auth/email/change": Limited(LETTERS),
    "/auth/factors/totp": Limited(PROOFS, REFUSED),
    "/auth/factors/totp/confirm": Limited(PROOFS, REFUSED),
    "/auth/email/change/confirm": Limited(Rule("email change confirm", OPEN)),
    "/reviews": Limited(SAYINGS),
    "/products/<product>/reviews": Limited(SAYINGS),
    "/products/<product>/back-in-stock": Limited(ALERTS),
}
REST = Limited(CALLS)


def install_limits(
    count: CountAttempt, count_roughly: CountAttempt, give_back: GiveBack, app: Flask
) -> None:
    """Count every call; those of ROUTES exactly and always, the others roughly."""
    if not count.is_on:
        return

    @app.before_request
    def count_call() -> None:
        if request.path in NEVER_LIMITED or request.method == "OPTIONS":
            return
        limited = _limited()
        if limited is REST:
            attempt = count_roughly(rule=CALLS, address=address())
        else:
            attempt = count(rule=limited.rule, address=address(), account=_account())
        g.limited, g.attempt = limited, attempt
        if attempt.retry_after is not None:
            raise RateLimited(attempt.retry_after)

    @app.after_request
    def tell(response: Response) -> Response:
        attempt: Attempt | None = g.get("attempt")
        if attempt is None:
            return response
        harmless = g.limited.rule.failures and response.status_code not in g.limited.failures
        spent = attempt.retry_after is not None or not harmless
        if not spent:
            _give_back(give_back, attempt)
        return _with_standing(response, attempt, spent=spent)


def counted_reads(count_roughly: CountAttempt) -> Callable[[str], Attempt | None]:
    """Return what counts a call of an address that is no route's in particular."""
    if not count_roughly.is_on:
        return lambda address: None
    return lambda address: count_roughly(rule=CALLS, address=address)


def _limited() -> Limited:
    if request.method not in WRITES or request.url_rule is None:
        return REST
    return ROUTES.get(str(request.url_rule).removeprefix(API), REST)


def address() -> str:
    """Return who calls, as far as one can tell: an IPv4 address, or the /64 that one IPv6 has."""
    return address_of(request.remote_addr or "")


@lru_cache(maxsize=10_000)
def address_of(text: str) -> str:
    try:
        found = ip_address(text)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def _account() -> str | None:
    """Return whose account the call is about: the caller's, or the one that the body names."""
    if caller := caller_or_none():
        return str(caller.user_id)
    try:
        body = read_json(request.get_data())
    except (HTTPException, NexusError):
        # Refused by the view in a moment, in the words it has for that.
        return None
    named = [body[it] for it in NAMES if isinstance(body, dict) and it in body]
    return next((account_name(it) for it in named if isinstance(it, str)), None)


def _give_back(give_back: GiveBack, attempt: Attempt) -> None:
    try:
        give_back(attempt=attempt)
    except Unavailable:
        # The window ends soon enough.
        return


def _with_standing(response: Response, attempt: Attempt, *, spent: bool) -> Response:
    response.headers.update(standing_of(attempt, spent=spent))
    return response


def standing_of(attempt: Attempt | None, *, spent: bool = True) -> list[tuple[str, str]]:
    """Return the headers that tell what is left, if anybody counts."""
    if attempt is None:
        return []
    standing = attempt.standing
    left = standing.left if spent else min(standing.left + 1, standing.most)
    return [
        ("RateLimit-Limit", str(standing.most)),
        ("RateLimit-Remaining", str(left)),
        ("RateLimit-Reset", str(standing.resets_in)),
    ]
