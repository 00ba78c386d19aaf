import pytest

from nexus.settings import LOCAL, BadSettings, Settings

REAL = {
    "DATABASE_URL": "postgresql://db/nexus",
    "REDIS_URL": "redis://cache/0",
    "SECRET_KEY": "k3ys-of-our-own-that-nobody-else-has",
    "JWT_SECRET_KEY": "t0kens-are-signed-with-quite-another",
    "CHAPA_SECRET_KEY": "CHASECK-abc",
    "CHAPA_WEBHOOK_SECRET": "hook",
    "SMTP_HOST": "mail",
}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(BadSettings) as refused:
        Settings.read(environ)
    return str(refused.value)


def test_needs_nothing_locally() -> None:
    settings = Settings.read({"NEXUS_ENV": "local"})

    assert settings.chapa_secret_key == LOCAL["CHAPA_SECRET_KEY"]
    assert settings.page_size == 12


def test_names_everything_that_is_missing() -> None:
    needed = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "JWT_SECRET_KEY")

    assert refusal({}).splitlines() == [f"{name} is missing" for name in needed]


def test_names_everything_that_is_malformed() -> None:
    told = refusal(
        REAL
        | {
            "PAGE_SIZE": "twelve",
            "TAX_RATE": "1.5",
            "PRICES_INCLUDE_TAX": "perhaps",
            "PUBLIC_URL": "shop",
            "ORDER_NUMBER_FORMAT": "NX",
            "REQUIRE_VERIFIED_FOR": "fun",
            "TRUSTED_PROXIES": "10.0.0.1/8",
            "RATE_LIMITS": "sometimes",
            "DEFAULT_CURRENCY": "birr",
            "SHIPPING_STANDARD": "dear",
            "SHIPPING_FREE_ABOVE": "-1",
            "S3_ENDPOINT_URL": "bucket",
        }
    )

    assert {line.split()[0] for line in told.splitlines()} == {
        "PAGE_SIZE",
        "TAX_RATE",
        "PRICES_INCLUDE_TAX",
        "PUBLIC_URL",
        "ORDER_NUMBER_FORMAT",
        "REQUIRE_VERIFIED_FOR",
        "TRUSTED_PROXIES",
        "RATE_LIMITS",
        "DEFAULT_CURRENCY",
        "SHIPPING_STANDARD",
        "SHIPPING_FREE_ABOVE",
        "S3_ENDPOINT_URL",
    }


def test_shows_no_bucket_that_nobody_could_see() -> None:
    assert "S3_PUBLIC_URL is missing" in refusal({"NEXUS_ENV": "local", "S3_BUCKET": "pictures"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 40),
        ("JWT_SECRET_KEY", "correct-horse-" * 4),
        ("JWT_SECRET_KEY", LOCAL["JWT_SECRET_KEY"]),
        ("JWT_PREVIOUS_KEYS", f"short,{LOCAL['JWT_SECRET_KEY']}"),
        ("CHAPA_SECRET_KEY", "CHASECK_TEST-abc"),
        ("CHAPA_WEBHOOK_SECRET", ""),
        ("SMTP_HOST", ""),
    ],
)
def test_refuses_in_production_what_protects_nothing(name: str, value: str) -> None:
    assert refusal(REAL | {name: value}).startswith(name)


def test_says_nothing_of_a_secret() -> None:
    assert "hunter2" not in refusal(REAL | {"SECRET_KEY": "hunter2"})
