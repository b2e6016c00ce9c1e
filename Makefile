# `make demo` and `make test` do all the set-up from a fresh clone: Python 3.11+, venv and make are enough.
# uv is used where it is there; else venv and pip.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
OUT    ?= out
WORKERS ?= 2

.PHONY: help demo test test-all lint types wheel clean expected
.DEFAULT_GOAL := help

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "dress-kg needs Python 3.11 or later; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 …"; exit 3; }
ifdef UV
	@uv venv -q --seed --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade pip
endif

# Installed anew whenever pyproject.toml changes; the stamp is the record of it.
$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo "installing dress-kg into $(VENV) …"
ifdef UV
	@uv pip install -q --python $(BIN)/python -e .
else
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
endif
	@touch $@

$(VENV)/tested: pyproject.toml $(VENV)/installed
	@echo "installing what the tests need …"
ifdef UV
	@uv pip install -q --python $(BIN)/python -e '.[all]' --group dev
else
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[all]' --group dev
endif
	@touch $@

$(VENV)/spark: $(VENV)/tested
	@echo "installing Spark for its tests (450 MB) …"
ifdef UV
	@uv pip install -q --python $(BIN)/python -e '.[spark]'
else
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[spark]'
endif
	@touch $@

demo: $(VENV)/installed ## build the graph from the shipped table and show what came out
	@$(BIN)/dress-kg build --out $(OUT)
	@echo
	@$(BIN)/dress-kg query conflicting-reports --graph $(OUT)
	@echo
	@echo "Try next (the graph is in $(OUT)/):"
	@echo "  . $(BIN)/activate                           # then:"
	@echo "  dress-kg queries                             # what can be asked"
	@echo "  dress-kg query dose-range-per-agent          # ask it"
	@echo "  dress-kg interpret dose '5 mg/kg/day for 7 days, then 100 mg twice daily'"
	@echo "  dress-kg export --format turtle --out dress.ttl"

test: $(VENV)/tested ## the tests, under five minutes
	@$(BIN)/python -m pytest -q -n $(WORKERS)

test-all: $(VENV)/spark ## the slow ones too: peers, kill tortures, load
	@$(BIN)/python -m pytest -q -m 'slow or peers'

lint: $(VENV)/tested ## ruff, also the formatting of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/tested ## mypy --strict
	@$(BIN)/mypy

expected: $(VENV)/tested ## rewrite the expected rows of the stored queries; read the diff
	@DRESS_KG_WRITE_EXPECTED=1 $(BIN)/python -m pytest -q tests/test_queries.py

wheel: $(VENV)/tested ## build the wheel into dist/
ifdef UV
	@uv build -q --wheel --out-dir dist .
else
	@$(BIN)/python -m pip wheel -q --no-deps -w dist .
endif

clean: ## remove the environment, caches and builds
	rm -rf $(VENV) $(OUT) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
