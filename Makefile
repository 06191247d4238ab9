# Evermirror: every task by one word. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 100
FIRST_SEED ?= 1
SET_UP := sh requirements/set-up.sh $(PYTHON) $(VENV)

.DEFAULT_GOAL := help
.PHONY: help run test prove simulate check format bench build clean

help: ## list the tasks
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.local-set: requirements/build.txt requirements/local.txt requirements/set-up.sh pyproject.toml
	@$(SET_UP) local

$(VENV)/.development-set: $(VENV)/.local-set requirements/development.txt
	@$(SET_UP) development

run: $(VENV)/.local-set ## the main job on the local cloud: events in, interfaces mirrored, coverage shown
	@$(BIN)/evermirror demonstrate

test: $(VENV)/.development-set ## every kind of check once, small
	$(BIN)/pytest -n 4 --dist worksteal -m "not prove"

prove: $(VENV)/.development-set ## the full sizes: all seeds, worlds, fuzzing, official clients, every Python present; BOUNDED=yes: the first of them
	$(BIN)/pytest -n 2 -m $(if $(BOUNDED),"prove and not long",prove)
	@sh requirements/each-python.sh $(VENV)

simulate: $(VENV)/.development-set ## SEEDS=N FIRST_SEED=M: seeds of the simulation
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first-seed $(FIRST_SEED)

check: $(VENV)/.development-set ## format, lint, import contracts, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(MAKE) test

format: $(VENV)/.development-set ## put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.local-set ## benchmarks, each a ratio against something run beside it
	@$(BIN)/python -m bench.run

build: $(VENV)/.local-set ## what is deployed, under .build/
	@$(BIN)/evermirror build

clean: ## remove what was set up and built
	rm -rf $(VENV) $(VENV)-3.* .build
