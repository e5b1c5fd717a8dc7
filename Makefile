# The commands for a working copy. Each target installs what it needs: a fresh clone needs no other command first.

PYTHON ?= python3
MINISTACK := $(shell sed -n 's/^ministack==//p' requirements/ministack.in)
NPM := $(shell command -v npm 2>/dev/null)

# Every package is installed from a lock, by its hash. What a lock does not name is not installed. Voltbook itself is built
# with the setuptools of requirements/build.lock, so pip downloads nothing for the build.
LOCKED := -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement
INSTALL := .venv/bin/python $(LOCKED)
INSTALL_VOLTBOOK := .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

# The Pythons for which every locked package must have a file; .github/workflows/ci.yaml tests on each of them.
PYTHONS := 3.11 3.12 3.13
LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

# The number of concurrent test processes: one more than there are cores, because many tests wait for an engine or a stack.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')
PARALLEL := --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder

# In CI a missing engine or a low coverage fails the build. It is measured in the fast tests alone, as it slows the others down.
ifeq ($(CI),true)
COVERAGE := --cov --cov-report=term --cov-fail-under=90
endif

# The accepted licences of shipped packages, and these packages.
LICENCES := Apache;BSD;MIT;PSF;Zope
SHIPPED = $(shell sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' requirements.lock) chalice click requests tabulate \
	keyring xlsxwriter duckdb filelock localstack-client psutil waitress

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test test-slow test-all torture check supply lock advisories bench columns page docs audit package deploy \
	destroy clean engines ministack

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|'

up: .venv/.local engines ## serve everything on this machine until Ctrl-C (PORT, DATA_DIR, INBOX, SAMPLES)
	@exec .venv/bin/python -m infra.local

# Tests and benchmarks start hundreds of processes, each of which would compile the sources again.
test test-slow bench: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.dev engines ## run the fast tests (ARGS="-k report" for some of them)
	@exec .venv/bin/python -m pytest $(PARALLEL) $(COVERAGE) -m "not slow" $(ARGS)

test-slow: .venv/.dev engines ## run the slow tests: kills, browsers, deployments, simulated days
	@exec .venv/bin/python -m pytest $(PARALLEL) -m slow $(ARGS)

test-all: test test-slow ## run every test

MINUTES ?= 10
torture: .venv/.torture engines ## try to break every promise (MINUTES=30), print the figures for docs/explanation/reliability.md
	@exec .venv/bin/python -m tests.torture --minutes $(MINUTES)

# The last line checks all tracked files for trailing white space, by comparing them with an empty tree.
check: .venv/.dev ## lint, format, types, layers, the files of the image and the forge, spelling, words, white space
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/bandit --quiet --recursive --severity-level medium -c pyproject.toml app.py chalicelib cli functions infra
	@.venv/bin/hadolint Dockerfile
	@.venv/bin/codespell *.md .github/*.md app.py bench chalicelib cli docs functions infra samples tests
	@.venv/bin/python -m infra.prose
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/ci.yaml
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	@! git rev-parse --git-dir >/dev/null 2>&1 || git diff --check "$$(git hash-object -t tree /dev/null)"

bench: .venv/.dev .venv-rivals/.made engines ## measure against baselines (FAST=1: only check that it works; ARGS="posting": one)
	@.venv/bin/python -m bench $(if $(FAST),--fast) $(ARGS)

page: node_modules/.page ## bundle the dashboard's code and its libraries (needs npm; serving it does not)
	@node infra/dashboard/build.mjs

columns: .venv/.dev ## regenerate files from the catalogue of report columns, and bundle the page
	@.venv/bin/python -m infra.columns
	@$(MAKE) --no-print-directory page

lock: .venv/.dev ## write the locks again after a change of versions (UPGRADE=1: the newest that fit)
	@$(LOCK) requirements/build.in -o requirements/build.lock
	@$(LOCK) --extra torture pyproject.toml -o requirements/torture.lock
	@for extra in local deploy dev; do \
		$(LOCK) --extra $$extra --constraint requirements/torture.lock pyproject.toml -o requirements/$$extra.lock || exit 1; done
	@grep -v '^chalice==' requirements.txt | $(LOCK) --constraint requirements/torture.lock - -o requirements.lock
	@for name in ministack rivals; do $(LOCK) requirements/$$name.in -o requirements/$$name.lock || exit 1; done
	@for name in audit advisories; do $(LOCK) --no-deps requirements/$$name.in -o requirements/$$name.lock || exit 1; done

# localstack-client has no wheel: it is built with the locked setuptools.
supply: .venv/.dev ## check for secrets in the sources, hashes and licences of packages, and a file for each Python
	@.venv/bin/python -m infra.scan_secrets
	@.venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
		--dest build/locked --requirement requirements.lock
	@for version in $(PYTHONS); do .venv/bin/uv pip install --quiet --dry-run --no-deps --require-hashes --only-binary :all: \
		--no-binary localstack-client --python-version $$version --target build/none -r requirements/dev.lock || exit 1; done
	@.venv/bin/pip-licenses --from=mixed --partial-match --allow-only="$(LICENCES)" --packages $(SHIPPED) >/dev/null

# Asks the package index itself, because a mirror has no advisories.
advisories: .venv-supply/.made ## check the Lambda packages for known vulnerabilities
	@.venv-supply/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

docs: .venv/.dev ## write the pages of docs/ that derive from the code
	@.venv/bin/python -m docs.generate
	@.venv/bin/python -m docs.costs

audit: .venv-audit/.made package ## lint the template for CloudFormation and for security
	@.venv-audit/bin/cfn-lint --config-file infra/cfnlint.yaml build/package/template.json
	@.venv-audit/bin/checkov --config-file infra/checkov.yaml --file build/package/template.json

package: .venv/.deploy ## build the deployment package: build/package/ (STAGE=dev)
	@STAGE=$${STAGE:-dev} .venv/bin/python -m infra.package

deploy: .venv/.deploy ## deploy STAGE to AWS, after showing the changes and asking (YES=1 agrees)
	@exec .venv/bin/python -m infra.deploy

destroy: .venv/.deploy ## delete STAGE; its data stays unless DESTROY confirms that it is deleted too
	@exec .venv/bin/python -m infra.destroy

clean: ## remove what the other targets installed; the book's data stays
	@rm -rf .venv .venv-audit .venv-ministack .venv-rivals .venv-supply node_modules build dist *.egg-info .coverage .coverage.* htmlcov \
		.pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up, repeated when its inputs change ---

define need_python
$(if $(shell $(PYTHON) -c 'import sys; print("yes" * (sys.version_info >= (3, 11)))' 2>/dev/null),,\
	$(error Voltbook needs Python 3.11 or newer, and "$(PYTHON)" is not: choose one, as in make PYTHON=python3.12))
endef

.venv/.made: requirements/build.lock
	$(need_python)@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@$(INSTALL) requirements/build.lock
	@touch $@

.venv/.local: .venv/.made pyproject.toml requirements/local.lock
	@echo "Installing the packages that Voltbook needs"
	@$(INSTALL) requirements/local.lock --no-build-isolation
	@$(INSTALL_VOLTBOOK)
	@touch $@

.venv/.deploy: .venv/.made pyproject.toml requirements/deploy.lock
	@echo "Installing the packages for deployment"
	@$(INSTALL) requirements/deploy.lock
	@$(INSTALL_VOLTBOOK)
	@touch $@

.venv/.dev: .venv/.made pyproject.toml requirements/dev.lock
	@echo "Installing the packages for development and tests"
	@$(INSTALL) requirements/dev.lock --no-build-isolation
	@$(INSTALL_VOLTBOOK)
	@touch .venv/.local .venv/.deploy $@

# A fuzzer of 60 MB and a mutation tester, which no other target needs.
.venv/.torture: .venv/.dev requirements/torture.lock
	@echo "Installing the packages for make torture"
	@$(INSTALL) requirements/torture.lock --no-build-isolation
	@touch $@

.venv-supply/.made: requirements/advisories.lock
	$(need_python)@echo "Installing pip-audit"
	@$(PYTHON) -m venv --clear .venv-supply
	@.venv-supply/bin/python $(LOCKED) requirements/advisories.lock
	@touch $@

# MiniStack pins its own botocore, so it has its own environment.
.venv-ministack/.$(MINISTACK): requirements/ministack.lock
	$(need_python)@echo "Installing MiniStack $(MINISTACK), the local AWS"
	@$(PYTHON) -m venv --clear .venv-ministack
	@.venv-ministack/bin/python $(LOCKED) requirements/ministack.lock
	@touch $@

# The simple programs that the benchmarks run beside Voltbook.
.venv-rivals/.made: requirements/rivals.lock
	$(need_python)@echo "Installing the packages of the benchmarks"
	@$(PYTHON) -m venv --clear .venv-rivals
	@.venv-rivals/bin/python $(LOCKED) requirements/rivals.lock
	@touch $@

# The two linters of the template need a hundred packages that nothing else needs.
.venv-audit/.made: requirements/audit.lock
	$(need_python)@echo "Installing the linters of the template"
	@$(PYTHON) -m venv --clear .venv-audit
	@.venv-audit/bin/python $(LOCKED) requirements/audit.lock --no-compile
	@touch $@

node_modules/.stamp: package.json package-lock.json
	@echo "Installing the durable local DynamoDB engine"
	@npm ci --omit=dev --no-audit --no-fund --silent
	@touch $@

# The bundler of the page; in CI a test bundles it again and compares.
node_modules/.page: package.json package-lock.json
	@echo "Installing the bundler and the libraries of the dashboard"
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
	$(error npm is missing, and with it the durable DynamoDB engine that the tests need)
else
engines:
	@echo "npm is missing: MiniStack's DynamoDB replaces the durable DynamoDB engine"
endif
