"""Make the virtual environment, and what else is asked for, out of nothing.

Run by any supported Python, before anything is installed, so only the standard library is used.
What is already there and current is left alone: two digests inside the environment tell. Ends with
status 2 and one line that says what to do when something is missing.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD_LOCK = ROOT / "requirements" / "build.txt"
# Where distributions put HAProxy; an ordinary user's PATH lacks these.
SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])

HAS_PHP = ["php", "-r", "exit(extension_loaded('soap') ? 0 : 1);"]
HAS_AXIS = ["javap", "-cp", "/usr/share/java/axis.jar", "org.apache.axis.server.AxisServer"]
# Debian keeps the server's programs out of everybody's PATH.
HAS_POSTGRES = ["sh", "-c", "command -v initdb || ls /usr/lib/postgresql/*/bin/initdb"]
# The tests start a server of their own: Debian's package would start one beside it, for good.
NO_MAIN_CLUSTER = """\
mkdir -p /etc/postgresql-common/createcluster.d
echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/no-main-cluster.conf
"""


def fail(what: str) -> None:
    """End with status 2 and one line."""
    sys.stderr.write(f"dmz-gateway: {what}\n")
    sys.exit(2)


def digest(*parts: bytes) -> str:
    """SHA-256 over the parts, lower hexadecimal."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    """Whether what the stamp stands for was made from the same input."""
    return stamp.exists() and stamp.read_text() == wanted


def pip(environment: Path, what: str, *arguments: str) -> None:
    """Run the environment's pip quietly; on failure say its last word."""
    command = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    command += ["install", "--quiet", "--retries", "2", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        fail(
            f"cannot install {what}: pip needs a package index that it can reach (it said: {said})"
        )


def make_environment(environment: Path, requirements: Path) -> None:
    """Make the environment afresh from the locks, and install this project into it."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    # A venv holds absolute paths, so a checkout that was moved needs a new one.
    wanted = digest(bytes(ROOT), BUILD_LOCK.read_bytes(), requirements.read_bytes())
    stamp = environment / ".requirements"
    if not is_current(stamp, wanted):
        name = environment.relative_to(ROOT)
        print(
            f"making {name} with Python {sys.version.split()[0]} (once, a minute or so)", flush=True
        )
        # Afresh, so that a package dropped from the lock cannot stay behind and be relied upon.
        venv.create(environment, clear=True, with_pip=True, symlinks=True)
        pip(environment, BUILD_LOCK.name, "--require-hashes", "-r", str(BUILD_LOCK))
        # No isolation: a source distribution is built with the pinned setuptools.
        pip(
            environment,
            requirements.name,
            "--require-hashes",
            "--no-build-isolation",
            "-r",
            str(requirements),
        )
        stamp.write_text(wanted)
    wanted = digest((ROOT / "pyproject.toml").read_bytes())
    stamp = environment / ".project"
    if not is_current(stamp, wanted):
        pip(environment, "the project", "--no-deps", "--no-build-isolation", "--editable", ".")
        stamp.write_text(wanted)


def runs(command: list[str]) -> bool:
    """Whether the command is there and ends well."""
    program = shutil.which(command[0], path=SYSTEM_PATH)
    if program is None:
        return False
    done = subprocess.run([program, *command[1:]], capture_output=True, check=False)
    return done.returncode == 0


def ensure(probe: list[str], needed: str, *packages: str, first: str = "true") -> None:
    """Install a program from the distribution's packages when it does not run.

    `first` is what a shell does before, with the same rights.
    """
    if runs(probe):
        return
    advice = f"{needed} is missing: apt-get install {' '.join(packages)}"
    apt_get = shutil.which("apt-get", path=SYSTEM_PATH)
    if apt_get is None:
        fail(advice)
        return
    as_root: list[str] = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo", path=SYSTEM_PATH)
        if sudo is None or subprocess.run([sudo, "-n", "true"], check=False).returncode != 0:
            fail(advice)
            return
        as_root = [sudo, "-n", "DEBIAN_FRONTEND=noninteractive"]
    print(f"installing {' '.join(packages)} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": SYSTEM_PATH}
    # The update may fail in part (one dead source); what counts is whether the package comes.
    for command in (
        ["sh", "-c", first],
        [apt_get, "update"],
        [apt_get, "install", "--yes", "--no-install-recommends", *packages],
    ):
        subprocess.run([*as_root, *command], env=environment, capture_output=True, check=False)
    if not runs(probe):
        fail(f"{advice}; apt-get could not")


def main() -> None:
    """Read the options and make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=Path(".venv"))
    parser.add_argument("--requirements", type=Path, default=Path("requirements/development.txt"))
    parser.add_argument("--haproxy", action="store_true", help="HAProxy is needed too")
    parser.add_argument(
        "--services", action="store_true", help="PHP and Axis, which the tests speak to, too"
    )
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL is needed too")
    options = parser.parse_args()
    # Two targets at once must not make one environment twice.
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_environment(ROOT / options.venv, ROOT / options.requirements)
        if options.haproxy:
            ensure(["haproxy", "-v"], "HAProxy (2.6 or newer)", "haproxy")
        if options.services:
            ensure(HAS_PHP, "PHP (8 or newer) with SOAP", "php-cli", "php-soap")
            ensure(["javac", "-version"], "a JDK (11 or newer)", "default-jdk-headless")
            ensure(HAS_AXIS, "Axis 1.4", "libaxis-java")
        if options.postgres:
            ensure(HAS_POSTGRES, "PostgreSQL", "postgresql", first=NO_MAIN_CLUSTER)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        # 128 and SIGINT's number, as a shell tells it. What was half made has no stamp yet.
        sys.exit(130)
