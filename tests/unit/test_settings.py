"""A replica's settings: all that is wrong with them at once, and every field documented."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.pki import make_pki
from gateway.policies.findings import PolicyError
from gateway.rest.rate import Rate
from gateway.settings import BOARD_SCHEMA, SCHEMA, Address, Settings, load_board, load_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
SANDBOX = Path(__file__).parents[2] / "deploy" / "sandbox.yaml"
BOARD = 'admins: ["127.0.0.1:2", "[::1]:8111", "127.0.0.1:4"]\nsecret: secrets/switch-secret\n'


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and secrets as the sandbox has them."""
    folder: Path = tmp_path_factory.mktemp("state")
    make_pki(folder)
    return folder


@pytest.fixture
def whole(state: Path) -> dict[str, Any]:
    """Settings without a fault, with every field."""
    (state / "switchboard.yaml").write_text(BOARD)
    return {
        "replica": "replica-1",
        "replicas": 3,
        "rest": "127.0.0.1:8101",
        "admin": "[::1]:8111",
        "packs": "contracts",
        "edge_proof": str(state / "secrets" / "edge-proof"),
        "sealing_key": str(state / "secrets" / "sealing-key"),
        "ceiling": "20s",
        "drain": {"notice": "500ms", "finish": "1m"},
        "watch": "5s",
        "switches": {
            "switchboard": str(state / "switchboard.yaml"),
            "kept": str(state / "switches.json"),
        },
        "clients": {
            "booking": {
                "certificates": [str(state / "pki" / "booking" / "cert.pem")],
                "scopes": ["*"],
                "rate": "50/s",
            }
        },
    }


def load(folder: Path, data: object, **environment: str) -> Settings:
    file = folder / "settings.yaml"
    file.write_text(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False))
    return load_settings(file, environment)


def findings(folder: Path, data: object, **environment: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load(folder, data, **environment)
    return [str(finding).replace(f"{folder}/", "") for finding in caught.value.findings]


def test_every_field_is_read(tmp_path: Path, state: Path, whole: dict[str, Any]) -> None:
    """Durations in seconds, addresses apart, secrets and certificates from their files."""
    settings = load(tmp_path, whole)
    assert (settings.replica, settings.replicas, settings.packs) == (
        "replica-1", 3, Path("contracts"),
    )  # fmt: skip
    assert (settings.rest, settings.admin) == (Address("127.0.0.1", 8101), Address("::1", 8111))
    assert (settings.ceiling, settings.watch) == (20.0, 5.0)
    assert (settings.drain_notice, settings.drain_finish) == (0.5, 60.0)
    assert len(settings.sealing_key) == 64
    assert settings.switches is not None
    assert settings.switches.peers == ("127.0.0.1:2", "127.0.0.1:4")
    assert len(settings.switches.board.secret) == 64
    assert settings.switches.kept == state / "switches.json"
    (client,) = settings.clients
    assert (client.id, client.scopes, client.rate) == (
        "booking", frozenset({"*"}), Rate(50.0, 50),
    )  # fmt: skip
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in client.fingerprints)


def test_what_may_be_left_out_has_its_default(tmp_path: Path, whole: dict[str, Any]) -> None:
    """As the page says."""
    for name in ("ceiling", "drain", "watch", "switches"):
        del whole[name]
    del whole["clients"]["booking"]["rate"]
    settings = load(tmp_path, whole)
    assert (settings.ceiling, settings.watch, settings.drain_notice, settings.drain_finish) == (
        30.0, 2.0, 3.0, 35.0,
    )  # fmt: skip
    assert settings.clients[0].rate is None
    assert settings.switches is None


