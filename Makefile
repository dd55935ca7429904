# Two commands are enough: make run, make test. Everything else is for maintainers.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
export PORT ?= 8000
export XINGLIN_HOME ?= var

.PHONY: help setup run test check bench e2e spark docs pictures format messages lock clean

help:  ## Show this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## Virtual environment, dependencies, front-end assets, translations
	@$(BIN)/python tools/assets.py && $(BIN)/python tools/messages.py compile

$(STAMP): pyproject.toml requirements.lock package-lock.json tools/setup.sh tools/assets.py
	@PYTHON=$(PYTHON) bash tools/setup.sh
	@touch $(STAMP)

run: setup  ## Start everything in one console: database, demo hospital, web, workers
	@$(BIN)/xinglin run --demo

test: setup  ## Unit and integration tests on SQLite and PostgreSQL, browser tests
	@bash tools/test.sh

check: setup  ## Lint, types, import contracts, guards, migrations, rule packs, translations
	@bash tools/check.sh

bench: setup  ## Speed and memory, each beside the raw engine or a plain baseline
	@$(BIN)/python -m bench $(BENCH)

e2e: setup  ## Browser tests alone
	@bash tools/test.sh browser

spark: setup  ## The extra for a Spark cluster, whose tests need Java 17 as well
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[spark]'

docs: setup  ## Check the documentation's links and commands
	@$(BIN)/python tools/docs.py

pictures: setup  ## Make the README's pictures from a fresh demo hospital
	@$(BIN)/python tools/pictures.py

format: setup  ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

messages: setup  ## Collect texts for translation and compile them
	@$(BIN)/python tools/messages.py extract && $(BIN)/python tools/messages.py compile

lock:  ## Renew the lock of Python dependencies
	@$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --extra dev \
		-q pyproject.toml -o requirements.lock

clean:  ## Remove the virtual environment and caches; data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build
