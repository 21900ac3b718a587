# The two commands: `make run` and `make test`. Everything they need they set up themselves.
SHELL := /bin/bash
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8050
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test check format bench soak lock clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; found $$($(PYTHON) -V). Name another with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "This Python has no venv module. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: constraints.txt | $(PY)
	@echo "Installing the pinned dependencies (first start only) ..."
	@$(PIP) --require-hashes -r constraints.txt
	@touch $@

$(VENV)/.dev: constraints-dev.txt | $(PY)
	@echo "Installing the pinned dependencies for development (first time only) ..."
	@$(PIP) --require-hashes -r constraints-dev.txt
	@touch $(VENV)/.runtime $@

install: $(VENV)/.runtime ## make the virtual environment with pinned dependencies

install-dev: $(VENV)/.dev ## the same, with what tests and checks need

run: install ## sample community, simulator, wall, managers' page and demo
	@$(PY) app.py demo --host $(HOST) --port $(PORT)

test: install-dev ## every test, real Chromium included
	@TWIN_CHROMIUM="$$($(PY) tests/chromium.py)" && export TWIN_CHROMIUM && $(PY) tests/run.py $(ARGS)

check: install-dev ## format, lint and types
	@$(PY) -m ruff format --check . && $(PY) -m ruff check . && $(PY) -m mypy

format: install-dev ## rewrite the layout of the code
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

bench: install-dev ## ratios measured in one run
	@TWIN_CHROMIUM="$$($(PY) tests/chromium.py)" && export TWIN_CHROMIUM && $(PY) -m tests.bench $(ARGS)

soak: install-dev ## hours of wall under load (SECONDS_LONG=7200)
	@TWIN_CHROMIUM="$$($(PY) tests/chromium.py)" && export TWIN_CHROMIUM && $(PY) -m tests.bench.soak $(ARGS)

lock: install-dev ## pin the newest allowed versions (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header requirements.in -o constraints.txt
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c constraints.txt requirements-dev.in -o constraints-dev.txt

clean: ## remove what was built
	@rm -rf $(VENV) var
