"""What a mail says: templates hold its form, a file for each language its words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from nexus.application.ports.gateways import Letter
from nexus.domain.addresses import Address
from nexus.domain.shared import Money

TEMPLATES = Path(__file__).parent / "templates" / "mail"
ZONE = ZoneInfo("Africa/Addis_Ababa")
DEFAULT_LOCALE = "en"


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    locale: str
    subject: str
    text: str
    html: str


class Scribe:
    """Writes letters of every kind, in the reader's language where it is known."""

    def __init__(self, *, shop: str, home: str) -> None:
        self._shop = {"name": shop, "home": home}
        self._templates = _templates()
        self._words = {it.stem: tomllib.loads(it.read_text()) for it in TEMPLATES.glob("*.toml")}

    def write(self, letter: Letter) -> WrittenLetter:
        locale = letter.locale if letter.locale in self._words else DEFAULT_LOCALE
        words = self._worded(letter, locale)
        facts = {**letter.facts, "w": words, "locale": locale, "shop": self._shop}
        return WrittenLetter(
            locale=locale,
            subject=" ".join(words["subject"].split()),
            text=self._render(f"{letter.kind}.txt", facts),
            html=self._render(f"{letter.kind}.html", facts),
        )

    def _worded(self, letter: Letter, locale: str) -> dict[str, str]:
        """Put the letter's facts into the sentences of its kind, and those that all share."""
        order = letter.facts.get("order")
        told = {"name": "", "number": order and order.order_number, "shop": self._shop["name"]}
        told |= {key: it for key, it in letter.facts.items() if isinstance(it, str | int)}
        shared = self._words[locale]["all"]
        greeting = shared["greeting" if told["name"] else "greeting_nobody"]
        sentences = shared | {"greeting": greeting} | self._words[locale][letter.kind]
        return {key: sentence.format(**told) for key, sentence in sentences.items()}

    def _render(self, name: str, facts: Mapping[str, Any]) -> str:
        return self._templates.get_template(name).render(facts)


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(money=_money, moment=_moment, address_lines=_address_lines)
    return environment


@pass_context
def _money(context: Context, amount: Money) -> str:
    form = "¤\N{NO-BREAK SPACE}#,##0.00"
    return format_currency(amount.text, amount.currency, form, locale=context["locale"])


@pass_context
def _moment(context: Context, at: datetime) -> str:
    return format_datetime(at, "d MMMM y, HH:mm", tzinfo=ZONE, locale=context["locale"])


@pass_context
def _address_lines(context: Context, to: Address) -> list[str]:
    """Return it as it stands on a parcel; each number says what it is the number of."""
    numbers = [(name, getattr(to, name)) for name in ("house_no", "kebele", "woreda")]
    lines = [
        [f"{to.first_name} {to.last_name}".strip()],
        [to.line1, to.line2],
        [*(f"{context['w'][name]} {it}" for name, it in numbers if it), to.sub_city],
        [to.landmark],
        [to.city, to.region, to.postal_code, _country(to.country, context["locale"])],
        [to.phone],
    ]
    return [", ".join(filter(None, line)) for line in lines if any(line)]


def _country(code: str, locale: str) -> str:
    return str(Locale(locale).territories.get(code, code))
