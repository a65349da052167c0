"""The server over real sockets, with bytes that no client library would send."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import pytest

from gateway.document import Content, Document
from gateway.problems import Rejection
from gateway.rest import wire
from gateway.rest.admission import Admission, Client
from gateway.rest.messages import Answer, Incoming
from gateway.rest.render import success
from gateway.rest.server import Handle, RestServer
from tests.unit.rest.requests import FINGERPRINT, PROOF

T = TypeVar("T")
SECRET = "440106199001011234"
EDGE = f"Host: h\r\nEdge-Proof: {PROOF}\r\nClient-Certificate-Fingerprint: {FINGERPRINT}\r\n"
ADMISSION = Admission([Client("booking", frozenset({FINGERPRINT}), frozenset({"*"}))], PROOF)
DOCUMENTS = {"/openapi.json": Answer(200, (("Content-Type", "application/json"),), b"{}")}


async def echo(incoming: Incoming) -> Answer:
    admitted = await ADMISSION.admit(incoming)
    told = {
        "method": incoming.method,
        "path": incoming.path,
        "query": incoming.query,
        "body": admitted.body.decode(),
        "trace": incoming.trace.trace_id,
    }
    return success(200, told, incoming)


def serving(scenario: Callable[[RestServer], Coroutine[Any, Any, T]], handle: Handle = echo) -> T:
    """Run `scenario` beside a server that answers with `handle`."""

    async def run() -> T:
        server = RestServer(
            handle, "127.0.0.1", 0, documents=DOCUMENTS, identify=ADMISSION.identify
        )
        await server.start()
        try:
            return await asyncio.wait_for(scenario(server), 30)
        finally:
            await server.stop(1.0)

    return asyncio.run(run())


class Connection:
    """One connection, spoken to in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, server: RestServer) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers by lower-case name, body."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(": ")
            assert name.lower() not in headers
            headers[name.lower()] = value
        length = int(headers.get("content-length", "0"))
        return int(first.split()[1]), headers, await self.reader.readexactly(length)

    async def ask(self, request: str) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(request.encode("utf-8", "surrogateescape"))
        return await self.answer()

    async def closed(self) -> bool:
        """Whether the server has ended the connection without another byte."""
        try:
            return await asyncio.wait_for(self.reader.read(), 10) == b""
        except ConnectionError:
            return True


def ask(request: str, handle: Handle = echo) -> tuple[int, dict[str, str], bytes]:
    async def scenario(server: RestServer) -> tuple[int, dict[str, str], bytes]:
        return await (await Connection.open(server)).ask(request)

    return serving(scenario, handle)


