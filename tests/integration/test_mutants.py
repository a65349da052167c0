"""Validation is real: with a safeguard taken out, the test that is named for it fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.integration.mutants import MUTANTS
from tests.integration.replicas import CHECKOUT

PATIENCE = 120
CODEC, TRANSPORT = "tests/unit/soap/test_codec.py", "tests/unit/soap/test_transport.py"
EXCHANGE = "tests/unit/test_exchange.py"
MATCHED = "tests/unit/cashier/test_matched.py"
ENDS = f"{MATCHED}::test_a_matched_write_ends_honestly_when_the_hospital"
SPOOL = "tests/unit/soap/test_spool.py"
SWITCHES = "tests/unit/operations/test_switches.py"
LETTERS = "tests/unit/test_documents.py::test_a_problem_is_told_of_a_letter"
PAYLOAD = "tests/unit/soap/payload"
NAMED: dict[str, tuple[str, ...]] = {
    "without the reply xsd": (
        f"{CODEC}::test_a_reply_off_the_schema_is_refused_without_its_values",
        f"{EXCHANGE}::test_a_read_ends_honestly_when_the_hospital[says a nil code]",
        f"{EXCHANGE}::test_a_write_is_unknown_when_the_hospital[says an empty code]",
    ),
    "without the request xsd": (
        f"{CODEC}::test_arguments_off_the_contract_are_refused_without_their_value",
        f"{EXCHANGE}::test_what_only_the_contract_knows_is_told_at_the_field_too",
    ),
    "without the name check": (
        f"{CODEC}::test_another_operations_reply_is_refused_though_the_schema_knows_it",
        f"{EXCHANGE}::test_a_read_ends_honestly_when_the_hospital[answers for another operation]",
    ),
    "without the delivery classifier": (
        f"{TRANSPORT}::test_without_a_whole_answer_a_request_may_have_been_sent",
    ),
    "without the comparison of a success": (
        f"{EXCHANGE}::test_a_key_used_for_something_else_says_that_the_first_stands",
        f"{ENDS}[says another amount]",
        f"{ENDS}[has it paid by another]",
    ),
    "without asking before a repeat": (
        f"{MATCHED}::test_a_repeat_is_one_effect_however_the_hospital_writes_it",
        f"{ENDS}[has it paid already as asked]",
    ),
    "without the mark": (
        f"{LETTERS}[whose name alone is a letter]",
        f"{SPOOL}::test_of_two_long_texts_the_first_is_taken_out",
    ),
    "without the closings": (
        f"{EXCHANGE}::test_a_closed_write_is_told_so_before_anything_is_looked_at",
    ),
    "without the signature": (
        f"{SWITCHES}::test_any_other_is_refused_and_changes_nothing",
        f"{SWITCHES}::test_what_is_not_signed_is_not_believed_whoever_says_it",
    ),
    "without the inner schema": (
        f"{PAYLOAD}/test_codec.py::test_faults_of_the_message_are_told_at_the_trades_paths",
        f"{PAYLOAD}/test_codec.py::test_a_message_off_its_schema_is_refused_without_its_values",
        f"{PAYLOAD}/test_json_form.py::test_what_is_read_is_what_json_schema_allows",
        f"{PAYLOAD}/test_delimited_form.py::test_a_message_off_its_table_is_refused",
    ),
    "without the charset check": (
        f"{PAYLOAD}/test_codec.py::test_a_character_outside_the_charset_is_not_sent",
        f"{PAYLOAD}/test_codec.py::test_a_reply_in_another_charset_is_off_contract",
    ),
    "without the separator check": (
        f"{PAYLOAD}/test_delimited_form.py::test_a_value_that_holds_a_separator_is_refused",
        f"{PAYLOAD}/test_survival.py::test_a_message_survives_or_is_refused",
    ),
    "without credentials of each attempt": (
        f"{EXCHANGE}::test_a_read_is_made_again_at_a_service_that_remembers_who_asked",
        "tests/unit/soap/test_security.py::test_no_two_attempts_share_a_nonce_or_a_time",
    ),
}


def failed(mutant: str | None, names: list[str]) -> set[str]:
    """Those of `names` that fail, whole or in one of their cases; nobody reads why they do."""
    environment = {**os.environ, **({"MUTANT": mutant} if mutant else {})}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.integration.mutants", "-q", "--tb=no",
         "--assert=plain", "-p", "no:cacheprovider", *names],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
        cwd=CHECKOUT, env=environment,
    )  # fmt: skip
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    found = re.findall(
        r"^FAILED (\S+::[^\s\[]+(?:\[.*?\])?)(?: - .*)?$", ended.stdout, re.MULTILINE
    )
    assert bool(found) == (ended.returncode == 1), ended.stdout
    return {name if name in names else name.partition("[")[0] for name in found}


def test_every_safeguard_has_its_test() -> None:
    """And nothing else is mutated."""
    assert NAMED.keys() == MUTANTS.keys()


def test_with_every_safeguard_in_its_place_all_of_them_pass() -> None:
    """So that a failure below is the mutant's doing."""
    assert failed(None, [name for names in NAMED.values() for name in names]) == set()


@pytest.mark.parametrize("mutant", NAMED)
def test_a_safeguard_that_is_taken_out_is_missed(mutant: str) -> None:
    """By each test that is named for it, at least in one of its cases."""
    assert failed(mutant, list(NAMED[mutant])) == set(NAMED[mutant])
