# make run and make test need nothing but Python 3.11 with pip; they set up the rest themselves.
PYTHON ?= python3
PY := .venv/bin/python
# A test that stands still ends its process with the stack of every thread, and the run goes on.
HANGING := -o faulthandler_timeout=300 -o faulthandler_exit_on_timeout=true
BASE := @$(PYTHON) requirements/install.py base
DEV := @$(PYTHON) requirements/install.py dev
PIN := .venv/.uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help run demo test lint format schema bench faults isolation credit gobl ledger mutants requirements install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve on PORT (8000) with everything it needs, data below DATA_DIR (.data)
	$(BASE)
	@exec $(PY) -m config.run --with-parent

demo: ## do the main job over HTTP on an instance of its own; CASES=folder recomputes case files
	$(BASE)
	@exec $(PY) -m config.demo $(if $(CASES),--cases "$(CASES)")

test: ## the whole suite against real servers; ARGS go to pytest
	$(DEV)
	@$(PYTHON) requirements/install.py system
	$(PY) -m pytest -n 2 $(HANGING) $(ARGS)

lint: ## style, types, import contracts, migrations and API schemas
	$(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) -m config.checks

format: ## let ruff write the style
	$(DEV)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

schema: ## write the OpenAPI copies below docs/openapi
	$(DEV)
	$(PY) -m config.checks --write

bench: ## measure ours, the limit and the plain form side by side; ARGS go to the harness
	$(DEV)
	$(PY) -m bench $(ARGS)

faults: ## the long proofs by killing servers and processes, seeded and resumable: seeds=0-49
	$(DEV)
	$(PY) -m tests.faults.run --seeds $(or $(seeds),0-9) $(ARGS)

isolation: ## the long sweep of every endpoint with another tenant's ids: calls=20000
	$(DEV)
	$(PY) -m tests.isolation.sweep --calls $(or $(calls),20000) $(ARGS)

credit: ## the long proof that credit notes add up: invoices=10000 kept=300; writes docs/proofs/credit-notes.md
	$(DEV)
	$(PY) -m tests.invoicing.credits.prove --write --invoices $(or $(invoices),10000) --kept $(or $(kept),300) $(ARGS)

gobl: ## compare GOBL's computed invoices below CORPORA_DIR with our totals; writes docs/proofs/gobl.md
	$(DEV)
	$(PY) -m tests.conformance.gobl --write

ledger: ## the long proofs of the ledger: examples=2000 operations=100000; writes docs/proofs/ledger.md
	$(DEV)
	$(PY) -m tests.ledger.run --write --examples $(or $(examples),2000) --operations $(or $(operations),100000) $(ARGS)

mutants: ## remove each guard in a copy; a test must fail
	$(DEV)
	$(PY) -m tests.mutants.run $(ARGS)

requirements: ## compile the pins anew from requirements/*.in
	$(DEV)
	$(PIN) requirements/uv.in -o requirements/uv.txt
	$(PIN) requirements/base.in -o requirements/base.txt
	$(PIN) requirements/dev.in -o requirements/dev.txt
	$(PIN) requirements/ldap.in -o requirements/ldap.txt

install: ## make .venv with everything in it
	$(DEV)

clean: ## remove the environment, caches and the tests' data; the data of make run stays
	rm -rf .venv .data-test .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
