"""The services of this hospital: where each stands, and how each says that something failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.hospital import billing, faults, invoices, registration, reports
from sandbox.hospital.soap import ServiceApplication, Version


@dataclass(frozen=True, slots=True)
class Service:
    """One service. It stands at the path of its name, and its contract is in the folder of it.

    `application` makes it of a hospital, or of None to print its contract. `result` is a whole
    reply that says a result code and its words and no more: operation, code, words. Where one
    operation has many functions, `function` is the argument that names the one called.
    """

    name: str
    application: Callable[[Any], ServiceApplication]
    result: Callable[[str, str, str], bytes]
    function: str | None = None
    version: Version = "1.1"

    @property
    def path(self) -> str:
        """Return where it stands below the hospital's address."""
        return f"/{self.name}"


_ALL = (
    Service(
        "registration",
        application=lambda hospital: ServiceApplication(
            registration.OPERATIONS.name,
            registration.OPERATIONS.service(),
            registration.NAMESPACE,
            hospital,
        ),
        result=lambda operation, code, words: faults.result(
            registration.NAMESPACE, operation, code, words
        ),
    ),
    Service(
        "reports",
        application=lambda hospital: ServiceApplication(
            reports.NAME, reports.publish(), reports.NAMESPACE, hospital
        ),
        result=reports.result,
        function="action",
    ),
    Service(
        "invoices",
        application=lambda hospital: ServiceApplication(
            invoices.OPERATIONS.name,
            invoices.OPERATIONS.service(),
            invoices.NAMESPACE,
            hospital,
            "1.2",
        ),
        result=invoices.result,
        version="1.2",
    ),
    Service(
        "billing",
        application=lambda hospital: ServiceApplication(
            billing.NAME, billing.service(), billing.NAMESPACE, hospital
        ),
        result=billing.result,
        function="TransCode",
    ),
)

SERVICES: Mapping[str, Service] = {service.path: service for service in _ALL}
