"""A hospital of one thread a call that answers by a script, and any socket's bad manners."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

XML = "text/xml; charset=utf-8"
_RESET = struct.pack("ii", 1, 0)

Deed = Callable[["Handler", bytes], None]
"""What is done with one call that was read in full; gets the handler and the request's body."""


def answering(
    body: bytes, *, status: int = 200, content_type: str = XML, headers: tuple[str, ...] = ()
) -> Deed:
    """A whole answer."""

    def deed(handler: Handler, _request: bytes) -> None:
        handler.send_response(status)
        for header in (f"Content-Type: {content_type}", *headers):
            name, _, value = header.partition(": ")
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return deed


def silent(handler: Handler, _request: bytes) -> None:
    """No answer until the stub lets go."""
    handler.stub.released.wait(60)
    handler.close_connection = True


def late(seconds: float, then: Deed) -> Deed:
    """An answer after a while."""

    def deed(handler: Handler, request: bytes) -> None:
        handler.stub.released.wait(seconds)
        then(handler, request)

    return deed


def when_released(then: Deed) -> Deed:
    """An answer as soon as the stub lets go."""
    return late(60, then)


def hanging_up(handler: Handler, _request: bytes) -> None:
    """The connection ends without a byte."""
    handler.close_connection = True


def resetting(handler: Handler, _request: bytes) -> None:
    """The connection is reset without a byte."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    handler.close_connection = True


def stopping_half_way(body: bytes) -> Deed:
    """Half of what Content-Length promised."""

    def deed(handler: Handler, _request: bytes) -> None:
        head = f"Content-Type: {XML}\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(f"HTTP/1.1 200 OK\r\n{head}".encode() + body[: len(body) // 2])
        handler.close_connection = True

    return deed


def dripping(body: bytes) -> Deed:
    """A whole reply, a byte now and then, for longer than anyone waits."""

    def deed(handler: Handler, _request: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {XML}\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode())
        for byte in body:
            handler.wfile.write(bytes([byte]))
            if handler.stub.released.wait(0.05):
                break
        handler.close_connection = True

    return deed


class Handler(BaseHTTPRequestHandler):
    """Takes the next deed of the script for the operation that is called."""

    protocol_version = "HTTP/1.1"
    server: _Server

    @property
    def stub(self) -> Stub:
        return self.server.stub

    def setup(self) -> None:
        """Known to the stub as long as it is open."""
        super().setup()
        self.stub.connections.add(self.connection)

    def finish(self) -> None:
        """And no longer."""
        self.stub.connections.discard(self.connection)
        with suppress(ConnectionError):
            super().finish()

    def do_POST(self) -> None:
        """One SOAP call."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        deed = self.stub.next(self.headers["SOAPAction"].strip('"').rpartition("/")[2], body)
        with suppress(ConnectionError):
            deed(self, body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    stub: Stub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that the gateway gave up is no error here."""


class Stub:
    """Listens on a port of loopback, counts calls, and can be gone or unreachable for a while."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.calls: list[tuple[str, bytes]] = []
        self.released = threading.Event()
        self.connections: set[socket.socket] = set()
        self._script: dict[str, deque[Deed]] = {}
        self._lock = threading.Lock()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}/registration"

    def start(self) -> None:
        """Listen."""
        self._server = _Server(("127.0.0.1", self.port), Handler)
        self._server.stub = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Be gone: connections are refused, silent calls end."""
        self.released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let go of what waits."""
        self.released.set()

    def clear(self) -> None:
        """Forget calls and script."""
        self.calls.clear()
        self._script.clear()
        self.released.set()
        self.released = threading.Event()

    def will(self, operation: str, *deeds: Deed) -> None:
        """Do these with the next calls of an operation, the last of them for ever."""
        self._script[operation] = deque(deeds)

    def next(self, operation: str, body: bytes) -> Deed:
        """What to do with a call."""
        with self._lock:
            self.calls.append((operation, body))
            script = self._script[operation]
            return script.popleft() if len(script) > 1 else script[0]


class Unreachable:
    """A port whose connections are never completed, as behind a firewall that drops them."""

    def __init__(self, port: int) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(0)
        self._fillers = [self._filler(port) for _ in range(4)]

    @staticmethod
    def _filler(port: int) -> socket.socket:
        filler = socket.socket()
        filler.setblocking(False)
        with suppress(BlockingIOError):
            filler.connect(("127.0.0.1", port))
        return filler

    def close(self) -> None:
        """End it."""
        for one in (*self._fillers, self._listener):
            one.close()
