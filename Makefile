# Every target works from nothing: it makes the virtual environment first, or says in one line
# what is missing (scripts/bootstrap.sh) and ends with status 2.

VENV := .venv
PYTHON := $(VENV)/bin/python
BOOTSTRAP := @scripts/bootstrap.sh

.DEFAULT_GOAL := help
.PHONY: help run test check lint types unit bench test-pythons openapi lock format clean
MAKEFLAGS += --no-print-directory

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: ## start everything on the fixed ports, in the foreground; Ctrl-C ends it
	$(BOOTSTRAP) --haproxy
	@exec $(PYTHON) -m sandbox

test: lint types ## lint, types and every test
	$(BOOTSTRAP) --haproxy --services --postgres
	$(PYTHON) -m pytest

lint: ## ruff: rules and format
	$(BOOTSTRAP)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: ## mypy, strict
	$(BOOTSTRAP)
	$(PYTHON) -m mypy

unit: ## the tests that start no other process
	$(BOOTSTRAP)
	$(PYTHON) -m pytest tests/unit tests/policies tests/contract

test-pythons: ## all tests but the stack's on each supported Python found (PYTHONS="3.12 3.13")
	$(BOOTSTRAP) --haproxy --services --postgres
	@$(PYTHON) scripts/test_pythons.py $(PYTHONS)

check: ## check every pack's policy against its contract
	$(BOOTSTRAP)
	@$(VENV)/bin/dmz-gateway check

openapi: ## write contracts/openapi.yaml from the policies
	$(BOOTSTRAP)
	@$(VENV)/bin/dmz-gateway openapi --write contracts/openapi.yaml

bench: ## measure against the peers; the table goes to bench/results/
	$(BOOTSTRAP) --venv bench/.venv --requirements requirements/bench.txt
	@bench/.venv/bin/python -m bench

format: ## put the code into ruff's form
	$(BOOTSTRAP)
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lock: ## resolve the requirements anew into requirements/
	$(BOOTSTRAP)
	@scripts/lock.sh

clean: ## remove what builds and runs leave, the virtual environments too
	rm -rf .venv .venv-3.* bench/.venv build dist *.egg-info var
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
