"""A replica that passes documents on: whole, once, and without holding them in memory."""

from __future__ import annotations

import hashlib
import http.client
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import letters
from tests.integration.replicas import PATIENCE, Answer, Replica, wait_until
from tests.integration.stub import Stub, answering
from tests.letters import LETTER, letter, pdf
from tests.replies import CARD, OTHER_CARD

MB = 1_000_000
PATH = f"/v1/letters/{LETTER}"


class LettersReplica(Replica):
    """A replica that has the letters pack too."""

    @property
    def environment(self) -> dict[str, str]:
        """Its letters are where everything else is."""
        known = super().environment
        return {**known, "LETTERS_URL": known["REGISTRATION_URL"]}

    def ask(self) -> Answer:
        """The letter, asked for."""
        return self.call("GET", PATH, card=CARD)

    def files(self) -> int:
        """How many documents it has open."""
        assert self.child is not None
        opened = Path(f"/proc/{self.child.pid}/fd").iterdir()
        return sum(letters.is_nameless(one) for one in opened)

    def peak_of(self, what: Callable[[], object]) -> float:
        """By how many megabytes its resident memory rises at most while something is done."""
        assert self.child is not None
        process = Path(f"/proc/{self.child.pid}")
        # The kernel begins its count of the peak anew (proc(5), clear_refs).
        (process / "clear_refs").write_text("5")
        before = _status(process, "VmRSS")
        what()
        return (_status(process, "VmHWM") - before) / MB


def _status(process: Path, name: str) -> int:
    """A figure of a process, in bytes."""
    lines = (process / "status").read_text().splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(found) * 1024


@pytest.fixture(scope="module")
def replica(
    tmp_path_factory: pytest.TempPathFactory, state: Path, running_stub: Stub
) -> Iterator[LettersReplica]:
    """It stands before the scripted hospital."""
    made = LettersReplica(tmp_path_factory.mktemp("letters"), state, running_stub.url)
    shutil.copytree(letters.PACKS / "letters", made.packs / "letters")
    made.start()
    yield made
    made.stop()


def test_ten_megabytes_pass_in_less_than_thirty(replica: LettersReplica, stub: Stub) -> None:
    """Of memory; and they are the hospital's, byte for byte."""
    content = pdf(10 * MB)
    stub.will("GetLetter", answering(letter(pdf(1000))), answering(letter(content)))
    assert replica.ask().body == pdf(1000)
    answers: list[Answer] = []
    risen = replica.peak_of(lambda: answers.append(replica.ask()))
    assert answers[0].status == 200
    assert answers[0].headers["content-length"] == str(len(content))
    assert hashlib.sha256(answers[0].body).digest() == hashlib.sha256(content).digest()
    assert risen < 30
    wait_until(lambda: replica.files() == 0)


def test_a_large_document_of_another_patient_goes_nowhere(
    replica: LettersReplica, stub: Stub
) -> None:
    """It has come whole, and is gone."""
    stub.will("GetLetter", answering(letter(pdf(MB), card=OTHER_CARD)))
    assert replica.ask().status == 404
    assert replica.files() == 0


def test_a_caller_that_leaves_half_way_leaves_no_file(replica: LettersReplica, stub: Stub) -> None:
    """The replica notices, and answers others meanwhile."""
    stub.will("GetLetter", answering(letter(pdf(10 * MB))), answering(letter(pdf(1000))))
    fields = {**replica.edge_headers, "Patient-Card": replica.seal("card", CARD)}
    connection = http.client.HTTPConnection("127.0.0.1", replica.rest_port, timeout=PATIENCE)
    connection.request("GET", PATH, headers=fields)
    response = connection.getresponse()
    assert response.read(1000) == pdf(1000)
    assert replica.files() == 1
    assert replica.ask().status == 200
    response.close()
    connection.close()
    wait_until(lambda: replica.files() == 0)
