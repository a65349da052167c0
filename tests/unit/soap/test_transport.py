"""The transport says of every attempt how far it got, and takes no reply that it should not."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Never

import pytest
from aiohttp.connector import Connection

from gateway.delivery import Delivery
from gateway.soap.errors import CallFailed, ReplyInvalid
from gateway.soap.transport import HttpTransport, Received, _Request, _Whole
from tests.unit.soap.clinic import envelope, reply

NOT_SENT, MAYBE_SENT, ANSWERED = Delivery.NOT_SENT, Delivery.MAYBE_SENT, Delivery.ANSWERED

REPLY = reply()
REQUEST = b"<request/>" * 40
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"urn:clinic/RecordVisit"'}
FAULT = envelope(
    "<s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault></s:Body>"
)
SOON, LATE = 0.4, 20.0


@dataclass
class Peer:
    """One accepted connection, and what the whole server has read so far."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Server

    async def request(self) -> bytes:
        """Read one whole request; empty when the caller left."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        self.server.requests.append(head + body)
        return head + body

    async def send(self, *pieces: bytes) -> None:
        """Write and let it go."""
        self.writer.write(b"".join(pieces))
        await self.writer.drain()

    def reset(self) -> None:
        """Close with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


Behaviour = Callable[[Peer], Awaitable[None]]


@dataclass
class Server:
    """A server on a free loopback port that does with each connection what it is told."""

    behaviour: Behaviour
    url: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, then close it."""
        self.connections += 1
        with contextlib.suppress(ConnectionError):
            await self.behaviour(Peer(reader, writer, self))
        writer.close()


@contextlib.asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[Server]:
    """The server, while it runs."""
    server = Server(behaviour)
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/clinic"
    try:
        yield server
    finally:
        listener.close()


def head(status: str = "200 OK", *fields: str, length: int | None = len(REPLY)) -> bytes:
    """The head of a reply; `Content-Type` is right unless given."""
    lines = [f"HTTP/1.1 {status}", *fields]
    if not any(field.lower().startswith("content-type") for field in fields):
        lines.append("Content-Type: text/xml; charset=utf-8")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def answering(*pieces: bytes) -> Behaviour:
    """Read each request of a connection whole, then answer with these bytes."""

    async def behave(peer: Peer) -> None:
        while await peer.request():
            await peer.send(*pieces)

    return behave


def answering_once(*pieces: bytes) -> Behaviour:
    """Read one request whole, answer with these bytes, and close the connection."""

    async def behave(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces)

    return behave


@contextlib.asynccontextmanager
async def transport(
    connect_timeout: float = 5.0, reply_limit: int = 1024 * 1024
) -> AsyncIterator[HttpTransport]:
    """A transport, closed at the end."""
    http = HttpTransport(connect_timeout=connect_timeout, reply_limit=reply_limit)
    try:
        yield http
    finally:
        await http.close()


async def received(http: HttpTransport, url: str, within: float = LATE) -> Received:
    """What comes of the request, posted with a deadline so many seconds from now."""
    deadline = asyncio.get_running_loop().time() + within
    return await http.post(url, HEADERS, REQUEST, accepts="text/xml", deadline=deadline)


async def post(http: HttpTransport, url: str, within: float = LATE) -> bytes:
    """Post the request; the body of the answer, which is a 200."""
    answer = await received(http, url, within)
    assert answer.status == 200
    return answer.body


async def failure(http: HttpTransport, url: str, within: float = LATE) -> tuple[Delivery, str]:
    """How the post failed."""
    with pytest.raises(CallFailed) as raised:
        await post(http, url, within)
    return raised.value.delivery, raised.value.reason


def failure_of(behaviour: Behaviour, within: float = LATE) -> tuple[Delivery, str, int]:
    """How one post to such a server fails, and how many whole requests the server saw."""

    async def run() -> tuple[Delivery, str, int]:
        async with serving(behaviour) as server, transport() as http:
            return *await failure(http, server.url, within), len(server.requests)

    return asyncio.run(run())


def test_a_reply_comes_back_byte_for_byte() -> None:
    """The request has the headers it was given and no more than HTTP needs."""

    async def run() -> None:
        async with serving(answering(head(), REPLY)) as server, transport() as http:
            assert await post(http, server.url) == REPLY
            lines, _, body = server.requests[0].decode().partition("\r\n\r\n")
            assert body.encode() == REQUEST
            names = sorted(line.partition(":")[0].lower() for line in lines.split("\r\n")[1:])
            assert lines.startswith("POST /clinic HTTP/1.1\r\n")
            assert 'SOAPAction: "urn:clinic/RecordVisit"' in lines
            assert "Accept: text/xml" in lines.split("\r\n")
            assert "Accept-Encoding: identity" in lines
            assert names == [
                "accept",
                "accept-encoding",
                "content-length",
                "content-type",
                "host",
                "soapaction",
                "user-agent",
            ]

    asyncio.run(run())


def test_a_connection_is_used_again() -> None:
    """Calls in a row share one connection."""

    async def run() -> None:
        async with serving(answering(head(), REPLY)) as server, transport() as http:
            for _ in range(3):
                await post(http, server.url)
            assert (server.connections, len(server.requests)) == (1, 3)

    asyncio.run(run())


CHUNKED = head("200 OK", "Transfer-Encoding: chunked", length=None)


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_chunked_reply_is_put_together() -> None:
    """Chunks are the other way to frame a reply."""

    async def run() -> None:
        pieces = (CHUNKED, chunk(REPLY[:50]), chunk(REPLY[50:]), chunk(b""))
        async with serving(answering(*pieces)) as server, transport() as http:
            assert await post(http, server.url) == REPLY

    asyncio.run(run())


class Taking:
    """A sink that keeps what it was given, up to a bound."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = b""

    def write(self, chunk: bytes) -> None:
        self.taken += chunk
        if b"refuse" in self.taken:
            raise ReplyInvalid("refused")

    def end(self) -> bytes:
        return b"left"


