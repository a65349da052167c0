# zeep is typed in part only.
# mypy: disallow-untyped-calls=False
"""A running hospital for tests: SOAP by zeep, control by HTTP, the truth by SQL."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import requests
import zeep
from lxml import etree
from sqlalchemy import text
from zeep.transports import Transport

from sandbox.hospital.clock import Clock
from sandbox.hospital.database import Database
from sandbox.hospital.platform import Hospital
from sandbox.hospital.rules import Rules
from sandbox.hospital.seeding.founding import open_hospital
from sandbox.hospital.server import Address, Running, running


def contract_file(service: str) -> Path:
    """Return the committed contract of a service."""
    return Path(__file__).parents[2] / "contracts" / service / f"{service}.wsdl"


WSDL_FILE = contract_file("registration")
NAMESPACE = "urn:internet-hospital:registration"
OPENED = datetime.fromisoformat("2026-03-10T09:00:00")
CHANNEL = "VIDEO"
SEED = 7
INVOICES_KEY = "a-made-up-key"

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def schema() -> etree.XMLSchema:
    """Return the XSD inside the committed WSDL."""
    inside = etree.parse(WSDL_FILE, _PARSER).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert inside is not None
    # Parsed again on its own: the prefixes it uses are declared on the definitions around it.
    return etree.XMLSchema(etree.fromstring(etree.tostring(inside), _PARSER))


class ValidatingTransport(Transport):
    """Refuses any request or reply whose body is not what the XSD says."""

    def __init__(self) -> None:
        super().__init__(session=requests.Session(), timeout=30, operation_timeout=30)
        self._schema = schema()

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        """Send and receive, both valid."""
        self._check(message)
        response = super().post(address, message, headers)
        if response.status_code == 200:
            self._check(response.content)
        return response

    def _check(self, envelope: bytes) -> None:
        body = etree.fromstring(envelope, _PARSER).find("{*}Body/*")
        assert body is not None
        self._schema.assertValid(etree.fromstring(etree.tostring(body), _PARSER))


def serial() -> str:
    """Return a new platform serial."""
    return uuid.uuid4().hex


class World:
    """One running hospital."""

    def __init__(self, hospital: Hospital, at: Running) -> None:
        self.hospital = hospital
        self.at = at
        self.url = self.address("registration")
        self._patients = iter(
            self.rows(
                "SELECT card_no FROM card WHERE birth_date < '1990-01-01' AND doc_type = '01'"
                " AND card_no NOT IN (SELECT card_no FROM registration) ORDER BY card_no"
            )
        )
        bookable = (
            " FROM schedule JOIN department ON department.code = schedule.dept_code"
            " WHERE numbered AND NOT stopped AND kind IN ('1', '2') AND clinic_type = '2'"
            " AND clinic_date BETWEEN '2026-03-12' AND '2026-03-15'"
            " AND schedule.code NOT IN (SELECT schedule_code FROM place)"
        )
        sessions = self.rows(f"SELECT schedule.code AS code {bookable} ORDER BY schedule.code")
        half = len(sessions) // 2
        self._sessions = iter(sessions[half:])
        self._slots = iter(
            self.rows(
                "SELECT code FROM slot WHERE schedule_code <= :last AND schedule_code IN"
                f" (SELECT schedule.code {bookable}) ORDER BY code",
                last=sessions[half - 1]["code"],
            )
        )

    @property
    def service(self) -> Any:
        """Return a zeep proxy with a transport of its own, so that threads may each have one."""
        client = zeep.Client(str(WSDL_FILE), transport=ValidatingTransport())
        return client.create_service(f"{{{NAMESPACE}}}RegistrationSoap", self.url)

    def address(self, service: str) -> str:
        """Return where a service is."""
        return f"http://{self.at.soap}/{service}"

    def proxy(self, service: str, binding: str) -> Any:
        """Return a zeep proxy of a service, whose messages nothing checks."""
        transport = Transport(timeout=30, operation_timeout=30)
        client = zeep.Client(str(contract_file(service)), transport=transport)
        return client.create_service(binding, self.address(service))

    def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Ask the database, as mappings."""
        with self.hospital.database.engine.connect() as connection:
            return list(connection.execute(text(query), parameters).mappings())

    def row(self, query: str, **parameters: Any) -> Any:
        """Ask the database for exactly one row."""
        (only,) = self.rows(query, **parameters)
        return only

    def effects(self, of: str) -> list[str]:
        """Return the kinds of effects that a serial had."""
        found = self.rows("SELECT kind FROM ledger WHERE serial = :of ORDER BY id", of=of)
        return [effect["kind"] for effect in found]

    def patient(self) -> str:
        """Return the card of an adult whom no test has used."""
        return str(next(self._patients)["card_no"])

    def slot(self) -> str:
        """Return an open numbered slot that no test has used, two to five days ahead."""
        return str(next(self._slots)["code"])

    def slot_of_own_session(self) -> str:
        """Return the first slot of a session that no test has used."""
        return f"{next(self._sessions)['code']}01"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control port and return its JSON; a refusal has a `status`."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # our own address
            f"http://{self.at.control}{path}", data=data, method=method
        )
        try:
            with urlopen(request, timeout=30) as response:
                return json.load(response)
        except HTTPError as error:
            return {"status": error.code} | json.load(error)

    def post(self, envelope: bytes) -> tuple[int, bytes]:
        """Post an envelope as it is; status and body."""
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        answered = requests.post(self.url, data=envelope, headers=headers, timeout=30)
        return answered.status_code, answered.content

    @contextmanager
    def time(self, now: datetime) -> Iterator[None]:
        """Let it be another time, then go back."""
        before = self.hospital.clock.now()
        self.hospital.clock.set(now)
        try:
            yield
        finally:
            self.hospital.clock.set(before)

    @contextmanager
    def faults(self, *rules: dict[str, Any]) -> Iterator[None]:
        """Have these faults, then none."""
        assert "status" not in self.control("POST", "/faults", list(rules))
        try:
            yield
        finally:
            self.control("DELETE", "/faults")


@contextmanager
def open_world(url: str, rules: Rules | None = None) -> Iterator[World]:
    """Found a hospital on a fixed day and run it on free ports, its event loop in a thread."""
    clock = Clock()
    clock.set(OPENED)
    database = Database(url)
    hospital = Hospital(database, clock, rules or Rules(), invoices_key=INVOICES_KEY)
    open_hospital(database, SEED, clock.today(), hospital.rules)
    started: list[Running] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        anywhere = Address("127.0.0.1", 0)
        async with running(hospital, anywhere, anywhere) as at:
            started.append(at)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield World(hospital, started[0])
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()
        database.close()
