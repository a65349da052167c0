"""Which of the gateway's two languages a caller reads (RFC 9110, section 12.5.4)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

Language = Literal["en", "zh"]


@lru_cache(maxsize=256)
def preferred_language(accept_language: str | None) -> Language:
    """The language of problem texts: Chinese when it is preferred to English, else English."""
    if accept_language is None:
        return "en"
    weights = {"en": 0.0, "zh": 0.0}
    for part in accept_language.split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameter))
    return "zh" if weights["zh"] > weights["en"] else "en"


def _weight(parameter: str) -> float:
    """The weight that `q=` gives, 1 when there is none, 0 when it makes no sense."""
    if not parameter:
        return 1.0
    name, _, text = parameter.partition("=")
    try:
        weight = float(text) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
