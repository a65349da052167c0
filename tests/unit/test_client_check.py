"""The settings' clients against the policies of the registration pack."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest
import yaml

from gateway.client_check import hold_clients
from gateway.commands import serve
from gateway.pki import make_pki
from gateway.policies.findings import PolicyError
from gateway.settings import Settings, load_settings
from tests.environment import environment
from tests.unit.world import CONTRACTS, snapshot

SANDBOX = Path(__file__).parents[2] / "deploy" / "sandbox.yaml"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and secrets as the sandbox has them."""
    folder: Path = tmp_path_factory.mktemp("state")
    make_pki(folder)
    return folder


def settings(state: Path, client: str, scopes: list[str]) -> Settings:
    """Settings with one client, whose scopes stand in line 10."""
    certificate = str(state / "pki" / "booking" / "cert.pem")
    data = {
        "replica": "replica-1",
        "replicas": 3,
        "rest": "127.0.0.1:8101",
        "admin": "127.0.0.1:8111",
        "packs": str(CONTRACTS),
        "edge_proof": str(state / "secrets" / "edge-proof"),
        "sealing_key": str(state / "secrets" / "sealing-key"),
        "clients": {client: {"scopes": scopes, "certificates": [certificate]}},
    }
    file = state / "settings.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False, default_flow_style=None))
    return load_settings(file, os.environ)


def findings(state: Path, client: str, scopes: list[str]) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        hold_clients(settings(state, client, scopes), snapshot())
    return [str(finding).replace(f"{state}/", "") for finding in caught.value.findings]


def test_the_sandboxs_clients_can_call_what_they_may(state: Path) -> None:
    """A client in the file that is answered 403 everywhere would be of no use."""
    environment = {
        "REPLICA": "replica-1",
        "REST_ADDRESS": "127.0.0.1:1",
        "ADMIN_ADDRESS": "127.0.0.1:2",
        "STATE_DIR": str(state),
    }
    (state / "switchboard.yaml").write_text(
        "admins: [127.0.0.1:2]\nsecret: secrets/switch-secret\n"
    )
    hold_clients(load_settings(SANDBOX, environment), snapshot())


@pytest.mark.parametrize("scopes", [[], ["*"], ["list-departments", "list-*", "hold-slot"]])
def test_scopes_of_routes_that_are_there_are_without_a_fault(
    state: Path, scopes: list[str]
) -> None:
    """By name or by beginning; none at all closes a client for a while."""
    hold_clients(settings(state, "booking", scopes), snapshot())


def test_scopes_that_name_no_route_are_found_at_once(state: Path) -> None:
    """A slip of the pen would be a 403 that nobody can explain."""
    assert findings(state, "booking", ["create-apointment", "hold-slot", "lst-*"]) == [
        f'settings.yaml:10:13: no route has an id like "{scope}"; '
        "name one of the policies' routes [settings]"
        for scope in ("create-apointment", "lst-*")
    ]


def test_a_client_for_whom_a_policy_has_no_text_is_found(state: Path) -> None:
    """Told once for a pack, however many of its routes send it."""
    (finding,) = findings(state, "portal", ["get-card", "hold-slot"])
    assert finding == (
        "settings.yaml:10:13: portal may call routes of registration that send ChannelCode, and "
        "has no text for it; add portal to its by_client in the policy, or leave these routes "
        "out [settings]"
    )


def test_nothing_is_started_for_clients_that_do_not_fit(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with any other finding: told, and status 2."""
    settings(state, "booking", ["lst-*"])

    def started(*_: object) -> None:
        raise AssertionError("a replica was made")

    monkeypatch.setattr(serve, "Replica", started)
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    assert serve.run(argparse.Namespace(settings=state / "settings.yaml")) == 2
    assert 'no route has an id like "lst-*"' in capsys.readouterr().err
