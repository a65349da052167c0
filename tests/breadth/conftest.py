"""The servers of these tests: PHP's own, and Axis 1.4."""

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

import sandbox.hospital  # noqa: F401 - spyne cannot be imported on Python 3.12 before this

SERVICE = Path(__file__).parent / "service"
# Where Debian puts Axis, and what it needs to run.
CLASSES = [
    f"/usr/share/java/{name}.jar"
    for name in (
        "axis", "jaxrpc", "saaj", "wsdl4j", "commons-discovery", "commons-logging",
        "javax.activation", "javax.mail",
    )
]  # fmt: skip


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


@pytest.fixture(scope="session")
def pharmacy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the Axis service of that name answers, compiled anew; `make test` installs Axis."""
    java, compiler = shutil.which("java"), shutil.which("javac")
    assert java is not None, "a JDK is missing: apt-get install default-jdk-headless"
    assert compiler is not None, "a JDK is missing: apt-get install default-jdk-headless"
    assert Path(CLASSES[0]).exists(), "Axis is missing: apt-get install libaxis-java"
    source, classes = SERVICE / "axis", str(tmp_path_factory.mktemp("axis"))
    path = ":".join([classes, *CLASSES])
    # With the names of the parameters, of which Axis makes those of the parts.
    compile_ = [compiler, "-g", "-encoding", "UTF-8", "-cp", path, "-d", classes]
    subprocess.run([*compile_, *map(str, sorted(source.glob("*.java")))], check=True)
    command = [java, "-cp", path, "Server", str(source / "server-config.wsdd")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            assert port, "Axis ended"
            yield f"http://127.0.0.1:{port}/Pharmacy"
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
