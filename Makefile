# Postfach: `make help` lists what there is. Environments are made when they are missing or their requirements changed.

PYTHON ?= python3
VENV   := .venv
LOCAL  := .local/venv
STAGE  ?= prod
JOBS   ?= 2
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run stop send account replay reconcile test explore check bench package deploy python-version

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(LOCAL)/.ready ## start everything on this machine (API, mail in, mail out); Ctrl-C stops it, data stays
	@$(LOCAL)/bin/python -m infra.local.run

stop: $(LOCAL)/.ready ## stop a `make run` that runs elsewhere, or what a killed one has left
	@$(LOCAL)/bin/python -m infra.local.run stop

send: $(LOCAL)/.ready ## send a mail to the running local cloud: FILE=mail.eml [TO=address] [FROM=address]
	@$(LOCAL)/bin/python -m infra.local.send --file "$(FILE)" --to "$(TO)" --from "$(FROM)"

account: $(LOCAL)/.ready ## create an account: NAME= COMPANY= EMAIL= SUBDOMAIN= [PLAN=free] [LOCALE=en] [STAGE=prod, else local]
	@$(LOCAL)/bin/python -m infra.operate account $(OPERATE) --name "$(NAME)" --company "$(COMPANY)" --email "$(EMAIL)" \
		--subdomain "$(SUBDOMAIN)" --plan "$(or $(PLAN),free)" --locale "$(or $(LOCALE),en)"

replay: $(LOCAL)/.ready ## process dead letters again, and raw mail that has no row [STAGE=prod, else local]
	@$(LOCAL)/bin/python -m infra.operate replay $(OPERATE)

reconcile: $(LOCAL)/.ready ## run the scheduled function now, or with DRY_RUN=1 tell what it would do to SES [STAGE=prod, else local]
	@$(LOCAL)/bin/python -m infra.operate reconcile $(OPERATE) $(if $(DRY_RUN),--dry-run)

test: $(VENV)/.ready $(LOCAL)/.ready ## all tests, those on the local cloud too (ARGS="-k name" for some, JOBS=2 at a time)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

explore: $(VENV)/.ready $(LOCAL)/.ready ## the tests of properties on examples nobody has seen (ROUNDS=5 of them; the gate's are always the same)
	@for round in $$(seq $(or $(ROUNDS),1)); do \
		$(BIN)/python -m pytest -n $(JOBS) -m hypothesis --hypothesis-profile=explore $(ARGS) || exit 1; done

check: $(VENV)/.ready ## everything that reads the code without running it: style, types, template, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m infra.build --lint
	@$(BIN)/python -m pytest tests/guards

bench: $(VENV)/.ready $(LOCAL)/.ready ## measure time, memory and requests against the budgets (on a running local cloud, or its own)
	@missed=0; for each in bench/*.py; do echo "== $$each"; $(BIN)/python $$each || missed=1; done; exit $$missed

package: $(VENV)/.ready ## build and lint what is deployed: build/sam.json, build/postfach.zip
	@$(BIN)/python -m infra.build --lint

deploy: package ## deploy to AWS: STAGE=prod PARAMETERS="InboundDomain=in.example.com ..." (docs/deploying.md)
	@$(BIN)/python -m infra.deploy --stage "$(STAGE)" $(if $(REGION),--region "$(REGION)") $(PARAMETERS)

# `make account STAGE=prod` works on AWS; without STAGE on the command line, on the running local cloud.
OPERATE = $(if $(filter command environment,$(firstword $(origin STAGE))),--stage "$(STAGE)" $(if $(REGION),--region "$(REGION)"))

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Postfach needs Python 3.11 or newer; \"$(PYTHON)\" is not. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }

$(VENV)/.ready: requirements.txt requirements-vendor.txt requirements-dev.txt | python-version
	@$(call environment,$(VENV),requirements-dev.txt)

$(LOCAL)/.ready: requirements.txt requirements-vendor.txt requirements-local.txt | python-version
	@$(call environment,$(LOCAL),requirements-local.txt)

define environment
	echo "Installing $(2) into $(1) ..."; \
	$(PYTHON) -m venv $(1) >/dev/null || { \
		echo "$(PYTHON) has no working venv module; on Debian: apt install python3-venv" >&2; exit 1; }; \
	$(1)/bin/python -m pip install -qq --disable-pip-version-check -r $(2) && touch $@
endef
