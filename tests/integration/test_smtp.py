import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from nexus.adapters.letters import Scribe
from nexus.adapters.smtp import SmtpMailer, SmtpServer
from nexus.application.ports.gateways import Letter, MailUnavailable
from nexus.domain.shared import new_id
from tests.integration.processes import Postman
from tests.letters import facts_for

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Refusing(Postman):
    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return self.answer


def mailer(port: int) -> SmtpMailer:
    return SmtpMailer(
        SmtpServer("127.0.0.1", port),
        Scribe(shop="Nexus", home="https://nexus.test"),
        sender="Nexus <shop@nexus.test>",
        now=lambda: NOON,
    )


def letter() -> Letter:
    return Letter(new_id(), "welcome", "abebe@nexus.test", facts_for("welcome"), "am")


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class TestSmtpMailer:
    def test_hands_over_the_mail_as_it_was_written(self) -> None:
        postman, sent = Postman(), letter()

        with postman.at_work() as port:
            mailer(port).send(sent)

        (mail,) = postman.mails
        assert mail["Subject"] == "ወደ Nexus እንኳን ደህና መጡ"
        assert (mail["From"], mail["To"]) == ("Nexus <shop@nexus.test>", "abebe@nexus.test")
        assert mail["Message-ID"] == f"<{sent.id}@nexus.test>"
        text = mail.get_body(("plain",))
        assert text
        assert "ሰላም Abebe፣" in text.get_content()

    @pytest.mark.parametrize("answer", ["451 Try again later", "550 No such mailbox"])
    def test_says_when_the_server_refuses(self, answer: str) -> None:
        with Refusing(answer).at_work() as port, pytest.raises(MailUnavailable) as refusal:
            mailer(port).send(letter())

        assert answer[4:] in repr(refusal.value.__cause__)

    def test_says_when_nobody_answers(self, closed_port: int) -> None:
        with pytest.raises(MailUnavailable):
            mailer(closed_port).send(letter())
