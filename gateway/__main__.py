"""`python -m gateway` is `dmz-gateway`."""

import sys

from gateway.cli import main

sys.exit(main())