def test_a_reply_goes_through_the_sink_of_its_call() -> None:
    """What the sink leaves is what the codec gets; its bound is the reply's, and not ours."""

    async def run() -> None:
        behaviour = answering(head(length=len(REPLY)), REPLY)
        async with serving(behaviour) as server, transport(reply_limit=1) as http:
            deadline = asyncio.get_running_loop().time() + LATE

            async def through(sink: Taking) -> Received:
                return await http.post(
                    server.url, HEADERS, REQUEST, accepts="text/xml", deadline=deadline, sink=sink
                )

            sink = Taking(len(REPLY))
            assert await through(sink) == Received(200, b"left")
            assert sink.taken == REPLY
            with pytest.raises(CallFailed, match="reply-too-large"):
                await through(Taking(len(REPLY) - 1))

    asyncio.run(run())


def test_what_a_sink_refuses_ends_the_call_and_its_connection() -> None:
    """The rest of the reply is not read, and no other request meets it."""

    async def run() -> None:
        behaviour = answering(head(length=6), b"refuse")
        async with serving(behaviour) as server, transport() as http:
            deadline = asyncio.get_running_loop().time() + LATE
            for number in (1, 2):
                with pytest.raises(ReplyInvalid, match="refused"):
                    await http.post(
                        server.url, HEADERS, REQUEST,
                        accepts="text/xml", deadline=deadline, sink=Taking(9),
                    )  # fmt: skip
                assert server.connections == number

    asyncio.run(run())


def test_a_500_of_the_accepted_media_type_comes_back_with_its_status() -> None:
    """Faults come with it; whether this is one is for who reads XML to say."""

    async def run() -> None:
        behaviour = answering(head("500 Internal Server Error", length=len(FAULT)), FAULT)
        async with serving(behaviour) as server, transport() as http:
            assert await received(http, server.url) == Received(500, FAULT)
            assert await received(http, server.url) == Received(500, FAULT)
            assert server.connections == 1

    asyncio.run(run())


