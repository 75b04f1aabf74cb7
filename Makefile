# `make help` lists the targets. The virtual environment is made at first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.bench-ready
JS := tests/javascript
JS_READY := $(JS)/node_modules/.package-lock.json

COMPILE := $(PYTHON) -m uv pip compile pyproject.toml --universal --python-version 3.11 --quiet --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## start a cluster, see it refuse an alien, encrypt the wire, change its CA under load (under 30 s)
	$(BIN)/isthmus demo

demo-elasticsearch: $(READY) ## a real Elasticsearch, in ISTHMUS_ES_HOME, registers an Isthmus and searches it (needs Java)
	$(BIN)/python -m tests.interop.demo

test: lint types layers unit ## everything that a change must pass

lint: $(READY) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

layers: $(READY) ## import-linter: who may import whom
	$(BIN)/lint-imports

javascript: $(JS_READY) ## install the official JavaScript client, so that `make unit` tests it too (needs npm and node 20)

unit: $(READY) ## the tests alone, unit and end to end
	$(BIN)/pytest -n 2 --dist worksteal

interop: $(READY) ## against the real Elasticsearch in ISTHMUS_ES_HOME (minutes; needs Java)
	$(BIN)/pytest -m interop -o faulthandler_timeout=900 tests/interop

bench: $(BENCH_READY) ## the benchmarks, side by side in one run
	$(BIN)/python -m bench

lock: ## pin the dependencies anew, with hashes and without hosts
	$(PYTHON) -m pip install --quiet --upgrade uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group test -o requirements-test.lock
	$(COMPILE) --group bench -o requirements-bench.lock

clean: ## forget the virtual environment and what tools left
	rm -rf $(VENV) $(JS)/node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements-test.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(BENCH_READY): $(READY) requirements-bench.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	touch $@

$(JS_READY): $(JS)/package-lock.json
	npm ci --prefix $(JS) --silent
	touch $@

.PHONY: help demo demo-elasticsearch test lint types layers javascript unit interop bench lock clean
