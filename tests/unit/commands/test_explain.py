"""`dmz-gateway explain`: what a request would do, told to the letter, and nothing sent."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.cli import main
from tests.policies.packs import pack

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).parent / "golden"

REQUESTS = {
    "hold-slot": (0, ["POST", "/v1/slots/260310010130010706/holds"]),
    "list-schedules": (
        0,
        ["GET", "/v1/schedules?departmentId=0101&to=2026-03-12", "--now", "2026-03-10T23:59"],
    ),
    "inquiry": (
        0,
        [
            "GET",
            "/v1/operations/hold-slot/example-key-0000000001",
            "--key",
            "of-no-use-to-a-read-01",
        ],
    ),
    "matched": (
        0,
        [
            *("POST", "/v1/bills/B7001/payments", "--packs", "tests/unit", "--card", "C1"),
            *("--body", "tests/unit/commands/payment.json"),
        ],
    ),
    "matched-inquiry": (
        0,
        [
            *(
                "GET",
                "/v1/operations/pay-bill/example-key-0000000001?since=example-since-000000001",
            ),
            *("--packs", "tests/unit"),
        ],
    ),
    "rejected": (1, ["GET", "/v1/schedules?departmentId=1&from=tomorrow&colour=blue"]),
}


@pytest.fixture(autouse=True)
def checkout_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run beside contracts/, where opening a socket is a failure."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("explain opened a socket")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.parametrize("name", REQUESTS)
def test_explanation_is_as_written(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The route, its limits, what each result code becomes, and the message or every fault."""
    status, request = REQUESTS[name]
    assert main(["explain", *request]) == status
    assert capsys.readouterr().out == (GOLDEN / f"explain-{name}.txt").read_text("utf-8")


def test_sealed_id_is_opened_for_its_card_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """As a replica would: another card's id is not there."""
    path = "/v1/holds/example-hold-000000000007-H260310000000001"
    assert main(["explain", "DELETE", path, "--card", "000000000007"]) == 0
    assert "<ns0:HoldCode>H260310000000001</ns0:HoldCode>" in capsys.readouterr().out
    assert main(["explain", "DELETE", path, "--card", "000000000008"]) == 1
    assert capsys.readouterr().out.endswith(
        "would be rejected: 404 not-found (id-not-sealed-here)\n"
    )


def test_serial_follows_client_and_key(capsys: pytest.CaptureFixture[str]) -> None:
    """The same key of the same client is the same write; of another client it is another."""

    def told(*options: str) -> str:
        main(["explain", "POST", "/v1/slots/260310010130010706/holds", *options])
        return capsys.readouterr().out.partition("<ns0:PlatformSerial>")[2].partition("<")[0]

    usual = told("--key", "a-key-of-its-own-01")
    assert usual == told("--key", "a-key-of-its-own-01")
    assert usual != told("--key", "a-key-of-its-own-02")
    assert usual != told("--key", "a-key-of-its-own-01", "--client", "clinic-kiosk")


def test_an_inquiry_asks_for_the_serial_of_its_write(capsys: pytest.CaptureFixture[str]) -> None:
    """The key in the path makes the serial that the write with this key went out with."""
    key = "a-key-of-its-own-01"
    main(["explain", "POST", "/v1/slots/260310010130010706/holds", "--key", key])
    sent = capsys.readouterr().out.partition("<ns0:PlatformSerial>")[2].partition("<")[0]
    main(["explain", "GET", f"/v1/operations/hold-slot/{key}"])
    assert f"<ns0:Serial>{sent}</ns0:Serial>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/v1/nothing", "404 not-found (no-such-path)"),
        ("GET", "/v1/operations/hold-slot/short", "404 not-found (no-such-key)"),
        ("DELETE", "/v1/departments", "405 method-not-allowed\n  Allow: GET"),
        (
            "POST",
            "/v1/patient-cards",
            "415 unsupported-media-type\n  it needs a body: --body FILE",
        ),
    ],
)
def test_what_reaches_no_operation_is_rejected(
    method: str, path: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the problem that the caller would get, and what the caller is not told."""
    assert main(["explain", method, path]) == 1
    assert capsys.readouterr().out.endswith(f"\nwould be rejected: {told}\n")


def test_body_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No stack trace for a mistyped name."""
    missing = tmp_path / "body.json"
    assert main(["explain", "POST", "/v1/patient-cards", "--body", str(missing)]) == 2
    assert capsys.readouterr().err == f"{missing}: No such file or directory\n"


def test_a_folder_without_packs_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pack itself for instance, in the place of the folder that it is in."""
    assert main(["explain", "GET", "/v1/departments", "--packs", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told == f"no pack in {tmp_path}; name the folder that packs are in\n"


def test_a_time_that_is_none_is_shown_how_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence of the program's, not in the name of a function."""
    with pytest.raises(SystemExit):
        main(["explain", "GET", "/v1/departments", "--now", "yesterday"])
    assert "--now: write it like 2026-03-10T09:30\n" in capsys.readouterr().err


def test_packs_with_findings_are_not_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What would not be served cannot be told."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "policy.yaml").write_text("service: broken\n")
    assert main(["explain", "GET", "/v1/departments", "--packs", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith("the packs cannot be served; see dmz-gateway check\n")


def test_a_closing_is_shown_and_holds_at_the_time_that_is_asked_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the hospital's people have written, before anybody is turned away by it."""
    pack(
        tmp_path,
        (
            "service: registration\n",
            'service: registration\nclosed: [{routes: ["list-*"], daily: "23:30-00:30"}]\n',
        ),
    )
    packs = ["--packs", str(tmp_path / "contracts")]
    assert main(["explain", "GET", "/v1/departments", *packs, "--now", "2026-03-10T23:29"]) == 0
    assert "closed     daily 23:30-00:30\n" in capsys.readouterr().out
    assert main(["explain", "GET", "/v1/departments", *packs, "--now", "2026-03-10T23:30"]) == 1
    told = "503 function-closed until 2026-03-11T00:30:00+08:00 (closed-by-policy)"
    assert capsys.readouterr().out.endswith(f"would be rejected: {told}\n")
