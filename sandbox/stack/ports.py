"""Where each part of the stack listens: the fixed ports of `make run`, or free ones for tests."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass

HOST = "127.0.0.1"
REPLICAS = 3

# Below the range that the kernel takes outgoing connections from (32768 on Linux). Out of that
# range a port that is free now may be some connection's own when a replica is started again.
_FREE_RANGE = range(20000, 32000)


class PortTaken(Exception):
    """Something else listens on a port that the stack needs."""

    def __init__(self, port: int, purpose: str) -> None:
        super().__init__(
            f"port {port} ({purpose}) is taken: end what listens there, "
            f"`ss -ltnp sport = :{port}` names it (another `make run`?)"
        )
        self.port = port
        self.purpose = purpose


@dataclass(frozen=True, slots=True)
class Ports:
    """One port for each listener, all on the loopback address."""

    edge: int
    stats: int
    soap: int
    control: int
    rest: tuple[int, ...]
    admin: tuple[int, ...]

    @classmethod
    def fixed(cls) -> Ports:
        """The ports that documents and tools name."""
        return cls(
            edge=8443,
            stats=8404,
            soap=8200,
            control=8201,
            rest=(8101, 8102, 8103),
            admin=(8111, 8112, 8113),
        )

    @classmethod
    def free(cls) -> Ports:
        """Ports on which nothing listens now."""
        edge, stats, soap, control, *others = free_ports(4 + 2 * REPLICAS)
        return cls(
            edge=edge,
            stats=stats,
            soap=soap,
            control=control,
            rest=tuple(others[:REPLICAS]),
            admin=tuple(others[REPLICAS:]),
        )

    def named(self) -> Iterator[tuple[str, int]]:
        """Each port with what it is for."""
        yield "edge", self.edge
        yield "edge statistics", self.stats
        for number, (rest, admin) in enumerate(zip(self.rest, self.admin, strict=True), start=1):
            yield f"replica-{number}", rest
            yield f"replica-{number} admin", admin
        yield "hospital", self.soap
        yield "hospital control", self.control

    def require_free(self) -> None:
        """Raise `PortTaken` for the first port on which something listens."""
        for purpose, port in self.named():
            if not _is_free(port):
                raise PortTaken(port, purpose)


def free_ports(count: int) -> list[int]:
    """Distinct ports on which nothing listens now."""
    # Not seeded: two test runs at once should not look at the same ports first.
    candidates = random.SystemRandom().sample(_FREE_RANGE, len(_FREE_RANGE))
    found: list[int] = []
    for port in candidates:
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(errno.EADDRINUSE, f"fewer than {count} free ports from {_FREE_RANGE.start}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that linger after a close do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
