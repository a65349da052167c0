"""`dmz-gateway openapi`, and the document that is committed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from gateway.cli import main

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "contracts" / "openapi.yaml"


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run beside contracts/."""
    monkeypatch.chdir(ROOT)


def test_committed_document_is_up_to_date(tmp_path: Path) -> None:
    """Else: make openapi, look at the difference, commit it with the policy."""
    written = tmp_path / "openapi.yaml"
    assert main(["openapi", "--write", str(written)]) == 0
    assert written.read_text("utf-8") == COMMITTED.read_text("utf-8")


def test_committed_document_is_openapi_3_1() -> None:
    """By an independent judge, and without YAML's anchors."""
    text = COMMITTED.read_text("utf-8")
    document = yaml.safe_load(text)
    assert document["openapi"].startswith("3.1.")
    validate(document)
    assert "&id" not in text


def test_json_says_the_same_as_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    """Two forms of one document."""
    assert main(["openapi", "--json"]) == 0
    as_json = json.loads(capsys.readouterr().out)
    assert main(["openapi"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == as_json


def test_packs_with_findings_make_no_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A promise that nobody could keep is not written."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "policy.yaml").write_text("service: broken\n")
    written = tmp_path / "openapi.yaml"
    assert main(["openapi", "--packs", str(tmp_path), "--write", str(written)]) == 2
    assert not written.exists()
    assert "see dmz-gateway check" in capsys.readouterr().err
