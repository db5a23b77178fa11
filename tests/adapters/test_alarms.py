"""Alarms by mail and by chat, to a real SMTP server and a real chat hook on this machine."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from adapters.alarms import AppriseMessenger, messengers
from tests.adapters.raw_server import RawServer, answering, closing

pytestmark = [
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # Apprise's, at its import.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated:DeprecationWarning"),
]

PASSWORD = "pa55w0rd-of-the-mail"
TITLE = "payout acme: 2 alarms, the first wallet.paused"
BODY = "2026-11-22T12:00:00Z wallet.paused (wallet hot): an unknown spend é\n\nSee `payout status`.\n"


class Mailbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[tuple[str, str]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's.
        content = envelope.original_content or b""
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        login = (data.login.decode(), data.password.decode())
        self.logins.append(login)
        # handled=False: else the client would wait for an answer that never comes.
        return AuthResult(success=login == ("ops", PASSWORD), handled=False)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    return number


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    box = Mailbox()
    server = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.authenticate, auth_require_tls=False, auth_required=True
    )
    server.start()
    yield box
    server.stop()


def mail_url(port: int, password: str = PASSWORD) -> str:
    return f"mailto://ops:{password}@127.0.0.1:{port}/?smtp=127.0.0.1&mode=insecure&from=ops@acme.example&to=on@call.example"


def test_an_alarm_arrives_as_a_mail(mailbox: Mailbox, port: int) -> None:
    service = AppriseMessenger(mail_url(port))
    assert service.send(TITLE, BODY) is None
    (mail,) = mailbox.mails
    assert (mail["Subject"], mail["To"]) == (TITLE, "on@call.example")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "an unknown spend é" in text.get_content()
    assert "wallet.paused (wallet hot)" in text.get_content()


def test_a_wrong_password_is_told_in_words_without_it(
    mailbox: Mailbox, port: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    service = AppriseMessenger(mail_url(port, "wr0ng-password"))
    complaint = service.send(TITLE, BODY)
    assert complaint is not None
    assert "was not taken" in complaint
    assert mailbox.mails == []
    printed = capfd.readouterr()
    assert "wr0ng" not in f"{complaint} {service.name} {service.key} {caplog.text} {printed.out} {printed.err}"


def test_an_alarm_arrives_at_a_chat_hook() -> None:
    with RawServer(answering("200 OK", b"")) as hook:
        port = hook.url.rpartition(":")[2]
        assert AppriseMessenger(f"json://127.0.0.1:{port}/room/T0KEN").send(TITLE, BODY) is None
        (request,) = hook.requests
    said = json.loads(request.partition(b"\r\n\r\n")[2])
    assert said["title"] == TITLE
    assert "an unknown spend é" in said["message"]


@pytest.mark.parametrize("status", ["500 Broken", "403 Forbidden", "302 Found"])
def test_a_chat_that_refuses_is_a_complaint_and_a_redirect_is_not_followed(status: str) -> None:
    with RawServer(answering("200 OK", b"")) as inside:
        with RawServer(answering(status, b"", f"Location: {inside.url}/")) as hook:
            service = AppriseMessenger(f"json://127.0.0.1:{hook.url.rpartition(':')[2]}/T0KEN")
            assert "was not taken" in str(service.send(TITLE, BODY))
        assert inside.requests == []


def test_a_service_that_cannot_be_reached_or_hangs_is_a_complaint(port: int) -> None:
    assert AppriseMessenger(f"json://127.0.0.1:{port}/").send(TITLE, BODY) is not None
    assert AppriseMessenger(mail_url(port)).send(TITLE, BODY) is not None

    def hang(_: socket.socket, server: RawServer) -> None:
        server.stopping.wait(30)

    with RawServer(hang) as hook:
        url = f"json://127.0.0.1:{hook.url.rpartition(':')[2]}/"
        assert AppriseMessenger(url, timeout_seconds=0.3).send(TITLE, BODY) is not None
    with RawServer(closing(b"")) as hook:
        assert AppriseMessenger(f"json://127.0.0.1:{hook.url.rpartition(':')[2]}/").send(TITLE, BODY) is not None


def test_an_address_that_apprise_does_not_know_is_a_complaint_with_a_remedy() -> None:
    assert "does not know such an address" in str(AppriseMessenger("nonsense://T0KEN").send(TITLE, BODY))


def test_a_service_is_known_again_after_its_password_changed_and_told_from_others() -> None:
    def keys(*urls: str) -> list[str]:
        return [service.key for service in messengers(urls)]

    one, two = "json://ops:first@chat.example/", "json://ops:second@chat.example/"
    assert keys(one) == keys(two)
    assert len(set(keys(one, two, "json://other.example/", "nonsense://x"))) == 4
    assert [service.name for service in messengers([one, "mailtos://a:b@mail.example"])] == [
        "json (address 1)",
        "mailtos (address 2)",
    ]
