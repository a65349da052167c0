"""Documents are read from the pack, and a schema may stand alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.soap.documents import read_documents
from gateway.soap.errors import ContractError
from gateway.soap.validator import compile_schemas
from gateway.soap.xsd import SchemaReader

BILL = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    '<xs:include schemaLocation="../common/yuan.xsd"/>'
    '<xs:element name="Bill" type="Yuan"/></xs:schema>'
)
YUAN = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="Yuan">'
    '<xs:restriction base="xs:decimal"/></xs:simpleType></xs:schema>'
)


def pack(folder: Path) -> Path:
    """A pack of two schemas in two folders; the one that includes the other."""
    for name, text in (("schemas/bill.xsd", BILL), ("common/yuan.xsd", YUAN)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    return folder / "schemas" / "bill.xsd"


def test_a_schema_alone_is_read_with_what_it_includes(tmp_path: Path) -> None:
    """From anywhere in the pack, and its elements are found."""
    documents = read_documents(pack(tmp_path), tmp_path)
    compile_schemas(documents.schemas)
    element = SchemaReader(documents.schemas).element("Bill")
    assert element is not None
    assert element.type.name == "Yuan"


def test_a_pack_is_no_wider_than_its_folder(tmp_path: Path) -> None:
    """Without a folder named it is that of the file."""
    with pytest.raises(ContractError, match="outside the pack"):
        read_documents(pack(tmp_path))
