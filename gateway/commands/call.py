"""`dmz-gateway call`: a client for a person at a terminal, with the sandbox's certificate."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import ssl
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

from gateway.rest.methods import METHODS, SAFE

# All that a path and query may hold of itself (RFC 3986), so that only the rest is encoded.
_WRITTEN_AS_IS = "%/?&=+:,;@!$'()*~"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `call` takes."""
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("path", help="such as /v1/departments")
    parser.add_argument("-d", "--data", metavar="JSON", help="the body, or @FILE")
    parser.add_argument("--card", help="the sealed id of the patient card (Patient-Card)")
    parser.add_argument("--key", help="Idempotency-Key; a new one for each write by default")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--edge", default="https://127.0.0.1:8443", help="default: %(default)s")
    parser.add_argument(
        "--state", type=Path, default=Path("var"), help="whose pki/ to use; default: %(default)s"
    )
    parser.add_argument(
        "--client", default="booking", help="which client to be; default: %(default)s"
    )
    parser.add_argument("--field", metavar="NAME", help="print this member only, as in items.0.id")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the headers too")


def run(arguments: argparse.Namespace) -> int:
    """Print the answer; 0 for 2xx, 1 for another status, 2 when there was none."""
    try:
        _check_target(arguments.path, arguments.edge)
        body = _body(arguments.data)
        context = _context(arguments.state / "pki", arguments.client)
    except (OSError, ValueError) as error:
        return _say(str(error))
    try:
        status, headers, answer = _send(arguments, body, context)
    except ssl.SSLError as error:
        return _say(f"the TLS handshake failed ({error.reason}); does {arguments.state}/pki fit?")
    except (OSError, http.client.HTTPException) as error:
        return _say(f"no answer from {arguments.edge} ({error}); is `make run` up?")
    except ValueError as error:
        return _say(str(error))
    if arguments.verbose or status == 202:
        lines = [str(status), *(f"{name}: {value}" for name, value in headers)]
        print("\n".join(lines), file=sys.stderr)
    try:
        document = json.loads(answer)
    except ValueError:
        # A document, which goes to a file or another program as it is.
        sys.stdout.buffer.write(answer)
        return 0 if status < 300 else 1
    return _show(document, status, arguments.field)


def _show(document: object, status: int, field: str | None) -> int:
    told = json.dumps(document, ensure_ascii=False, indent=2)
    if status >= 300:
        # What takes the field must not take a problem for it.
        print(status, file=sys.stderr)
        print(told, file=sys.stderr if field is not None else sys.stdout)
        return 1
    if field is not None:
        try:
            for step in field.split("."):
                document = document[int(step)] if isinstance(document, list) else document[step]  # type: ignore[index]
        except (KeyError, IndexError, ValueError, TypeError):
            return _say(f"the answer has no {field}")
        if isinstance(document, str):
            print(document)
            return 0
        told = json.dumps(document, ensure_ascii=False, indent=2)
    print(told)
    return 0


def _body(data: str | None) -> bytes | None:
    if data is None:
        return None
    if not data.startswith("@"):
        return data.encode()
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise ValueError(f"--data {data} cannot be read: {error.strerror}") from None


def _check_target(path: str, edge: str) -> None:
    if not path.startswith("/"):
        raise ValueError(f"{path} is no path here; begin the path with /")
    if not edge.startswith("https://"):
        raise ValueError(f"--edge {edge} is no address of an edge; begin it with https://")


def _context(folder: Path, client: str) -> ssl.SSLContext:
    authority = folder / "ca.pem"
    if not authority.is_file():
        raise ValueError(f"there is no {authority}; run this in the checkout, or name --state")
    clients = sorted(file.parent.name for file in folder.glob("*/key.pem"))
    if client not in clients:
        raise ValueError(
            f"there is no client {client} in {folder}; there are: {', '.join(clients)}"
        )
    certificate = folder / client
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def _send(
    arguments: argparse.Namespace, body: bytes | None, context: ssl.SSLContext
) -> tuple[int, list[tuple[str, str]], bytes]:
    edge = urlsplit(arguments.edge)
    connection = http.client.HTTPSConnection(
        edge.hostname or "127.0.0.1", edge.port, context=context, timeout=40
    )
    headers = {"Accept-Language": arguments.language}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if arguments.card:
        headers["Patient-Card"] = arguments.card
    if arguments.method not in SAFE:
        headers["Idempotency-Key"] = arguments.key or os.urandom(16).hex()
        # A write without a body says so: the edge takes none whose length is not stated.
        headers["Content-Length"] = str(len(body or b""))
    try:
        path = quote(arguments.path, safe=_WRITTEN_AS_IS)
        connection.request(arguments.method, path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()
    finally:
        connection.close()


def _say(words: str) -> int:
    print(words, file=sys.stderr)
    return 2