def test_variables_stand_for_what_differs_between_replicas(
    tmp_path: Path, whole: dict[str, Any]
) -> None:
    """Anywhere in a text; one that is not set is a finding."""
    whole["replica"] = "${NAME}-of-${SITE}"
    assert load(tmp_path, whole, NAME="one", SITE="north").replica == "one-of-north"
    assert findings(tmp_path, whole, SITE="north") == [
        "settings.yaml:1:10: the variable NAME is not set; set it [settings]"
    ]
    assert findings(tmp_path, whole, SITE="north", NAME="\udcff") == [
        "settings.yaml:1:10: the variable NAME holds no text; set it to one [settings]"
    ]


def test_the_sandboxs_settings_are_without_a_fault(state: Path) -> None:
    """The file that `make run` starts replicas with."""
    environment = {
        "REPLICA": "replica-1",
        "REST_ADDRESS": "127.0.0.1:1",
        "ADMIN_ADDRESS": "127.0.0.1:2",
        "STATE_DIR": str(state),
    }
    (state / "switchboard.yaml").write_text(BOARD)
    assert {client.id for client in load_settings(SANDBOX, environment).clients} == {
        "booking", "clinic-kiosk",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("replica", ""),
        ("replicas", 0),
        ("replicas", "three"),
        ("rest", "8101"),
        ("rest", "127.0.0.1:http"),
        ("rest", "127.0.0.1:65536"),
        ("admin", "127.0.0.1:"),
        ("admin", "127.0.0.1:\uff18"),
        ("edge_proof", "missing"),
        ("edge_proof", "a\0b"),
        ("edge_proof", "a" * 5000),
        ("packs", "a\0b"),
        ("admin", "127.0.0.1:8101"),
        ("sealing_key", "missing"),
        ("ceiling", "30"),
        ("ceiling", "0s"),
        ("ceiling", "30001ms"),
        ("ceiling", "1m"),
        ("watch", "0s"),
        ("watch", "2h"),
        ("drain/notice", "soon"),
        ("drain/more", "1s"),
        ("clients", {}),
        ("clients/booking/certificates", []),
        ("clients/booking/certificates", ["missing.pem"]),
        ("clients/booking/scopes", ["*x"]),
        ("clients/booking/rate", "0/s"),
        ("clients/booking/rate", "5"),
        ("clients/Booking", {}),
        ("secret", "x"),
    ],
)
def test_a_wrong_value_is_found_at_its_place(
    tmp_path: Path, whole: dict[str, Any], path: str, value: object
) -> None:
    """Nothing that would fail later, or spin, is taken."""
    *above, last = path.split("/")
    target = whole
    for part in above:
        target = target[part]
    target[last] = value
    (finding, *_) = findings(tmp_path, whole)
    assert re.match(r"settings\.yaml:\d+:\d+: .+; .+ \[settings\]$", finding)


def test_several_faults_are_found_at_once(tmp_path: Path, whole: dict[str, Any]) -> None:
    """One look is enough to mend them."""
    del whole["switches"]
    whole |= {"rest": "x", "admin": "y", "edge_proof": "missing", "sealing_key": "missing"}
    assert len(findings(tmp_path, whole)) == 4


@pytest.mark.parametrize("text", ["", "[]", "text", "- a", "a: *b", "\tx", "replica: [", "\x00"])
def test_a_file_that_is_no_map_is_a_finding(tmp_path: Path, text: str) -> None:
    """Never a stack trace."""
    assert findings(tmp_path, text)


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    """As anything else that is wrong with it."""
    with pytest.raises(PolicyError) as caught:
        load_settings(tmp_path / "none.yaml", os.environ)
    assert "cannot be read" in str(caught.value.findings[0])


@pytest.mark.parametrize(
    "content", ["few letters", "zz" * 64, "00" * 63, "é" * 64, "00" * 64, "0123456789abcdef" * 8]
)
def test_a_key_that_is_none_is_a_finding(
    tmp_path: Path, whole: dict[str, Any], content: str
) -> None:
    """It is not padded, cut or hashed to fit; and it is not quoted."""
    (tmp_path / "key").write_text(content)
    whole["sealing_key"] = str(tmp_path / "key")
    (finding,) = findings(tmp_path, whole)
    assert content not in finding


