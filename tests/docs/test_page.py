"""The API's page as a browser shows it, with the content security policy in force."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.api.document import api_document
from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs, pack_folders
from gateway.policies.compile import compile_snapshot
from gateway.policies.snapshot import Snapshot
from gateway.problems import Rejection
from gateway.rest.messages import Incoming
from gateway.rest.pages import pages
from gateway.rest.server import RestServer
from tests.docs.blocks import ROOT

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 120.0

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="Chromium is missing: apt-get install chromium"
)

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What the page loads and runs takes no time of its own; the browser waits until it is quiet.
    "--virtual-time-budget=20000",
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """What a replica would serve."""
    checked = check_packs(pack_folders(ROOT / "contracts"))
    assert checked.findings == ()
    return compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT)


def test_page_shows_every_route(snapshot: Snapshot, tmp_path: Path) -> None:
    """Rendered by the browser from /openapi.json, and from nothing that is not served here."""
    shown, missing = browse(snapshot, "/docs/", tmp_path, ["--dump-dom"])
    assert missing == []
    for path in api_document(ROOT / "contracts", snapshot)["paths"].values():
        for operation in path.values():
            assert f'id="operations-{operation["tags"][0]}-{operation["operationId"]}"' in shown
    assert "Hospital gateway" in shown
    assert "/v1/patient-cards/search" in re.sub(r"<wbr>|\u200b", "", shown)
    assert "Unable to render" not in shown


def test_problem_page_is_readable(snapshot: Snapshot, tmp_path: Path) -> None:
    """In both languages, in the characters that were written."""
    shown, missing = browse(snapshot, "/problems/slot-taken", tmp_path, ["--dump-dom"])
    assert missing == []
    assert "号源已被占用" in shown


def browse(
    snapshot: Snapshot, path: str, profile: Path, options: Sequence[str]
) -> tuple[str, list[str]]:
    """What the browser printed of a page, and the paths that it asked for in vain.

    The browser has no client certificate, so this server, unlike a replica, lets everybody in.
    """
    assert BROWSER is not None
    missing: list[str] = []

    async def refuse(incoming: Incoming) -> NoReturn:
        missing.append(incoming.path)
        raise Rejection("not-found")

    async def looked_at(browser: str) -> str:
        shown = pages(api_document(ROOT / "contracts", snapshot))
        server = RestServer(refuse, "127.0.0.1", 0, documents=shown, identify=lambda incoming: None)
        await server.start()
        try:
            return await _printed(
                [
                    browser,
                    *FLAGS,
                    f"--user-data-dir={profile}",
                    *options,
                    f"http://127.0.0.1:{server.port}{path}",
                ]
            )
        finally:
            await server.stop(1)

    printed = asyncio.run(looked_at(BROWSER))
    # Browsers ask for an icon by themselves.
    return printed, [one for one in missing if one != "/favicon.ico"]


async def _printed(command: Sequence[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, errors.decode(errors="replace")
    return out.decode()
