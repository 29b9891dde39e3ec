# Everything here works in a fresh clone on a machine with Python 3.11 or later and nothing else.

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

# The first of these that is recent enough; or say `make PYTHON=…`.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint bench bench-peers attack installed installed-test installed-bench chromium python

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST))

demo: installed ## Serve the demonstration shop on 127.0.0.1:$PORT (8000)
	@PORT=$(PORT) exec $(BIN)/python -m insurance_reviews.demo_shop

test: lint chromium ## Run every gate and every test, on SQLite, PostgreSQL and in Chromium
	@echo "== tests"
	@exec $(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile

lint: installed-test ## Check style, types and who imports whom
	@echo "== lint"
	@$(BIN)/python scripts/lint.py

bench: installed-bench ## Measure, as ratios to a base in the same run
	@exec $(BIN)/python benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

bench-peers: installed-bench ## Measure beside Isso, which is installed into an environment of its own
	@$(BIN)/python benchmarks/install_peers.py
	@exec $(BIN)/python benchmarks $(if $(QUICK),--quick) --only peers

attack: installed-test ## Break what is promised, for hours, and print a table of what was found
	@PYTHONPATH=tests exec $(BIN)/python -m runs $(if $(ONLY),--only $(ONLY))

installed: python
	@$(PYTHON) scripts/install.py

installed-test: python
	@$(PYTHON) scripts/install.py test

installed-bench: python
	@$(PYTHON) scripts/install.py bench test

chromium: installed-test
	@echo "== browser"
	@PYTHONPATH=tests $(BIN)/python -m support.chromium

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, as python3 or make PYTHON=…" >&2; exit 1; }
