# `make help` lists what can be made. Nothing is installed outside of $(VENV).

VENV ?= .venv
# The first Python at hand that is new enough; name another with `make … PYTHON=/path/to/python3`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
# Passed on to the program behind a target: make test ARGS="tests/domain -k promise"
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
CODE := dossier tests $(wildcard benchmarks) $(sort $(dir $(wildcard examples/*.py)))
# Up to four processes; a module's tests stay in one of them, so what they share is made once.
WORKERS := -n auto --maxprocesses 4 --dist loadscope

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help demo clean test lint types format torture oldest bench wheel lock compiled

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- For everyone ----------------------------------------------------------------------------------------------------

demo: $(VENV)/.program compiled ## first look: install everything, fill a throw-away vault, print today's agenda
	@$(BIN)/dossier demo $(ARGS)

clean: ## remove the environment, builds and caches
	@rm -rf $(VENV) .venv-lock .venv-oldest build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- For developers --------------------------------------------------------------------------------------------------

test: lint types compiled ## lint, types and all tests, the torture in its short form
	@echo "Tests"
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

lint: $(VENV)/.dev ## clean lock files, style, format, the direction of imports
	@$(call only-pins,requirements.lock requirements-dev.lock)
	@echo "Style and format"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || { echo "make format puts it right" >&2; exit 1; }
	@echo "Direction of imports"
	@$(BIN)/lint-imports --no-logo --no-cache

types: $(VENV)/.dev ## mypy, strict
	@echo "Types"
	@$(BIN)/mypy --no-error-summary $(CODE)

format: $(VENV)/.dev ## put style and format right where a tool can
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format

torture: $(VENV)/.dev compiled ## the full counts of every torture test; takes its time
	@$(BIN)/python -m pytest -m torture -o faulthandler_timeout=7200 $(WORKERS) $(ARGS)

oldest: .venv-lock/.made ## all tests on the oldest libraries that pyproject.toml allows
	@$(MAKE) --no-print-directory VENV=.venv-oldest .venv-oldest/.dev
	@.venv-lock/bin/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct \
		--only-binary :all: --requirements pyproject.toml
	@.venv-oldest/bin/python -m pytest $(WORKERS) $(ARGS)

bench: $(VENV)/.dev compiled ## time and memory of each command on a large vault
	@$(BIN)/python -m benchmarks $(ARGS)

wheel: $(VENV)/.dev ## the package for users, in dist/
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

# Keeps the versions that are locked and still fit; `make lock ARGS=--upgrade` takes the newest.
lock: .venv-lock/.made ## resolve the lock files anew from pyproject.toml
	@$(call resolve,--group build,requirements.lock)
	@$(call resolve,--group dev --constraint requirements.lock,requirements-dev.lock)
	@$(call only-pins,requirements.lock requirements-dev.lock)

# --- How it is done --------------------------------------------------------------------------------------------------

# One lock serves every platform and Python; no address is written, so it installs from any index or mirror.
resolve = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(1) $(ARGS) --output-file $(2) pyproject.toml

# A lock holds pins, hashes and remarks: no option, address or path.
only-pins = ! grep -nvE '^([a-z0-9._-]+==[^/@]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?|[ ]*\#[^/@]*)$$' $(1) || \
	{ echo "a lock file may hold pins and hashes only" >&2; exit 1; }

$(VENV)/.made:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "dossier needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv --clear $(VENV) || \
		{ echo "Python's venv module is missing or broken; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

# Compiling here, not at the first run: where PYTHONDONTWRITEBYTECODE is set, every run would compile anew.
$(VENV)/.runtime: requirements.lock $(VENV)/.made
	@echo "Installing the libraries of requirements.lock"
	@$(PIP) install --require-hashes --compile -r requirements.lock
	@touch $@

$(VENV)/.program: pyproject.toml $(VENV)/.runtime
	@echo "Installing dossier"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.program
	@echo "Installing the developers' tools of requirements-dev.lock"
	@$(PIP) install --require-hashes --compile -r requirements-dev.lock
	@touch $@

compiled: $(VENV)/.program
	@$(BIN)/python -m compileall -q $(CODE)

.venv-lock/.made:
	@$(PYTHON) -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --quiet --disable-pip-version-check install "uv>=0.9"
	@touch $@
