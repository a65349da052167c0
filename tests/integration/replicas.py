"""One real replica as a child process, called as the edge would call it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import yaml

from gateway.translation.sealing import Sealer
from sandbox.stack.children import Child
from sandbox.stack.ports import free_ports
from tests.environment import environment

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 60.0
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a replica answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


class Replica:
    """Settings, packs and logs below `folder`; the PKI of `state` is shared."""

    def __init__(
        self, folder: Path, state: Path, hospital: str, *, name: str = "replica", **more: object
    ) -> None:
        self.packs = folder / f"{name}-packs"
        self._state = state
        self._hospital = hospital
        self._name = name
        self._folder = folder
        self.rest_port, self.admin_port = free_ports(2)
        # The other packs share its limits, and these tests change them.
        shutil.copytree(CHECKOUT / "contracts" / "registration", self.packs / "registration")
        # The faults of these tests would open it for those that follow.
        self.edit("minimum_calls: 20", "minimum_calls: 9999")
        self.settings = folder / f"{name}.yaml"
        clients = {
            client: {"certificates": [str(state / "pki" / client / "cert.pem")], "scopes": ["*"]}
            for client in ("booking", "clinic-kiosk")
        }
        settings = {
            "replica": name,
            "replicas": 1,
            "rest": f"127.0.0.1:{self.rest_port}",
            "admin": f"127.0.0.1:{self.admin_port}",
            "packs": str(self.packs),
            "edge_proof": str(state / "secrets" / "edge-proof"),
            "sealing_key": str(state / "secrets" / "sealing-key"),
            "watch": "60m",
            "drain": {"notice": "1s", "finish": "20s"},
            "clients": clients,
            **more,
        }
        self.settings.write_text(yaml.safe_dump(settings))
        self.child: Child | None = None

    # --- its life ---

    @property
    def command(self) -> list[str]:
        """How it is started."""
        return [sys.executable, "-m", "gateway", "serve", "--settings", str(self.settings)]

    @property
    def environment(self) -> dict[str, str]:
        """What it is started with."""
        return {**environment(self._hospital), "TZ": "America/New_York"}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        log = self._folder / f"{self._name}.log"
        self.child = Child(
            self._name, self.command, log=log, cwd=CHECKOUT, environment=self.environment
        )
        self.child.wait_until(self.is_ready, PATIENCE)

    def stop(self) -> None:
        """Kill it; a drain is for the test of drains."""
        if self.child is not None:
            self.child.send(signal.SIGKILL)
            self.child.wait(5)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.child is not None
        self.child.send(number)

    def edit(self, old: str, new: str) -> None:
        """Change one place of its registration policy."""
        policy = self.packs / "registration" / "policy.yaml"
        text = policy.read_text(encoding="utf-8")
        assert old in text
        changed = policy.with_suffix(".new")
        changed.write_text(text.replace(old, new, 1), encoding="utf-8")
        changed.replace(policy)

    # --- what it shows ---

    def log(self) -> list[dict[str, Any]]:
        """Its lines so far."""
        assert self.child is not None
        return [json.loads(line) for line in self.child.output().splitlines()]

    def logged(self, **fields: object) -> dict[str, Any]:
        """The last line with these fields; waits for it."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = [line for line in self.log() if fields.items() <= line.items()]
            return bool(found)

        wait_until(look)
        return found[-1]

    def admin(self, path: str) -> tuple[int, str]:
        """What its admin listener says."""
        url = f"http://127.0.0.1:{self.admin_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                return response.status, response.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def is_ready(self) -> bool:
        """Whether the edge should send requests here."""
        try:
            return self.admin("/readyz")[0] == 200
        except OSError:
            return False

    def metric(self, name: str, **labels: str) -> float:
        """One figure; 0 when there is none."""
        given = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        for line in self.admin("/metrics")[1].splitlines():
            if line.startswith(name + "{"):
                found = ",".join(sorted(line[len(name) + 1 : line.index("}")].split(",")))
                if found == given:
                    return float(line.rpartition(" ")[2])
        return 0.0

    # --- calling it ---

    @property
    def edge_headers(self) -> dict[str, str]:
        """What the edge adds to a request of the booking platform."""
        return self.headers_of("booking")

    def headers_of(self, client: str) -> dict[str, str]:
        """What the edge adds to a request of a client."""
        certificate = (self._state / "pki" / client / "cert.pem").read_text()
        return {
            "Edge-Proof": (self._state / "secrets" / "edge-proof").read_text().strip(),
            "Client-Certificate-Fingerprint": hashlib.sha256(
                ssl.PEM_cert_to_DER_cert(certificate)
            ).hexdigest(),
        }

    def seal(self, kind: str, plain: str, *, card: str = "", client: str = "booking") -> str:
        """A sealed id as any replica gives it out."""
        key = bytes.fromhex((self._state / "secrets" / "sealing-key").read_text().strip())
        return Sealer(key).seal(kind, client, card, plain)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        card: str | None = None,
        key: str | None = None,
        timeout: float | None = None,
        client: str = "booking",
        headers: Mapping[str, str] = NOTHING,
    ) -> Answer:
        """One request over a connection of its own; `card` is the hospital's number."""
        fields = {**self.headers_of(client), **headers}
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            fields["Content-Type"] = "application/json"
        if card is not None:
            fields["Patient-Card"] = self.seal("card", card, client=client)
        if key is not None:
            fields["Idempotency-Key"] = key
        if timeout is not None:
            fields["Request-Timeout"] = f"{timeout:g}"
        return self.send_raw(method, path, content, fields)

    def send_raw(self, method: str, path: str, content: bytes, fields: Mapping[str, str]) -> Answer:
        """One request with just these headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.rest_port, timeout=PATIENCE)
        try:
            given = {"Content-Length": str(len(content)), **fields}
            connection.request(method, path, body=content, headers=given)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        finally:
            connection.close()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that comes by itself."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come")
        time.sleep(0.02)


def new_key() -> str:
    """An Idempotency-Key that nobody used."""
    return os.urandom(16).hex()
