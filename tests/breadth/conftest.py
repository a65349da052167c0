"""PHP's own server, with the services of these tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICE = Path(__file__).parent / "service"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where PHP's built-in server answers; `make test` installs it."""
    php = shutil.which("php")
    assert php is not None, "PHP is missing: apt-get install php-cli php-soap"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    command = [php, "-S", place, str(SERVICE / "server.php")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(f"http://{place}/", server)
            yield f"http://{place}"
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "PHP's server ended"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.read() == b"ready"
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail("PHP's server did not answer")
