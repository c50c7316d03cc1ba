# Gatepost: the commands of this repository. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo demo-reset lab lab-reset test check format bench lock clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## run the whole product on this machine, with a mail system of its own; Ctrl-C ends it
	@exec $(BIN)/python -m gatepost demo

demo-reset: $(STAMP) ## forget the demo's state; the next `make demo` starts afresh
	@$(BIN)/python -m gatepost demo reset

lab: $(STAMP) ## the same in front of real Dovecot, Postfix and Roundcube (Debian packages; needs root to install them)
	@deploy/lab/packages
	@exec $(BIN)/python -m gatepost demo --lab

lab-reset: $(STAMP) ## forget the lab's state
	@$(BIN)/python -m gatepost demo reset --lab

check: $(STAMP) ## format, lint, types, imports, fast tests
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not e2e"

test: $(STAMP) ## every test; as root it installs the servers that the tests run
	@deploy/packages
	$(BIN)/python -m pytest -rs

format: $(STAMP) ## format the code
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .

bench: $(STAMP) ## side by side with nginx, HAProxy and Dovecot's proxy, as CPU ratios
	@deploy/packages bench
	$(BIN)/python -m bench

lock: ## resolve requirements*.in into the lock files
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools
	for name in requirements requirements-dev; do \
	  build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host $$name.in -o $$name.lock; done

clean: ## remove what can be made again
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