def test_a_refused_connection_is_not_sent() -> None:
    """Nobody listens on the port."""

    async def run() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/"
            async with transport() as http:
                assert await failure(http, url) == (NOT_SENT, "connect-refused")

    asyncio.run(run())


@contextlib.contextmanager
def unaccepting() -> Iterator[str]:
    """The address of a listener whose queue is full, so that no connection completes."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_a_connection_that_never_completes_is_not_sent() -> None:
    """The time to connect is bounded on its own, and by the deadline."""

    async def run() -> None:
        with unaccepting() as url:
            async with transport(connect_timeout=0.2) as http:
                assert await failure(http, url) == (NOT_SENT, "connect-timeout")
            async with transport(connect_timeout=LATE) as http:
                assert await failure(http, url, within=0.2) == (NOT_SENT, "deadline")

    asyncio.run(run())


def test_a_name_that_does_not_resolve_is_not_sent() -> None:
    """`.invalid` never does (RFC 6761)."""

    async def run() -> None:
        async with transport() as http:
            assert await failure(http, "http://clinic.invalid/") == (NOT_SENT, "connect-name")

    asyncio.run(run())


@pytest.mark.parametrize(
    "url",
    ["http://h:port/", "http://h:99999/", "http://[::1/", f"http://h{'a' * 300}/", "http:///"],
)
def test_an_address_that_is_none_is_not_sent(url: str) -> None:
    """Nothing can have left for a place that does not exist, so a write has not failed unknown."""

    async def run() -> None:
        async with transport() as http:
            assert await failure(http, url) == (NOT_SENT, "address")

    asyncio.run(run())


def test_a_failed_tls_handshake_is_not_sent() -> None:
    """The other side does not speak TLS, so nothing of the request can have left."""

    async def run() -> None:
        async def plain(peer: Peer) -> None:
            await peer.reader.read(10)
            await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async with serving(plain) as server, transport() as http:
            url = server.url.replace("http:", "https:")
            delivery, reason = await failure(http, url)
            assert (delivery, reason) == (NOT_SENT, "connect-tls")

    asyncio.run(run())


def test_an_expired_deadline_opens_no_connection() -> None:
    """Not even a socket is made."""

    async def run() -> None:
        async with serving(answering(head(), REPLY)) as server, transport() as http:
            assert await failure(http, server.url, within=-1) == (NOT_SENT, "deadline")
            await asyncio.sleep(0.05)
            assert server.connections == 0

    asyncio.run(run())


async def resets_unread(peer: Peer) -> None:
    """Accept, let the request arrive, read nothing of it, reset."""
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.sleep(0.1)
    peer.reset()


async def resets_after_half(peer: Peer) -> None:
    """Read a part of the request, then reset."""
    await peer.reader.readexactly(100)
    peer.reset()


async def resets_after_all(peer: Peer) -> None:
    """Read the whole request, then reset."""
    await peer.request()
    peer.reset()


async def closes_after_all(peer: Peer) -> None:
    """Read the whole request, then close in order."""
    await peer.request()


async def stays_silent(peer: Peer) -> None:
    """Read the whole request and never answer."""
    await peer.request()
    await peer.reader.read()


async def resets_in_the_reply(peer: Peer) -> None:
    """Answer by half, then reset."""
    await peer.request()
    await peer.send(head(), REPLY[:30])
    await asyncio.sleep(0.1)
    peer.reset()


async def drips(peer: Peer) -> None:
    """Answer a byte at a time, too slowly."""
    await peer.request()
    await peer.send(head())
    for place in range(len(REPLY)):
        await peer.send(REPLY[place : place + 1])
        await asyncio.sleep(0.05)


async def drips_the_head(peer: Peer) -> None:
    """Answer the head a byte at a time, too slowly."""
    await peer.request()
    for place in range(40):
        await peer.send(head()[place : place + 1])
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("behaviour", "within", "reasons"),
    [
        (resets_unread, LATE, {"reset", "disconnected"}),
        (resets_after_half, LATE, {"reset", "disconnected"}),
        (resets_after_all, LATE, {"reset"}),
        (closes_after_all, LATE, {"disconnected"}),
        (stays_silent, SOON, {"deadline"}),
        (resets_in_the_reply, LATE, {"truncated", "reset"}),
        (drips, SOON, {"deadline"}),
        (drips_the_head, SOON, {"deadline"}),
        (answering_once(head(), REPLY[:-1]), LATE, {"truncated"}),
        (answering_once(head()), LATE, {"truncated"}),
        (answering_once(head()[:40]), LATE, {"disconnected"}),
        (answering_once(CHUNKED, chunk(REPLY)), LATE, {"truncated"}),
        (answering_once(CHUNKED, chunk(REPLY)[:-20]), LATE, {"truncated"}),
        (answering_once(CHUNKED, b"zz\r\n", REPLY), LATE, {"truncated", "not-http"}),
        (answering_once(b"SSH-2.0-x\r\n\r\n"), LATE, {"not-http"}),
        (answering_once(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), LATE, {"not-http"}),
        (answering_once(head("200 OK", "X: " + "x" * 20000), REPLY), LATE, {"not-http"}),
    ],
)
def test_without_a_whole_answer_a_request_may_have_been_sent(
    behaviour: Behaviour, within: float, reasons: set[str]
) -> None:
    """Once a byte may have left, nothing makes it `not-sent` again, and it is sent once."""
    delivery, reason, requests = failure_of(behaviour, within)
    assert delivery is MAYBE_SENT
    assert reason in reasons
    assert requests <= 1


GZIPPED = gzip.compress(b"0" * 50_000_000)
HTML = b"<html><body>Service Unavailable</body></html>"


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ((head("202 Accepted", length=0),), "status-202"),
        ((head("204 No Content", length=None),), "status-204"),
        ((head("400 Bad Request"), REPLY), "status-400"),
        ((head("401 Unauthorized", length=0),), "status-401"),
        ((head("503 Service Unavailable"), REPLY), "status-503"),
        ((head("301 Moved", "Location: /other", length=0),), "redirect"),
        ((head("307 Temporary Redirect", "Location: /other", length=0),), "redirect"),
        ((head("308 Permanent Redirect", "Location: http://x.invalid/", length=0),), "redirect"),
        ((head("200 OK", "Content-Type: text/html", length=len(HTML)), HTML), "content-type"),
        ((head("200 OK", "Content-Type:"), REPLY), "content-type"),
        ((head("200 OK", "Content-Type: application/soap+xml"), REPLY), "content-type"),
        ((head("200 OK", "Content-Type: text/xml; charset=GBK"), REPLY), "charset"),
        ((head("200 OK", 'Content-Type: text/xml; charset="utf-16"'), REPLY), "charset"),
        ((head("500 Oops", "Content-Type: text/html", length=len(HTML)), HTML), "status-500"),
        (
            (head("200 OK", "Content-Encoding: gzip", length=len(GZIPPED)), GZIPPED),
            "content-encoding",
        ),
        ((head("200 OK", "Content-Encoding: br", length=4), b"1234"), "content-encoding"),
        ((head("200 OK", length=None), REPLY), "framing"),
        ((head("200 OK", "Connection: close", length=None), REPLY[:40]), "framing"),
        (
            (head("200 OK", "Transfer-Encoding: gzip, chunked", length=None), chunk(REPLY)),
            "framing",
        ),
        ((head(length=50_000_000), REPLY), "reply-too-large"),
        ((CHUNKED, *(chunk(b"x" * 60_000) for _ in range(40))), "reply-too-large"),
    ],
)
def test_an_answer_that_is_no_reply_is_refused(pieces: tuple[bytes, ...], reason: str) -> None:
    """It counts as answered; nothing is followed, unpacked or read beyond the bound."""
    assert failure_of(answering_once(*pieces)) == (ANSWERED, reason, 1)


def test_an_ambiguous_frame_is_refused() -> None:
    """Content-Length with Transfer-Encoding, or twice, is never resolved by taking one of them."""
    both = head("200 OK", "Transfer-Encoding: chunked")
    delivery, reason, _ = failure_of(answering_once(both, chunk(REPLY), chunk(b"")))
    assert delivery is not NOT_SENT
    assert reason in {"framing", "not-http"}
    twice = head("200 OK", "Content-Length: 3")
    delivery, reason, _ = failure_of(answering_once(twice, REPLY))
    assert delivery is not NOT_SENT
    assert reason in {"framing", "not-http"}


def test_a_stale_connection_is_never_retried_behind_our_back() -> None:
    """The peer closes just as the second request is written: one request, `maybe-sent`."""

    async def run() -> None:
        second = asyncio.Event()

        async def behave(peer: Peer) -> None:
            await peer.request()
            await peer.send(head(), REPLY)
            await peer.reader.readexactly(1)
            second.set()
            peer.reset()

        async with serving(behave) as server, transport() as http:
            await post(http, server.url)
            delivery, reason = await failure(http, server.url)
            assert delivery is MAYBE_SENT
            assert reason in {"reset", "disconnected"}
            assert second.is_set()
            assert server.connections == 1

    asyncio.run(run())


def test_a_connection_that_closes_before_the_first_byte_is_not_sent() -> None:
    """Between taking a pooled connection and writing to it, it may still be seen to close."""

    async def run() -> None:
        async with serving(answering(head(), REPLY)) as server, transport() as http:
            await post(http, server.url)
            connector: Any = http._connector
            connect = connector.connect

            async def connect_and_close(*args: Any, **kwargs: Any) -> Any:
                connection = await connect(*args, **kwargs)
                connection.transport.close()
                return connection

            connector.connect = connect_and_close
            delivery, reason = await failure(http, server.url)
            assert delivery is NOT_SENT
            assert reason in {"reset", "disconnected"}
            await asyncio.sleep(0.05)
            assert (server.connections, len(server.requests)) == (1, 1)

    asyncio.run(run())


def test_a_connection_that_was_seen_to_close_is_not_used() -> None:
    """A pooled connection closed in order is replaced before anything is written."""

    async def run() -> None:
        async with serving(answering_once(head(), REPLY)) as server, transport() as http:
            await post(http, server.url)
            await asyncio.sleep(0.1)
            assert await post(http, server.url) == REPLY
            assert (server.connections, len(server.requests)) == (2, 2)

    asyncio.run(run())


def test_bytes_after_a_reply_do_not_meet_the_next_request() -> None:
    """A second answer that nobody asked for ends the connection."""

    async def run() -> None:
        stray = head(length=3) + b"<x>"
        async with serving(answering(head(), REPLY, stray)) as server, transport() as http:
            for _ in range(3):
                assert await post(http, server.url) == REPLY
                await asyncio.sleep(0.05)

    asyncio.run(run())


def test_a_refused_answer_does_not_meet_the_next_request() -> None:
    """After a refusal the connection is closed, whatever is still on its way."""

    async def run() -> None:
        unfinished = head("503 Busy", length=1000)
        async with serving(answering(unfinished)) as server, transport() as http:
            for _ in range(2):
                assert await failure(http, server.url) == (ANSWERED, "status-503")
            assert server.connections == 2

    asyncio.run(run())


def test_a_whole_answer_that_is_refused_ends_its_connection() -> None:
    """Who answers what was not asked for may say more of it; the next request goes elsewhere."""

    async def run() -> None:
        async with serving(answering(head("503 Busy"), REPLY)) as server, transport() as http:
            for _ in range(2):
                assert await failure(http, server.url) == (ANSWERED, "status-503")
            assert server.connections == 2

    asyncio.run(run())


def test_a_stray_answer_does_not_become_that_of_the_next_request() -> None:
    """It came when the connection was idle: the next write must not be told of another's end."""

    async def run() -> None:
        strayed = asyncio.Event()

        async def behave(peer: Peer) -> None:
            if peer.server.connections == 1:
                await peer.request()
                await peer.send(head(), REPLY)
                await asyncio.sleep(0.05)
                await peer.send(head(length=8), b"<stray/>")
                strayed.set()
            await answering(head(), REPLY)(peer)

        async with serving(behave) as server, transport() as http:
            assert await post(http, server.url) == REPLY
            await asyncio.wait_for(strayed.wait(), LATE)
            await asyncio.sleep(0.1)
            assert await failure(http, server.url) == (NOT_SENT, "disconnected")
            assert await post(http, server.url) == REPLY
            assert (server.connections, len(server.requests)) == (2, 2)

    asyncio.run(run())


