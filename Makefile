# Dripline: everything a developer runs. `make` alone lists the targets.
# A target makes what it needs: a fresh machine needs make and Python 3.11 to 3.13, nothing else.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The Python that .venv is made with. Empty: the first that suits of those tried below.
PYTHON ?=
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python)
SUITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))

.DEFAULT_GOAL := help
.PHONY: help install test coverage test-fast test-faults test-compose check format demo bench bench-intake bench-live mutants \
	dashboards alerts pictures sbom audit docs requirements upgrade requirements-check wheel clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) ## create .venv with the command dripline
	@echo "Ready: $(BIN)/dripline"

# Made again only when the pins or the project file change. Every package is checked against its hash;
# the project itself is built with the pinned setuptools, so nothing unpinned is downloaded. --no-deps takes
# the list as it is (pip check proves it whole): pip before 23.3 would look beyond it, and for a package asked
# for with an extra (coverage[toml]) find a release newer than the pin, and then refuse that for want of a pin.
$(STAMP): pyproject.toml requirements-dev.txt
	@if ! $(BIN)/python -c 'import pip; $(SUITS)' 2>/dev/null; then \
		for each in $(CANDIDATES); do \
			if "$$each" -c '$(SUITS)' 2>/dev/null; then found="$$each"; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "Dripline needs Python 3.11, 3.12 or 3.13 with venv (tried: $(CANDIDATES))." >&2; \
			echo "Install one, or name it: make install PYTHON=/path/to/python3" >&2; \
			exit 1; \
		fi; \
		"$$found" -m venv --clear $(VENV) || exit 1; \
	fi
	@echo "Installing into $(VENV) ($$($(BIN)/python --version)) ..."
	@$(PIP) install --no-compile --no-deps --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check >/dev/null || { \
		echo "The pins do not fit pyproject.toml: run make requirements." >&2; exit 1; }
	@touch $@

# Half as many processes again as there are cores, 8 at most: tests on a broker mostly wait.
PROCESSES ?= $(shell $(BIN)/python -c 'import os; print(min((os.cpu_count() or 1) * 3 // 2, 8))')

test: $(STAMP) ## run every test
	@$(BIN)/pytest -q -n $(PROCESSES) --dist worksteal

coverage: $(STAMP) ## run every test, and hold the branch coverage to its limit; .venv/bin/coverage report shows gaps
	@$(BIN)/pytest -q -n $(PROCESSES) --dist worksteal --cov --cov-report=

test-fast: $(STAMP) ## run the tests that take less than a second each
	@$(BIN)/pytest -q -n auto --maxprocesses 8 --dist worksteal -m "not slow"

FAULTS_TABLE ?= out/faults.md
WHOLE := tests/faults tests/kafka/test_worker.py tests/kafka/test_rocksdb.py tests/kafka/test_embedded_archives.py \
	tests/kafka/test_series.py tests/deploy/test_alerts_fire.py tests/streams/intake/test_fuzz.py

test-faults: $(STAMP) ## run the fault tests whole: long outages, 30 kills, every crash three times, 20 sets, alerts
	@mkdir -p $(dir $(FAULTS_TABLE)); rm -f $(FAULTS_TABLE)
	@DRIPLINE_TEST_FAULTS=whole DRIPLINE_TEST_FAULTS_TABLE=$(abspath $(FAULTS_TABLE)) \
		$(BIN)/pytest -q -n 2 --dist load --durations=0 $(WHOLE); code=$$?; \
	[ ! -f $(FAULTS_TABLE) ] || { echo "Runs, in $(FAULTS_TABLE): name, seed, lines, edits, verdicts," \
		"repeated records, seconds to recover, exit codes of workers started again"; cat $(FAULTS_TABLE); }; \
	exit $$code

COMPOSE ?= docker compose

test-compose: $(STAMP) ## bring docker-compose.yml up, feed it, kill a worker, stop it (needs Docker)
	@DRIPLINE_TEST_COMPOSE="$(COMPOSE)" $(BIN)/pytest -q -s tests/deploy/test_compose_run.py

# All checks run, also behind one that fails; a check that passes says so in a line or not at all.
check: $(STAMP) ## style, types, imports between the rooms, generated pages
	@bad=0; \
	$(BIN)/ruff check || bad=1; \
	$(BIN)/ruff format --check || bad=1; \
	$(BIN)/mypy || bad=1; \
	rooms=$$($(BIN)/lint-imports --no-cache --no-logo) || { echo "$$rooms"; bad=1; }; \
	$(BIN)/python -m streams.docs --check || bad=1; \
	$(BIN)/python -m deploy.grafana --check || bad=1; \
	$(BIN)/python -m deploy.prometheus --check || bad=1; \
	if [ $$bad = 0 ]; then echo "make check: clean"; else echo "make check: see above" >&2; exit 1; fi

format: $(STAMP) ## lay the code out and repair what can be repaired
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

demo: $(STAMP) ## screen a generated month and a published claim, then a topic of a Kafka of its own
	@$(BIN)/python -m streams.demo
	@$(BIN)/python -m streams.live_demo

bench: $(STAMP) ## measure speed and memory against the baseline
	@$(BIN)/python -m benchmarks.screen
	@$(BIN)/python -m benchmarks.replay
	@$(MAKE) --no-print-directory bench-live

