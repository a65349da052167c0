"""A policy of a service that takes one string: to routes each of its trades is an operation."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs, load_snapshot
from gateway.policies.compile import compile_snapshot
from gateway.policies.findings import PolicyError
from gateway.settlement import settle
from gateway.soap.errors import RequestInvalid
from tests.policies.packs import Change, changed
from tests.unit.soap.payload.billing import PACK, body_child
from tests.unit.world import CONTRACTS

POLICY = """\
service: billing
contract: {wsdl: billing.wsdl}
upstream: {endpoints: ["http://hospital.invalid"], in_flight: 10}
payload:
  style: xml
  charset: GBK
  trades:
    QueryBills:
      operation: Process
      arguments: {TransCode: MZ2001}
      request: schemas/request.xsd
      reply: schemas/reply.xsd
outcome: {code: RESULT, success: ["1"]}
constants: {Operator: "7"}
routes:
  - id: list-bills
    rest: POST /v1/bills/search
    operation: QueryBills
    effect: read
    deadline: 5s
    request: {number: CARDNO, name: NAME}
    response:
      items: {each: BILL, fields: {number: BILLNO, amount: {hospital: AMOUNT, as: fen-from-yuan}}}
"""


def pack(folder: Path, *changes: Change) -> Path:
    """The pack of the made-up billing service, with its policy changed."""
    copy = folder / "billing"
    shutil.copytree(PACK, copy)
    (copy / "policy.yaml").write_text(changed(POLICY, *changes), "utf-8")
    return copy


def read(folder: Path) -> list[str]:
    """The findings of a pack."""
    found = check_packs((folder,)).findings
    return [str(finding).removeprefix(f"{folder}/") for finding in found]


def told(folder: Path, *changes: Change) -> list[str]:
    """The findings of the changed pack."""
    return read(pack(folder, *changes))


def test_a_trade_is_checked_like_any_operation(tmp_path: Path) -> None:
    """Its message's members are known, with the nearest where a name is misspelt."""
    assert told(tmp_path / "good") == []
    (finding,) = told(tmp_path / "bad", ("CARDNO", "CARDNR"))
    assert finding.endswith('"CARDNR" is not in QueryBills; did you mean "CARDNO"? [unknown-path]')


def test_an_attribute_holds_text_alone(tmp_path: Path) -> None:
    """Neither elements nor a CDATA section."""
    at_attribute = "  request: {at: Request/@Value, written: cdata}\n  trades:\n"
    (finding,) = told(
        tmp_path,
        ("  trades:\n", at_attribute),
        ("operation: Process\n", "operation: Tell\n"),
        ("      arguments: {TransCode: MZ2001}\n", ""),
        ("  charset: GBK\n", "  charset: GBK\n  reply: {at: Result/@Value}\n"),
    )
    assert finding.endswith(
        "an attribute holds neither elements nor a CDATA section; write escaped [payload]"
    )


WRITTEN = "  request: {written: %s}\n  trades:\n"
SCHEMAS = {
    "json": """\
{"type": "object", "properties": {
  "CARDNO": {"type": "string"}, "NAME": {"type": "string"}, "RESULT": {"type": "string"},
  "BILL": {"type": "array", "items": {"type": "object", "properties": {
    "BILLNO": {"type": "string"}, "AMOUNT": {"type": "number", "multipleOf": 0.01}}}}}}
""",
    "delimited": """\
separator: "|"
fields:
  - {name: RESULT, required: false}
  - {name: CARDNO}
  - {name: NAME}
  - {name: BILL, rows: ";", separator: "^", fields: [{name: BILLNO}, {name: AMOUNT, type: decimal}]}
""",
}


@pytest.mark.parametrize(
    ("style", "written", "found"),
    [
        ("json", "raw", "json is no XML, and cannot stand in an envelope as elements"),
        (
            "delimited",
            "cdata",
            "a value could end the CDATA section, and delimited text has no other way",
        ),
    ],
)
def test_a_style_has_writings_that_it_cannot_be_in(
    tmp_path: Path, style: str, written: str, found: str
) -> None:
    """The trade's own schemas are read all the same, and so is the route that asks it."""
    folder = pack(
        tmp_path,
        ("style: xml", f"style: {style}"),
        ("  trades:\n", WRITTEN % written),
        ("schemas/request.xsd", "message"),
        ("schemas/reply.xsd", "message"),
    )
    (folder / "message").write_text(SCHEMAS[style], "utf-8")
    assert read(folder) == [f"policy.yaml:7:22: {found}; write escaped [payload]"]


