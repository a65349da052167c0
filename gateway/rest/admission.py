"""The first step: who calls, how long they wait, and the body within its bounds.

A replica stands behind the edge (HAProxy), which ends mutual TLS, strips what a caller sends in
the edge's headers and sets them itself. They are believed only beside the secret that edge and
replica share, so that nobody who reaches a replica directly is anyone.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from multidict import MultiMapping, istr

from gateway.problems import FieldError, Rejection
from gateway.resilience.deadline import Deadline
from gateway.rest.languages import Language
from gateway.rest.messages import Incoming
from gateway.rest.rate import Rate, TokenBucket

CONTENT_ENCODING: Final = istr("Content-Encoding")
CONTENT_LENGTH: Final = istr("Content-Length")
CONTENT_TYPE: Final = istr("Content-Type")
EDGE_PROOF: Final = istr("Edge-Proof")
EXPECT: Final = istr("Expect")
FINGERPRINT: Final = istr("Client-Certificate-Fingerprint")
HOST: Final = istr("Host")
IDEMPOTENCY_KEY: Final = istr("Idempotency-Key")
PATIENT_CARD: Final = istr("Patient-Card")
REQUEST_TIMEOUT: Final = istr("Request-Timeout")
TRANSFER_ENCODING: Final = istr("Transfer-Encoding")

KEY_PATTERN: Final = "^[A-Za-z0-9_-]{16,64}$"
"""What an Idempotency-Key looks like."""

# Two of these could be read one way here and another way elsewhere. List-valued headers
# (Accept-Language) may come twice.
_ONCE: Final = (
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Expect",
    "Host",
    "Idempotency-Key",
    "Patient-Card",
    "Request-Timeout",
)
_KEY = re.compile(KEY_PATTERN)
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_LENGTH = re.compile(r"[0-9]{1,12}")
# RFC 3986 segments, none of them empty.
_SEGMENT = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})++"
_PATH = re.compile(rf"/(?:{_SEGMENT}(?:/{_SEGMENT})*+/?)?")
# What two readers of one path could take for different paths, or for something else than text.
_AMBIGUOUS = re.compile(r"/\.{1,2}(?:/|\Z)|%(?:[01][0-9a-f]|2[ef]|5c|7f)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Client:
    """A calling platform: the certificates that name it, what it may call and how often.

    `fingerprints` are SHA-256 of the certificate's DER, 64 lower-case hexadecimal digits.
    `scopes` are route ids; one that ends in "*" stands for every id that begins like it.
    """

    id: str
    fingerprints: frozenset[str]
    scopes: frozenset[str]
    rate: Rate | None = None

    def may(self, route_id: str) -> bool:
        """Whether a scope of this client covers the route."""
        return any(covers(scope, route_id) for scope in self.scopes)


def covers(scope: str, route_id: str) -> bool:
    """Whether a scope is the route's id, or begins it where it ends in "*"."""
    return scope == route_id or (scope.endswith("*") and route_id.startswith(scope[:-1]))


class RouteTerms(Protocol):
    """What admission has to know of a route."""

    @property
    def id(self) -> str:
        """Names the route."""

    @property
    def scope(self) -> str:
        """What a client needs among its scopes."""

    @property
    def writes(self) -> bool:
        """Whether it needs an Idempotency-Key."""

    @property
    def rate(self) -> Rate | None:
        """How often one client may call it."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request of a known client, its body read, its deadline running."""

    client: Client
    body: bytes
    deadline: Deadline
    key: str | None
    card: str | None
    media_type: str | None
    language: Language


