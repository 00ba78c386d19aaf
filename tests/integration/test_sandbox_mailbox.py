from collections.abc import Iterator
from email.message import EmailMessage
from smtplib import SMTP
from typing import Any

import pytest

from tests.integration.sandbox_stage import Stage, set_stage

LINK = "http://127.0.0.1:8000/verify?token=abc&lang=am"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with set_stage() as stage:
        yield stage


def mail(**changes: str) -> EmailMessage:
    message = EmailMessage()
    headers = {
        "From": "Nexus <shop@nexus.test>",
        "To": "abebe@nexus.test",
        "Subject": "እባክዎ ያረጋግጡ",
        "X-Nexus-Mail": "verification",
    }
    for name, value in (headers | changes).items():
        message[name] = value
    message.set_content(f"ሰላም አበበ\nOpen {LINK}.\n")
    html = f'<p>ሰላም</p><a href="{LINK.replace("&", "&amp;")}">Verify</a><a href="#top">Up</a>'
    message.add_alternative(html, subtype="html")
    return message


def send(stage: Stage, *messages: EmailMessage) -> None:
    with SMTP(stage.sandbox.smtp_host, stage.sandbox.smtp_port) as smtp:
        for message in messages:
            smtp.send_message(message)


def messages(stage: Stage, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.call("GET", "/mailbox/messages", params=wanted).json()
    return found


class TestMailbox:
    def test_takes_mail_by_smtp_and_gives_it_as_json(self, stage: Stage) -> None:
        send(stage, mail())

        (found,) = messages(stage)

        assert found.pop("id") == 1
        assert found.pop("received_at").endswith("+00:00")
        assert found.pop("html").startswith("<p>ሰላም</p>")
        assert found == {
            "to": "abebe@nexus.test",
            "from": "Nexus <shop@nexus.test>",
            "kind": "verification",
            "subject": "እባክዎ ያረጋግጡ",
            "text": f"ሰላም አበበ\nOpen {LINK}.\n",
            "links": [LINK],
        }

    def test_finds_the_newest_first_by_address_and_subject(self, stage: Stage) -> None:
        send(
            stage,
            mail(Subject="Order NX-1"),
            mail(Subject="Order NX-2"),
            mail(Subject="Order NX-3", To="sara@nexus.test"),
        )

        assert [it["subject"][-1] for it in messages(stage)] == ["3", "2", "1"]
        assert [it["subject"][-1] for it in messages(stage, to="ABEBE@nexus.test")] == ["2", "1"]
        assert [it["subject"][-1] for it in messages(stage, subject="nx-1")] == ["1"]
        assert messages(stage, to="be@nexus.test") == []

    def test_takes_plain_mail_of_unknown_kind_and_alphabet(self, stage: Stage) -> None:
        raw = b"Subject: Hello\r\nContent-Type: text/plain; charset=x-none\r\n\r\ncaf\xe9\r\n"
        with SMTP(stage.sandbox.smtp_host, stage.sandbox.smtp_port) as smtp:
            smtp.sendmail("a@nexus.test", ["b@nexus.test", "c@nexus.test"], raw)

        (found,) = messages(stage, to="c@nexus.test")

        assert found["to"] == "b@nexus.test, c@nexus.test"
        assert (found["kind"], found["html"], found["links"]) == (None, "", [])
        assert found["text"].startswith("caf")

    def test_can_be_emptied(self, stage: Stage) -> None:
        send(stage, mail())

        assert stage.call("DELETE", "/mailbox/messages").status_code == 204

        assert messages(stage) == []

    def test_outlives_a_reset_of_the_stage(self, stage: Stage) -> None:
        send(stage, mail())

        stage.call("POST", "/control/reset")

        assert len(messages(stage)) == 1

    def test_shows_itself_to_a_person(self, stage: Stage) -> None:
        assert "No mail yet" in stage.call("GET", "/mailbox").text
        send(stage, mail(Subject="<b>Hello</b>"))

        listed, opened = stage.call("GET", "/mailbox/"), stage.call("GET", "/mailbox/1")

        assert "&lt;b&gt;Hello&lt;/b&gt;" in listed.text
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in opened.text
        assert stage.call("GET", "/mailbox/2").status_code == 404

    def test_lets_no_script_of_a_mail_run(self, stage: Stage) -> None:
        send(stage, mail())

        page = stage.call("GET", "/mailbox/1/html")

        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox ")
        assert "default-src 'none'" in policy
        assert "allow-scripts" not in policy