def test_what_is_encrypted_is_not_written_as_elements(tmp_path: Path) -> None:
    """Nor is anything escaped in it."""
    encrypted = '  encrypted: {algorithm: AES-ECB, key_file: "${BILLING_KEY_FILE}"}\n'
    found = told(tmp_path, ("  trades:\n", f"{encrypted}{WRITTEN % 'raw'}"))
    problem = "what is encrypted holds neither elements nor anything to escape"
    assert found == [f"policy.yaml:8:22: {problem}; write escaped [payload]"]


def test_a_fault_of_a_messages_schema_is_told_at_the_schema(tmp_path: Path) -> None:
    """With its line, as a fault of the WSDL is."""
    folder = pack(tmp_path)
    schema = folder / "schemas/reply.xsd"
    schema.write_text(schema.read_text("utf-8").replace("xs:sequence", "xs:bag"), "utf-8")
    (finding,) = check_packs((folder,)).findings
    assert (finding.kind, Path(finding.mark.file).name) == ("contract", "reply.xsd")


SECOND, THIRD = (
    f"""
    {name}:
      operation: Process
      arguments: {{TransCode: {code}}}
      request: schemas/second.xsd
      reply: schemas/reply.xsd"""
    for name, code in (("Second", "MZ2002"), ("Third", "MZ2003"))
)


def test_the_schemas_of_all_trades_are_read_before_one_is_told(tmp_path: Path) -> None:
    """One look finds what is wrong with each, and what two of them share once."""
    last = "      reply: schemas/reply.xsd"
    folder = pack(tmp_path, (last, f"{last}{SECOND}{THIRD}"))
    for name in ("request.xsd", "second.xsd"):
        (folder / "schemas" / name).write_text("<none/>", "utf-8")
    files = [Path(finding.mark.file).name for finding in check_packs((folder,)).findings]
    assert files == ["request.xsd", "second.xsd"]


OTHERS = """\
routes:
  - id: list-others
    rest: GET /v1/others/{id}
    operation: Second
    effect: read
    deadline: 50s
    response: {no: {hospital: RESULT, code: numbers}}
"""


def test_a_faulty_trade_hides_only_what_its_message_would_say(tmp_path: Path) -> None:
    """Other trades are held against their schemas, and its own routes against all else."""
    folder = pack(
        tmp_path,
        ("      reply: schemas/reply.xsd", f"      reply: schemas/reply.xsd{SECOND}"),
        ("routes:\n", OTHERS),
        ("number: CARDNO,", "number: CARDNR,"),
    )
    (folder / "schemas/second.xsd").write_text("<none/>", "utf-8")
    assert [finding.rpartition(" [")[2] for finding in read(folder)] == [
        "dead-field]",
        "deadline]",
        "unknown-codes]",
        "unknown-path]",
        "contract]",
    ]


def test_the_trade_is_the_operation_of_metrics_and_logs(tmp_path: Path) -> None:
    """Its carrier is one name for everything that the service does."""
    snapshot = compile_snapshot(check_packs((pack(tmp_path),)).packs, EXAMPLE_ENVIRONMENT)
    assert [route.operation for route in snapshot.routes] == ["QueryBills"]


SIGNED = """\
digest:
  into: Request/Channel
  algorithm: MD5
  over: [Request/Data]
  joined: values
  key: {file: "${BILLING_KEY_FILE}"}
security: {username: gateway, password_file: "${BILLING_PASSWORD_FILE}", type: text}
payload:
  request: {at: Request/Data}
  reply: {at: Return/Data}
"""
ASKING: tuple[Change, ...] = (
    ("payload:\n", SIGNED),
    ("operation: Process\n", "operation: Ask\n"),
    ("{TransCode: MZ2001}", "{Request/Function: MZ}"),
    ('constants: {Operator: "7"}\n', ""),
)


def test_secrets_are_read_from_the_files_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key and the password, and neither is in the snapshot's digest."""
    pack(tmp_path, *ASKING)
    files = {"BILLING_KEY_FILE": tmp_path / "key", "BILLING_PASSWORD_FILE": tmp_path / "password"}
    digests = set()
    for secret in ("one", "two"):
        for name, file in files.items():
            monkeypatch.setenv(name, str(file))
            file.write_text(f"{secret}-{file.name}\n", "utf-8")
        snapshot = load_snapshot(tmp_path)
        digests.add(snapshot.digest)
        codec = snapshot.routes[0].codec
        envelope = codec.for_attempt(codec.encode({"CARDNO": "1"}))
        child = body_child(envelope)
        text = child.findtext("{*}Request/{*}Data") or ""
        made = hashlib.md5(f"{text}{secret}-key".encode(), usedforsecurity=False).hexdigest()
        assert child.findtext("{*}Request/{*}Channel") == made
        assert f">{secret}-password<".encode() in envelope
    assert len(digests) == 1


