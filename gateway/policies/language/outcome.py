"""What the hospital's result codes mean."""

from __future__ import annotations

from gateway.policies.language.forms import CODES, FLAG, PATH
from gateway.policies.language.schema import Schema, mapping, members, or_text, text, told
from gateway.problems import REFUSALS

_RESULT_CODE = text("^([^<>].*|[<>]=?(0|-?[1-9][0-9]{0,14}))$", "0", "<0")
_RESULT_CODES: Schema = {**CODES, "items": _RESULT_CODE}
_REFUSAL = {"enum": sorted(REFUSALS)}
OUTCOME = members(
    {
        "code": told(PATH, "Where every reply says how it went."),
        "message": told(PATH, "Where it says so in words."),
        "success": {**told(_RESULT_CODES, "Codes for: done, and here it is."), "minItems": 1},
        "empty": told(_RESULT_CODES, "Codes for: fine, and nothing to show."),
        "refused": mapping(
            or_text(
                _REFUSAL,
                members(
                    {
                        "type": told(_REFUSAL, "The problem type."),
                        "show_message": told(
                            FLAG, "The hospital's words are meant for the patient."
                        ),
                    },
                    ("type",),
                ),
            ),
            _RESULT_CODE,
            description="Result code: the problem type that it is answered with.",
        ),
        "upstream_failure": told(
            _RESULT_CODES, "Codes for: the hospital failed. Only these open the breaker."
        ),
    },
    ("code", "success"),
    description="HTTP 200 says nothing; this does.",
)
