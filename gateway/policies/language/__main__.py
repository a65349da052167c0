"""`python -m gateway.policies.language` prints the language's schema."""

from __future__ import annotations

from gateway.policies.language import document

if __name__ == "__main__":
    print(document(), end="")
