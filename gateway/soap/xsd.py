"""The schema reader: XML Schema 1.0 components to `Element` trees.

It takes what a record can hold (`ComplexType`). Any other construct is a `ContractError` that names
it and its line, because a construct half understood is misread data; one that no message needs is
not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from lxml import etree

from gateway.soap.content import (
    Content,
    NotHeld,
    choice,
    in_any_order,
    in_sequence,
    merged,
    occurring,
    one,
)
from gateway.soap.documents import (
    ARRAY_TYPE,
    XSD,
    Schema,
    kind_of,
    line_of,
    parts_of,
    qualified,
)
from gateway.soap.elements import (
    ANY,
    TEXT,
    VARIANT,
    ArrayType,
    ComplexType,
    Element,
    Group,
    SimpleType,
)
from gateway.soap.errors import ContractError
from gateway.soap.simple_types import builtin, list_of, restricted, union

_ELEMENT_ATTRIBUTES = {"name", "type", "ref", "minOccurs", "maxOccurs", "nillable", "form", "id"}
_TRUE = ("true", "1")
_SPACES = {
    "element": "element",
    "complexType": "type",
    "simpleType": "type",
    "group": "group",
    "attribute": "attribute",
    "attributeGroup": "attributeGroup",
}
_ATTRIBUTES = ("attribute", "attributeGroup", "anyAttribute")
_GROUPS: dict[str, Callable[[list[Content]], Content]] = {
    "sequence": in_sequence,
    "choice": choice,
    "all": in_any_order,
}


class SchemaReader:
    """Finds global components over all schemas of a contract and reads them on demand.

    It relies on `gateway.soap.validator` having found that every reference leads somewhere. With
    `any_text` an element of any type is taken for a text; else it is refused.
    """

    def __init__(self, schemas: tuple[Schema, ...], *, any_text: bool = False) -> None:
        self._any_text = any_text
        self._schemas = {schema.root: schema for schema in schemas}
        self._namespaces = {str(schema.file): schema.namespace for schema in schemas}
        self._components: dict[tuple[str, str], etree._Element] = {}
        self._heads: set[str] = set()
        self._deriving: dict[str, list[str]] = {}
        self._open: list[etree._Element] = []
        self._types: dict[etree._Element, SimpleType | ComplexType] = {}
        self._lists: set[etree._Element] = set()
        self._varied: dict[str, ComplexType] = {}
        self._varying: list[str] = []
        for schema in schemas:
            for node in schema.root:
                self._index(schema, node)

    def element(self, tag: str) -> Element | None:
        """The global element of that name in lxml's notation, with all that is below it."""
        node = self._components.get(("element", tag))
        return None if node is None else self._element(node)

    def _index(self, schema: Schema, node: etree._Element) -> None:
        kind, name = kind_of(node), node.get("name")
        if kind == "redefine":
            raise self._refusal(node, "redefine")
        if (
            kind == "include"
            and self._namespaces.get(node.get("schemaLocation", "")) != schema.namespace
        ):
            raise self._refusal(node, "include of a schema of another namespace, or of none,")
        head = node.get("substitutionGroup")
        if head:
            self._heads.add(qualified(node, head))
        if not name or kind not in _SPACES:
            return
        tag = f"{{{schema.namespace}}}{name}" if schema.namespace else name
        if self._components.setdefault((_SPACES[kind], tag), node) is not node:
            raise self._refusal(node, f"a second {kind} {name}")
        derivation = _derivation(node) if kind == "complexType" else None
        if derivation is not None:
            base = qualified(derivation, derivation.get("base", ""))
            self._deriving.setdefault(base, []).append(tag)

    def _element(self, node: etree._Element) -> Element:
        for attribute in map(str, node.attrib):
            if attribute not in _ELEMENT_ATTRIBUTES and not attribute.startswith("{"):
                raise self._refusal(node, f'element with the attribute "{attribute}"')
        reference = node.get("ref")
        if reference:
            target = self._components["element", qualified(node, reference)]
            least, most = _occurs(node)
            return replace(self._element(target), min_occurs=least, max_occurs=most)
        name = node.get("name", "")
        namespace = self._namespace_of(node, "elementFormDefault")
        tag = f"{{{namespace}}}{name}" if namespace else name
        if tag in self._heads:
            raise self._refusal(node, f"element {name} as head of a substitution group")
        least, most = _occurs(node)
        nillable = node.get("nillable") in _TRUE
        return Element(name, namespace, self._type_of(node, name), least, most, nillable)

    def _namespace_of(self, node: etree._Element, default: str) -> str:
        schema = self._schema(node)
        if node.getparent() is schema.root:
            return schema.namespace
        form = node.get("form") or schema.root.get(default, "unqualified")
        return schema.namespace if form == "qualified" else ""

    def _type_of(self, node: etree._Element, name: str) -> SimpleType | ComplexType:
        named = node.get("type")
        if named:
            return self._named_type(node, named, varied=True)
        for child in parts_of(node):
            if kind_of(child) in ("simpleType", "complexType"):
                return self._defined(child, name)
            raise self._refusal(child, f"{kind_of(child)} in an element")
        return self._any(node, f"element {name} of any type")

    def _any(self, node: etree._Element, what: str) -> SimpleType:
        if not self._any_text:
            raise self._refusal(node, what)
        return ANY

    def _named_type(
        self, node: etree._Element, named: str, *, varied: bool = False
    ) -> SimpleType | ComplexType:
        tag = qualified(node, named)
        name = etree.QName(tag).localname
        if etree.QName(tag).namespace == XSD:
            if name == "anyType":
                return self._any(node, f"the type {named}")
            found = builtin(name)
            if found is None:
                raise self._refusal(node, f"the type {named}")
            return found
        definition = self._components["type", tag]
        kind = self._defined(definition, name, tag)
        return self._with_variants(definition, kind) if varied else kind

    def _defined(self, node: etree._Element, name: str, tag: str = "") -> SimpleType | ComplexType:
        known = self._types.get(node)
        if known is not None:
            return known
        if node in self._open:
            raise self._refusal(node, f"the type {name}, which contains itself,")
        self._open.append(node)
        try:
            found: SimpleType | ComplexType
            if kind_of(node) == "complexType":
                found = self._complex(node, name, tag)
            else:
                found = self._simple(node, name)
                found = replace(found, tag=tag) if tag else found
        except NotHeld as error:
            raise self._refusal(node, f"{error} of the type {name}") from error
        finally:
            self._open.pop()
        self._types[node] = found
        return found

    def _with_variants(
        self, node: etree._Element, kind: SimpleType | ComplexType
    ) -> SimpleType | ComplexType:
        abstract = node.get("abstract") in _TRUE
        if isinstance(kind, SimpleType) or not (abstract or kind.tag in self._deriving):
            return kind
        if kind.tag in self._varied:
            return self._varied[kind.tag]
        if kind.tag in self._varying:
            raise self._refusal(node, f"the type {kind.name}, which contains itself,")
        self._varying.append(kind.tag)
        try:
            found = self._varied[kind.tag] = self._variants(node, kind, abstract=abstract)
        except ContractError:
            if abstract:
                raise
            # Elements of the type itself can be read and written; of the others none is let pass.
            return kind
        finally:
            self._varying.remove(kind.tag)
        return found

    def _variants(self, node: etree._Element, kind: ComplexType, *, abstract: bool) -> ComplexType:
        variants = [] if abstract else [kind]
        waiting = list(self._deriving.get(kind.tag, ()))
        while waiting:
            tag = waiting.pop(0)
            waiting += self._deriving.get(tag, ())
            definition = self._components["type", tag]
            if definition.get("abstract") in _TRUE:
                continue
            variant = self._defined(definition, etree.QName(tag).localname, tag)
            variants.append(cast("ComplexType", variant))
        names = tuple(variant.name for variant in variants)
        if not names:
            raise self._refusal(node, f"the abstract type {kind.name}, of which there is no other,")
        if len(set(names)) != len(names):
            raise self._refusal(node, f"the type {kind.name} with two variants of one name")
        try:
            members = merged([variant.children for variant in variants])
        except NotHeld as error:
            raise self._refusal(node, f"{error} in variants of the type {kind.name}") from error
        which = SimpleType("type", "string", "collapse", enumeration=names)
        return ComplexType(
            kind.name,
            (Element(VARIANT, "", which, min_occurs=int(abstract)), *members),
            variants=tuple(variants),
            tag=kind.tag,
        )

    def _complex(self, node: etree._Element, name: str, tag: str) -> ComplexType:
        body = parts_of(node)
        for each in (node, *body[:1]):
            if each.get("mixed") in _TRUE:
                raise self._refusal(each, "mixed complexType")
        derivation = _derivation(node)
        items_of = node.get(ARRAY_TYPE)
        if items_of is not None:
            items = self._particle(body[0])
            if not items.elements:
                raise self._refusal(node, f"an array of {items_of or 'nothing named'}")
            return ArrayType(name, items.elements, tag=tag)
        if derivation is None:
            return self._model(name, tag, body, Content(), {})
        base = derivation.get("base", "")
        own = parts_of(derivation)
        if qualified(derivation, base) == f"{{{XSD}}}anyType":
            return self._model(name, tag, own, Content(), {})
        parent = self._named_type(derivation, base)
        extends = kind_of(derivation) == "extension"
        if kind_of(body[0]) == "simpleContent":
            return self._simple_content(name, tag, parent, own)
        if isinstance(parent, SimpleType):
            raise self._refusal(derivation, f"complexContent of the simple type {parent.name}")
        attributes = {each.name: each for each in parent.children if each.is_attribute}
        inherited = Content()
        if extends:
            elements = tuple(each for each in parent.children if not each.is_attribute)
            inherited = Content(
                elements,
                parent.unordered,
                parent.open,
                parent.turns,
                model=parent.model or Group(elements),
            )
        return self._model(name, tag, own, inherited, attributes)

    def _simple_content(
        self, name: str, tag: str, parent: SimpleType | ComplexType, own: list[etree._Element]
    ) -> ComplexType:
        attributes: dict[str, Element] = {}
        text: SimpleType | ComplexType = parent
        if isinstance(parent, ComplexType):
            attributes = {each.name: each for each in parent.children if each.is_attribute}
            text = next(each.type for each in parent.children if each.name == TEXT)
        facets = [part for part in own if kind_of(part) not in _ATTRIBUTES]
        if facets and kind_of(facets[0]) == "simpleType":
            text = self._simple(facets.pop(0), name)
        text = restricted(cast("SimpleType", text), facets)
        attributes |= self._attributes(own)
        return ComplexType(name, (*_present(attributes), Element(TEXT, "", text)), tag=tag)

    def _model(
        self,
        name: str,
        tag: str,
        own: list[etree._Element],
        inherited: Content,
        attributes: dict[str, Element],
    ) -> ComplexType:
        content = inherited
        particles = [part for part in own if kind_of(part) not in _ATTRIBUTES]
        if particles:
            added = self._particle(particles[0])
            content = in_sequence([inherited, added]) if inherited != Content() else added
        return ComplexType(
            name,
            (*_present(attributes | self._attributes(own)), *content.elements),
            content.unordered,
            content.open,
            content.turns,
            model=None if content.model.is_plain else content.model,
            tag=tag,
        )

    def _particle(self, node: etree._Element) -> Content:
        kind = kind_of(node)
        if kind == "element":
            return one(self._element(node))
        if kind == "any":
            return Content(open=True, alternatives=True)
        if kind == "group":
            target = self._components["group", qualified(node, node.get("ref", ""))]
            content = self._particle(parts_of(target)[0])
        elif kind in _GROUPS:
            content = _GROUPS[kind]([self._particle(part) for part in parts_of(node)])
        else:
            raise self._refusal(node, f"{kind} in a complexType")
        return occurring(content, *_occurs(node))

    def _attributes(self, nodes: list[etree._Element]) -> dict[str, Element]:
        """By name; one that is prohibited may not occur."""
        found: dict[str, Element] = {}
        for node in nodes:
            if kind_of(node) == "attribute":
                element = self._attribute(node)
                if found.setdefault(element.name, element) is not element:
                    raise self._refusal(node, f"a second attribute {element.name[1:]}")
            elif kind_of(node) == "attributeGroup":
                name = qualified(node, node.get("ref", ""))
                found |= self._attributes(parts_of(self._components["attributeGroup", name]))
        return found

    def _attribute(self, node: etree._Element) -> Element:
        for attribute in ("default", "fixed"):
            if node.get(attribute) is not None:
                raise self._refusal(node, f'attribute with the attribute "{attribute}"')
        use = node.get("use", "optional")
        least, most = int(use == "required"), int(use != "prohibited")
        reference = node.get("ref")
        if reference:
            target = self._components["attribute", qualified(node, reference)]
            return replace(self._attribute(target), min_occurs=least, max_occurs=most)
        name = node.get("name", "")
        kind = (
            self._type_of(node, name)
            if node.get("type") or parts_of(node)
            else SimpleType("anySimpleType", "string", "preserve")
        )
        namespace = self._namespace_of(node, "attributeFormDefault")
        return Element(f"@{name}", namespace, kind, least, most)

    def _simple(self, node: etree._Element, name: str) -> SimpleType:
        parts = parts_of(node)
        kind = kind_of(parts[0])
        if kind == "list":
            self._lists.add(node)
            return list_of(name)
        if kind == "union":
            return union(name, self._members(parts[0], name))
        facets = parts_of(parts[0])
        base = parts[0].get("base")
        if base:
            parent = self._named_type(parts[0], base)
            source = self._components.get(("type", qualified(parts[0], base)))
        else:
            source = facets.pop(0)
            parent = self._simple(source, name)
        if source in self._lists:
            self._lists.add(node)
        if isinstance(parent, ComplexType):
            raise self._refusal(parts[0], f"simpleType {name} on a complexType")
        return restricted(replace(parent, name=name), facets, counted=node not in self._lists)

    def _members(self, node: etree._Element, name: str) -> list[SimpleType]:
        named = [self._named_type(node, each) for each in node.get("memberTypes", "").split()]
        found = [each for each in named if isinstance(each, SimpleType)]
        return found + [self._simple(part, name) for part in parts_of(node)]

    def _schema(self, node: etree._Element) -> Schema:
        return self._schemas[next(node.iterancestors(f"{{{XSD}}}schema"))]

    def _refusal(self, node: etree._Element, what: str) -> ContractError:
        return ContractError(self._schema(node).file, line_of(node), f"{what} is not supported")


def _derivation(node: etree._Element) -> etree._Element | None:
    """What says of a complexType which other it is derived from, and how."""
    for part in parts_of(node)[:1]:
        if kind_of(part) in ("simpleContent", "complexContent"):
            return next(iter(parts_of(part)), None)
    return None


def _present(attributes: dict[str, Element]) -> tuple[Element, ...]:
    return tuple(each for each in attributes.values() if each.max_occurs)


def _occurs(node: etree._Element) -> tuple[int, int | None]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most)
