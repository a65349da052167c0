"""A believable internal hospital platform: SOAP services over a real database, with faults on call.

`python -m sandbox.hospital serve` runs it; README.md beside this file tells the rest.
"""

from sandbox.hospital import compat

compat.install()
