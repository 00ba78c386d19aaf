"""Everything the environment decides, read once and checked at the start."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

LOCAL = {
    "DATABASE_URL": "postgresql:///nexus",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SECRET_KEY": "local-secret-key-that-protects-nothing",
    "JWT_SECRET_KEY": "local-jwt-key-that-protects-nothing-at-all",
    "CHAPA_SECRET_KEY": "CHASECK_TEST-local",
    "CHAPA_WEBHOOK_SECRET": "chapa-webhook-local",
    "CHAPA_BASE_URL": "http://127.0.0.1:8001/chapa/v1",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "8025",
    "NEXUS_ADMIN_EMAIL": "admin@nexus.test",
    "NEXUS_ADMIN_PASSWORD": "nexus-admin-local",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "LOG_FORMAT": "console",
}
LEAST_KEY = 32
LEAST_LETTERS = 8


class BadSettings(Exception):
    """Names every setting that is missing or malformed, a line each."""


def _text(value: str) -> str:
    return value.strip()


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(word) for word in _words(value))


def _switch(value: str) -> bool:
    words = {"1": True, "true": True, "on": True, "yes": True}
    words |= {"0": False, "false": False, "off": False, "no": False}
    if value.strip().lower() not in words:
        raise ValueError("say on or off")
    return words[value.strip().lower()]


def _count(value: str) -> int:
    if not value.strip().isascii() or (number := int(value)) < 0:
        raise ValueError("not a whole number of at least 0")
    return number


def _rate(value: str) -> Decimal:
    if not 0 <= (rate := Decimal(value)) < 1:
        raise ValueError("not a fraction of at least 0 and less than 1")
    return rate


def _amount(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", value.strip()):
        raise ValueError("not an amount such as 150.00")
    return value.strip()


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value.strip()):
        raise ValueError("not a currency such as ETB")
    return value.strip()


def _url(value: str) -> str:
    if not re.match(r"[a-z][a-z0-9+]*://", value):
        raise ValueError("not a URL")
    return value.strip().rstrip("/")


def _url_if_any(value: str) -> str:
    return _url(value) if value.strip() else ""


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"not one of {', '.join(words)}")
        return value

    return read


def _order_number(value: str) -> str:
    """`{year}` and `{seq:0N}` only, since the database fills them in."""
    if len(re.findall(r"\{seq:0?\d\}", value)) != 1 or re.search(
        r"[{}]", re.sub(r"\{seq:0?\d\}|\{year\}", "", value)
    ):
        raise ValueError("needs one {seq:06}, and may have {year}")
    return value


def _is(read: Callable[[str], Any], default: str | None = None) -> Any:
    return field(metadata={"read": read, "default": default})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment, a field each; the name in upper case is the variable."""

    nexus_env: str = _is(_one_of("local", "test", "production"), "production")
    nexus_host: str = _is(_text, "127.0.0.1")
    nexus_port: int = _is(_count, "8000")
    web_concurrency: int = _is(_count, "2")
    web_threads: int = _is(_count, "4")
    database_url: str = _is(_url)
    database_pool: int = _is(_count, "8")
    redis_url: str = _is(_url)
    secret_key: str = _is(_text)
    jwt_secret_key: str = _is(_text)
    jwt_previous_keys: tuple[str, ...] = _is(_words, "")
    jwt_access_minutes: int = _is(_count, "30")
    jwt_refresh_days: int = _is(_count, "7")
    auth_login_fields: tuple[str, ...] = _is(_words, "email,username")
    verify_token_hours: int = _is(_count, "24")
    reset_token_minutes: int = _is(_count, "60")
    require_verified_for: str = _is(_one_of("none", "checkout", "login"), "none")
    require_totp_for: str = _is(_one_of("none", "staff"), "none")
    password_min_length: int = _is(_count, "8")
    page_size: int = _is(_count, "12")
    page_size_max: int = _is(_count, "100")
    default_currency: str = _is(_currency, "ETB")
    prices_include_tax: bool = _is(_switch, "true")
    tax_rate: Decimal = _is(_rate, "0.15")
    shipping_standard: str = _is(_amount, "150.00")
    shipping_economy: str = _is(_amount, "100.00")
    shipping_free_above: str = _is(_amount, "5000.00")
    reservation_ttl_min: int = _is(_count, "30")
    low_stock_default: int = _is(_count, "5")
    cart_max_qty: int = _is(_count, "999")
    coupon_max_per_cart: int = _is(_count, "3")
    review_requires_purchase: bool = _is(_switch, "false")
    quote_ttl_min: int = _is(_count, "15")
    order_number_format: str = _is(_order_number, "NX-{year}-{seq:06}")
    chapa_secret_key: str = _is(_text, "")
    chapa_webhook_secret: str = _is(_text, "")
    chapa_base_url: str = _is(_url, "https://api.chapa.co/v1")
    gateway_timeout_seconds: int = _is(_count, "15")
    public_url: str = _is(_url, "http://127.0.0.1:8000")
    shop_name: str = _is(_text, "Nexus")
    smtp_host: str = _is(_text, "")
    smtp_port: int = _is(_count, "587")
    smtp_user: str = _is(_text, "")
    smtp_password: str = _is(_text, "")
    smtp_tls: bool = _is(_switch, "false")
    mail_from: str = _is(_text, "Nexus <shop@nexus.test>")
    nexus_admin_email: str = _is(_text, "")
    nexus_admin_password: str = _is(_text, "")
    admin_alert_email: str = _is(_text, "")
    cors_origins: tuple[str, ...] = _is(_words, "")
    allowed_hosts: tuple[str, ...] = _is(_words, "")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _is(_networks, "")
    rate_limits: bool = _is(_switch, "on")
    cache_products_seconds: int = _is(_count, "300")
    cache_categories_seconds: int = _is(_count, "900")
    cache_bytes: int = _is(_count, "67108864")
    media_root: str = _is(_text, "var/media")
    s3_bucket: str = _is(_text, "")
    s3_endpoint_url: str = _is(_url_if_any, "")
    s3_region: str = _is(_text, "us-east-1")
    s3_access_key_id: str = _is(_text, "")
    s3_secret_access_key: str = _is(_text, "")
    s3_public_url: str = _is(_url_if_any, "")
    max_body_bytes: int = _is(_count, "1048576")
    import_max_bytes: int = _is(_count, "104857600")
    seed_aliases: bool = _is(_switch, "true")
    log_format: str = _is(_one_of("json", "console"), "json")

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read them all; raise BadSettings naming each that is missing or malformed."""
        told = LOCAL | dict(environ) if environ.get("NEXUS_ENV") in ("local", "test") else environ
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for it in fields(cls):
            text = told.get(it.name.upper(), it.metadata["default"])
            if text is None:
                wrong.append(f"{it.name.upper()} is missing")
                continue
            try:
                values[it.name] = it.metadata["read"](text)
            except (ValueError, ArithmeticError) as error:
                wrong.append(f"{it.name.upper()} is malformed: {error}")
        if not wrong:
            wrong += _at_odds(cls(**values)) + _unsafe(cls(**values))
        if wrong:
            raise BadSettings("\n".join(wrong))
        return cls(**values)


def _is_regular(key: str) -> bool:
    """Whether it has few different characters, or repeats one piece of itself."""
    return len(set(key)) < LEAST_LETTERS or key in (key + key)[1:-1]


def _at_odds(settings: Settings) -> list[str]:
    """Say what one setting asks of another, wherever it runs."""
    unseen = settings.s3_bucket and not settings.s3_public_url
    return ["S3_PUBLIC_URL is missing, so nobody would see the pictures"] * bool(unseen)


def _unsafe(settings: Settings) -> list[str]:
    """Say what must not be so where real money moves."""
    if settings.nexus_env != "production":
        return []
    current = {"SECRET_KEY": settings.secret_key, "JWT_SECRET_KEY": settings.jwt_secret_key}
    previous = [("JWT_PREVIOUS_KEYS", key) for key in settings.jwt_previous_keys]
    keys = [*current.items(), *previous]
    weak = [f"{name} is shorter than {LEAST_KEY}" for name, key in keys if len(key) < LEAST_KEY]
    known = [f"{name} is the local one" for name, key in keys if key in LOCAL.values()]
    plain = [f"{name} is too regular to be a secret" for name, key in keys if _is_regular(key)]
    tests = settings.chapa_secret_key.startswith("CHASECK_TEST")
    deaf = settings.chapa_secret_key and not settings.chapa_webhook_secret
    mute = not settings.smtp_host
    return (
        weak
        + known
        + plain
        + ["CHAPA_SECRET_KEY is a test key"] * tests
        + ["CHAPA_WEBHOOK_SECRET is missing, so no webhook could be believed"] * bool(deaf)
        + ["SMTP_HOST is missing, so no mail could be sent"] * mute
    )
