"""`dmz-gateway explain`: what a request would do, step by step. Sends nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from lxml import etree

from gateway.binding import bind
from gateway.closing.closings import Closings
from gateway.examples import EXAMPLE_ENVIRONMENT, ExampleSealer
from gateway.packs import check_packs, pack_folders
from gateway.policies.compile import compile_snapshot
from gateway.policies.match import match
from gateway.policies.snapshot import Route, Snapshot
from gateway.problems import Rejection
from gateway.record import Record
from gateway.rest.methods import METHODS
from gateway.rest.validation import validate
from gateway.result_codes import told
from gateway.settlement import FAILURES, settle
from gateway.soap.payload.codec import PayloadCodec
from gateway.translation.context import Context
from gateway.translation.values import HOSPITAL_ZONE

EXAMPLE_KEY = "example-key-0000000001"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes."""
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("path", help="with its query, such as '/v1/schedules?departmentId=0101'")
    parser.add_argument("--body", metavar="FILE", type=Path, help="the request's JSON; - for stdin")
    parser.add_argument("--client", default="booking", help="default: %(default)s")
    parser.add_argument(
        "--card",
        default="000000000000",
        help="the hospital's number of the card; sealed ids are written example-KIND-CARD-ID; "
        "default: %(default)s",
    )
    parser.add_argument(
        "--key", default=EXAMPLE_KEY, help="the Idempotency-Key of a write; default: %(default)s"
    )
    parser.add_argument(
        "--now",
        metavar="TIME",
        type=_moment,
        help="another time of asking, in the hospital's zone; default: now",
    )
    parser.add_argument(
        "--packs", type=Path, default=Path("contracts"), help="default: %(default)s"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 when the request would be sent, 1 when it would be rejected, 2 when it cannot be told."""
    folders = pack_folders(arguments.packs)
    if not folders:
        print(f"no pack in {arguments.packs}; name the folder that packs are in", file=sys.stderr)
        return 2
    checked = check_packs(folders)
    if checked.findings:
        for finding in checked.findings:
            print(finding, file=sys.stderr)
        print("the packs cannot be served; see dmz-gateway check", file=sys.stderr)
        return 2
    snapshot = compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT)
    try:
        body = _body(arguments.body)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    path, _, query = arguments.path.partition("?")
    try:
        matched = match(snapshot, arguments.method, path)
    except Rejection as rejection:
        return _rejected(rejection)
    route = matched.route
    try:
        context = bind(
            route,
            matched.path,
            client=arguments.client,
            sealer=ExampleSealer(),
            now=arguments.now or datetime.now(HOSPITAL_ZONE),
            card=arguments.card,
            key=arguments.key,
        )
        for line in _route(route, snapshot, context):
            print(line)
        Closings(lambda: (route,), tuple, lambda: context.now).hold(route)
        media_type = "application/json" if body else None
        values = validate(route.shape, matched.path, query, media_type, body)
        lines = [*_messages(route, route.outbound(values, context), context)]
    except Rejection as rejection:
        return _rejected(rejection)
    except FAILURES as failure:
        return _rejected(settle(route, failure))
    for line in lines:
        print(line)
    return 0


def _messages(route: Route, arguments: Record, context: Context) -> Iterator[str]:
    """What would go out, in order; raises as encoding does."""
    if route.outbound.asks:
        yield "\nwould be asked with what the Location carries, sealed"
        return
    if route.question is None:
        yield from _message("would be sent", route, arguments)
        return
    question = route.question.route
    asked = question.outbound({}, replace(context, asked=arguments))
    yield from _message("would be asked", question, asked)
    yield from _message("would be sent unless it was done", route, arguments)


def _message(title: str, route: Route, arguments: Record) -> Iterator[str]:
    parser = etree.XMLParser(strip_cdata=False)
    message = route.codec.for_attempt(route.codec.encode(arguments))
    tree = etree.fromstring(message, parser)
    etree.indent(tree)
    yield f"\n{title}\n"
    yield from (f"  {name}: {value}" for name, value in route.codec.headers.items())
    yield ""
    yield from (f"  {row}" for row in etree.tostring(tree, encoding="unicode").splitlines())
    if isinstance(route.codec, PayloadCodec):
        yield "\nwith the message\n"
        yield from (f"  {row}" for row in route.codec.shown(arguments).splitlines())


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=HOSPITAL_ZONE)
    except ValueError:
        raise argparse.ArgumentTypeError("write it like 2026-03-10T09:30") from None


def _body(name: Path | None) -> bytes:
    if name is None:
        return b""
    return sys.stdin.buffer.read() if str(name) == "-" else name.read_bytes()


def _route(route: Route, snapshot: Snapshot, context: Context) -> Iterator[str]:
    """The route's own terms, for people."""
    yield f"route      {route.id}: {route.about or route.operation}"
    yield f"client     {context.client}, with the scope {route.scope}"
    yield f"operation  {route.operation} of {route.service}, a {_effect(route)}"
    if route.outbound.serial is not None:
        yield f"serial     {context.serial}, in {'/'.join(route.outbound.serial)}"
    for inquiry in snapshot.routes:
        if inquiry.inquiry_of == route.id:
            yield f"settled    by {inquiry.operation}, asked at {inquiry.template}"
    subject = "named by the Patient-Card header" if route.subject else "none"
    yield f"subject    {subject}"
    rate = f", at most {route.rate.per_second * 60:g} a minute for a client" if route.rate else ""
    yield f"limits     {route.deadline:g} s in all{rate}"
    upstream = snapshot.upstreams[route.upstream]
    kept = (
        f", {upstream.keep_for_writes} of them kept for writes" if upstream.keep_for_writes else ""
    )
    yield f"           {upstream.group}: {upstream.in_flight} calls at once over all replicas{kept}"
    for closure in route.closures:
        yield f"closed     {closure.window}"
    yield from told(route, context)


def _effect(route: Route) -> str:
    if route.question is not None:
        return "matched write: asked about first, sent once, and asked about again"
    if route.writes:
        return "keyed write: sent once, its serial tells how it ended"
    if route.asks:
        return f"read that asks how {route.inquiry_of} ended: may be called again"
    return "read: may be called again"


def _rejected(rejection: Rejection) -> int:
    reopens = f" until {rejection.reopens_at}" if rejection.reopens_at is not None else ""
    # Callers are not told why; who writes a policy has to know.
    why = f" ({rejection.reason})" if rejection.reason else ""
    print(f"\nwould be rejected: {rejection.type.status} {rejection.slug}{reopens}{why}")
    for name, value in rejection.headers.items():
        print(f"  {name}: {value}")
    if rejection.slug == "unsupported-media-type":
        print("  it needs a body: --body FILE")
    for error in rejection.errors:
        print(f"  {error.location} {error.pointer}: {error.detail}")
    return 1
