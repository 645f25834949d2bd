"""Serves the fake of Vertex AI over HTTP, to requests with a token of a service account."""

import functools
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from tests.experiments.commands.deploy.vertex.fake.rest import RestError
from tests.experiments.commands.deploy.vertex.fake.vertex import FakeVertex


@dataclass
class Account:
    """A service account: its key, and the token that the authorization server gives for a signed assertion."""

    key: rsa.RSAPrivateKey
    token: str

    def save(self, path: Path, token_uri: str) -> None:
        """Write the file that GOOGLE_APPLICATION_CREDENTIALS names."""
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        content = {
            "type": "service_account",
            "project_id": "zahlen-1",
            "private_key_id": "1",
            "private_key": self.key.private_bytes(encoding, form, serialization.NoEncryption()).decode(),
            "client_email": "tests@zahlen-1.iam.gserviceaccount.com",
            "token_uri": token_uri,
        }
        path.write_text(json.dumps(content))

    def has_signed(self, assertion: str) -> bool:
        """Tell whether this account has signed a JSON Web Token."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            return jwt.decode(assertion, certs=public)["iss"] == "tests@zahlen-1.iam.gserviceaccount.com"
        except ValueError:
            return False


@functools.cache
def _make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@contextmanager
def serve(vertex: FakeVertex) -> Iterator[tuple[str, Account]]:
    """Serve on a free port; provide the URL, and the account that may call.

    POST /token gives a token for a signed assertion. Vertex AI accepts that token, or the assertion itself.
    """
    account = Account(_make_key(), secrets.token_hex())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                if self.path == "/token":
                    self._authorize(account.has_signed(parse_qs(body.decode())["assertion"][0]))
                    self._send(200, {"access_token": account.token, "expires_in": 3600, "token_type": "Bearer"})
                else:
                    token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                    self._authorize(token == account.token or account.has_signed(token))
                    self._send(200, vertex.answer(self.command, self.path, body))
            except RestError as error:
                self._send(error.code, error.body)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def _authorize(self, holds: bool) -> None:
            if not holds:
                raise RestError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

        def _send(self, status: int, content: Mapping[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}", account
    finally:
        http.shutdown()
        http.server_close()
