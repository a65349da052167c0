#!/bin/sh
# Find an interpreter and let it make the virtual environment: see bootstrap.py for the options.
set -eu
cd "$(dirname "$0")/.."
python=$(scripts/find-python.sh)
exec "$python" scripts/bootstrap.py "$@"