def test_request_reaches_the_handler_as_it_came() -> None:
    """Path and query raw, body whole."""
    status, headers, body = ask(
        f"POST /v1/a%20b?x=%31&y HTTP/1.1\r\n{EDGE}Content-Length: 4\r\nRequest-Id: my-id.1\r\n"
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\nbody"
    )
    assert status == 200
    assert json.loads(body) == {
        "method": "POST",
        "path": "/v1/a%20b",
        "query": "x=%31&y",
        "body": "body",
        "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    assert headers["request-id"] == "my-id.1"
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "date" in headers
    assert "server" not in headers
    assert "connection" not in headers


@pytest.mark.parametrize("sent", ["", "Request-Id: \r\n", "Request-Id: a b\r\n",
                                  f"Request-Id: {'x' * 65}\r\n"])  # fmt: skip
def test_request_id_is_made_when_none_fits(sent: str) -> None:
    """The answer always has one."""
    _, headers, _ = ask(f"GET /v1 HTTP/1.1\r\n{EDGE}{sent}\r\n")
    assert len(headers["request-id"]) == 32


def test_connection_lives_on_for_the_next_request() -> None:
    """The edge keeps its connections."""

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        for number in range(3):
            status, _, body = await connection.ask(f"GET /v1/{number} HTTP/1.1\r\n{EDGE}\r\n")
            assert status == 200
            assert json.loads(body)["path"] == f"/v1/{number}"

    serving(scenario)


@pytest.mark.parametrize(
    "request_",
    [
        "GET /v1/departments HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /no/such/path HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /v1/payments HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
        f"GET /v1 HTTP/1.1\r\nHost: h\r\nClient-Certificate-Fingerprint: {FINGERPRINT}\r\n\r\n",
        (
            f"GET /v1 HTTP/1.1\r\nHost: h\r\nEdge_Proof: {PROOF}\r\n"
            f"Client_Certificate_Fingerprint: {FINGERPRINT}\r\n\r\n"
        ),
    ],
)
def test_bare_replica_answers_401(request_: str) -> None:
    """Whatever is asked of it."""
    status, headers, body = ask(request_)
    assert status == 401
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["type"] == "/problems/unauthenticated"


MALFORMED = {
    "Content-Length with Transfer-Encoding": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding with Content-Length": "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
    "differing lengths": "Content-Length: 2\r\nContent-Length: 3\r\n",
    "list of lengths": "Content-Length: 2, 2\r\n",
    "signed length": "Content-Length: +2\r\n",
    "hexadecimal length": "Content-Length: 0x2\r\n",
    "negative length": "Content-Length: -1\r\n",
    "empty length": "Content-Length: \r\n",
    "length with underscore": "Content-Length: 1_0\r\n",
    "space before the colon": "Content-Length : 2\r\n",
    "unknown coding": "Transfer-Encoding: xchunked\r\n",
    "chunked not last": "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "control in the coding": "Transfer-Encoding: \x0bchunked\r\n",
    "chunked": "Transfer-Encoding: chunked\r\n",
    "bare line feed": "X: 1\nY: 2\r\n",
    "folded line": "X: 1\r\n 2\r\n",
    "CR in a value": "X: 1\r2\r\n",
    "NUL in a value": "X: 1\x002\r\n",
    "empty name": ": 1\r\n",
    "no colon": f"{SECRET}\r\n",
    "two hosts": "Host: other\r\n",
    "overlong header": f"X: {'x' * 20_000}\r\n",
    "too many headers": "".join(f"X-{number}: 1\r\n" for number in range(300)),
    "doubled key": "Idempotency-Key: 0123456789abcdef\r\nidempotency-key: 0123456789abcdef\r\n",
}


@pytest.mark.parametrize("fields", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_framing_is_400_and_reaches_no_route(
    fields: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One problem, one answer, nothing echoed, nothing logged of it."""
    handled = 0

    async def handle(incoming: Incoming) -> Answer:
        nonlocal handled
        answer = await echo(incoming)
        handled += 1
        return answer

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        request = f"POST /v1/{SECRET} HTTP/1.1\r\n{EDGE}{fields}\r\n2\r\nab\r\n0\r\n\r\n"
        status, headers, body = await connection.ask(request)
        assert status == 400
        assert headers["content-type"] == "application/problem+json"
        assert json.loads(body)["type"] == "/problems/malformed"
        assert SECRET.encode() not in body

    with caplog.at_level(logging.DEBUG):
        serving(scenario, handle)
    assert handled == 0
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "first_line",
    [
        f"GET /v1/{SECRET} HTTP/1.1x",
        f"GET /v1/{SECRET}",
        f"GET http://other/v1/{SECRET} HTTP/1.1",
        "GET * HTTP/1.1",
        "GET /v1/../x HTTP/1.1",
        "GET /v1//x HTTP/1.1",
        "GET /v1/%2e%2e/x HTTP/1.1",
        "GET /v1/%00 HTTP/1.1",
        "GET /v1#x HTTP/1.1",
        f"GET /v1/{'x' * 20_000} HTTP/1.1",
        "\x16\x03\x01\x02",
    ],
)
def test_malformed_request_line_is_400(first_line: str) -> None:
    """A path that is no plain one, a line that is no request."""
    status, _, body = ask(f"{first_line}\r\n{EDGE}\r\n")
    assert status == 400
    assert json.loads(body)["type"] == "/problems/malformed"
    assert SECRET.encode() not in body


@pytest.mark.parametrize("method", ["TRACE", "PUT", "OPTIONS"])
def test_every_method_is_the_handlers_to_answer(method: str) -> None:
    """The server has none of its own: a TRACE would echo the edge's secret."""
    status, _, body = ask(f"{method} /v1 HTTP/1.1\r\n{EDGE}\r\n")
    assert (status, json.loads(body)["method"]) == (200, method)
    assert PROOF.encode() not in body


def test_connect_is_answered_and_closes() -> None:
    """What follows it is not HTTP."""

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        status, _, _ = await connection.ask(f"CONNECT h:1 HTTP/1.1\r\n{EDGE}\r\n")
        assert status in (400, 405)
        assert await connection.closed()

    serving(scenario)


def test_head_is_answered_without_a_body() -> None:
    """A body would be read as the next answer."""

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        connection.writer.write(f"HEAD /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        head = await connection.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        status, _, _ = await connection.ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n")
        assert status == 200

    serving(scenario)


def test_upgrade_is_ignored() -> None:
    """The request is answered over HTTP/1.1."""
    status, _, _ = ask(
        f"GET /v1 HTTP/1.1\r\n{EDGE}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
    )
    assert status == 200


def test_expected_continue_is_given() -> None:
    """The body is asked for only once the caller is known."""

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        head = f"POST /v1 HTTP/1.1\r\n{EDGE}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        connection.writer.write(head.encode())
        assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.writer.write(b"ab")
        status, _, body = await connection.answer()
        assert status == 200
        assert json.loads(body)["body"] == "ab"

    serving(scenario)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("Expect: something\r\nContent-Length: 2\r\n", 417),
        ("Content-Encoding: gzip\r\nContent-Length: 2\r\n", 415),
        ("Content-Length: 65537\r\n", 413),
    ],
)
def test_refused_before_the_body(fields: str, status: int) -> None:
    """Nothing of it is read, or inflated, first."""
    assert ask(f"POST /v1 HTTP/1.1\r\n{EDGE}{fields}\r\nab")[0] == status


def test_dripping_body_is_408() -> None:
    """The deadline runs while the body is read."""
    status, _, body = ask(
        f"POST /v1 HTTP/1.1\r\n{EDGE}Content-Length: 9\r\nRequest-Timeout: 0.05\r\n\r\nab"
    )
    assert status == 408
    assert json.loads(body)["type"] == "/problems/body-timeout"


def test_unexpected_exception_is_500_and_its_text_stays_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the caller nor the log gets what may be a patient's; the log gets the place."""

    async def broken(incoming: Incoming) -> Answer:
        raise KeyError(SECRET)

    status, headers, body = ask(f"GET /v1 HTTP/1.1\r\n{EDGE}Request-Id: r1\r\n\r\n", broken)
    assert status == 500
    assert json.loads(body)["type"] == "/problems/internal"
    assert SECRET.encode() not in body
    assert SECRET not in caplog.text
    assert "KeyError" in caplog.text
    assert "broken" in caplog.text
    assert "r1" in caplog.text
    assert headers["request-id"] == "r1"


def test_unexpected_exception_is_reported_with_its_request() -> None:
    """Whoever composes the replica decides where that is written."""
    reported: list[tuple[str, str | None]] = []

    async def broken(incoming: Incoming) -> Answer:
        raise KeyError(SECRET)

    async def run() -> None:
        server = RestServer(
            broken,
            "127.0.0.1",
            0,
            report=lambda error, request: reported.append((type(error).__name__, request)),
        )
        await server.start()
        connection = await Connection.open(server)
        await connection.ask(f"GET /v1 HTTP/1.1\r\n{EDGE}Request-Id: r1\r\n\r\n")
        await server.stop(1.0)

    asyncio.run(asyncio.wait_for(run(), 30))
    assert reported == [("KeyError", "r1")]


def test_header_with_a_line_break_never_leaves() -> None:
    """An answer is not split in two by what somebody put into a header."""

    async def split(incoming: Incoming) -> Answer:
        return success(200, {}, incoming, [("Location", "/x\r\nSet-Cookie: a=b")])

    status, headers, body = ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n", split)
    assert status == 500
    assert "set-cookie" not in headers
    assert b"Set-Cookie" not in body


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_are_for_identified_clients(document: str) -> None:
    """Ready answers, by GET alone."""
    status, headers, body = ask(f"GET {document} HTTP/1.1\r\n{EDGE}Request-Id: d1\r\n\r\n")
    assert (status, headers["request-id"], body) == (200, "d1", b"{}")
    status, headers, _ = ask(f"POST {document} HTTP/1.1\r\n{EDGE}Content-Length: 0\r\n\r\n")
    assert (status, headers["allow"]) == (405, "GET")


def test_documents_without_identification_cannot_be_served() -> None:
    """It would be a way past the edge."""
    with pytest.raises(ValueError, match="identified clients only"):
        RestServer(echo, "127.0.0.1", 0, documents=DOCUMENTS)


SIZE = 5_000_000


def document(closed: asyncio.Queue[Content], size: int = SIZE) -> Handle:
    """Answers with so many bytes; tells whose file was closed."""

    class Told(Content):
        def close(self) -> None:
            super().close()
            closed.put_nowait(self)

    async def handle(incoming: Incoming) -> Answer:
        content = Told()
        content.write(bytes(range(256)) * (size // 256) + b"a" * (size % 256))
        return success(200, Document("application/pdf", None, content), incoming)

    return handle


@pytest.mark.parametrize("size", [0, 1, SIZE])
def test_a_document_is_sent_whole_and_closed(size: int) -> None:
    """With its length, and the connection lives on."""
    closed = asyncio.Queue[Content]()

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        for _ in range(2):
            status, headers, body = await connection.ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n")
            assert (status, headers["content-length"], len(body)) == (200, str(size), size)
            assert body == bytes(range(256)) * (size // 256) + b"a" * (size % 256)
        assert closed.qsize() == 2

    serving(scenario, document(closed, size))


def test_of_a_document_a_head_is_told_alone() -> None:
    """As of any answer to HEAD, and it is closed."""
    closed = asyncio.Queue[Content]()

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        connection.writer.write(f"HEAD /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        head = await connection.reader.readuntil(b"\r\n\r\n")
        assert f"Content-Length: {SIZE}\r\n".encode() in head
        assert closed.qsize() == 1

    serving(scenario, document(closed))


def test_a_document_is_closed_when_the_caller_leaves() -> None:
    """What it had not taken is not read either."""
    closed = asyncio.Queue[Content]()

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        connection.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        await connection.reader.readexactly(1000)
        assert closed.empty(), "it waits for the caller to take more"
        connection.writer.transport.abort()
        await closed.get()

    serving(scenario, document(closed, 50_000_000))


def test_a_caller_that_takes_nothing_is_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would keep the file for ever."""
    monkeypatch.setattr(wire, "STALLED_SECONDS", 0.1)
    closed = asyncio.Queue[Content]()

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        connection.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        await closed.get()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await connection.answer()

    serving(scenario, document(closed, 50_000_000))


@pytest.mark.parametrize(("patience", "whole"), [(20.0, True), (0.2, False)])
def test_a_document_under_way_is_finished_or_closed_at_the_end(
    patience: float, whole: bool
) -> None:
    """As every answer is: within the time that there is, and no file outlives the server."""
    closed = asyncio.Queue[Content]()
    size = 50_000_000

    async def run() -> None:
        server = RestServer(document(closed, size), "127.0.0.1", 0)
        await server.start()
        connection = await Connection.open(server)
        connection.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        await connection.reader.readuntil(b"\r\n\r\n")
        stopping = asyncio.create_task(server.stop(patience))
        if whole:
            assert len(await connection.reader.readexactly(size)) == size
        await stopping
        await closed.get()
        connection.writer.close()

    asyncio.run(asyncio.wait_for(run(), 30))


def slow_handle(
    started: asyncio.Event, release: asyncio.Event, ended: list[str]
) -> Callable[[Incoming], Awaitable[Answer]]:
    async def handle(incoming: Incoming) -> Answer:
        started.set()
        await release.wait()
        ended.append(incoming.path)
        return success(200, {}, incoming)

    return handle


def test_handler_runs_to_its_end_when_the_caller_leaves() -> None:
    """A write that is under way is not broken off."""

    async def run() -> list[str]:
        started, release, ended = asyncio.Event(), asyncio.Event(), list[str]()
        server = RestServer(slow_handle(started, release, ended), "127.0.0.1", 0)
        await server.start()
        connection = await Connection.open(server)
        connection.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        await started.wait()
        connection.writer.transport.abort()
        await asyncio.sleep(0.05)
        release.set()
        await server.stop(10.0)
        return ended

    assert asyncio.run(asyncio.wait_for(run(), 30)) == ["/v1"]


def test_draining_closes_each_connection_with_its_answer_and_still_accepts() -> None:
    """The edge goes on sending until it has noticed."""

    async def scenario(server: RestServer) -> None:
        old = await Connection.open(server)
        assert "connection" not in (await old.ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n"))[1]
        server.drain()
        for connection in (old, await Connection.open(server)):
            status, headers, _ = await connection.ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n")
            assert (status, headers["connection"]) == (200, "close")
            assert await connection.closed()

    serving(scenario)


def test_stop_lets_what_is_under_way_finish() -> None:
    """No answer is lost, and nobody new is let in."""

    async def run() -> None:
        started, release, ended = asyncio.Event(), asyncio.Event(), list[str]()
        server = RestServer(slow_handle(started, release, ended), "127.0.0.1", 0)
        await server.start()
        port = server.port
        idle = await Connection.open(server)
        busy = await Connection.open(server)
        busy.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        await started.wait()
        stopping = asyncio.create_task(server.stop(20.0))
        assert await idle.closed()
        with pytest.raises(OSError, match=r".*"):
            await asyncio.open_connection("127.0.0.1", port)
        release.set()
        status, headers, _ = await busy.answer()
        assert (status, headers["connection"]) == (200, "close")
        await stopping

    asyncio.run(asyncio.wait_for(run(), 30))


def test_stop_reads_a_body_to_its_end() -> None:
    """A caller that was sending when the replica was told to end gets its answer."""

    async def scenario(server: RestServer) -> dict[str, Any]:
        connection = await Connection.open(server)
        head = f"POST /v1 HTTP/1.1\r\n{EDGE}Content-Type: application/json\r\n"
        connection.writer.write(f"{head}Expect: 100-continue\r\n".encode())
        connection.writer.write(b"Content-Length: 4\r\n\r\n")
        # It is asked for its body: the request is under way.
        assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        stopping = asyncio.create_task(server.stop(20.0))
        connection.writer.write(b"12")
        await asyncio.sleep(0.05)
        connection.writer.write(b"34")
        status, headers, body = await connection.answer()
        assert (status, headers["connection"]) == (200, "close")
        await stopping
        told: dict[str, Any] = json.loads(body)
        return told

    assert serving(scenario)["body"] == "1234"


def test_stop_ends_what_does_not_finish() -> None:
    """A replica ends when it was told to."""

    async def run() -> list[str]:
        started, release, ended = asyncio.Event(), asyncio.Event(), list[str]()
        server = RestServer(slow_handle(started, release, ended), "127.0.0.1", 0)
        await server.start()
        connection = await Connection.open(server)
        connection.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        await started.wait()
        await server.stop(0.05)
        return ended

    assert asyncio.run(asyncio.wait_for(run(), 30)) == []


def test_rejection_that_escapes_the_handler_is_still_a_problem() -> None:
    """Steps raise it, and whoever forgets to catch it loses nothing."""

    async def refusing(incoming: Incoming) -> Answer:
        raise Rejection("overloaded")

    assert ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n", refusing)[0] == 503


@pytest.mark.parametrize("requests", [0, 1])
def test_idle_connection_is_closed_in_time(monkeypatch: pytest.MonkeyPatch, requests: int) -> None:
    """Before its first request and after one: nobody holds connections for nothing."""
    monkeypatch.setattr("gateway.rest.server.KEEP_ALIVE_SECONDS", 0.1)

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        for _ in range(requests):
            assert (await connection.ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n"))[0] == 200
        assert await connection.closed()

    serving(scenario)


def test_nothing_is_kept_of_a_request_that_has_ended() -> None:
    """Well answered, broken or left by its caller: a replica runs for months."""

    async def broken(incoming: Incoming) -> Answer:
        if incoming.path == "/v1/broken":
            raise KeyError(SECRET)
        return await echo(incoming)

    async def scenario(server: RestServer) -> None:
        connection = await Connection.open(server)
        for path in ("/v1", "/v1/broken", "/v1"):
            await connection.ask(f"GET {path} HTTP/1.1\r\n{EDGE}\r\n")
        left = await Connection.open(server)
        left.writer.write(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n".encode())
        left.writer.close()
        await (await Connection.open(server)).ask(f"GET /v1 HTTP/1.1\r\n{EDGE}\r\n")
        await server.stop(10.0)
        assert server._under_way == {}

    serving(scenario, broken)
