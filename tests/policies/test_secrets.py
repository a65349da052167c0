"""Secrets that a policy leaves to files: arguments, and the key of encrypted messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli import main
from gateway.packs import load_snapshot
from gateway.policies.findings import PolicyError
from gateway.policies.secrets import EXAMPLE_SECRET
from gateway.policies.snapshot import Snapshot
from gateway.soap.payload.encryption import MessageCipher, is_key
from gateway.soap.payload.model import Encryption
from tests.policies.packs import Change
from tests.policies.small import Small, findings, small, write
from tests.policies.test_payload import pack as billing
from tests.policies.test_payload import told
from tests.unit.soap.payload.billing import body_child

TWO_SECRETS = {
    "ask": "User PassWord Branch",
    "pack": 'constants: {User: platform, PassWord: {secret: "${HIS_PASSWORD_FILE}"}}',
    "route": 'constants: {Branch: {secret: "${HIS_BRANCH_FILE}"}}\n'
    "response: {said: {hospital: Text, optional: true}}",
}


SHORT = """<xs:simpleType name="Short"><xs:restriction base="xs:string">
  <xs:maxLength value="16"/></xs:restriction></xs:simpleType>"""


def load(
    folder: Path, monkeypatch: pytest.MonkeyPatch, password: str = "opensesame", branch: str = "7"
) -> Snapshot:
    """What is served of a pack in this folder, with the files that its environment names."""
    monkeypatch.setenv("SMALL_URL", "http://hospital.invalid")
    for name, text in (("HIS_PASSWORD", password), ("HIS_BRANCH", branch)):
        (folder / name).write_text(f"{text}\n", "utf-8")
        monkeypatch.setenv(f"{name}_FILE", str(folder / name))
    return load_snapshot(folder)


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, **secrets: str) -> list[str]:
    """What keeps it from being served."""
    with pytest.raises(PolicyError) as raised:
        load(folder, monkeypatch, **secrets)
    return [f"{found.problem} [{found.kind}]" for found in raised.value.findings]


def test_a_constant_can_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the pack and one of the route, as any other constant."""
    write(tmp_path, **TWO_SECRETS)
    (route,) = load(tmp_path, monkeypatch).routes
    assert Small(route).sends() == (
        "<User>platform</User><PassWord>opensesame</PassWord><Branch>7</Branch>"
    )


def test_a_secret_shows_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither where routes are printed, nor in the snapshot's digest, nor in what is explained."""
    write(tmp_path, **TWO_SECRETS)
    one, other = load(tmp_path, monkeypatch), load(tmp_path, monkeypatch, password="openbarley")
    assert one.digest == other.digest
    assert "opensesame" not in repr(one)
    assert main(["explain", "POST", "/v1/questions", "--packs", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "opensesame" not in shown
    assert EXAMPLE_SECRET in shown


def test_examples_have_a_secret_of_their_own(tmp_path: Path) -> None:
    """They are in the repository."""
    assert EXAMPLE_SECRET in small(tmp_path, **TWO_SECRETS).sends()


def test_every_secret_needs_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is served."""
    write(tmp_path, **TWO_SECRETS)
    assert refused(tmp_path, monkeypatch, password="two\nlines", branch="") == [
        f"the file that {name} names cannot be read, or is no secret in one line [environment]"
        for name in ("HIS_PASSWORD_FILE", "HIS_BRANCH_FILE")
    ]


def test_a_secret_that_the_contract_refuses_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be refused in every call; and it is not said what it is."""
    wsdl = write(tmp_path, **{**TWO_SECRETS, "ask": "User PassWord:t:Short Branch:t:Short"})
    wsdl /= "small.wsdl"
    text = wsdl.read_text("utf-8").replace(
        '<xs:element name="Ask">', f'{SHORT}<xs:element name="Ask">', 1
    )
    wsdl.write_text(text, "utf-8")
    assert load(tmp_path, monkeypatch).routes
    assert refused(tmp_path, monkeypatch, password="opensesame" * 2, branch="7" * 20) == [
        'the contract does not allow what the file holds for "PassWord" [environment]',
        'the contract does not allow what the file holds for "Branch" [environment]',
    ]


def test_a_secret_needs_an_argument_that_takes_one(tmp_path: Path) -> None:
    """That of the examples is held against the contract as other constants are."""
    (found,) = findings(tmp_path, **{**TWO_SECRETS, "ask": "User PassWord:xs:int Branch"})
    assert found == (
        'the contract does not allow a secret such as "a-made-up-secret" for "PassWord"; '
        "see the limits of int in the contract [constant]"
    )


ENCRYPTED: Change = (
    "  charset: GBK\n",
    '  charset: GBK\n  encrypted: {algorithm: AES-ECB, key_file: "${HIS_PASSWORD_FILE}"}\n',
)
KEY = "sixteen-of-bytes"


def test_messages_are_encrypted_with_the_key_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is in the digest of the snapshot as little as any other secret."""
    billing(tmp_path, ENCRYPTED)
    snapshot = load(tmp_path, monkeypatch, password=KEY)
    carried = body_child(snapshot.routes[0].codec.encode({"CARDNO": "王", "Operator": "7"}))
    message = MessageCipher(Encryption("base64"), KEY, "GBK").decrypt(
        carried.findtext("{*}InXml") or ""
    )
    assert message == ('<?xml version="1.0" encoding="GBK"?><REQUEST><CARDNO>王</CARDNO></REQUEST>')
    assert snapshot.digest == load(tmp_path, monkeypatch, password=KEY.upper()).digest


@pytest.mark.parametrize("key", ["fifteen-of-byte", "seventeen-of-byte"])
def test_a_key_of_another_length_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Before anything is served."""
    billing(tmp_path, ENCRYPTED)
    assert refused(tmp_path, monkeypatch, password=key) == [
        "the file that HIS_PASSWORD_FILE names holds no AES key of 16, 24 or 32 bytes [environment]"
    ]


def test_what_is_encrypted_is_only_escaped(tmp_path: Path) -> None:
    """There is nothing in it that could be written otherwise."""
    reply: Change = ("  trades:\n", "  reply: {written: twice}\n  trades:\n")
    (found,) = told(tmp_path, ENCRYPTED, reply)
    assert found.endswith(
        "what is encrypted holds neither elements nor anything to escape; write escaped [payload]"
    )


def test_the_secret_of_examples_is_a_key() -> None:
    """So that examples of encrypted messages can be made."""
    assert is_key(EXAMPLE_SECRET)


def test_explain_shows_the_message_before_it_is_encrypted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside what would be sent."""
    billing(tmp_path, ENCRYPTED)
    body = tmp_path / "body.json"
    body.write_text('{"number": "1"}', "utf-8")
    command = ["explain", "POST", "/v1/bills/search", "--packs", str(tmp_path)]
    assert main([*command, "--body", str(body)]) == 0
    envelope, _, message = capsys.readouterr().out.partition("with the message")
    assert "REQUEST" not in envelope
    assert "<CARDNO>1</CARDNO>" in message
