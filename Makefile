# Tanhui 碳惠. `make` alone lists what there is. Needs Python 3.11+ and nothing else by hand.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv pip
UV_VERSION := 0.13.9
TEST_PACKAGES := chromium fonts-noto-cjk openjdk-17-jre-headless

export PYTHONUTF8 := 1
# Compiled modules are kept, whatever the caller's environment says: compiling them anew takes more
# of every command than the command itself.
export PYTHONDONTWRITEBYTECODE :=
export UV_COMPILE_BYTECODE := 1

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/installed ## the Python environment in .venv (again only when a lock file changed)
	@:

.venv/installed: requirements.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 setup"; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(UV) sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	$(UV) install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -f .venv/installed-spark
	@touch $@

.PHONY: setup-spark
setup-spark: setup .venv/installed-spark ## Apache Spark into .venv as well (about 480 MB); needs Java 17
	@:

.venv/installed-spark: .venv/installed requirements-spark.lock
	$(UV) install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.lock
	@touch $@

.PHONY: run
run: setup ## the platform with its demo city on http://localhost:8000/ (PORT=... for another port)
	TANHUI_ADDRESS=$${TANHUI_ADDRESS:-http://localhost:$(PORT)} $(BIN)/tanhui serve --demo --port $(PORT)

.PHONY: check
check: setup lint ## fast checks: style, types, floors, quick tests
	$(BIN)/pytest -q -m "not slow" -n auto --dist loadfile

.PHONY: test
test: setup-spark test-packages lint ## everything that is tested
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: lint
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: test-packages
test-packages:
	@missing=""; \
	command -v chromium >/dev/null || missing="chromium"; \
	compgen -G "/usr/share/fonts/opentype/noto/NotoSansCJK*" >/dev/null \
	  || missing="$$missing fonts-noto-cjk"; \
	command -v java >/dev/null || missing="$$missing openjdk-17-jre-headless"; \
	test -z "$$missing" || { \
	  echo "The page tests need these system packages: $$missing"; \
	  echo "Install them:  apt-get install -y $(TEST_PACKAGES)"; exit 1; }

.PHONY: bench
bench: setup-spark ## the ratios of the README at 10 and 50 million events (about 15 minutes)
	$(BIN)/python -m bench --events 50000000

.PHONY: crash
crash: setup ## 100 times: acts over HTTP, kill -9 of server or database, start, prove (some minutes)
	$(BIN)/python -m tests.stories.crash_driver --cycles 100

COUNT ?= 2000
SEED ?= 0
.PHONY: conserve
conserve: setup ## COUNT=2000 random histories of grams and units, each proved (long)
	$(BIN)/python -m tests.conserving.driver --count $(COUNT) --seed $(SEED)

.PHONY: screenshots
screenshots: setup test-packages ## docs/screenshots, taken anew from the demo city
	$(BIN)/python -m tests.web.screenshots

.PHONY: reference
reference: setup ## the tables of docs/reference that follow from the code
	$(BIN)/python -m tests.docs.reference

.PHONY: lock
lock: setup ## the lock files, written anew from pyproject.toml
	.ci/lock $(UV)

.PHONY: clean
clean: ## remove .venv and caches; ./var (your data) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf build src/*.egg-info
