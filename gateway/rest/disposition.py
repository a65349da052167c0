"""What a caller may save a document as: Content-Disposition (RFC 6266)."""

from __future__ import annotations

import re
from urllib.parse import quote

LONGEST = 120
"""Characters of a name; file systems take 255 bytes."""

# What a file system, a shell or a header could take for something other than a part of a name.
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069<>:"/\\|?*%]')
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")
# RFC 8187 names them attr-char; letters and digits need not be said.
_ATTR = "!#$&+-.^_`|~"


def attachment(name: str) -> str:
    """The header for a name that the hospital gave, as it can be borne by whoever saves it.

    `filename*` (RFC 8187) carries all of it, `filename` what of it is ASCII, for old readers.
    """
    name = _UNFIT.sub("_", name).strip(" .")[:LONGEST] or "document"
    plain = _NOT_ASCII.sub("_", name)
    told = f'attachment; filename="{plain}"'
    return told if plain == name else f"{told}; filename*=UTF-8''{quote(name, safe=_ATTR)}"