def test_a_late_answer_does_not_become_that_of_the_next_request() -> None:
    """The deadline ends the connection, not the wait alone."""

    async def run() -> None:
        async def behave(peer: Peer) -> None:
            while await peer.request():
                number = len(peer.server.requests)
                await asyncio.sleep(1.0 if number == 1 else 0.0)
                await peer.send(head(length=4), b"<%d/>" % number)

        async with serving(behave) as server, transport() as http:
            assert await failure(http, server.url, SOON) == (MAYBE_SENT, "deadline")
            assert await post(http, server.url) == b"<2/>"
            assert server.connections == 2

    asyncio.run(run())


@pytest.mark.parametrize("text", ["a\r\nHost: other", "a\nb", "a\rb", "a\r\n\r\n<another/>"])
@pytest.mark.parametrize("place", ["name", "value"])
def test_a_header_with_a_line_break_is_never_sent(text: str, place: str) -> None:
    """It would be two headers, or two requests."""
    headers = {**HEADERS, **({text: "b"} if place == "name" else {"traceparent": text})}

    async def run() -> None:
        async with serving(answering(head(), REPLY)) as server, transport() as http:
            deadline = asyncio.get_running_loop().time() + LATE
            with pytest.raises(ValueError, match="line break"):
                await http.post(server.url, headers, REQUEST, accepts="text/xml", deadline=deadline)
            assert server.connections == 0

    asyncio.run(run())


