"""Start the whole chain, look after it, hurt it on request, and end it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.pki import make_pki
from sandbox.stack.children import Child
from sandbox.stack.ports import HOST, REPLICAS, Ports

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SETTINGS = CHECKOUT / "deploy" / "sandbox.yaml"
EDGE_CONFIGURATION = CHECKOUT / "haproxy" / "haproxy.cfg"

# The hospital's services, each at the path of its name and in the environment as NAME_URL.
_SERVICES = ("registration", "billing", "reports", "invoices")
HOSPITAL_READY = "hospital ready"
# Generous, since tests share their machine; an end comes at once when a child dies.
START_SECONDS = 60.0
# A replica may finish what it has begun: the notice to the edge and a route's longest deadline.
DRAIN_SECONDS = 40.0
# Where distributions put HAProxy; an ordinary user's PATH lacks these.
_SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])


class HaproxyMissing(Exception):
    """There is no HAProxy to be the edge."""

    def __init__(self) -> None:
        super().__init__("HAProxy is missing: apt-get install haproxy (2.6 or newer)")


class Stack:
    """Hospital, replicas and edge as child processes, with all that they leave in one folder.

    Replicas are numbered from 1. `replicas` may be less than three; the edge then sees the
    others as down. `database` is a path or an SQLAlchemy URL, as the hospital's `--database` takes
    it; by default a file in the state folder. To be used from one thread: a child is killed when
    the thread that started it ends.
    """

    def __init__(
        self,
        state: Path,
        *,
        ports: Ports | None = None,
        replicas: int = REPLICAS,
        seed: int = 7,
        settings: Path = SETTINGS,
        database: str | None = None,
    ) -> None:
        self.state = state.resolve()
        self.ports = ports or Ports.fixed()
        self._wanted = range(1, replicas + 1)
        self._seed = seed
        self._settings = settings
        self.database = database or str(self.state / "hospital.db")
        self._children: dict[str, Child] = {}

    @property
    def edge_url(self) -> str:
        """Where the cloud calls, by mutual TLS."""
        return f"https://localhost:{self.ports.edge}"

    @property
    def stats_url(self) -> str:
        """HAProxy's page; its figures for Prometheus are at /metrics below it."""
        return f"http://{HOST}:{self.ports.stats}"

    @property
    def hospital_url(self) -> str:
        """The hospital's platform; each service has its own path."""
        return f"http://{HOST}:{self.ports.soap}"

    @property
    def control_url(self) -> str:
        """The hospital's control listener: ledger, clock, faults."""
        return f"http://{HOST}:{self.ports.control}"

    def rest_url(self, replica: int) -> str:
        """The cloud side of one replica, without the edge."""
        return f"http://{HOST}:{self.ports.rest[replica - 1]}"

    def admin_url(self, replica: int) -> str:
        """The admin listener of one replica."""
        return f"http://{HOST}:{self.ports.admin[replica - 1]}"

    @property
    def invoices_key(self) -> Path:
        """The key that both ends sign the calls of `invoices` with."""
        return self.state / "secrets" / "invoices-key"

    @property
    def logs(self) -> Path:
        """The folder with each child's output."""
        return self.state / "log"

    @property
    def ca(self) -> Path:
        """The authority that signed the edge's certificate."""
        return self.state / "pki" / "ca.pem"

    @property
    def switchboard(self) -> Path:
        """The file that `dmz-gateway switch` reads."""
        return self.state / "switchboard.yaml"

    def client_certificate(self, client: str = "booking") -> tuple[Path, Path]:
        """Certificate and key of a calling platform."""
        folder = self.state / "pki" / client
        return folder / "cert.pem", folder / "key.pem"

    def start(self) -> None:
        """Start everything in order and wait until each part is ready."""
        self.ports.require_free()
        haproxy = shutil.which("haproxy", path=_SYSTEM_PATH)
        if haproxy is None:
            raise HaproxyMissing
        self._prepare()
        try:
            self.start_hospital()
            # All at once, then wait: each spends its start compiling the same contracts.
            for replica in self._wanted:
                self._launch_replica(replica)
            for replica in self._wanted:
                self._await_replica(replica)
            self._start_edge(haproxy)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything, callers first, so that nobody is left calling what has gone."""
        edge = self._children.pop("edge", None)
        if edge is not None:
            edge.end(seconds=5)
        # Replicas would only wait for an edge that is gone to notice that they drain.
        for replica in self._wanted:
            if _name(replica) in self._children:
                self.kill(replica)
        if "hospital" in self._children:
            self.stop_hospital()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def require_running(self) -> None:
        """Raise `ChildFailed` when a child has ended without being asked to."""
        for child in self._children.values():
            child.require_running()

    def is_running(self, replica: int) -> bool:
        """Whether a replica's process is there."""
        child = self._children.get(_name(replica))
        return child is not None and child.is_running

    def kill(self, replica: int) -> None:
        """End a replica with SIGKILL."""
        child = self._children.pop(_name(replica))
        child.send(signal.SIGKILL)
        child.wait(5)

    def terminate(self, replica: int, *, wait: bool = True) -> Child:
        """Ask a replica to drain and end; with `wait`, return only when it has ended."""
        child = self._children.pop(_name(replica))
        child.send(signal.SIGTERM)
        if wait and not child.wait(DRAIN_SECONDS):
            child.send(signal.SIGKILL)
            raise TimeoutError(f"{child.name} did not end within {DRAIN_SECONDS:g} s of SIGTERM")
        return child

    def restart(self, replica: int) -> None:
        """Start a replica that was killed or has drained, and wait until it is ready."""
        self._launch_replica(replica)
        self._await_replica(replica)

    def start_hospital(self) -> None:
        """Start the hospital on the database that is there, or on a new one."""
        self._prepare()
        hospital = self._launch(
            "hospital",
            [
                *(sys.executable, "-m", "sandbox.hospital", "serve"),
                *("--soap", f"{HOST}:{self.ports.soap}"),
                *("--control", f"{HOST}:{self.ports.control}"),
                *("--database", self.database),
                *("--seed", str(self._seed)),
                *("--invoices-key", str(self.invoices_key)),
            ],
            {},
        )
        hospital.wait_until(lambda: HOSPITAL_READY in hospital.output(), START_SECONDS)

    def stop_hospital(self) -> None:
        """End the hospital; its database stays."""
        self._children.pop("hospital").end(seconds=5)

    def replica_command(self) -> list[str]:
        """What runs as a replica; the environment tells it which one it is."""
        return [sys.executable, "-m", "gateway", "serve", "--settings", str(self._settings)]

    def edge_configuration(self) -> Path:
        """What the edge runs with."""
        return EDGE_CONFIGURATION

    def edge_environment(self) -> dict[str, str]:
        """What the edge's configuration reads from its environment."""
        environment = {
            "EDGE_ADDRESS": f"{HOST}:{self.ports.edge}",
            "STATS_ADDRESS": f"{HOST}:{self.ports.stats}",
            "EDGE_PEM": str(self.state / "pki" / "edge" / "edge.pem"),
            "CLIENT_CA": str(self.ca),
            "EDGE_PROOF_MAP": str(self.state / "secrets" / "edge-proof.map"),
        }
        for number, (rest, admin) in enumerate(
            zip(self.ports.rest, self.ports.admin, strict=True), start=1
        ):
            environment |= {
                f"REPLICA_{number}": f"{HOST}:{rest}",
                f"REPLICA_{number}_ADMIN_HOST": HOST,
                f"REPLICA_{number}_ADMIN_PORT": str(admin),
            }
        return environment

    def child(self, name: str) -> Child:
        """The running child of a name: edge, hospital, replica-1 and so on."""
        return self._children[name]

    def _prepare(self) -> None:
        """Make what all parts read: certificates, secrets and the switchboard."""
        make_pki(self.state)
        self._write_switchboard()

    def _write_switchboard(self) -> None:
        """Where replicas and `dmz-gateway switch` find each other."""
        admins = ", ".join(f"{HOST}:{port}" for port in self.ports.admin)
        self.switchboard.write_text(f"admins: [{admins}]\nsecret: secrets/switch-secret\n")

    def _launch_replica(self, replica: int) -> None:
        self._launch(
            _name(replica),
            self.replica_command(),
            {
                "REPLICA": _name(replica),
                "REST_ADDRESS": f"{HOST}:{self.ports.rest[replica - 1]}",
                "ADMIN_ADDRESS": f"{HOST}:{self.ports.admin[replica - 1]}",
                "STATE_DIR": str(self.state),
                "INVOICES_KEY_FILE": str(self.invoices_key),
                **{f"{name.upper()}_URL": f"{self.hospital_url}/{name}" for name in _SERVICES},
            },
        )

    def _await_replica(self, replica: int) -> None:
        url = f"{self.admin_url(replica)}/readyz"
        self._children[_name(replica)].wait_until(lambda: _answers(url), START_SECONDS)

    def _start_edge(self, haproxy: str) -> None:
        command = [haproxy, "-db", "-f", str(self.edge_configuration())]
        edge = self._launch("edge", command, self.edge_environment())
        edge.wait_until(lambda: _answers(f"{self.stats_url}/metrics"), START_SECONDS)

    def _launch(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        child = Child(
            name,
            command,
            log=self.logs / f"{name}.log",
            cwd=CHECKOUT,
            environment=environment,
        )
        self._children[name] = child
        return child


def _name(replica: int) -> str:
    return f"replica-{replica}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
