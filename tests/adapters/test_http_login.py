"""The door to HTTP: who is there (TLS), and how we say who we are (digest login)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from requests.auth import HTTPDigestAuth

from adapters.http import HttpClient, HttpFailed, NotSent, Timeouts
from tests.adapters.raw_server import RawServer, answering, closing

CHALLENGE = 'WWW-Authenticate: Digest realm="r",nonce="n",qop="auth",algorithm=MD5'


def test_a_server_whose_certificate_nobody_vouches_for_is_not_sent(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener, context), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(NotSent, match="certificate is not trusted"):
            HttpClient(url, name="feed").post_json("/x", {})
        thread.join()


def greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        context.wrap_socket(connection, server_side=True).close()


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, SHA256())
    path = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return path


def test_a_server_that_speaks_no_tls_gets_nothing() -> None:
    with RawServer(closing(b"HTTP/1.1 400 Bad\r\n\r\n")) as server:
        plain = server.url.replace("http://", "https://")
        with pytest.raises(HttpFailed):
            HttpClient(plain, name="feed", timeouts=Timeouts(connect=0.3)).post_json("/x", {})

    assert server.requests == []


def test_digest_login_sends_the_body_again_with_the_answer() -> None:
    denied, granted = answering("401 No", b"{}", CHALLENGE), answering("200 OK", b'{"ok": 1}')

    def behave(connection: socket.socket, server: RawServer) -> None:
        known = b"authorization: digest" in server.requests[-1].lower()
        (granted if known else denied)(connection, server)

    with RawServer(behave) as server:
        wallet = HttpClient(server.url, name="wallet", auth=HTTPDigestAuth("user", "word"))
        answer = wallet.post_json("/json_rpc", {"method": "x"})

    assert answer == {"ok": 1}
    assert server.requests[1].endswith(b'{"method": "x"}')
    assert b'username="user"' in server.requests[1]
    assert b"word" not in server.requests[1]


def test_a_wrong_digest_login_is_not_sent() -> None:
    with RawServer(answering("401 No", b"{}", CHALLENGE)) as server:
        wallet = HttpClient(server.url, name="wallet", auth=HTTPDigestAuth("user", "wrong"))
        with pytest.raises(NotSent):
            wallet.post_json("/json_rpc", {})
