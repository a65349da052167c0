"""The real edge before stand-in replicas, and a caller that may write any bytes to it."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sandbox.stack import Stack

STAND_IN = Path(__file__).with_name("stand_in.py")
PATIENCE = 60.0
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `problem` is the body of an answer that is one, else empty."""

    status: int
    headers: dict[str, str]
    body: bytes
    closes: bool

    @property
    def problem(self) -> dict[str, Any]:
        if self.headers.get("content-type") != "application/problem+json":
            return {}
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


class EdgeWorld(Stack):
    """The stack without a hospital, its replicas being stand-ins."""

    def start_hospital(self) -> None:
        """Nothing here calls a hospital."""

    def replica_command(self) -> list[str]:
        return [sys.executable, str(STAND_IN)]

    def seen(self) -> list[dict[str, Any]]:
        """Every request that has reached any replica, in the order of their coming."""
        lines = [
            line
            for log in sorted(self.logs.glob("replica-*.log"))
            for line in log.read_text().splitlines()
        ]
        seen = [json.loads(line) for line in lines if line.startswith("{")]
        return sorted(seen, key=lambda one: int(one["at"]))

    def figures(self) -> str:
        """HAProxy's own figures, in Prometheus' text format."""
        with urllib.request.urlopen(f"{self.stats_url}/metrics", timeout=PATIENCE) as response:
            text: bytes = response.read()
        return text.decode()

    def logged(self, request_id: str) -> dict[str, Any]:
        """The edge's log line of a request; it comes a little after the answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in (self.logs / "edge.log").read_text().splitlines():
                if '"event":"edge"' in line and f'"request_id":"{request_id}"' in line:
                    loaded: dict[str, Any] = json.loads(line)
                    return loaded
            time.sleep(0.05)
        raise TimeoutError(f"no line of the edge has the request id {request_id}")

    @contextmanager
    def connection(
        self,
        certificate: tuple[Path, Path] | None = None,
        context: ssl.SSLContext | None = None,
    ) -> Iterator[ssl.SSLSocket]:
        """A connection to the edge, by default as the booking platform."""
        if context is None:
            context = ssl.create_default_context(cafile=str(self.ca))
            context.load_cert_chain(*(certificate or self.client_certificate()))
        with (
            socket.create_connection(("127.0.0.1", self.ports.edge), PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            yield secure

    def send(self, raw: bytes) -> Answer:
        """Send bytes on a connection of their own and read the first answer."""
        with self.connection() as connection:
            connection.sendall(raw)
            return read_answer(connection, raw.partition(b" ")[0].decode("latin-1"))

    def call(
        self, method: str, target: str, headers: Mapping[str, str] = NOTHING, body: bytes = b""
    ) -> Answer:
        """Send a well-formed request."""
        return self.send(request(method, target, headers, body))


def request(
    method: str, target: str, headers: Mapping[str, str] = NOTHING, body: bytes = b""
) -> bytes:
    """A well-formed request with Host and Content-Length."""
    fields = {"Host": "localhost", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def read_answer(connection: socket.socket, method: str = "GET") -> Answer:
    """Read one answer; `ConnectionError` when there is none."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body, response.will_close)


def answer_in(raw: bytes) -> Answer:
    """The answer that these bytes begin with."""
    left, right = socket.socketpair()
    with right:
        with left:
            left.sendall(raw)
        return read_answer(right)
