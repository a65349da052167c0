"""All schemas of a contract as one validator, libxml2's, with nothing looked up outside of them."""

from __future__ import annotations

from typing import Any

from lxml import etree

from gateway.soap.documents import SOAP_ENCODING, XSD, Schema, line_of, qualified
from gateway.soap.errors import ContractError


def compile_schemas(schemas: tuple[Schema, ...]) -> etree.XMLSchema:
    """One validator over all schemas, with nothing looked up outside of them.

    libxml2 takes one document a namespace, so each namespace gets a document of its own which
    includes every schema of that namespace, and imports are pointed at those.
    """
    namespaces = list(dict.fromkeys(schema.namespace for schema in schemas))
    parts: dict[str, bytes] = {}
    includes: dict[str, list[str]] = {namespace: [] for namespace in namespaces}
    for number, schema in enumerate(schemas):
        url = f"contract:schema-{number}"
        parts[url] = _standalone(schema, namespaces)
        includes[schema.namespace].append(url)
    for namespace, urls in includes.items():
        document = _schema_element(namespace)
        for url in urls:
            etree.SubElement(document, f"{{{XSD}}}include", schemaLocation=url)
        parts[_driver(namespaces, namespace)] = etree.tostring(document)
    top = _schema_element("contract:all")
    for namespace in namespaces:
        node = etree.SubElement(
            top, f"{{{XSD}}}import", schemaLocation=_driver(namespaces, namespace)
        )
        if namespace:
            node.set("namespace", namespace)
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_Parts(parts))
    try:
        return etree.XMLSchema(etree.fromstring(etree.tostring(top), parser))
    except etree.XMLSchemaParseError as error:
        raise _unusable(schemas, error) from error


class _Parts(etree.Resolver):
    """Gives libxml2 the documents made here, and nothing else."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self._parts = parts

    # The stubs leave the context out.
    def resolve(  # type: ignore[override]
        self, system_url: str, public_id: str, context: Any
    ) -> Any:
        return self.resolve_string(self._parts[system_url], context, base_url=system_url)


def _standalone(schema: Schema, namespaces: list[str]) -> bytes:
    root = etree.fromstring(etree.tostring(schema.root))
    for node in list(root.iter(f"{{{XSD}}}include")):
        root.remove(node)
    unused = []
    for node, original in zip(
        root.iter(f"{{{XSD}}}import"), schema.root.iter(f"{{{XSD}}}import"), strict=True
    ):
        namespace = node.get("namespace", "")
        if namespace == SOAP_ENCODING and not _uses(root, namespace):
            # Axis imports it into literal contracts too.
            unused.append(node)
            continue
        if namespace not in namespaces:
            raise ContractError(
                schema.file,
                line_of(original),
                f"imports the namespace {namespace}, and no schema of the pack has it; "
                "add the file and its schemaLocation",
            )
        node.set("schemaLocation", _driver(namespaces, namespace))
    for node in unused:
        root.remove(node)
    return etree.tostring(root)


def _uses(root: etree._Element, namespace: str) -> bool:
    names = (
        qualified(node, name)
        for node in root.iter("*")
        for attribute in ("type", "base", "ref")
        if (name := node.get(attribute))
    )
    return any(etree.QName(name).namespace == namespace for name in names)


def _unusable(schemas: tuple[Schema, ...], error: etree.XMLSchemaParseError) -> ContractError:
    entry = error.error_log.last_error
    number = (entry.filename or "").rpartition("-")[2] if entry else ""
    if entry and (entry.filename or "").startswith("contract:schema-"):
        return ContractError(schemas[int(number)].file, None, f"is no valid schema: {error}")
    return ContractError(schemas[0].file, None, f"is no valid schema: {error}")


def _schema_element(namespace: str) -> etree._Element:
    document = etree.Element(f"{{{XSD}}}schema", nsmap={"xsd": XSD})
    if namespace:
        document.set("targetNamespace", namespace)
    return document


def _driver(namespaces: list[str], namespace: str) -> str:
    return f"contract:namespace-{namespaces.index(namespace)}"
