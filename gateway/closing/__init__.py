"""Functions closed by the clock or by hand: docs/closing.md."""
