from dataclasses import replace
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from nexus.adapters.letters import Scribe
from nexus.adapters.smtp import SmtpMailer, SmtpServer
from nexus.application.ports.gateways import Letter
from tests.letters import KINDS, ORDER, facts_for

LETTER_ID = UUID(int=7)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def mailer() -> SmtpMailer:
    return SmtpMailer(
        SmtpServer("127.0.0.1", 25),
        Scribe(shop="Nexus", home="https://nexus.test"),
        sender="Nexus <shop@nexus.test>",
        now=lambda: NOON,
    )


def letter(kind: str, *, to: str = "abebe@nexus.test", locale: str = "en", **facts: Any) -> Letter:
    return Letter(LETTER_ID, kind, to, {**facts_for(kind), **facts}, locale)


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content(), html.get_content()


class TestEveryMail:
    @pytest.mark.parametrize("locale", ["en", "am"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_says_the_same_in_html_and_in_plain_text(
        self, mailer: SmtpMailer, kind: str, locale: str
    ) -> None:
        message = mailer.message(letter(kind, locale=locale))

        for part in parts(message):
            assert facts_for(kind)["link"] in part
            assert "Abebe" in part
            assert "{" not in part
        assert message["X-Nexus-Mail"] == kind
        assert message["Content-Language"] == locale

    def test_bears_the_same_id_at_every_attempt(self, mailer: SmtpMailer) -> None:
        first, second = (mailer.message(letter("welcome")) for _ in range(2))

        assert first["Message-ID"] == second["Message-ID"] == f"<{LETTER_ID}@nexus.test>"

    def test_speaks_english_to_those_whose_language_it_does_not_know(
        self, mailer: SmtpMailer
    ) -> None:
        message = mailer.message(letter("welcome", locale="tlh"))

        assert message["Subject"] == "Welcome to Nexus"

    def test_greets_those_who_gave_no_name(self, mailer: SmtpMailer) -> None:
        text, _ = parts(mailer.message(letter("welcome", name="")))

        assert "\nHello,\n" in text

    def test_shows_markup_in_a_name_as_it_is_written(self, mailer: SmtpMailer) -> None:
        message = mailer.message(letter("welcome", name="<b>{shop}</b>"))
        text, html = parts(message)

        assert "Hello <b>{shop}</b>," in text
        assert "Hello &lt;b&gt;{shop}&lt;/b&gt;," in html

    @pytest.mark.parametrize(
        "to", ["a@nexus.test\r\nBcc: b@nexus.test", "a@nexus.test, b@nexus.test"]
    )
    def test_reaches_one_address_and_no_other(self, mailer: SmtpMailer, to: str) -> None:
        with pytest.raises((ValueError, HeaderParseError)):
            mailer.message(letter("welcome", to=to))


class TestBackInStock:
    @pytest.mark.parametrize("locale", ["en", "am"])
    def test_says_what_is_back_and_how_to_hear_no_more(
        self, mailer: SmtpMailer, locale: str
    ) -> None:
        message = mailer.message(letter("back_in_stock", locale=locale))

        assert "Jebena" in message["Subject"]
        for part in parts(message):
            assert "https://nexus.test/unsubscribe?token=d29yZA" in part
        assert message["List-Unsubscribe"] == "<https://nexus.test/one_click?token=d29yZA>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_alone_is_a_mail_that_one_can_end(self, mailer: SmtpMailer) -> None:
        assert "List-Unsubscribe" not in mailer.message(letter("welcome"))


class TestOrderMails:
    @pytest.mark.parametrize("kind", ["order_confirmation", "payment_received", "payment_failed"])
    def test_show_what_was_bought_and_for_how_much(self, mailer: SmtpMailer, kind: str) -> None:
        message = mailer.message(letter(kind))

        assert ORDER.order_number in message["Subject"] + parts(message)[0]
        for part in parts(message):
            assert "2 × " in part
            assert "Sidama coffee" in part
            assert "ETB\N{NO-BREAK SPACE}1,035.00" in part
            assert "1 January 2026, 15:00" in part
            assert "House 1234, Woreda 03, Bole" in part
            assert "Ethiopia" in part
            assert "VAT included" in part

    def test_show_amounts_and_times_as_the_reader_writes_them(self, mailer: SmtpMailer) -> None:
        text, _ = parts(mailer.message(letter("order_confirmation", locale="am")))

        assert "ብር\N{NO-BREAK SPACE}1,035.00" in text
        assert "1 ጃንዋሪ 2026, 15:00" in text

    def test_show_a_tax_that_is_added_before_the_total(self, mailer: SmtpMailer) -> None:
        taxed = replace(ORDER, total=ORDER.total + ORDER.tax_amount)

        text, _ = parts(mailer.message(letter("order_confirmation", order=taxed)))

        assert text.index("VAT:") < text.index("Total:")
        assert "VAT included" not in text
