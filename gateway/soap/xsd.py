"""The schema reader: XML Schema 1.0 components to `Element` trees, and to lxml's validator.

It takes what a record can hold: sequences of elements with simple content. Any other construct is
a `ContractError` that names it and its line, because a construct half understood is misread data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from gateway.soap.documents import XSD, Schema, line_of
from gateway.soap.elements import ComplexType, Element, SimpleType, Whitespace
from gateway.soap.errors import ContractError

_BUILTIN = {
    "string": SimpleType("string", "string", "preserve"),
    "normalizedString": SimpleType("normalizedString", "string", "replace"),
    "token": SimpleType("token", "string", "collapse"),
    "language": SimpleType(
        "language", "string", "collapse", patterns=("[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",)
    ),
    **{
        name: SimpleType(name, name)
        for name in (
            "anyURI",
            "base64Binary",
            "boolean",
            "date",
            "dateTime",
            "decimal",
            "double",
            "float",
            "hexBinary",
            "integer",
            "time",
        )
    },
    **{
        name: SimpleType(name, "integer", min_inclusive=low, max_inclusive=high)
        for name, low, high in (
            ("long", "-9223372036854775808", "9223372036854775807"),
            ("int", "-2147483648", "2147483647"),
            ("short", "-32768", "32767"),
            ("byte", "-128", "127"),
            ("unsignedLong", "0", "18446744073709551615"),
            ("unsignedInt", "0", "4294967295"),
            ("unsignedShort", "0", "65535"),
            ("unsignedByte", "0", "255"),
            ("nonNegativeInteger", "0", None),
            ("positiveInteger", "1", None),
            ("nonPositiveInteger", None, "0"),
            ("negativeInteger", None, "-1"),
        )
    },
}
_COUNTS = {
    "length": "length",
    "minLength": "min_length",
    "maxLength": "max_length",
    "totalDigits": "total_digits",
    "fractionDigits": "fraction_digits",
}
_BOUNDS = {
    "minInclusive": "min_inclusive",
    "maxInclusive": "max_inclusive",
    "minExclusive": "min_exclusive",
    "maxExclusive": "max_exclusive",
}
_WHITESPACE: dict[str, Whitespace] = {
    "preserve": "preserve",
    "replace": "replace",
    "collapse": "collapse",
}
_ELEMENT_ATTRIBUTES = {"name", "type", "ref", "minOccurs", "maxOccurs", "nillable", "form", "id"}
_TRUE = ("true", "1")


class SchemaReader:
    """Finds global components over all schemas of a contract and reads them on demand.

    `element` relies on `compile_schemas` having found that every reference leads somewhere.
    """

    def __init__(self, schemas: tuple[Schema, ...]) -> None:
        self._schemas = {schema.root: schema for schema in schemas}
        self._namespaces = {str(schema.file): schema.namespace for schema in schemas}
        self._components: dict[tuple[str, str], etree._Element] = {}
        self._heads: set[str] = set()
        self._open: list[etree._Element] = []
        self._types: dict[etree._Element, SimpleType | ComplexType] = {}
        for schema in schemas:
            for node in schema.root:
                self._index(schema, node)

    def element(self, tag: str) -> Element | None:
        """The global element of that name in lxml's notation, with all that is below it."""
        node = self._components.get(("element", tag))
        return None if node is None else self._element(node)

    def _index(self, schema: Schema, node: etree._Element) -> None:
        kind, name = _kind(node), node.get("name")
        if kind == "redefine":
            raise self._refusal(node, "redefine")
        if (
            kind == "include"
            and self._namespaces.get(node.get("schemaLocation", "")) != schema.namespace
        ):
            raise self._refusal(node, "include of a schema of another namespace, or of none,")
        head = node.get("substitutionGroup")
        if head:
            self._heads.add(self._tag(node, head))
        if name and kind in ("element", "complexType", "simpleType"):
            space = "element" if kind == "element" else "type"
            tag = f"{{{schema.namespace}}}{name}" if schema.namespace else name
            if self._components.setdefault((space, tag), node) is not node:
                raise self._refusal(node, f"a second {kind} {name}")

    def _element(self, node: etree._Element) -> Element:
        for attribute in map(str, node.attrib):
            if attribute not in _ELEMENT_ATTRIBUTES and not attribute.startswith("{"):
                raise self._refusal(node, f'element with the attribute "{attribute}"')
        reference = node.get("ref")
        if reference:
            return self._referenced(node, reference)
        name = node.get("name", "")
        namespace = self._namespace_of(node)
        tag = f"{{{namespace}}}{name}" if namespace else name
        if tag in self._heads:
            raise self._refusal(node, f"element {name} as head of a substitution group")
        return Element(
            name=name,
            namespace=namespace,
            type=self._type_of(node),
            min_occurs=int(node.get("minOccurs", "1")),
            max_occurs=_max_occurs(node),
            nillable=node.get("nillable") in _TRUE,
        )

    def _referenced(self, node: etree._Element, reference: str) -> Element:
        target = self._components["element", self._tag(node, reference)]
        return replace(
            self._element(target),
            min_occurs=int(node.get("minOccurs", "1")),
            max_occurs=_max_occurs(node),
        )

    def _namespace_of(self, node: etree._Element) -> str:
        schema = self._schema(node)
        if node.getparent() is schema.root:
            return schema.namespace
        form = node.get("form") or schema.root.get("elementFormDefault", "unqualified")
        return schema.namespace if form == "qualified" else ""

    def _type_of(self, node: etree._Element) -> SimpleType | ComplexType:
        named = node.get("type")
        if named:
            return self._named_type(node, named)
        for child in _parts(node):
            if _kind(child) in ("simpleType", "complexType"):
                return self._defined(child, node.get("name", ""))
            raise self._refusal(child, f"{_kind(child)} in an element")
        raise self._refusal(node, f"element {node.get('name')} of any type")

    def _named_type(self, node: etree._Element, named: str) -> SimpleType | ComplexType:
        tag = self._tag(node, named)
        name = etree.QName(tag).localname
        if etree.QName(tag).namespace == XSD:
            if name not in _BUILTIN:
                raise self._refusal(node, f"the type {named}")
            return _BUILTIN[name]
        return self._defined(self._components["type", tag], name)

    def _defined(self, node: etree._Element, name: str) -> SimpleType | ComplexType:
        known = self._types.get(node)
        if known is not None:
            return known
        if node in self._open:
            raise self._refusal(node, f"the type {name}, which contains itself,")
        self._open.append(node)
        read = self._simple if _kind(node) == "simpleType" else self._complex
        self._types[node] = found = read(node, name)
        self._open.pop()
        return found

    def _complex(self, node: etree._Element, name: str) -> ComplexType:
        for attribute in ("abstract", "mixed"):
            if node.get(attribute) in _TRUE:
                raise self._refusal(node, f"{attribute} complexType")
        children: list[Element] = []
        for part in _parts(node):
            if _kind(part) != "sequence":
                raise self._refusal(part, f"{_kind(part)} in the complexType {name}")
            children += self._sequence(part, name)
        names = [child.name for child in children]
        repeated = next((each for each in names if names.count(each) > 1), None)
        if repeated is not None:
            raise self._refusal(node, f"the element {repeated} at two places of the type {name}")
        return ComplexType(name, tuple(children))

    def _sequence(self, node: etree._Element, name: str) -> Iterator[Element]:
        if node.get("minOccurs", "1") != "1" or node.get("maxOccurs", "1") != "1":
            raise self._refusal(node, f"sequence that is optional or repeats in the type {name}")
        for part in _parts(node):
            if _kind(part) == "sequence":
                yield from self._sequence(part, name)
            elif _kind(part) == "element":
                element = self._element(part)
                if element.max_occurs != 0:
                    yield element
            else:
                raise self._refusal(part, f"{_kind(part)} in the complexType {name}")

    def _simple(self, node: etree._Element, name: str) -> SimpleType:
        parts = _parts(node)
        if len(parts) != 1 or _kind(parts[0]) != "restriction":
            raise self._refusal(node, f"simpleType {name} that is not a restriction")
        facets = _parts(parts[0])
        base = parts[0].get("base")
        if base:
            parent = self._named_type(parts[0], base)
        elif facets and _kind(facets[0]) == "simpleType":
            parent = self._simple(facets.pop(0), name)
        else:
            raise self._refusal(parts[0], "restriction without a base")
        if isinstance(parent, ComplexType):
            raise self._refusal(parts[0], f"simpleType {name} on a complexType")
        return self._restricted(replace(parent, name=name), facets)

    def _restricted(self, parent: SimpleType, facets: list[etree._Element]) -> SimpleType:
        changes: dict[str, Any] = {}
        enumeration: list[str] = []
        patterns: list[str] = []
        for facet in facets:
            kind, value = _kind(facet), facet.get("value", "")
            if kind == "enumeration":
                enumeration.append(value)
            elif kind == "pattern":
                patterns.append(value)
            elif kind == "whiteSpace":
                changes["whitespace"] = _WHITESPACE[value]
            elif kind in _COUNTS:
                changes[_COUNTS[kind]] = int(value)
            elif kind in _BOUNDS:
                changes[_BOUNDS[kind]] = value
            else:
                raise self._refusal(facet, f"{kind} in a simpleType")
        if enumeration:
            changes["enumeration"] = tuple(enumeration)
        if patterns:
            changes["patterns"] = (*parent.patterns, "|".join(patterns))
        return replace(parent, **changes)

    def _tag(self, node: etree._Element, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        return f"{{{namespace}}}{local}" if namespace else local

    def _schema(self, node: etree._Element) -> Schema:
        return self._schemas[next(node.iterancestors(f"{{{XSD}}}schema"))]

    def _refusal(self, node: etree._Element, what: str) -> ContractError:
        return ContractError(self._schema(node).file, line_of(node), f"{what} is not supported")


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
    for node, original in zip(
        root.iter(f"{{{XSD}}}import"), schema.root.iter(f"{{{XSD}}}import"), strict=True
    ):
        namespace = node.get("namespace", "")
        if namespace not in namespaces:
            raise ContractError(
                schema.file,
                line_of(original),
                f"imports the namespace {namespace}, and no schema of the pack has it; "
                "add the file and its schemaLocation",
            )
        node.set("schemaLocation", _driver(namespaces, namespace))
    return etree.tostring(root)


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


def _kind(node: etree._Element) -> str:
    return etree.QName(node.tag).localname


def _parts(node: etree._Element) -> list[etree._Element]:
    return [child for child in node if _kind(child) != "annotation"]


def _max_occurs(node: etree._Element) -> int | None:
    value = node.get("maxOccurs", "1")
    return None if value == "unbounded" else int(value)
