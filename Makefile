# Everything a working copy needs, each target with its own set-up: a fresh clone needs no other command first.

PYTHON ?= python3
MINISTACK := 1.5.33
NPM := $(shell command -v npm 2>/dev/null)
INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# Tests run in this many processes at once: more than there are cores, for many wait for an engine or a stack.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')
PARALLEL := --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder

# In CI a missing engine fails the build, and so does code that no test runs.
ifeq ($(CI),true)
COVERAGE := --cov --cov-report=
COVERAGE_OF_ALL := --cov --cov-append --cov-report=term --cov-fail-under=90
endif

# Under which licences the packages that are shipped may come, and which packages these are.
LICENCES := Apache;BSD;MIT;PSF;Zope
SHIPPED = $(shell sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' requirements.lock) chalice click requests tabulate zxcvbn \
	keyring xlsxwriter duckdb filelock localstack-client psutil waitress

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test test-slow test-all torture check supply advisories bench columns page audit package deploy \
	destroy clean engines ministack

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|'

up: .venv/.local engines ## serve the whole book on this machine until Ctrl-C (PORT, DATA_DIR, INBOX)
	@exec .venv/bin/python -m infra.local

test: .venv/.dev engines ## run the fast tests, and say what is left out (ARGS="-k report" for some of them)
	@exec .venv/bin/python -m pytest $(PARALLEL) $(COVERAGE) -m "not slow" $(ARGS)

test-slow: .venv/.dev engines ## run the others: kills, browsers, deployments, simulated days
	@exec .venv/bin/python -m pytest $(PARALLEL) $(COVERAGE_OF_ALL) -m slow $(ARGS)

test-all: test test-slow ## run every test

MINUTES ?= 10
torture: .venv/.torture engines ## try to break every promise (MINUTES=30), print the scorecard, renew docs/reliability.md
	@exec .venv/bin/python -m tests.torture --minutes $(MINUTES)

# The last line looks for stray white space in all that git holds, as `git diff` would against nothing at all.
check: .venv/.dev ## lint, format, types, layers, the image, spelling, words, white space
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/bandit --quiet --recursive --severity-level medium -c pyproject.toml app.py chalicelib cli functions infra
	@.venv/bin/hadolint Dockerfile
	@.venv/bin/codespell *.md app.py bench chalicelib cli docs functions infra samples tests
	@.venv/bin/python -m infra.prose
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	@! git rev-parse --git-dir >/dev/null 2>&1 || git diff --check "$$(git hash-object -t tree /dev/null)"

bench: .venv/.dev engines ## measure beside baselines (FAST=1: only see that it works; ARGS="posting": one)
	@.venv/bin/python -m bench $(if $(FAST),--fast) $(ARGS)

page: node_modules/.page ## bundle the dashboard's code and its libraries anew (needs npm; serving it does not)
	@node infra/dashboard/build.mjs

columns: .venv/.dev ## write what is made of the catalogue of report columns, and bundle the page with it
	@.venv/bin/python -m infra.columns
	@$(MAKE) --no-print-directory page

supply: .venv/.dev ## what comes from elsewhere: secrets in the sources, hashes, licences
	@.venv/bin/python -m infra.scan_secrets
	@.venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
		--dest build/locked --requirement requirements.lock
	@.venv/bin/pip-licenses --from=mixed --partial-match --allow-only="$(LICENCES)" --packages $(SHIPPED) >/dev/null

# Asks the package index itself, for a mirror of it has no advisories.
advisories: .venv-supply/.made ## known weaknesses of what Lambda runs
	@.venv-supply/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

audit: .venv-audit/.made package ## lint the template for CloudFormation and for security
	@.venv-audit/bin/cfn-lint --config-file infra/cfnlint.yaml build/package/template.json
	@.venv-audit/bin/checkov --config-file infra/checkov.yaml --file build/package/template.json

package: .venv/.deploy ## make what is deployed: build/package/ (STAGE=dev)
	@STAGE=$${STAGE:-dev} .venv/bin/python -m infra.package

deploy: .venv/.deploy ## deploy STAGE to AWS, after showing what would change and asking (YES=1 agrees)
	@exec .venv/bin/python -m infra.deploy

destroy: .venv/.deploy ## take STAGE down; its data stays unless DESTROY says otherwise
	@exec .venv/bin/python -m infra.destroy

clean: ## remove what the other targets set up; the book's data stays
	@rm -rf .venv .venv-audit .venv-ministack .venv-supply node_modules build dist *.egg-info .coverage .coverage.* htmlcov \
		.pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up, done once and again when what it is made from changes ---

define need_python
$(if $(shell $(PYTHON) -c 'import sys; print("yes" * (sys.version_info >= (3, 11)))' 2>/dev/null),,\
	$(error Voltbook needs Python 3.11 or newer, and "$(PYTHON)" is not: name one, as in make PYTHON=python3.12))
endef

.venv/.made:
	$(need_python)@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.local: .venv/.made pyproject.toml requirements.txt constraints.txt
	@echo "Installing what Voltbook runs on"
	@$(INSTALL) -e '.[local]'
	@touch $@

.venv/.deploy: .venv/.made pyproject.toml requirements.txt constraints.txt
	@echo "Installing what packages and deploys Voltbook"
	@$(INSTALL) -e '.[deploy]'
	@touch $@

.venv/.dev: .venv/.made pyproject.toml requirements.txt constraints.txt
	@echo "Installing what Voltbook runs on and is tested with"
	@$(INSTALL) -e '.[dev]'
	@touch .venv/.local .venv/.deploy $@

# A fuzzer of 60 MB and a maker of mutants, which no other target needs.
.venv/.torture: .venv/.dev
	@echo "Installing what Voltbook is tortured with"
	@$(INSTALL) -e '.[torture]'
	@touch $@

.venv-supply/.made: infra/supply.txt
	$(need_python)@echo "Installing what asks the advisories"
	@$(PYTHON) -m venv --clear .venv-supply
	@.venv-supply/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r infra/supply.txt
	@touch $@

# MiniStack pins a botocore of its own, so it lives in an environment of its own.
.venv-ministack/.$(MINISTACK):
	$(need_python)@echo "Installing MiniStack $(MINISTACK), the local AWS"
	@$(PYTHON) -m venv --clear .venv-ministack
	@.venv-ministack/bin/python -m pip install --quiet --disable-pip-version-check ministack==$(MINISTACK)
	@touch $@

# The two linters of the template bring a hundred packages that nothing else here needs; the file names all of them.
.venv-audit/.made: infra/audit.txt
	$(need_python)@echo "Installing what lints the template"
	@$(PYTHON) -m venv --clear .venv-audit
	@.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile -r infra/audit.txt
	@touch $@

node_modules/.stamp: package.json package-lock.json
	@echo "Installing the durable local DynamoDB engine"
	@npm ci --omit=dev --no-audit --no-fund --silent
	@touch $@

# What the page is bundled with; in CI a test bundles it again and compares.
node_modules/.page: package.json package-lock.json
	@echo "Installing what the dashboard is bundled from"
	@npm ci --no-audit --no-fund --silent
	@touch node_modules/.stamp $@

ifeq ($(CI),true)
test: node_modules/.page
endif

engines: ministack
ministack: .venv-ministack/.$(MINISTACK)
ifneq ($(NPM),)
engines: node_modules/.stamp
else ifeq ($(CI),true)
engines:
	$(error npm is missing, and with it the durable DynamoDB engine that the tests are about)
else
engines:
	@echo "npm is missing: the durable DynamoDB engine is left out, and MiniStack's DynamoDB takes its place"
endif
