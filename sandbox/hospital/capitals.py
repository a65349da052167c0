"""Amounts in words, as Chinese invoices state them beside the figures."""

from __future__ import annotations

import re

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟", "万", "拾", "佰", "仟")
_LARGEST_YUAN = 10 ** len(_PLACES)


def capitals(fen: int) -> str:
    """Return an amount below a hundred million yuan in capital numerals.

    12350 fen is 壹佰贰拾叁圆伍角整, 105 fen is 壹圆零伍分. ValueError for a larger one.
    """
    yuan, rest = divmod(abs(fen), 100)
    if yuan >= _LARGEST_YUAN:
        raise ValueError("too large to be an invoice's")
    jiao, fen_left = divmod(rest, 10)
    parts = ["负" if fen < 0 else ""]
    if yuan or not rest:
        parts.append(f"{_whole(yuan)}圆")
    if jiao:
        parts.append(f"{_DIGITS[jiao]}角")
    elif yuan and fen_left:
        parts.append(_DIGITS[0])
    parts.append(f"{_DIGITS[fen_left]}分" if fen_left else "整")
    return "".join(parts)


def _whole(number: int) -> str:
    """Return a whole number; zeros in a row are said once, and none before 万 or at the end."""
    said = ""
    for place, digit in enumerate(reversed(str(number))):
        unit = _PLACES[place] if digit != "0" or _PLACES[place] == "万" else ""
        said = _DIGITS[int(digit)] + unit + said
    said = re.sub("零+万", "万", said)
    return re.sub("零+", "零", said).rstrip("零") or "零"
