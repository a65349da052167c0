"""Patients of the sandbox, as the booking platform comes to know them."""

from __future__ import annotations

from tests.e2e import hospital as truth
from tests.e2e.cloud import Cloud
from tests.e2e.hospital import Hospital


def card_id(cloud: Cloud, hospital: Hospital, card_no: str) -> str:
    """The sealed id of a card, found by what its holder says of themselves."""
    row = hospital.row("SELECT * FROM card WHERE card_no = ?", card_no)
    asked = {
        "name": row["name"],
        "documentType": truth.DOCUMENT[row["doc_type"]],
        "documentNumber": row["doc_no"],
        "phone": row["phone"],
    }
    answer = cloud.call("POST", "/v1/patient-cards/search", asked)
    assert answer.status == 200, answer.body
    return str(answer.json["id"])
