"""Who is measured: the gateway with everything on, and its peers, all before the same stub."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bench.load import KEY, Asked
from bench.messages import CARD, Case
from bench.processes import Process, free_port
from gateway.pki import make_pki
from gateway.policies.resolve import CARD as CARD_KIND
from gateway.translation.sealing import Sealer

PACKS: Final = Path(__file__).parent / "packs"
STUB_URL: Final = "BENCH_STUB_URL"

_CLIENT: Final = "booking"
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Contender:
    """One of those who are measured. `ask` gives the request that puts a case's question to it."""

    name: str
    process: Process
    ask: Callable[[Case], Asked]
    translates: bool


@dataclass(frozen=True, slots=True)
class Gateway:
    """How the gateway is started, and what the edge adds to each request."""

    settings: Path
    environment: Mapping[str, str]
    port: int
    admin_port: int
    headers: Mapping[str, str]
    card: str

    @property
    def command(self) -> list[str]:
        """What an operator would run."""
        return [sys.executable, "-m", "gateway", "serve", "--settings", str(self.settings)]

    def start(self, core: int, log: Path) -> Process:
        """Start one replica; it is not ready yet."""
        return Process(self.command, core, log, self.environment)

    def ask(self, case: Case) -> Asked:
        """The case as the edge hands it on."""
        if case.method == "GET":
            return Asked(self.port, "GET", case.path, self.headers, b"")
        headers = {**self.headers, **_JSON, "Patient-Card": self.card, KEY: f"{'bench':-<16}"}
        return Asked(self.port, case.method, case.path, headers, case.body, "bench-write")


def prepare(folder: Path, packs: Path, environment: Mapping[str, str]) -> Gateway:
    """Lay out certificates, secrets and settings of a replica in `folder`."""
    make_pki(folder)
    proof, sealing_key = folder / "secrets" / "edge-proof", folder / "secrets" / "sealing-key"
    pem = folder / "pki" / _CLIENT / "cert.pem"
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    port, admin_port = free_port(), free_port()
    settings = folder / "settings.yaml"
    document = {
        "replica": "bench",
        "replicas": 1,
        "rest": f"127.0.0.1:{port}",
        "admin": f"127.0.0.1:{admin_port}",
        "packs": str(packs),
        "edge_proof": str(proof),
        "sealing_key": str(sealing_key),
        "clients": {_CLIENT: {"certificates": [str(pem)], "scopes": ["*"]}},
        "drain": {"notice": "0s", "finish": "5s"},
    }
    settings.write_text(yaml.safe_dump(document))
    return Gateway(
        settings=settings,
        environment=environment,
        port=port,
        admin_port=admin_port,
        headers={
            "Edge-Proof": proof.read_text().strip(),
            "Client-Certificate-Fingerprint": certificate.fingerprint(hashes.SHA256()).hex(),
            "Request-Id": "4f1c7a52-8a0e-4f0c-9a54-0a4a9e4d5b11",
            "Accept": "application/json",
        },
        card=Sealer(bytes.fromhex(sealing_key.read_text().strip())).seal(
            CARD_KIND, _CLIENT, "", CARD
        ),
    )


def start_fastapi(stack: ExitStack, core: int, folder: Path, stub_url: str) -> Contender:
    """FastAPI with zeep in threads, one uvicorn process."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.peers.fastapi_zeep:app"]
    command += ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    process = stack.enter_context(
        Process(command, core, folder / "fastapi.log", {STUB_URL: stub_url})
    )
    process.wait_for(port, "/openapi.json")

    def ask(case: Case) -> Asked:
        if case.method == "GET":
            return Asked(port, "GET", case.path, {"Accept": "application/json"}, b"")
        headers = {**_JSON, "Card-Number": CARD, KEY: f"{'bench':-<16}"}
        return Asked(port, case.method, case.path, headers, case.body, "bench-write")

    return Contender("FastAPI + zeep", process, ask, translates=True)


def start_passthrough(stack: ExitStack, core: int, folder: Path, stub_url: str) -> Contender:
    """aiohttp in, aiohttp out, and nothing between."""
    port = free_port()
    command = [sys.executable, "-m", "bench.peers.passthrough", str(port)]
    process = stack.enter_context(
        Process(command, core, folder / "passthrough.log", {STUB_URL: stub_url})
    )
    process.wait_for(port, "/")

    def ask(case: Case) -> Asked:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"urn:bench:{case.operation}"',
        }
        return Asked(port, "POST", "/", headers, case.envelope)

    return Contender("aiohttp pass-through", process, ask, translates=False)


def start_gateway(
    stack: ExitStack, core: int, folder: Path, stub_url: str
) -> tuple[Contender, Gateway]:
    """The gateway as an operator runs it, its log in a file."""
    gateway = prepare(folder, PACKS, {STUB_URL: stub_url})
    process = stack.enter_context(gateway.start(core, folder / "gateway.log"))
    process.wait_for(gateway.admin_port, "/readyz")
    return Contender("dmz-gateway", process, gateway.ask, translates=True), gateway
