#!/bin/sh
# Resolve the locks in requirements/: one resolution for all supported Pythons and platforms, with
# hashes. No header and no index: a lock names neither the machine nor the registry it came from.
set -eu
cd "$(dirname "$0")/.."

compile() {
    output=requirements/$1
    shift
    .venv/bin/uv pip compile pyproject.toml "$@" --output-file "$output" \
        --python-version 3.11 --universal --generate-hashes --quiet \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links
}

# Everything else takes the versions that the tests run with.
compile development.txt --group dev "$@"
compile product.txt --constraint requirements/development.txt
compile bench.txt --group bench --constraint requirements/development.txt
.venv/bin/uv pip compile --group build --output-file requirements/build.txt \
    --constraint requirements/development.txt \
    --python-version 3.11 --universal --generate-hashes --quiet \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links
