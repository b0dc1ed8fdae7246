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
test asan asan-deep tsan valgrind: export no_proxy := 127.0.0.1,localhost

# What is off by default and goes with everything else.
MORE := --features futures-io,tokio,json,tower,cookies,websocket,tracing,charset

# The bootstrap switch makes rustdoc check that a compile_fail example fails for the reason it names.
test: setup ## all tests, all languages
	cargo test --workspace --exclude ffence-http-only $(MORE) --lib --bins --tests --examples
	@$(MAKE) --no-print-directory test-http-only
	RUSTC_BOOTSTRAP=1 cargo test --workspace $(MORE) --doc

# In a package of its own: what the crate's own tests need switches `crypto` on, whatever the features asked for.
test-http-only: export no_proxy := 127.0.0.1,localhost
test-http-only: setup ## tests of the client on a build without `crypto`
	cargo test -p ffence-http-only

# The libcurl that curl-sys builds speaks WebSocket, which Debian's does not. What it tells of a transfer
# that fails, and when, is another matter than with Debian's as well.
STATIC_TESTS = $(patsubst tests/%.rs,%,$(wildcard tests/api_curl_*.rs)) api_http_errors api_http_phases api_http_tls_sessions
STATIC_CURL := curl-sys/static-curl,curl-sys/http2,curl-sys/ssl
test-static: export no_proxy := 127.0.0.1,localhost
test-static: setup ## the expert layer, and what ends a request, on the newest libcurl, linked statically
	REQUIRE=websocket,nginx CARGO_TARGET_DIR=$(CURDIR)/target/static cargo test --features $(STATIC_CURL) $(STATIC_TESTS:%=--test %)

# In CI nothing may be skipped for want of a tool.
ci: export REQUIRE := go,go-legacy,asan,tsan,race,checkptr,cgocheck,cgocheck-debug,vet,valgrind,gdb,curl,ss,netstat,libcurl-gnutls,libcrypto-static,libcrypto-1.0.2,nginx,tinyproxy,microsocks,danted,pyftpdlib,asyncssh,mosquitto
ci: fmt lint test test-static asan tsan torture fuzz-ci loom doc ## what CI runs

fmt: setup ## formatting, in both languages
	cargo fmt --all --check
	cd fuzz && cargo fmt --check
	cd benches/http && cargo fmt --check
	cd examples/sanitized-project && cargo fmt --check
	@unformatted=$$(gofmt -l go-harness examples); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }

