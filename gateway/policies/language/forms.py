"""The forms of single texts, and what several parts of the language have."""

from __future__ import annotations

from gateway.policies.language.schema import Schema, mapping, text, told
from gateway.policies.tables import WORD

FLAG: Schema = {"type": "boolean"}
WORDS: Schema = {"type": "string", "minLength": 1}
REASON: Schema = {"type": "string", "minLength": 8}
DURATION = text("^[1-9][0-9]{0,5}(ms|s|m)$", "500ms", "5s", "2m")
NAME = text("^[A-Za-z][A-Za-z0-9]{0,63}$", "departmentId", "items")
ID = text("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "registration", "slot-state")
OUR_WORD = text(WORD, "male", "identity-card")
ELEMENT = text("^[A-Za-z_][A-Za-z0-9_.-]*$", "DeptCode", "PageSize")
PATH = text(
    r"^([A-Za-z_][A-Za-z0-9_.-]*/)*(@?[A-Za-z_][A-Za-z0-9_.-]*|@xsi:type|text\(\))$",
    "DeptCode",
    "ScheduleList/Schedule",
    "Fee/@currency",
)
SECRET = text(r"^\$\{[A-Z][A-Z0-9_]*_FILE\}$", "${INVOICES_KEY_FILE}")
CODES: Schema = {"type": "array", "items": WORDS, "uniqueItems": True}
_TEXTS_AT = mapping({**CODES, "minItems": 1}, PATH)
ONLY = told(_TEXTS_AT, "Path: the texts of what is shown; all else is kept back.")
WITHHOLD = told(_TEXTS_AT, "Path: the texts of what is kept back.")