@pytest.mark.parametrize("content", ["", "\n", "two\nlines\n", "\x00"])
def test_a_file_that_holds_no_secret_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """Before anything is served, and without what is in it."""
    pack(tmp_path, *ASKING)
    file = tmp_path / "key"
    file.write_text(content, "utf-8")
    monkeypatch.setenv("BILLING_KEY_FILE", str(file))
    monkeypatch.delenv("BILLING_PASSWORD_FILE", raising=False)
    with pytest.raises(PolicyError) as raised:
        load_snapshot(tmp_path)
    assert [(finding.kind, finding.problem) for finding in raised.value.findings] == [
        (
            "environment",
            "the file that BILLING_KEY_FILE names cannot be read, or is no secret in one line",
        ),
        ("environment", "the variable BILLING_PASSWORD_FILE is not set"),
    ]


NOWHERE = "no operation that could take the digest has the argument"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("into: Request/Channel", "into: Request/Sign"), f'{NOWHERE} "Request/Sign"; '),
        (("over: [Request/Data]", "over: [Request/Date]"), f'{NOWHERE} "Request/Date"; '),
        (
            ("over: [Request/Data]", "over: [Request]"),
            '"Request" of Ask holds no single text; name an argument that does [list]',
        ),
        (
            ("over: [Request/Data]", "over: [Request/Channel]"),
            '"Request/Channel" takes the digest; leave it out of over [two-sources]',
        ),
    ],
)
def test_a_digest_is_held_against_the_contract(tmp_path: Path, change: Change, found: str) -> None:
    """Before trades are."""
    (finding,) = told(tmp_path, *ASKING, change)
    assert found in finding


def test_a_slip_in_where_a_digest_goes_hides_no_missing_argument(tmp_path: Path) -> None:
    """It is taken for the argument that it is like, none of those that the digest is over."""
    copy = tmp_path / "invoices"
    shutil.copytree(CONTRACTS / "invoices", copy, ignore=shutil.ignore_patterns("examples"))
    slip = ("  into: Sign\n", "  into: Signature\n")
    gap = ('  Timestamp: {now: "%Y%m%d%H%M%S"}\n', "")
    policy = changed((copy / "policy.yaml").read_text("utf-8"), slip, gap)
    (copy / "policy.yaml").write_text(policy, "utf-8")
    found, *others = check_packs((copy,)).findings
    assert found.remedy == 'did you mean "Sign"?'
    assert [(one.where, one.kind) for one in others] == [
        (route, "missing-argument")
        for route in ("list-invoices", "get-invoice", "download-invoice")
    ]


def test_explain_lays_the_message_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the envelope, in which it is one long line."""
    pack(tmp_path, ("  trades:\n", "  request: {written: cdata}\n  trades:\n"))
    body = tmp_path / "body.json"
    body.write_text('{"number": "1", "name": "王"}', "utf-8")
    command = ["explain", "POST", "/v1/bills/search", "--packs", str(tmp_path)]
    assert main([*command, "--body", str(body)]) == 0
    envelope, _, message = capsys.readouterr().out.partition("with the message")
    assert "<![CDATA[" in envelope
    assert message.split("\n") == [
        "",
        "",
        '  <?xml version="1.0" encoding="GBK"?>',
        "  <REQUEST>",
        "    <CARDNO>1</CARDNO>",
        "    <NAME>王</NAME>",
        "  </REQUEST>",
        "",
    ]


def test_a_character_outside_the_charset_is_told_at_the_callers_field(tmp_path: Path) -> None:
    """As any other value that the contract does not allow; nothing was sent."""
    snapshot = compile_snapshot(check_packs((pack(tmp_path),)).packs, EXAMPLE_ENVIRONMENT)
    (route,) = snapshot.routes
    with pytest.raises(RequestInvalid) as raised:
        route.codec.encode({"CARDNO": "1", "NAME": "𠮷"})
    rejection = settle(route, raised.value)
    assert rejection.slug == "invalid"
    assert [(error.pointer, error.detail) for error in rejection.errors] == [
        ("/name", "is not allowed by the hospital: has a character that GBK cannot carry")
    ]