@pytest.mark.parametrize(
    "content",
    ["x" * 31, "x" * 513, f"{'x' * 40}\n{'y' * 40}", f"{'x' * 40}\r\n\t{'y' * 40}", "x y" * 20],
)
def test_a_proof_that_a_header_cannot_carry_is_a_finding(
    tmp_path: Path, whole: dict[str, Any], content: str
) -> None:
    """No request would have it, and each be answered 401."""
    (tmp_path / "proof").write_text(content)
    whole["edge_proof"] = str(tmp_path / "proof")
    (finding,) = findings(tmp_path, whole)
    assert content not in finding


def test_a_certificate_names_one_client_only(tmp_path: Path, whole: dict[str, Any]) -> None:
    """Two clients with one certificate could not be told apart."""
    whole["clients"]["other"] = whole["clients"]["booking"]
    text = yaml.dump(whole, Dumper=_NoAliases, sort_keys=False)
    (finding,) = findings(tmp_path, text)
    assert "has a certificate of booking" in finding


@pytest.mark.parametrize(
    ("board", "told"),
    [
        ("admins: [a]\nsecret: no\n", ["is no address; write host:port", "cannot be read"]),
        ("admins: []\nsecret: no\n", ["see docs/settings.md"]),
        ("secret: [\n", ["not YAML"]),
        (
            "admins: [127.0.0.1:2]\nsecret: secrets/switch-secret\n",
            ["does not have [::1]:8111, this replica's admin listener"],
        ),
    ],
)
def test_a_switchboards_faults_are_told(
    board: str, told: list[str], tmp_path: Path, state: Path, whole: dict[str, Any]
) -> None:
    """At their places in its own file; and a replica is one of those that it names."""
    (state / "switchboard.yaml").write_text(board)
    found = findings(tmp_path, whole)
    assert len(found) == len(told)
    assert all(one in finding for one, finding in zip(told, found, strict=True))


def test_a_switchboard_is_read_by_itself(state: Path, whole: dict[str, Any]) -> None:
    """By the command, which knows no replica's settings; its secret lies beside it."""
    board = load_board(state / "switchboard.yaml", {})
    assert board.admins == ("127.0.0.1:2", "[::1]:8111", "127.0.0.1:4")
    assert board.secret == (state / "secrets" / "switch-secret").read_text().strip()


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


# --- the page ---


def fields(schema: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        path = f"{above}{name}"
        if "description" in inner:
            yield path, inner
        yield from fields(inner, f"{path}.")
        more = inner.get("additionalProperties")
        if isinstance(more, dict):
            yield from fields(more, f"{path}.<id>.")


def test_every_setting_has_its_entry_and_every_entry_a_setting() -> None:
    """The page and the schema cannot part."""
    entries = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    known = [path for schema in (SCHEMA, BOARD_SCHEMA) for path, _ in fields(schema)]
    assert sorted(entries) == sorted(known)


def test_the_example_of_the_page_is_without_a_fault(tmp_path: Path, state: Path) -> None:
    """Whoever copies it can start from it."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    text = example.replace("/etc/dmz-gateway", str(tmp_path))
    for client in ("booking", "clinic-kiosk"):
        target = tmp_path / "clients" / f"{client}.pem"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((state / "pki" / client / "cert.pem").read_bytes())
    (tmp_path / "secrets").mkdir()
    for name in ("edge-proof", "sealing-key", "switch-secret"):
        secret = (state / "secrets" / name).read_text()
        (tmp_path / "secrets" / name).write_text(secret)
    (tmp_path / "switchboard.yaml").write_text(
        "admins: [10.0.9.11:8111, 10.0.9.12:8111]\nsecret: secrets/switch-secret\n"
    )
    assert load(tmp_path, text, REPLICA="dmz-1").replica == "dmz-1"
