# Every target does its own set-up; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# A Go that scripts/setup brought comes first.
export PATH := $(CURDIR)/target/tools/go/bin:$(PATH)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 22

setup: ## install what this machine lacks
	@scripts/setup

demo: setup ## a sealed file, a page over TLS and HTTP/2, and a Go program that crashes where ours cannot
	@cargo run -q --example demo

# Tests talk to servers of their own.
test asan: export no_proxy := 127.0.0.1,localhost

# The bootstrap switch makes rustdoc check that a compile_fail example fails for the reason it names.
test: setup ## all tests, all languages
	cargo test --workspace --lib --bins --tests --examples
	RUSTC_BOOTSTRAP=1 cargo test --workspace --doc

# In CI nothing may be skipped for want of a tool.
ci: export REQUIRE := go,go-legacy,asan,race,checkptr,cgocheck,cgocheck-debug,vet,valgrind,libcurl-gnutls,libcrypto-static
ci: fmt lint test asan doc ## what CI runs

fmt: setup ## formatting, in both languages
	cargo fmt --all --check
	@unformatted=$$(gofmt -l go-harness); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }

# Never --all-features: `vendored` and the system's libraries exclude each other.
lint: setup ## clippy on the named feature sets, C warnings with each compiler, go vet
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --no-default-features --features crypto -- -D warnings
	cargo clippy --no-default-features --features http -- -D warnings
	cargo clippy --no-default-features -- -D warnings
	@for compiler in gcc clang; do \
	  if command -v $$compiler >/dev/null; then \
	    echo "$$compiler: csrc"; \
	    $$compiler -std=c11 -Wall -Wextra -Werror -fsyntax-only -Icsrc $$(pkg-config --cflags libcurl openssl) csrc/shim.c csrc/hazard/*.c; \
	  else echo "skipped: csrc under $$compiler, which is not installed"; fi; \
	done
	cd go-harness && go vet ./lib/... # what vet says of the programs is in their rows

bindings: setup ## write src/ffi/*_bindings.rs anew from this machine's headers
	BLESS=1 cargo test --test bindings

parity: setup ## the same work through Rust and through cgo: the same bytes
	cargo test -p ffence-hazards --test parity

# ONLY=slug, CLASS=openssl and GO=1.19 say what is run; BLESS=1 keeps what was said, and writes the pages.
hazards: setup ## the hazard catalogue: each Go program under each detector, each Rust twin
	@cargo run -q -p ffence-hazards --bin hazards

report: setup ## the last run of the catalogue as one HTML page, and the page in a real browser
	@scripts/setup --browser
	@cargo run -q -p ffence-hazards --bin hazards -- --report
	REQUIRE=chromium cargo test -q -p ffence-hazards --test report

proof: setup ## in a copy: what is missing does not build, a broken guard turns its row red, the recipe works
	PROOF=1 cargo test -p ffence-hazards --test proof -- --nocapture

# Stable does what nightly does once it is told to; SANITIZER_TOOLCHAIN=+nightly takes that instead.
HOST := $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p')
HOST_ := $(subst -,_,$(HOST))
ASAN_ENV = RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$(CURDIR)/target/asan RUSTFLAGS="-Zsanitizer=address" \
	CFLAGS_$(HOST_)="-fsanitize=address -fno-omit-frame-pointer" \
	ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:fast_unwind_on_malloc=0:max_free_fill_size=4096:free_fill_byte=221
# These read files, or build and run programs of their own.
NOT_UNDER_ASAN := bindings build_messages layers owners other_libraries sanitizer_net
ASAN_TESTS = $(filter-out $(NOT_UNDER_ASAN),$(basename $(notdir $(wildcard tests/*.rs))))

# Published vectors allocate by the million: unwinding each slowly would take minutes.
VECTORS = $(filter wycheproof_%,$(ASAN_TESTS))
FAST_ENV = $(subst fast_unwind_on_malloc=0,fast_unwind_on_malloc=1,$(ASAN_ENV))

asan: setup ## Rust and C under AddressSanitizer and LeakSanitizer, Go too
	REQUIRE=$${REQUIRE:-go,asan,cgocheck} $(ASAN_ENV) cargo $(SANITIZER_TOOLCHAIN) test --target $(HOST) --lib $(patsubst %,--test %,$(filter-out $(VECTORS),$(ASAN_TESTS)))
	$(FAST_ENV) cargo $(SANITIZER_TOOLCHAIN) test --target $(HOST) $(VECTORS:%=--test %)
	REQUIRE=$${REQUIRE:-go,asan,cgocheck} $(ASAN_ENV) cargo $(SANITIZER_TOOLCHAIN) test --target $(HOST) -p ffence-hazards --lib --bins --tests

doc: setup ## the documentation, without a broken link
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

bench: setup ## criterion: raw C, ours and the peers in one run
	cargo bench --bench pairs

bench-instructions: setup ## instructions and allocations an operation, to target/bench/instructions.jsonl
	cargo bench --bench instructions

.PHONY: help setup demo test ci fmt lint bindings parity hazards report proof asan doc bench bench-instructions
