"""Routes that are answered with a document, as policies say them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.api.document import api_document
from gateway.packs import check_packs
from gateway.translation.documents import DocumentRule
from tests import letters
from tests.policies.packs import Change, changed

PACK = letters.PACKS / "letters"
DOCUMENT = "document: {hospital: File, media_type: application/pdf, name: FileName, limit: 12MB}"
DEADLINE = "    deadline: 20s\n"


def findings(
    folder: Path, *changes: Change, wsdl: tuple[Change, ...] = (), with_examples: bool = False
) -> list[str]:
    """What the check says of the pack, changed."""
    copy = folder / "letters"
    copy.mkdir()
    for name, given in (("policy.yaml", changes), ("letters.wsdl", wsdl)):
        text = (PACK / name).read_text("utf-8")
        (copy / name).write_text(changed(text, *given), "utf-8")
    if with_examples:
        shutil.copytree(PACK / "examples", copy / "examples")
    return [
        str(finding).removeprefix(f"{copy}/").partition(": get-letter: ")[2]
        for finding in check_packs((copy,)).findings
    ]


def test_a_document_is_compiled_with_its_paths_from_the_reply_on() -> None:
    """`reply` stands before each of them; megabytes are millions of bytes."""
    assert letters.route().document == DocumentRule(
        ("Letter", "File"), "application/pdf", ("Letter", "FileName"), 12_000_000
    )


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    """No name, and twenty megabytes."""
    assert findings(tmp_path, (", name: FileName, limit: 12MB", "")) == []


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (
            "document: {hospital: Pages, media_type: application/pdf}",
            (
                '"Pages" is of type int, which holds no document; '
                "name an element of type base64Binary, or of text that may be Base64 [type]"
            ),
        ),
        (
            "document: {hospital: CardNo, media_type: application/pdf}",
            (
                '"CardNo" is of type CardNo, which holds no document; '
                "name an element of type base64Binary, or of text that may be Base64 [type]"
            ),
        ),
        (
            "document: {hospital: Fiel, media_type: application/pdf}",
            '"Fiel" is not in Letter; did you mean "File"? [unknown-path]',
        ),
        (
            "document: {hospital: File, media_type: application/pdf, name: Pages}",
            (
                '"Pages" is of type int, and a file name is text; '
                "name an element of text, or leave it out [type]"
            ),
        ),
        (
            "document: {hospital: File, media_type: text/html}",
            (
                '"media_type" is none of the values that it can have; '
                "use one of application/pdf, image/jpeg, image/png [wrong-value]"
            ),
        ),
        (
            "document: {hospital: File, media_type: image/png, limit: 100MB}",
            '"limit" is not written as it must be; write it like 20MB [wrong-value]',
        ),
        ("document: {hospital: File}", '"media_type" is missing; add it [missing-field]'),
        (
            "document: {hospital: File, media_type: image/png}\n    response: {pages: Pages}",
            (
                '"response" is not a field here; use one of about, constants, deadline, document, '
                "effect, id, only, operation, outcome, rate, reply, request, rest, subject, "
                "withhold [unknown-field]"
            ),
        ),
    ],
)
def test_a_fault_is_found_at_its_place(document: str, found: str, tmp_path: Path) -> None:
    """What could not be answered does not load."""
    assert findings(tmp_path, (DOCUMENT, document)) == [found]


def test_a_document_in_an_encrypted_message_is_refused(tmp_path: Path) -> None:
    """Such a message is read whole, and a document is one that is not."""
    copy = tmp_path / "notes"
    shutil.copytree(letters.PACKS / "notes", copy)
    file = copy / "policy.yaml"
    encrypted = '  style: json\n  encrypted: {algorithm: AES-ECB, key_file: "${NOTES_KEY_FILE}"}\n'
    file.write_text(changed(file.read_text("utf-8"), ("  style: json\n", encrypted)), "utf-8")
    (found,) = check_packs((copy,)).findings
    assert str(found).endswith(
        'get-note: "file" is in an encrypted message, which is read whole; '
        "name an element beside the message [payload]"
    )


def test_a_write_is_answered_with_json(tmp_path: Path) -> None:
    """It has an end that is told, and no document can tell it."""
    (found,) = findings(tmp_path, ("effect: read", "effect: keyed"))
    assert found == (
        '"effect" is none of the values that it can have; use one of read [wrong-value]'
    )


def test_text_may_be_a_document_too(tmp_path: Path) -> None:
    """Not every hospital says base64Binary, and in a string of JSON none can."""
    text = ('name="File" type="xs:base64Binary"', 'name="File" type="xs:string"')
    assert findings(tmp_path, wsdl=(text,), with_examples=True) == []


def test_an_example_tells_a_document_by_its_digest(tmp_path: Path) -> None:
    """Another document would be another digest."""
    found = findings(tmp_path, (", name: FileName", ""), with_examples=True)
    assert found == [
        (
            "is not what is made of this example: it differs first at /document/name; "
            "mend the example or the policy [example]"
        )
    ]


def test_the_api_document_has_a_binary_response() -> None:
    """Of the media type, without a schema, and with the header that names it."""
    openapi = api_document(letters.PACKS, letters.snapshot())
    operation: dict[str, Any] = openapi["paths"]["/v1/letters/{id}"]["get"]
    validate(openapi)
    answer = operation["responses"]["200"]
    assert answer["description"] == "The document, of at most 12 MB."
    assert answer["content"] == {"application/pdf": {}}
    assert answer["headers"].keys() == {"Request-Id", "Content-Disposition"}
    assert {"404", "502", "504"} <= operation["responses"].keys()
