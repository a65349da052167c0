"""A hospital's service of one operation, as small as one of its habits needs: contract and policy.

Its contract is written short: `Name` is an element of text, `Name:xs:date` one of that type, `?`
after a name makes it optional, `*` a list, `~` nillable, and `Name(...)` holds the elements in
the brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.examples import EXAMPLE_ENVIRONMENT, Translated, translate
from gateway.packs import check_packs
from gateway.policies.compile import compile_snapshot
from gateway.policies.snapshot import Route

NAMESPACE = "urn:small"
CLIENT = {"client": "booking", "now": "2031-03-14T09:30:00+08:00"}

_WSDL = """<?xml version="1.0"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/"
    xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:t="urn:small" targetNamespace="urn:small">
  <w:types><xs:schema targetNamespace="urn:small" elementFormDefault="qualified">
    <xs:element name="Ask">{asked}</xs:element>
    <xs:element name="Answer">{answered}</xs:element>
  </xs:schema></w:types>
  <w:message name="Ask"><w:part name="parameters" element="t:Ask"/></w:message>
  <w:message name="Answer"><w:part name="parameters" element="t:Answer"/></w:message>
  <w:portType name="P"><w:operation name="Ask">
    <w:input message="t:Ask"/><w:output message="t:Answer"/>
  </w:operation></w:portType>
  <w:binding name="B" type="t:P">
    <s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="Ask"><s:operation soapAction=""/>
      <w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output>
    </w:operation>
  </w:binding>
  <w:service name="S"><w:port name="P" binding="t:B"><s:address location="http://x"/></w:port>
  </w:service>
</w:definitions>
"""
_POLICY = """service: small
contract: {wsdl: small.wsdl}
upstream: {endpoints: ["${SMALL_URL}"], in_flight: 9}
"""
_OUTCOME = """outcome: {code: Code, message: Text, success: ["0"], empty: ["1"]}
"""
_ROUTES = """routes:
  - id: ask
    rest: POST /v1/questions
    operation: Ask
    effect: read
    deadline: 5s
"""
_TOKEN = re.compile(r"([A-Za-z]+)([?*~]*)(:[A-Za-z:]+)?|([()])")


@dataclass(frozen=True, slots=True)
class Small:
    """Such a service, checked and compiled."""

    route: Route

    def translate(self, reply: str = "", **given: Any) -> Translated:
        """One request and its reply: what stands in `Answer`, beside result code 0 and no text."""
        answer = reply if "<Code>" in reply else f"<Code>0</Code>{reply}"
        xml = f'<Answer xmlns="{NAMESPACE}" xmlns:i="{XSI}">{answer}</Answer>'
        return translate(self.route, {**CLIENT, **given}, xml.encode())

    def sends(self, **body: Any) -> str:
        """What stands in `Ask` for a body."""
        given: dict[str, Any] = {"body": body} if body else {}
        xml = self.translate(**given).request_xml.decode()
        return re.sub(
            r"</?[a-z0-9]*:?Ask\b[^>]*>|xmlns(:[a-z0-9]+)?=\S+|(?<=[</])ns[0-9]+:", "", xml
        )

    def tells(self, reply: str, **given: Any) -> dict[str, Any]:
        """The answer to a reply: the body of a success, or what the problem says."""
        response = self.translate(reply, **given).response
        body: dict[str, Any] = response.get("body", response)
        return body


XSI = "http://www.w3.org/2001/XMLSchema-instance"


def write(
    folder: Path,
    *,
    ask: str = "",
    answer: str = "Code Text?",
    pack: str = "",
    route: str = "response: {said: {hospital: Text, optional: true}}",
    outcome: str = _OUTCOME,
    routes: str = _ROUTES,
) -> Path:
    """The pack's folder; `pack` and `route` are further fields of the policy."""
    home = folder / "small"
    home.mkdir(parents=True, exist_ok=True)
    wsdl = _WSDL.format(asked=_complex(ask), answered=_complex(answer))
    (home / "small.wsdl").write_text(wsdl, "utf-8")
    more = "".join(f"    {line}\n" for line in route.splitlines())
    (home / "policy.yaml").write_text(f"{_POLICY}{outcome}{pack}\n{routes}{more}", "utf-8")
    return home


def findings(folder: Path, **parts: str) -> list[str]:
    """What the check says of such a pack, without its place."""
    checked = check_packs((write(folder, **parts),))
    return [f"{one.problem}; {one.remedy} [{one.kind}]" for one in checked.findings]


def small(folder: Path, **parts: str) -> Small:
    """Such a pack, which has no findings."""
    checked = check_packs((write(folder, **parts),))
    assert [str(one) for one in checked.findings] == []
    return Small(compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT).routes[0])


def _complex(short: str) -> str:
    children: list[list[str]] = [[]]
    opened: list[str] = []
    last = ""
    for name, marks, kind, bracket in _TOKEN.findall(short):
        if name:
            last = f'name="{name}"'
            last += ' minOccurs="0"' if set(marks) & {"?", "*"} else ""
            last += ' maxOccurs="unbounded"' if "*" in marks else ""
            last += ' nillable="true"' if "~" in marks else ""
            children[-1].append(f'<xs:element {last} type="{(kind or ":xs:string")[1:]}"/>')
        elif bracket == "(":
            children[-1].pop()
            opened.append(last)
            children.append([])
        else:
            inner = _sequence(children.pop())
            children[-1].append(f"<xs:element {opened.pop()}>{inner}</xs:element>")
    return _sequence(children[0])


def _sequence(children: list[str]) -> str:
    return f"<xs:complexType><xs:sequence>{''.join(children)}</xs:sequence></xs:complexType>"
