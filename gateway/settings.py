"""What a replica needs to know before it starts, and a restart to change.

Read from one YAML file; `${NAME}` stands for a variable of the environment. Secrets are files,
never values. Everything is checked at once, with file, line and remedy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.policies.build import seconds
from gateway.policies.findings import Finding, PolicyError
from gateway.policies.load import Keys, Source, read
from gateway.rest.admission import Client
from gateway.rest.rate import Rate

LONGEST_CEILING = 30.0
"""Seconds; the edge waits for 35, and the answer has to be written and read."""
FEWEST_BYTES = 32
"""Different bytes among the 64 of a sealing key: random ones have some 57, and never so few."""

_TEXT = {"type": "string", "pattern": r"^[^\x00-\x1f\x7f]+$"}
_DURATION = {"type": "string", "pattern": "^[0-9]{1,6}(ms|s|m)$"}
_SPAN = {"type": "string", "pattern": "^[1-9][0-9]{0,5}(ms|s|m)$"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "replica": {**_TEXT, "description": "This replica's name in logs."},
        "replicas": {"type": "integer", "minimum": 1, "description": "How many share the limits."},
        "rest": {**_TEXT, "description": "host:port for the edge."},
        "admin": {**_TEXT, "description": "host:port for operations; no identity is asked there."},
        "packs": {**_TEXT, "description": "The folder of packs."},
        "edge_proof": {**_TEXT, "description": "File with the secret that the edge shows."},
        "sealing_key": {**_TEXT, "description": "File with 64 bytes, hexadecimal, for sealed ids."},
        "ceiling": {**_SPAN, "description": "The longest any exchange may take; 30s, and no more."},
        "drain": {
            "type": "object",
            "properties": {
                "notice": {**_DURATION, "description": "Until the edge has seen it; 3s."},
                "finish": {**_DURATION, "description": "For what is under way then; 35s."},
            },
            "additionalProperties": False,
        },
        "watch": {**_SPAN, "description": "How often the packs are looked at for changes; 2s."},
        "switches": {
            "type": "object",
            "properties": {
                "switchboard": {**_TEXT, "description": "The switchboard's file."},
                "kept": {**_TEXT, "description": "Where this replica keeps its switches."},
            },
            "required": ["switchboard", "kept"],
            "additionalProperties": False,
        },
        "clients": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"},
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "certificates": {
                        "type": "array",
                        "minItems": 1,
                        "items": _TEXT,
                        "description": "PEM files; two while one replaces the other.",
                    },
                    "scopes": {
                        "type": "array",
                        "items": {"type": "string", "pattern": r"^[a-z][a-z0-9-]*\*?$|^\*$"},
                        "description": 'Route ids; "*" at the end stands for any rest.',
                    },
                    "rate": {
                        "type": "string",
                        "pattern": "^[1-9][0-9]{0,5}/s$",
                        "description": "Requests a second, for this replica; no limit by default.",
                    },
                },
                "required": ["certificates", "scopes"],
                "additionalProperties": False,
            },
        },
    },
    "required": [
        "replica", "replicas", "rest", "admin", "packs", "edge_proof", "sealing_key", "clients",
    ],
    "additionalProperties": False,
}  # fmt: skip
BOARD_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "admins": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": _TEXT,
            "description": "host:port of every replica's admin listener.",
        },
        "secret": {**_TEXT, "description": "File with the secret that signs switches."},
    },
    "required": ["admins", "secret"],
    "additionalProperties": False,
}
_VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
_BOARD_VALIDATOR = jsonschema_rs.Draft202012Validator(BOARD_SCHEMA)
_PORT = re.compile("[0-9]{1,5}")
# As the edge writes it into a header; a longer one would not fit there.
_SECRET = re.compile("[!-~]{32,512}")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Board:
    """The switchboard: who is told of a switch, and what signs it. The same for all replicas."""

    admins: tuple[str, ...]
    secret: str


@dataclass(frozen=True, slots=True)
class Switches:
    """How functions are closed by hand here; `peers` are the other replicas' admin listeners."""

    board: Board
    peers: tuple[str, ...]
    kept: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """A replica's settings; times in seconds. `source` says where in the file each stands."""

    replica: str
    replicas: int
    rest: Address
    admin: Address
    packs: Path
    edge_proof: str
    sealing_key: bytes
    ceiling: float
    drain_notice: float
    drain_finish: float
    watch: float
    switches: Switches | None
    clients: tuple[Client, ...]
    source: Source