def test_a_cancelled_call_closes_its_connection_and_no_other() -> None:
    """Cancellation passes through untranslated, and the pool serves on."""

    async def run() -> None:
        arrived, left = asyncio.Event(), asyncio.Event()

        async def behave(peer: Peer) -> None:
            await peer.request()
            arrived.set()
            if peer.server.connections == 1:
                await peer.reader.read()
                left.set()
            else:
                await peer.send(head(), REPLY)

        async with serving(behave) as server, transport() as http:
            call = asyncio.create_task(post(http, server.url))
            await asyncio.wait_for(arrived.wait(), LATE)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(left.wait(), LATE)
            assert await post(http, server.url) == REPLY

    asyncio.run(run())


def test_no_byte_leaves_before_the_request_is_written() -> None:
    """What `not-sent` rests on: connecting alone sends nothing."""

    async def run() -> None:
        seen = bytearray()

        async def behave(peer: Peer) -> None:
            while data := await peer.reader.read(100):
                seen.extend(data)

        async with serving(behave) as server, transport() as http:

            class Stopped(_Request):
                async def send(self, connection: Connection) -> Never:
                    assert self.delivery is NOT_SENT
                    raise OSError(5, "before the first byte")

            request = Stopped(http._endpoint(server.url), HEADERS, REQUEST, "text/xml")
            with pytest.raises(OSError, match="before the first byte"):
                await http._exchange(request, _Whole(100))
            await asyncio.sleep(0.1)
            assert server.connections == 1
            assert bytes(seen) == b""

    asyncio.run(run())