# Never --all-features: `vendored` and the system's libraries exclude each other. The smaller sets are
# asked of the crate alone: the other default member wants all of it.
lint: setup ## clippy on the named feature sets, C warnings with each compiler, go vet
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --all-targets $(MORE) -- -D warnings
	cargo clippy $(MORE),torture --lib --test torture -- -D warnings
	cargo clippy -p ffence --no-default-features --features crypto -- -D warnings
	cargo clippy -p ffence --no-default-features --features http -- -D warnings
	cargo clippy -p ffence --no-default-features -- -D warnings
	@for compiler in gcc clang; do \
	  if command -v $$compiler >/dev/null; then \
	    echo "$$compiler: csrc"; \
	    $$compiler -std=c11 -Wall -Wextra -Werror -fsyntax-only -Icsrc $$(pkg-config --cflags libcurl openssl) csrc/shim.c csrc/hazard/*.c csrc/provider/*.c $$(test $$(uname) = Linux && echo csrc/count/*.c); \
	  else echo "skipped: csrc under $$compiler, which is not installed"; fi; \
	done
	cd go-harness && go vet ./lib/... # what vet says of the programs is in their rows

# Not part of `make ci`: it downloads. tests/sanitized_project.rs runs the script of sanitizers.yml itself.
lint-workflows: setup ## actionlint on .github/workflows
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.7 -shellcheck=

# Not part of `make ci` either: these download a toolchain, and need a tool that few have.
MSRV := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
msrv: setup ## the library on the oldest Rust that Cargo.toml names
	rustup toolchain install $(MSRV) --profile minimal --no-self-update
	CARGO_TARGET_DIR=$(CURDIR)/target/msrv cargo +$(MSRV) check -p ffence --lib $(MORE)

deny: ## licences, sources and doubled versions of what a user gets
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check bans licenses sources; \
	else echo "skipped: cargo-deny is not installed (cargo install --locked cargo-deny)"; [[ ",$(REQUIRE)," != *,deny,* ]]; fi

bindings: setup ## write src/ffi/*_bindings.rs anew from this machine's headers
	BLESS=1 cargo test --test bindings

parity: setup ## the same work through Rust and through cgo: the same bytes
	cargo test -p ffence-hazards --test parity

soak: export no_proxy := 127.0.0.1,localhost
soak: setup ## 10 GiB through a sealed stream in at most 32 MiB of memory, and through the client each way in 64 MiB
	FFENCE_STREAM_GIB=10 FFENCE_STREAM_KIB=32768 cargo test --test api_stream a_long_stream -- --nocapture
	FFENCE_SOAK_GIB=10 timeout 1800 cargo test --test http_soak -- --nocapture

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
	ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:fast_unwind_on_malloc=0:max_free_fill_size=4096:free_fill_byte=221:quarantine_size_mb=64
# These read files, build and run programs of their own, count what a sanitizer adds to (memory above
# all), or are for ThreadSanitizer and share by leaking.
NOT_UNDER_ASAN := bindings build_messages cost_of_a_message examples http_in_flight http_soak layers owners other_libraries sanitized_project sanitizer_net thread_races
ASAN_TESTS = $(filter-out $(NOT_UNDER_ASAN),$(basename $(notdir $(wildcard tests/*.rs))))

# Published vectors, and a thousand transfers at a time, allocate by the million: unwinding each slowly
# would take minutes.
VECTORS = $(filter wycheproof_% api_curl_multi_thousand,$(ASAN_TESTS))
FAST_ENV = $(subst fast_unwind_on_malloc=0,fast_unwind_on_malloc=1,$(ASAN_ENV))

# Runs a target of ours, counts what its test programs and the detector say, and ends with one line, a
# JSON and a JUnit file in target/reports.
WATCH = cargo build -q -p ffence-hazards --bin watch && $${CARGO_TARGET_DIR:-target}/debug/watch

asan: setup ## Rust and C under AddressSanitizer and LeakSanitizer, Go too
	@$(WATCH) asan $(MAKE) --no-print-directory asan-run

asan-run:
	REQUIRE=$${REQUIRE:-go,asan,cgocheck} $(ASAN_ENV) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) $(MORE) --lib $(patsubst %,--test %,$(filter-out $(VECTORS),$(ASAN_TESTS)))
	$(FAST_ENV) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) $(MORE) $(VECTORS:%=--test %)
	REQUIRE=$${REQUIRE:-go,asan,cgocheck} $(ASAN_ENV) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) -p ffence-hazards --lib --bins --tests

# OpenSSL and libcurl from source and instrumented, without assembly, in a folder of their own that is the
# cache: built once (five minutes on two cores), and again when Cargo.lock has another version. Go's
# harness is linked to the same archives. Beside tests/api_*.rs are those of the floor and the vectors.
DEEP_ENV = $(subst target/asan,target/asan-deep,$(subst pointer",pointer -g1",$(ASAN_ENV))) \
	OPENSSL_SRC_PERL=$(CURDIR)/scripts/perl-no-asm
DEEP_FAST = $(subst fast_unwind_on_malloc=0,fast_unwind_on_malloc=1,$(DEEP_ENV))
DEEP_VECTORS := $(filter wycheproof_% api_curl_multi_thousand,$(ASAN_TESTS))
DEEP_TESTS = $(filter-out $(DEEP_VECTORS),$(basename $(notdir $(wildcard tests/api_*.rs)))) \
	error_queue owned pool thread_rules threads
INSTRUMENTED := $(CURDIR)/target/asan-deep/instrumented

asan-deep: setup ## the API tests and Go's harness on an OpenSSL and a libcurl that are instrumented too
	@$(WATCH) asan-deep $(MAKE) --no-print-directory asan-deep-run

asan-deep-run:
	$(DEEP_ENV) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) -p ffence $(MORE),vendored --lib $(DEEP_TESTS:%=--test %)
	$(DEEP_FAST) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) -p ffence $(MORE),vendored $(DEEP_VECTORS:%=--test %)
	scripts/instrumented target/asan-deep $(INSTRUMENTED)
	REQUIRE=$${REQUIRE:-go,asan} FFENCE_INSTRUMENTED=$(INSTRUMENTED) $(DEEP_ENV) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) -p ffence-hazards --features vendored --test deep -- --include-ignored
	REQUIRE=$${REQUIRE:-go,asan} FFENCE_INSTRUMENTED=$(INSTRUMENTED) $(DEEP_ENV) cargo $(SANITIZER_TOOLCHAIN) test --no-fail-fast --target $(HOST) -p ffence-hazards --features vendored --test parity

# Plain programs, as `make test` has them. Left out is what has limits of time that memcheck's slowness
# (some 30 times) breaks, and what takes it many minutes. Beside tests/api_*.rs are those of the floor and of
# the threads, but for the one that searches memory itself and the one that shares by leaking.
NOT_UNDER_VALGRIND := api_curl_ugly api_http_doh api_http_errors api_http_faults api_http_matrix api_curl_multi_thousand api_curl_multi_misuse api_curl_protocols api_http api_password api_stream api_tls
VALGRIND_TESTS = $(filter-out $(NOT_UNDER_VALGRIND),$(basename $(notdir $(wildcard tests/api_*.rs)))) \
	error_queue owned pool share_threads thread_rules threads

valgrind: setup ## the API tests under valgrind's memcheck, on plain builds
	@$(WATCH) valgrind $(MAKE) --no-print-directory valgrind-run

# What takes memcheck a few minutes.
valgrind-quick: ## of these the quick ones
	@$(MAKE) --no-print-directory valgrind VALGRIND_TESTS="api_aead api_digest api_mac api_secret api_curl_easy api_curl_headers api_curl_url api_http_types error_queue owned pool"

valgrind-run:
	cargo test --no-fail-fast $(MORE) $(VALGRIND_TESTS:%=--test %)

# curl-sys builds the newest libcurl it has, instrumented and on the system's libcrypto. The standard
# library is not instrumented: see src/sync.rs and tests/share_threads.rs. Nothing is suppressed.
TSAN_ENV = RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$(CURDIR)/target/tsan \
	RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer -Clink-arg=-lpsl" \
	CC_$(HOST_)=$(CURDIR)/scripts/cc-tsan CFLAGS_$(HOST_)="-fsanitize=thread -g -DUSE_LIBPSL -DUSE_SSLS_EXPORT"
# The sanitizer sees no fences. The counted owner of src/sync.rs has a load for it, which its build script
# chooses on nightly alone.
SEEN = -Zprofile-rustflags --config 'profile.dev.package.portable-atomic-util.rustflags=["--cfg=portable_atomic_sanitize_thread"]'
TSAN_TEST = $(SEEN) test --no-fail-fast --target $(HOST) --features curl-sys/static-curl,curl-sys/ssl
# $(call noticed,CFG,TEST): where the crate is built with CFG the same test, silent before, must be reported.
define noticed
@echo "$(2) with --cfg $(1), which must be reported"
@if report=$$(FFENCE_SEEDED=$(1) TSAN_OPTIONS=halt_on_error=1 $(TSAN_ENV) timeout 900 cargo $(SANITIZER_TOOLCHAIN) \
  --config 'profile.dev.package.ffence.rustflags=["--cfg=$(1)"]' $(TSAN_TEST) --test $(2) 2>&1); then \
  echo "nothing was noticed"; exit 1; fi; \
grep -q "WARNING: ThreadSanitizer: data race" <<<"$$report" || { echo "$$report"; exit 1; }
endef
# What the newest libcurl has and the system's may lack; their threads use what is not instrumented.
NEWEST := api_curl_share api_curl_multi api_curl_multi_thousand api_curl_multi_misuse api_curl_multi_names multi_after_fork

tsan: setup ## threads on shares, pinned threads and pools under ThreadSanitizer, libcurl too
	@$(WATCH) tsan $(MAKE) --no-print-directory tsan-run

# And that it would notice: each with its locks left out. The last is about the newest libcurl, and not watched.
tsan-run:
	$(TSAN_ENV) cargo $(SANITIZER_TOOLCHAIN) $(TSAN_TEST) --test share_threads --test thread_races
	$(call noticed,ffence_without_share_locks,share_threads)
	$(call noticed,ffence_without_locks,thread_races)
	env -u FFENCE_WATCH TSAN_OPTIONS=report_bugs=0 $(TSAN_ENV) cargo $(SANITIZER_TOOLCHAIN) $(TSAN_TEST) $(NEWEST:%=--test %)

# Each operation in processes of its own, which take another allocator before anything else.
TORTURE = $(FAST_ENV) cargo $(SANITIZER_TOOLCHAIN) test -q --target $(HOST) $(MORE),torture --test torture
torture torture-full fuzz fuzz-ci: export no_proxy := 127.0.0.1,localhost

# ONLY="a row's name" runs one operation.
torture: setup ## every operation with its memory refused: samples above 500 requests
	@$(WATCH) torture $(MAKE) --no-print-directory torture-run

# In pieces, one process a processor. At its start it tells how long it will take, from the time of each
# operation as it was counted, and then how many pieces are left.
torture-full: setup ## the same at every point, and no known fault may be gone (about an hour of one processor)
	@export FFENCE_TORTURE_FULL=1; $(WATCH) torture $(MAKE) --no-print-directory torture-run

torture-run:
	REQUIRE=$${REQUIRE:-asan} $(TORTURE)

# libFuzzer's counters come from an LLVM pass that stable has too.
FUZZ_FLAGS := -Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1
FUZZ_TARGETS := $(patsubst fuzz/corpus/%,%,$(wildcard fuzz/corpus/*))

FUZZ_BUILD = cd fuzz && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$(CURDIR)/target/fuzz RUSTFLAGS="$(FUZZ_FLAGS)" \
	CFLAGS_$(HOST_)="-fsanitize=address -fno-omit-frame-pointer" \
	cargo $(SANITIZER_TOOLCHAIN) build -q --target $(HOST) --bins $(if $(NEWEST_CURL),--features newest)
FUZZ_RUN = printf '%s\n' $(or $(T),$(FUZZ_TARGETS)) | xargs -P 2 -I TARGET scripts/fuzz
fuzz-run fuzz-ci-run: export ASAN_OPTIONS = $(subst ASAN_OPTIONS=,,$(filter ASAN_OPTIONS=%,$(FAST_ENV)))

# T=name takes one target, SECONDS=60 a time, NEWEST_CURL=1 the libcurl that speaks WebSocket; what is found new
# goes to target/fuzz/corpus.
fuzz: setup ## libFuzzer, 10 seconds a target from its corpus, with AddressSanitizer
	@$(WATCH) fuzz $(MAKE) --no-print-directory fuzz-run

# And that it would find something: a bug that four bytes lead to, which the corpus does not have.
fuzz-run:
	$(FUZZ_BUILD)
	@$(FUZZ_RUN) free TARGET $(or $(SECONDS),10)
	@if [ -z "$(T)" ]; then log=$(CURDIR)/target/fuzz/planted.log; \
	  if FFENCE_SEEDED=planted $${FFENCE_WATCHER:-} $(CURDIR)/target/fuzz/$(HOST)/debug/planted -seed=1 -runs=20000000 \
	    -max_total_time=120 -max_len=16 -artifact_prefix=$(CURDIR)/target/fuzz/ >$$log 2>&1; then echo "fuzz: planted: nothing found"; exit 1; fi; \
	  grep -q "AddressSanitizer: heap-buffer-overflow" $$log || { tail -60 $$log; exit 1; }; \
	  echo "fuzz: planted: found, as it must be"; fi

# What CI says must not depend on what a fuzzer happens to think of: see scripts/fuzz.
fuzz-ci: setup ## the same on the same inputs each time
	@$(WATCH) fuzz $(MAKE) --no-print-directory fuzz-ci-run

fuzz-ci-run:
	$(FUZZ_BUILD)
	@$(FUZZ_RUN) fixed TARGET $(or $(SECONDS),10)

# One after the other, each with its own report in target/reports, and one table of all at the end. What
# fails does not keep the others from running.
SANITIZE := asan asan-deep tsan valgrind-quick torture fuzz
sanitize: setup ## every detector one after the other, fuzz targets for a minute each: a table at the end
	@rm -f $(patsubst %,target/reports/%.json,$(SANITIZE:%-quick=%)); failed=; \
	for part in $(SANITIZE); do \
	  echo "sanitize: $$part, $$(date +%H:%M)"; \
	  $(MAKE) --no-print-directory $$part SECONDS=$(or $(SECONDS),60) || failed="$$failed $$part"; \
	done; \
	$(WATCH) table $(SANITIZE:%-quick=%); test -z "$$failed" || { echo "sanitize: failed:$$failed"; exit 1; }

# In a folder of its own: the cfg is for every crate of that build.
loom: setup ## the queue, the answers and the pool of threads, in every order of events
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=$(CURDIR)/target/loom cargo test -p ffence-loom --lib -- --nocapture

doc: setup ## the documentation, without a broken link
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps $(MORE)

bench: setup ## comparisons in constant time; criterion: raw C, ours and the peers in one run
	cargo bench -p ffence-benches --bench constant_time
	cargo bench -p ffence-benches --bench pairs

bench-instructions: setup ## instructions, allocations and locks an operation, and the goals; writes tables of docs/performance.md
	cargo bench -p ffence-benches --bench instructions -- --write

bench-contention: setup ## what it takes to get a context, one to eight threads; writes docs/contention.svg and the table of docs/threads.md
	cargo bench -p ffence-benches --bench contention -- --write

# A workspace of its own, with its own lock file; each takes some minutes. CI runs neither: what they say of
# times depends on what else the machine does. ROUNDS=1 is a quick look.
BENCH_HTTP = cd benches/http && cargo run --release --target-dir $(CURDIR)/target --
bench-http: setup ## the client beside raw libcurl, isahc, reqwest, ureq and Go, and the goals; writes tables of docs/performance.md
	$(BENCH_HTTP) --rows --write

bench-scale: setup ## one to ten thousand transfers at a time; writes docs/scale.svg and a table of docs/performance.md
	$(BENCH_HTTP) --scale --write

.PHONY: help setup demo test test-static ci fmt lint lint-workflows msrv deny bindings parity soak hazards report proof asan asan-run asan-deep asan-deep-run tsan tsan-run valgrind valgrind-run valgrind-quick torture torture-run torture-full fuzz fuzz-run fuzz-ci fuzz-ci-run sanitize loom doc bench bench-instructions bench-contention bench-http bench-scale
