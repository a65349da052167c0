"""What a policy says of a document, with its paths from the reply's record on."""

from __future__ import annotations

from gateway.policies.model import Policy, RoutePolicy
from gateway.translation.documents import DocumentRule


def document_of(policy: Policy, route: RoutePolicy) -> DocumentRule | None:
    """The rule of the route's document; None for one that is answered with JSON."""
    document = route.document
    if document is None:
        return None
    name = None if document.name is None else (*route.reply, *document.name)
    at = (*route.reply, *document.hospital)
    return DocumentRule(at, document.media_type, name, document.limit, policy.empties)
