# Everything happens in .venv, which the first target that needs it makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint types bench clean

help:            ## show this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/.base: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chainrule needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	$(BIN)/python -m compileall -q src/chainrule
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: $(VENV)/.base  ## train a network on handwritten digits
	$(BIN)/chainrule train digits

test: $(VENV)/.dev  ## run the tests
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.dev  ## ruff: style and formatting
	$(BIN)/ruff check src tests bench examples tools
	$(BIN)/ruff format --check src tests bench examples tools

types: $(VENV)/.dev  ## mypy strict on the engine
	$(BIN)/mypy

bench: $(VENV)/.base  ## measure against NumPy, and torch where it is installed
	$(BIN)/python -m bench

clean:           ## remove what make made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache runs
