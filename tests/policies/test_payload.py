"""A policy of a service that takes one string: to routes each of its trades is an operation."""

from __future__ import annotations

import shutil
from pathlib import Path

from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from tests.policies.packs import Change, changed
from tests.unit.soap.payload.billing import PACK

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


def told(folder: Path, *changes: Change) -> list[str]:
    """The findings of the changed pack."""
    found = check_packs((pack(folder, *changes),)).findings
    return [str(finding).removeprefix(f"{folder}/billing/") for finding in found]


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


def test_a_fault_of_a_messages_schema_is_told_at_the_schema(tmp_path: Path) -> None:
    """With its line, as a fault of the WSDL is."""
    folder = pack(tmp_path)
    schema = folder / "schemas/reply.xsd"
    schema.write_text(schema.read_text("utf-8").replace("xs:sequence", "xs:bag"), "utf-8")
    (finding,) = check_packs((folder,)).findings
    assert (finding.kind, Path(finding.mark.file).name) == ("contract", "reply.xsd")


def test_the_trade_is_the_operation_of_metrics_and_logs(tmp_path: Path) -> None:
    """Its carrier is one name for everything that the service does."""
    snapshot = compile_snapshot(check_packs((pack(tmp_path),)).packs, EXAMPLE_ENVIRONMENT)
    assert [route.operation for route in snapshot.routes] == ["QueryBills"]
