"""The booking platform's cloud, as a test: a client of the edge with its certificate."""

from __future__ import annotations

import http.client
import json
import ssl
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.stack import Stack


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `json` is None when the body is not JSON."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class Cloud:
    """Calls through the edge, a new connection each time unless kept open by `with`."""

    def __init__(self, stack: Stack, client: str | None = "booking") -> None:
        self.edge = urlsplit(stack.edge_url)
        self.context = ssl.create_default_context(cafile=stack.ca)
        if client is not None:
            self.context.load_cert_chain(*stack.client_certificate(client))

    def connect(self, seconds: float = 40) -> http.client.HTTPSConnection:
        """A connection to the edge."""
        return http.client.HTTPSConnection(
            self.edge.hostname or "", self.edge.port, context=self.context, timeout=seconds
        )

    def call(
        self,
        method: str,
        path: str,
        body: object | None = None,
        *,
        card: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request; a write gets a new key unless one is given."""
        connection = self.connect()
        try:
            connection.request(*request(method, path, body, card=card, key=key, headers=headers))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def get(self, path: str, *, card: str | None = None) -> Any:
        """The body of a read that must succeed."""
        answer = self.call("GET", path, card=card)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json


def request(
    method: str,
    path: str,
    body: object | None = None,
    *,
    card: str | None = None,
    key: str | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[str, str, bytes | None, dict[str, str]]:
    """The arguments of `HTTPConnection.request` for one call."""
    sent = dict(headers or {})
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        sent["Content-Type"] = "application/json"
    if card is not None:
        sent["Patient-Card"] = card
    if method != "GET":
        sent.setdefault("Content-Length", str(len(data or b"")))
        sent["Idempotency-Key"] = key or uuid.uuid4().hex
    return method, path, data, sent
