# One door: make run, make serve, make test, make check. Everything is set up by what they need.
SHELL := /bin/bash
VENV := .venv
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { command -v $$p; break; }; done)
RUN := $(VENV)/bin
# The files that hold tests of a mark: to look through all of them takes longer than many of the tests.
MARKED = $$(grep -rlE "mark\.$(1)\b" tests --include='test_*.py' | sort)
# The cache first, so that a machine without a network sets up what it has seen before.
# Compiled at once: where Python may not write beside the packages, every command would compile them again.
SYNC = sync() { $(UV) sync --frozen --quiet --compile-bytecode --python $(PYTHON) "$$@"; }; install() { sync --offline "$$@" 2>/dev/null || sync "$$@"; }; install

.PHONY: run serve test check format lint types architecture unit floors whole browser clean

run: $(VENV)/.run
	@$(RUN)/tocsin run
	@echo
	@echo "Open the dashboard with: make serve   (then http://127.0.0.1:8000)"

serve: $(VENV)/.run
	@$(RUN)/tocsin serve

test: $(VENV)/.dev
	@.ci/browser
	@$(MAKE) --no-print-directory check

check: $(VENV)/.dev
	@$(MAKE) --no-print-directory -j 2 format lint types architecture
	@$(MAKE) --no-print-directory unit floors whole browser

format: $(VENV)/.dev
	$(RUN)/ruff format --check src tests scripts bench

lint: $(VENV)/.dev
	$(RUN)/ruff check src tests scripts bench

types: $(VENV)/.dev
	$(RUN)/mypy

architecture: $(VENV)/.dev
	$(RUN)/lint-imports --no-cache
	$(RUN)/pytest tests/test_architecture.py

unit: $(VENV)/.dev
	$(RUN)/pytest -n 2 -m "not slow and not browser and not floor" --ignore tests/test_architecture.py

floors: $(VENV)/.dev
	$(RUN)/pytest -n 2 --dist loadfile -m floor -rs $(call MARKED,floor)

whole: $(VENV)/.dev
	$(RUN)/pytest -n 2 --dist loadfile -m "slow and not browser" -rs $(call MARKED,slow)

browser: $(VENV)/.dev
	$(RUN)/pytest -m browser -rs $(call MARKED,browser)

clean:
	rm -rf $(VENV) .tools

$(UV):
	@test -n "$(PYTHON)" || { echo "tocsin needs Python 3.11, 3.12 or 3.13 on the PATH"; exit 2; }
	@echo "uv is not here: bringing it into .tools"
	@rm -rf .tools; \
	{ $(PYTHON) -m venv .tools >/dev/null 2>&1 && .tools/bin/pip install --quiet "uv>=0.5"; } \
	|| { rm -rf .tools; $(PYTHON) -m pip install --quiet --target .tools "uv>=0.5"; } \
	|| { rm -rf .tools; echo "uv could not be brought here. Check the network, or install one of: uv," \
	"python3-venv, python3-pip (Debian: apt install python3-venv); then run make again"; exit 2; }

$(VENV)/.run: uv.lock pyproject.toml | $(UV)
	@test -n "$(PYTHON)" || { echo "tocsin needs Python 3.11, 3.12 or 3.13 on the PATH"; exit 2; }
	@$(SYNC)
	@touch $@

$(VENV)/.dev: uv.lock pyproject.toml | $(UV)
	@test -n "$(PYTHON)" || { echo "tocsin needs Python 3.11, 3.12 or 3.13 on the PATH"; exit 2; }
	@$(SYNC) --group dev
	@touch $@ $(VENV)/.run
