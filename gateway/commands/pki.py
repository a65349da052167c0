"""`dmz-gateway pki`: see `gateway.pki`."""

from gateway.pki import add_arguments, run

__all__ = ["add_arguments", "run"]
