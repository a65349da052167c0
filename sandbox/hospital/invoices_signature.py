"""The legacy signature of the service `invoices`: MD5 over sorted arguments and a shared key.

It is what such services have, not what one should have: MD5 is broken, and the key is known to
both ends. The transport has to protect the call.
"""

from __future__ import annotations

import hashlib
import hmac


def signature(arguments: dict[str, str], key: str) -> str:
    """Return the signature of `a=1&b=2&key=...`, names in order, in capital letters."""
    pairs = [f"{name}={value}" for name, value in sorted(arguments.items())]
    text = "&".join([*pairs, f"key={key}"])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def is_signed(arguments: dict[str, str], sign: str, key: str) -> bool:
    """Tell whether `sign` is the arguments' signature."""
    return hmac.compare_digest(signature(arguments, key), sign)