bench-intake: $(STAMP) ## measure the intake of 837 files beside pyx12
	@$(BIN)/python -m benchmarks.intake

# Quix Streams takes part from an environment of its own; where it cannot be installed, the table says so.
bench-live: $(STAMP) ## measure the live worker beside others on a Kafka of its own; BENCH=--help for parts
	@[ -x $(VENV)-bench/bin/python ] || { $(BIN)/python -m venv --clear $(VENV)-bench && \
		$(VENV)-bench/bin/python -m pip --quiet install --no-deps --require-hashes -r requirements-bench.txt; } || \
		rm -rf $(VENV)-bench
	@$(BIN)/python -m benchmarks.live $(BENCH)

# In an environment of its own: see requirements-mutants.in.
mutants: $(STAMP) ## mutation testing of policy/: list what survives (hours)
	@[ -x $(VENV)-mutants/bin/mutmut ] || { $(BIN)/python -m venv --clear $(VENV)-mutants && \
		$(VENV)-mutants/bin/python -m pip --quiet install --no-deps --require-hashes -r requirements-mutants.txt; }
	@$(VENV)-mutants/bin/mutmut run $(MUTANTS)
	@$(VENV)-mutants/bin/mutmut results
	@$(VENV)-mutants/bin/mutmut export-cicd-stats

# In environments of their own: the tools (see requirements-supply.in), and what a worker runs with and nothing else.
SUPPLY := $(VENV)-supply
SBOM := out/dripline.cdx.json

$(SUPPLY)/.installed: $(STAMP) requirements-supply.txt
	@$(BIN)/python -m venv --clear $(SUPPLY)
	@$(SUPPLY)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r requirements-supply.txt
	@touch $@

sbom: $(SUPPLY)/.installed ## write the software bill of materials (CycloneDX) of what a worker runs with
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/python -m venv --clear --without-pip $(SUPPLY)/worker
	@$(PIP) --python $(SUPPLY)/worker/bin/python install --no-compile --no-deps --require-hashes -r requirements.txt
	@$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file $(SBOM) $(SUPPLY)/worker/bin/python
	@for pin in $$(sed -n 's/^\([a-z0-9.-]*\)==\([^ ;]*\) \\$$/\1@\2/p' requirements.txt); do \
		grep -q "\"pkg:pypi/$$pin\"" $(SBOM) || { echo "$(SBOM) lacks $$pin" >&2; exit 1; }; done
	@echo "$(SBOM): $$(grep -c '"purl"' $(SBOM)) packages"

audit: $(SUPPLY)/.installed ## ask for known vulnerabilities of the pins; AUDIT=--go-on-unasked: no answer is no failure
	@$(BIN)/python deploy/supply/audit.py $(AUDIT) $(SUPPLY)/bin/pip-audit requirements-dev.txt pyproject.toml

dashboards: $(STAMP) ## write Grafana's dashboards of deploy/grafana anew
	@$(BIN)/python -m deploy.grafana

RUNBOOKS ?=

alerts: $(STAMP) ## copy the rules of deploy/prometheus for Kubernetes; RUNBOOKS=URL: where its runbooks are
	@$(BIN)/python -m deploy.prometheus $(if $(RUNBOOKS),--runbooks "$(RUNBOOKS)")

pictures: $(STAMP) ## draw the pictures of docs/operations.md from a live run (20 minutes; needs prometheus)
	@$(BIN)/python -m tests.deploy.pictures docs/pictures

docs: $(STAMP) ## write the generated pages of docs/ anew
	@$(BIN)/python -m streams.docs

# requirements.txt is what a worker runs with, rocksdb included; requirements-dev.txt adds the tools.
# One resolution for Python 3.11 to 3.13; without the index in use, so that the files name no address.
COMPILE = $(BIN)/uv pip compile $(UPGRADE) --quiet --python $(BIN)/python --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links

# These two cannot wait for .venv: pins that do not fit pyproject.toml keep it from being finished.
requirements: ## pin what pyproject.toml asks for, keeping pins that fit
	@[ -x $(BIN)/uv ] || $(MAKE) --no-print-directory install || [ -x $(BIN)/uv ]
	@$(COMPILE) pyproject.toml --extra rocksdb --output-file requirements.txt
	@$(COMPILE) pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	@$(COMPILE) requirements-mutants.in --output-file requirements-mutants.txt
	@$(COMPILE) requirements-bench.in --output-file requirements-bench.txt
	@$(COMPILE) requirements-supply.in --output-file requirements-supply.txt

upgrade: UPGRADE := --upgrade
upgrade: requirements ## pin the newest versions

requirements-check: requirements ## fail when the pins are not what requirements writes
	@git diff --exit-code --stat -- requirements.txt requirements-dev.txt requirements-mutants.txt \
		requirements-bench.txt requirements-supply.txt

wheel: $(STAMP) ## build the wheel into dist/
	@rm -rf build dist
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	@rm -rf build
	@ls dist/*

clean: ## remove what tools leave behind
	@rm -rf build dist out mutants *.egg-info .coverage .coverage.* htmlcov \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find models policy streams tests benchmarks deploy -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## the same, and .venv
	@rm -rf $(VENV) $(VENV)-mutants $(VENV)-bench $(SUPPLY)
