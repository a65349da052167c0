#!/bin/sh
# Resolve the locks in requirements/ (--upgrade for newer versions): one resolution for all
# supported Pythons and platforms, with hashes. No header and no index: a lock names neither the
# machine nor the registry it came from.
set -eu
cd "$(dirname "$0")/.."

compile() {
    output=requirements/$1
    shift
    # The machine's own trust store: behind a company's proxy it is the only one that fits.
    .venv/bin/uv pip compile "$@" --output-file "$output" --quiet --system-certs \
        --python-version 3.11 --universal --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links
}

# Everything else takes the versions that the tests run with.
compile development.txt pyproject.toml --group dev "$@"
compile product.txt pyproject.toml --constraint requirements/development.txt
compile bench.txt pyproject.toml --group bench --constraint requirements/development.txt
compile build.txt --group build --constraint requirements/development.txt
