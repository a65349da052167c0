"""Print what finds the card of one of the sandbox's samples, from `GET /sample` on standard input.

`patient.py bill` is the patient with an open bill: name, document and phone, as the API asks them.
"""

from __future__ import annotations

import json
import sys

DOCUMENTS = {
    "01": "identity-card",
    "02": "household-register",
    "03": "passport",
    "06": "hong-kong-macau-permit",
    "07": "taiwan-permit",
}

sample = json.load(sys.stdin).get(sys.argv[1])
if sample is None:
    sys.exit(f"the hospital has no {sys.argv[1]} to try things with just now")
patient = sample.get("patient", sample)
found = {
    "name": patient["name"],
    "documentType": DOCUMENTS[patient["doc_type"]],
    "documentNumber": patient["doc_no"],
    "phone": patient["phone"],
}
print(json.dumps(found, ensure_ascii=False))