class Admission:
    """Admits requests of `clients` that come over the edge which knows `edge_proof`.

    `ceiling_seconds` bounds every exchange, `body_limit` is in bytes.
    """

    def __init__(
        self,
        clients: Iterable[Client],
        edge_proof: str,
        ceiling_seconds: float = 30.0,
        body_limit: int = 65_536,
    ) -> None:
        self._proof = edge_proof.encode()
        self._ceiling = ceiling_seconds
        self._body_limit = body_limit
        self._by_fingerprint: dict[str, Client] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._route_buckets: dict[tuple[str, str, Rate], TokenBucket] = {}
        for client in clients:
            for fingerprint in client.fingerprints:
                holder = self._by_fingerprint.setdefault(fingerprint, client)
                if holder is not client:
                    raise ValueError(
                        f"clients {holder.id} and {client.id} have a certificate in common"
                    )
            if client.rate is not None:
                self._buckets[client.id] = TokenBucket(client.rate)

    def identify(self, incoming: Incoming) -> Client:
        """The client, or Rejection `unauthenticated`, which tells nothing of what was wrong."""
        proofs = incoming.headers.getall(EDGE_PROOF, ())
        if len(proofs) != 1 or not hmac.compare_digest(
            proofs[0].encode("utf-8", "surrogateescape"), self._proof
        ):
            raise Rejection("unauthenticated", reason="edge-proof")
        fingerprints = incoming.headers.getall(FINGERPRINT, ())
        client = self._by_fingerprint.get(fingerprints[0]) if len(fingerprints) == 1 else None
        if client is None:
            raise Rejection("unauthenticated", reason="unknown-certificate")
        return client

    async def admit(self, incoming: Incoming) -> Admitted:
        """Identify the client, check the headers, read the body; a Rejection where one fails."""
        client = self.identify(incoming)
        headers = incoming.headers
        bucket = self._buckets.get(client.id)
        if bucket is not None:
            wait = bucket.take(incoming.received)
            if wait > 0.0:
                raise Rejection("rate-limited", retry_after=wait)
        _check_request(incoming)
        key = headers.get(IDEMPOTENCY_KEY)
        if key is not None and not _KEY.fullmatch(key):
            raise _bad_header(
                IDEMPOTENCY_KEY,
                "must be 16 to 64 of A-Z, a-z, 0-9, _ and -",
                "必须为 16 至 64 个 A-Z、a-z、0-9、_ 或 - 字符",
            )
        deadline = Deadline(incoming.received + min(self._ceiling, _patience(headers)))
        return Admitted(
            client=client,
            body=await self._read(incoming, deadline),
            deadline=deadline,
            key=key,
            card=headers.get(PATIENT_CARD),
            media_type=headers.get(CONTENT_TYPE),
            language=incoming.language,
        )

    def permit(self, route: RouteTerms, admitted: Admitted) -> None:
        """Hold the client against the route's terms; Rejection 403, 428 or 429."""
        client = admitted.client
        if not client.may(route.scope):
            raise Rejection(
                "forbidden",
                detail=f"Nothing was done; ask the hospital to grant this client {route.scope}.",
                detail_zh=f"未做任何处理；请联系医院为该调用方开通 {route.scope}。",
                reason="scope",
            )
        if route.writes and admitted.key is None:
            raise Rejection("key-required")
        if route.rate is not None:
            # The rate is in the name: a reload that changes it starts afresh.
            name = (client.id, route.id, route.rate)
            bucket = self._route_buckets.get(name)
            if bucket is None:
                bucket = self._route_buckets[name] = TokenBucket(route.rate)
            wait = bucket.take(asyncio.get_running_loop().time())
            if wait > 0.0:
                raise Rejection("rate-limited", retry_after=wait, reason="route-rate")

    async def _read(self, incoming: Incoming, deadline: Deadline) -> bytes:
        """The body; Content-Length bounds it before a byte is read, the deadline while."""
        length = incoming.headers.get(CONTENT_LENGTH, "0")
        if length == "0":
            return b""
        if not _LENGTH.fullmatch(length):
            raise _bad_header(CONTENT_LENGTH, "must be a number of bytes", "必须为字节数")
        if int(length) > self._body_limit:
            raise Rejection("too-large")
        if incoming.arrived is not None:
            return incoming.arrived
        try:
            async with asyncio.timeout_at(deadline.at):
                return await incoming.body()
        except TimeoutError:
            raise Rejection("body-timeout") from None


def _check_request(incoming: Incoming) -> None:
    """What must hold of every request before any route is looked for."""
    headers = incoming.headers
    _check_path(incoming.path)
    if HOST not in headers:
        raise _bad_header(HOST, "is required", "必填")
    if len({name.lower() for name in headers}) != len(headers):
        for name in _ONCE:
            if len(headers.getall(name, ())) > 1:
                raise _bad_header(name, "must be sent once", "不得重复")
    if TRANSFER_ENCODING in headers:
        raise _bad_header(
            TRANSFER_ENCODING, "is not taken; send Content-Length", "不支持，请使用 Content-Length"
        )
    if CONTENT_ENCODING in headers:
        raise Rejection("unsupported-media-type")
    if EXPECT in headers and headers[EXPECT].lower() != "100-continue":
        raise Rejection("expectation-failed")


@lru_cache(maxsize=512)
def _check_path(path: str) -> None:
    if _PATH.fullmatch(path) and not _AMBIGUOUS.search(path):
        if "%" not in path:
            return
        with suppress(UnicodeDecodeError):
            unquote_to_bytes(path).decode()
            return
    raise Rejection(
        "malformed",
        detail="The path holds a character that it may not, plain or percent-encoded, or an empty "
        "part; ids are sent as they were given.",
        detail_zh="请求路径含有不允许的字符（包括百分号编码）或空的路径段；标识须原样发送。",
    )


def _patience(headers: MultiMapping[str]) -> float:
    """How long the caller waits, in seconds; for ever when it does not say."""
    text = headers.get(REQUEST_TIMEOUT)
    if text is None:
        return float("inf")
    if not _SECONDS.fullmatch(text) or float(text) == 0.0:
        raise _bad_header(
            REQUEST_TIMEOUT, "must be a positive decimal number of seconds", "必须为正的秒数"
        )
    return float(text)


def _bad_header(name: str, detail: str, detail_zh: str) -> Rejection:
    return Rejection("malformed", errors=(FieldError("header", f"/{name}", detail, detail_zh),))
