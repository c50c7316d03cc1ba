# Gatepost: the commands of this repository. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
DEV := $(VENV)/.dev-$(shell cat requirements-dev.lock pyproject.toml | cksum | cut -d' ' -f1)
MEMORY := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo demo-reset lab lab-reset test check format bench lock clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(RUN):
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable . > $(VENV)/install.log 2>&1 || { cat $(VENV)/install.log; exit 1; }
	@touch $(RUN)

$(DEV): $(RUN)
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $(DEV)

demo: $(RUN) ## run the whole product on this machine, with a mail system of its own; Ctrl-C ends it
	@exec $(BIN)/python -m gatepost demo

demo-reset: $(RUN) ## forget the demo's state; the next `make demo` starts afresh
	@$(BIN)/python -m gatepost demo reset

lab: lab-servers $(RUN) ## the same in front of real Dovecot, Postfix and Roundcube (Debian packages; needs root to install them)
	@exec $(BIN)/python -m gatepost demo --lab

lab-reset: $(RUN) ## forget the lab's state
	@$(BIN)/python -m gatepost demo --lab reset

check: $(DEV) ## format, lint, types, imports, fast tests
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(MEMORY) $(BIN)/python -m pytest -m "not e2e" -n 2 --dist worksteal --hypothesis-profile=quick

test: servers $(DEV) ## every test; as root it installs the servers that the tests run
	$(BIN)/python -m pytest -rs

format: $(DEV) ## format the code
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .

.PHONY: servers lab-servers
servers:
	@deploy/packages

lab-servers:
	@deploy/packages lab

.PHONY: agent
agent: ## build the device agent as one file, var/gatepost-agent.pyz (runs on any Python >= 3.11 with cryptography)
	@rm -rf var/agent && mkdir -p var/agent && cp -r agent var/agent/ && find var/agent -name __pycache__ -prune -exec rm -rf {} +
	@$(PYTHON) -m zipapp var/agent --main agent.__main__:entry --python '/usr/bin/env python3' --compress --output var/gatepost-agent.pyz
	@rm -rf var/agent && echo var/gatepost-agent.pyz

bench: $(DEV) ## side by side with nginx, HAProxy and Dovecot's proxy, as CPU ratios
	@deploy/packages bench
	$(BIN)/python -m bench

lock: ## resolve requirements*.in into the lock files, for every Python from 3.11 on
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	for name in requirements requirements-dev; do \
	  build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    $$name.in --output-file $$name.lock; done

clean: ## remove what can be made again
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