def load_settings(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read and check the file; raises `PolicyError` with every finding."""
    source, findings = read(path, str(path))
    if findings:
        raise PolicyError(findings)
    return _Reader(source, environment).settings()


def load_board(path: Path, environment: Mapping[str, str]) -> Board:
    """Read and check a switchboard's file; raises `PolicyError` with every finding."""
    source, findings = read(path, str(path))
    if findings:
        raise PolicyError(findings)
    return _Reader(source, environment).board(path.parent)


class _Reader:
    """Reads one settings file, collecting what is wrong with it."""

    def __init__(self, source: Source, environment: Mapping[str, str]) -> None:
        self.source = source
        self.environment = environment
        self.findings: list[Finding] = []

    def find(self, at: Keys, problem: str, remedy: str) -> None:
        mark = self.source.mark(at)
        self.findings.append(Finding(mark, "settings", "", problem, remedy))

    def settings(self) -> Settings:
        data = self.shaped(_VALIDATOR)
        drain = data.get("drain", {})
        settings = Settings(
            replica=data["replica"],
            replicas=data["replicas"],
            rest=self.address(("rest",), data["rest"]),
            admin=self.address(("admin",), data["admin"]),
            packs=Path(data["packs"]),
            edge_proof=self.secret(("edge_proof",), data["edge_proof"]),
            sealing_key=self.key(("sealing_key",), data["sealing_key"]),
            ceiling=seconds(data.get("ceiling", "30s")),
            drain_notice=seconds(drain.get("notice", "3s")),
            drain_finish=seconds(drain.get("finish", "35s")),
            watch=seconds(data.get("watch", "2s")),
            switches=self.switches(data["switches"], data["admin"]) if "switches" in data else None,
            clients=self.clients(data["clients"]),
            source=self.source,
        )
        if data["rest"] == data["admin"]:
            self.find(("admin",), "is the address of rest", "give each listener its own")
        if settings.ceiling > LONGEST_CEILING:
            self.find(("ceiling",), "is longer than the edge leaves time for", "state 30s or less")
        self.hold()
        return settings

    def board(self, folder: Path) -> Board:
        """The switchboard; its file names the secret's as seen from its own `folder`."""
        data = self.shaped(_BOARD_VALIDATOR)
        for index, address in enumerate(data["admins"]):
            self.address(("admins", index), address)
        secret = self.secret(("secret",), str(folder / data["secret"]))
        self.hold()
        return Board(tuple(data["admins"]), secret)

    def switches(self, data: Mapping[str, Any], admin: str) -> Switches | None:
        try:
            board = load_board(Path(data["switchboard"]), self.environment)
        except PolicyError as error:
            self.findings.extend(error.findings)
            return None
        if admin not in board.admins:
            problem = f"does not have {admin}, this replica's admin listener"
            self.find(("switches", "switchboard"), problem, "add it to admins there")
        peers = tuple(address for address in board.admins if address != admin)
        return Switches(board, peers, Path(data["kept"]))

    def shaped(self, validator: jsonschema_rs.Draft202012Validator) -> Any:
        """The data, whose shape is as it must be; raises `PolicyError`."""
        data = self.expand(self.source.data, ())
        for error in validator.iter_errors(data):
            self.find(tuple(error.instance_path), error.message, "see docs/settings.md")
        self.hold()
        return data

    def hold(self) -> None:
        """Raise `PolicyError` with what was found so far."""
        if self.findings:
            raise PolicyError(tuple(sorted(self.findings)))

    def expand(self, value: Any, at: Keys) -> Any:
        """The data with the environment's variables in their places."""
        if isinstance(value, dict):
            return {name: self.expand(inner, (*at, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.expand(inner, (*at, index)) for index, inner in enumerate(value)]
        if not isinstance(value, str):
            return value

        def variable(match: re.Match[str]) -> str:
            text = self.environment.get(match[1])
            if text is None:
                self.find(at, f"the variable {match[1]} is not set", "set it")
            elif not text.isprintable():
                self.find(at, f"the variable {match[1]} holds no text", "set it to one")
            else:
                return text
            return ""

        return _VARIABLE.sub(variable, value)

    def address(self, at: Keys, text: str) -> Address:
        host, _, port = text.rpartition(":")
        if not host or not _PORT.fullmatch(port) or int(port) > 65535:
            self.find(at, "is no address", "write host:port")
            return Address("", 0)
        return Address(host.strip("[]"), int(port))

    def secret(self, at: Keys, name: str) -> str:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            self.find(at, f"{name} cannot be read", "run dmz-gateway pki, or mend its path")
            return ""
        if not _SECRET.fullmatch(text):
            problem = f"{name} is no secret of 32 to 512 visible characters in one line"
            self.find(at, problem, "run dmz-gateway pki")
            return ""
        return text

    def key(self, at: Keys, name: str) -> bytes:
        text = self.secret(at, name)
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if text and len(key) != 64:
            self.find(at, f"{name} is not 64 bytes in hexadecimal", "run dmz-gateway pki")
        elif text and len(set(key)) < FEWEST_BYTES:
            self.find(at, f"{name} is not random", "run dmz-gateway pki")
        return key

    def clients(self, data: Mapping[str, Any]) -> tuple[Client, ...]:
        clients = tuple(self.client(name, client) for name, client in data.items())
        holders: dict[str, str] = {}
        for client in clients:
            for fingerprint in client.fingerprints:
                holder = holders.setdefault(fingerprint, client.id)
                if holder != client.id:
                    self.find(
                        ("clients", client.id, "certificates"),
                        f"has a certificate of {holder}: a certificate names one client",
                        "give each client its own",
                    )
        return clients

    def client(self, name: str, data: Mapping[str, Any]) -> Client:
        at: Keys = ("clients", name, "certificates")
        fingerprints = (
            self.fingerprint((*at, index), certificate)
            for index, certificate in enumerate(data["certificates"])
        )
        rate = data.get("rate")
        return Client(
            id=name,
            fingerprints=frozenset(one for one in fingerprints if one is not None),
            scopes=frozenset(data["scopes"]),
            rate=Rate(float(rate[:-2]), max(1, int(rate[:-2]))) if rate else None,
        )

    def fingerprint(self, at: Keys, name: str) -> str | None:
        """SHA-256 of the certificate's DER, in lower-case hexadecimal."""
        try:
            certificate = x509.load_pem_x509_certificate(Path(name).read_bytes())
        except (OSError, ValueError):
            self.find(at, f"{name} is no certificate", "name a PEM file")
            return None
        return certificate.fingerprint(hashes.SHA256()).hex()
