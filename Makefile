# libmona: `make demo` shows it at work, `make test` proves it, `make bench` measures it,
# `make install PREFIX=/somewhere` installs it.

CARGO  ?= cargo
PREFIX ?= /usr/local
TARGET := $(or $(CARGO_TARGET_DIR),target)

# As one word for the shell, whatever is in it.
quoted = '$(subst ','\'',$(1))'
# The features of the library, of "http tls", all of them without this: `make install FEATURES=` is the smallest one. Only as
# an argument of make: in an environment it may be about something else.
ifneq ($(filter command,$(origin FEATURES)),)
slim := --features $(call quoted,$(FEATURES))
endif

# The suites of test-behaviour, one file of tests/tests each.
BEHAVIOUR := conformance golden life_cycle host interrupts cancel delivery faults spool ack_auto button bad_input log output \
	filter values stacks fleet systems
SPOOL := spool_host spool_tool spool_crash spool_power spool_processes spool_disk spool_outage
# What has a suite of its own in bindings, beside C, C++ and Python.
LANGUAGES := go node java luajit php ruby csharp
NETWORK := tls names handshake http otlp otlp_answers rest failover poison servers secrets peers check doctor hostile

.PHONY: all demo view test test-fast test-rust test-slow test-interface test-behaviour test-network test-page \
	test-spool test-spool-long test-soak test-fuzz test-loom test-tsan test-cpp test-python test-sdist \
	test-install test-cross test-slim test-readme sizes test-systems test-systems-long test-portable \
	test-valgrind test-sanitizers test-instructions test-arm test-languages test-go test-node test-java \
	test-luajit test-php test-ruby test-csharp test-assembler test-kubernetes bench bench-python bench-languages \
	bench-instructions fuzz lint release scale scale-out scale-kubernetes release-portable wheels dist \
	test-packages test-packages-long test-dist install uninstall man header options interface instructions third-party sbom clean \
	build-tests build-collector

all: release

# The digits example: trains, classifies, exports; a local collector shows what arrived. FULL=1 shows every figure.
demo: tools
	@sh bindings/c/examples/run-demo.sh $(if $(FULL),--full)

# The same with a page to look at, until Ctrl-C: prints its address, and opens it where there is a browser.
view: tools
	@sh bindings/c/examples/run-demo.sh --view

# Every suite, several side by side, with a table of where the time went and a count at the end. The list of them is in
# tests/run_all.py. Slow ones are targets of their own below.
test:
	@sh tests/tools.sh test && sh tests/tools.sh arm && sh tests/tools.sh packages
	sh tests/run-all.sh

# What is worth running after every edit.
test-fast:
	$(CARGO) test -p mona

lint:
	sh tests/lint.sh

test-rust:
	$(CARGO) test --no-fail-fast -p mona -p mona-collector

# The core's tests that take a second and more each, many of them waiting; the everyday loop leaves them out. And the
# thousands of processes that end in destructors and signal handlers.
# The packages are those of test-rust, whose features would be others if one were left out, and all built twice.
test-slow:
	$(CARGO) test -p mona -p mona-collector --lib -- --ignored
	$(CARGO) test -p mona-tests --test life_cycle --test interrupts -- --ignored

# The header, the C in the documents, the exported symbols, layouts, every call with every wrong argument, the floors of
# the sources; what packages are generated from, and that all of them offer the same.
test-interface:
	$(CARGO) test --no-fail-fast -p mona-tests --test header --test types --test order --test documents --test abi --test guard --test interface --test layers \
		--test sbom --test catalogue --test parity --test scale_out

# Conformance, life cycle, faults: programs and processes against the shared library.
test-behaviour:
	$(CARGO) test --no-fail-fast -p mona-tests $(addprefix --test ,$(BEHAVIOUR))

# TLS, authentication, HTTP, failover, poison, and what nobody here wrote: node's FluentServer, the OpenTelemetry
# Collector (built from Go modules, minutes the first time), nginx, HAProxy, squid.
test-network:
	$(CARGO) test --no-fail-fast -p mona-tests $(addprefix --test ,$(NETWORK))

# The collector's page in Chromium: every view with the demo's data and with hostile data. With
# MONA_PAGE_PICTURES=/some/folder it leaves a picture of each there.
test-page:
	$(CARGO) test -p mona-tests --test page

# The spool: hosts that are killed, a disk that forgets, many processes, a disk that is full, an hour's outage. `long` makes
# all runs of each, a quarter of an hour, and reads a hundred thousand damaged spools.
test-spool:
	$(CARGO) test --no-fail-fast -p mona-tests $(addprefix --test ,$(SPOOL))

test-spool-long:
	SPOOL_RUNS=long $(CARGO) test --profile fuzz -p mona --lib -- --ignored --nocapture spool::
	SPOOL_RUNS=long $(CARGO) test -p mona-tests $(addprefix --test ,$(SPOOL)) -- --nocapture

test-soak:
	$(CARGO) test -p mona-tests --test soak

# The JSON encoder against serde_json, a few seconds of it with every assertion on.
test-fuzz:
	$(CARGO) test --profile fuzz -p mona-fuzz
	$(CARGO) run --profile fuzz -p mona-fuzz -- --short --inputs 200000

# The same for minutes, on the code as it is shipped. FUZZ_INPUTS is the number of texts; a failure prints what makes
# it again.
FUZZ_INPUTS ?= 10000000
fuzz:
	$(CARGO) run --release -p mona-fuzz -- --inputs $(FUZZ_INPUTS)

# What the core's threads do together, its own sources in every order of steps.
test-loom:
	$(CARGO) run -p mona-loom

# Tests and C programs with threads, everything compiled for ThreadSanitizer; skipped without the nightly compiler.
test-tsan:
	sh tests/tsan.sh

# mona.hpp by every compiler and standard, its programs and examples, and the scenarios through it.
test-cpp:
	$(CARGO) test --no-fail-fast -p mona-tests --test cpp --test cpp_scenarios

# With mona-collector, which the first time takes minutes to build.
test-install:
	@CARGO=$(call quoted,$(CARGO)) sh bindings/c/install/build.sh $(call quoted,$(TARGET))
	@sh tests/install/run.sh $(call quoted,$(TARGET)/release)

# The library for 64-bit ARM by CMake's tool chain file, and its programs under an emulator. A whole release build.
test-cross: arm-tools
	@sh tests/install/cross.sh

# The smallest library, with its size; SLIM="http tls" makes those besides. A whole release build each.
test-slim: release
	@sh tests/install/slim.sh $(call quoted,$(TARGET)/release)

# README.md word by word: its commands and programs, in order, in a copy of the tree with a home of its own; the demo on a
# terminal; the size that it states. Needs nothing built; a minute where the release build is there.
test-readme:
	sh tests/readme.sh

# The sizes that README.md states, by three builds of the library.
sizes:
	sh tests/readme/sizes.sh

# The wheels, and the Python packages as pip installs them from there, on every Python that is found.
test-python:
	sh bindings/python/test.sh

# The packages of the other languages, three suites at a time, with a test of what they share; or one of them.
test-languages: test-tools
	sh tests/languages.sh harness $(LANGUAGES)

test-go:
	sh bindings/go/test.sh

test-node:
	sh bindings/node/test.sh

test-java:
	sh bindings/java/test.sh

test-luajit:
	sh bindings/luajit/test.sh

test-php:
	sh bindings/php/test.sh

test-ruby:
	sh bindings/ruby/test.sh

test-csharp:
	sh bindings/csharp/test.sh

# The ARC assembler without a broker: the vectors that the local collector plays too, copies, late events, bounds, a change
# of hands; its tables and queries in ClickHouse, in process. scale/assembler/tests/kafka.sh is the test with a broker.
test-assembler:
	sh scale/assembler/test.sh

# That pip builds the Python packages from their sdist, the library in it by cargo: a release build of its own.
test-sdist:
	sh bindings/python/packaging/sdist.sh

# C and C++ hosts compiled for the address and undefined behaviour sanitizers, with the library as it is shipped.
test-sanitizers:
	sh tests/sanitizers.sh

# What the library for older systems asks of them. A whole release build of its own.
test-portable:
	sh tests/install/portable.sh

test-valgrind: release
	sh tests/valgrind.sh

# That a typed call, a JSON call and a context take no more instructions than tests/bench/instructions.txt says, and
# that the benchmarks read and judge figures rightly.
test-instructions:
	$(CARGO) test -p mona-tests --lib --test instructions

# The encoder and the fuzzer once more, as programs for 64-bit ARM under an emulator; elsewhere skipped with a line.
test-arm: arm-tools
	sh tests/arm.sh

# The library on musl, macOS and Windows: built or compiled, and run where this machine can. What is not there to do it
# is named. Builds in folders of its own.
test-systems: test-tools
	sh tests/systems.sh

# The same with the library as it is shipped, more of the tests, and 64-bit ARM under an emulator.
test-systems-long: arm-tools
	sh tests/systems.sh long

# What everything costs, against targets and peers: nine minutes, best on a machine that does nothing else. Keeps a
# record in docs/benchmarks. BENCH=quick is a short look and PARTS="calls http" takes some parts, and both keep nothing.
# BASE=/path/to/an/older/libmona.so measures that one too, turn by turn.
bench: bench-tools
	$(CARGO) run --quiet -p mona-tests --bin bench -- $(PARTS)

# What the Python packages cost, extension and fallback, beside mona-client 0.2.1; two minutes. ROUNDS=9: more rounds.
bench-python: release
	sh bindings/python/bench/bench.sh

# What the packages of the other languages cost, beside an empty call and what each ecosystem would use instead.
bench-languages:
	sh bindings/harness/bench.sh $(LANGUAGES)

# A fleet against what a fleet runs on: Kafka, OpenTelemetry Collectors, HAProxy, ClickHouse, with kills, and a control
# that has to lose events. Minutes, and about 2 GB the first time; not part of `make test`. RUNS="forward tiers" takes
# some runs.
scale:
	@sh tests/scale/run.sh $(RUNS)
	$(if $(RUNS),,@$(MAKE) --no-print-directory scale-kubernetes)

# What docs/scale-out.md and scale/kubernetes have of tests/scale, after a change there.
scale-out:
	cp tests/scale/config/agent.yaml tests/scale/config/gateway.yaml scale/kubernetes/config/
	MONA_WRITE_SCALE_OUT=1 $(CARGO) test -p mona-tests --test scale_out the_page

# The manifests of scale/kubernetes against the schemas of Kubernetes, and against each other; and what kustomize makes of
# them, which is built from Go modules for that.
test-kubernetes:
	@sh tests/scale/kubernetes/test.sh

scale-kubernetes:
	@KUSTOMIZE=$$(sh tests/scale/kubernetes/kustomize.sh) && export KUSTOMIZE && sh tests/scale/kubernetes/test.sh

bench-instructions:
	$(CARGO) run --quiet -p mona-tests --bin bench -- instructions

release:
	CARGO=$(call quoted,$(CARGO)) MONA_COLLECTOR=no sh bindings/c/install/build.sh $(call quoted,$(TARGET)) $(slim)

# By itself: features of two packages that are built together are those of both.
build-collector:
	@CARGO=$(call quoted,$(CARGO)) sh bindings/c/install/build.sh $(call quoted,$(TARGET)) --collector

# What the suites of test-rust and of tests/tests are compiled to, in the ways that those targets ask for.
build-tests:
	$(CARGO) test --no-run -p mona -p mona-collector
	$(CARGO) test --no-run -p mona-tests

# For systems older than this one, back to glibc 2.17, by cargo-zigbuild: prints where the libraries are.
release-portable:
	sh bindings/c/install/portable.sh $(ARCHITECTURE)

# The Python distribution for systems back to glibc 2.17: sdist and both wheels, in dist.
wheels:
	sh bindings/python/packaging/wheels.sh

# All of a release in dist: sources with their crates, Debian packages, portable tarballs, recipes, checksums. DIST_URL is
# where they will be fetched from. Many minutes. PLATFORMS=x86_64-musl: that tarball alone.
dist:
	PLATFORMS=$(call quoted,$(PLATFORMS)) sh packaging/dist.sh $(call quoted,$(or $(DIST),dist)) $(call quoted,$(DIST_URL))

# The sources pack, with all crates; Debian's, Conan's, vcpkg's and conda's packages take the library that is built here, are
# installed where nothing else is, and a program is built and run there. With mona-collector, which takes minutes once.
test-packages: package-tools
	@CARGO=$(call quoted,$(CARGO)) sh bindings/c/install/build.sh $(call quoted,$(TARGET))
	@sh packaging/test/run.sh

# The same, and every package built from the archive alone, without a network. A quarter of an hour.
test-packages-long: package-tools
	@CARGO=$(call quoted,$(CARGO)) sh bindings/c/install/build.sh $(call quoted,$(TARGET))
	@sh packaging/test/run.sh long

# `make dist` twice the same, and every portable tarball in an empty root, those of another processor under an emulator.
test-dist: package-tools arm-tools
	sh packaging/test/dist.sh

# PREFIX, DESTDIR, LIBDIR, FEATURES and more: docs/install.md. Without cargo, as behind `sudo`, it takes what was built.
install:
	@CARGO=$(call quoted,$(CARGO)) sh bindings/c/install/build.sh $(call quoted,$(TARGET)) $(slim)
	@sh bindings/c/install/install.sh $(call quoted,$(TARGET)/release) $(call quoted,$(PREFIX))

# With the same PREFIX, DESTDIR and LIBDIR.
uninstall:
	@sh bindings/c/install/uninstall.sh $(call quoted,$(PREFIX))

# The pages of docs/ as HTML below the target folder, with a search box; prints the address. Sphinx comes from PyPI once.
.PHONY: docs test-docs reference
docs:
	@sh docs/site/build.sh

# That every page renders, every link and anchor leads somewhere, the search box finds words, and every sample of the
# pages runs and prints what they show. Needs what `make install` needs, and Chromium for the search.
test-docs:
	@sh docs/site/test.sh

# The pages of docs/reference that are made from the header, after a change of it.
reference:
	python3 docs/site/reference.py --write

# Writes the generated files again, after a change of the interface, of the table of options, or of what a
# call costs.
header:
	MONA_WRITE_HEADER=1 $(CARGO) test -p mona-tests --test header the_committed_header

options:
	MONA_WRITE_OPTIONS_MD=1 $(CARGO) test -p mona options_reference

# Manual pages and completions, after a change of the header or of what a program says as --help.
man:
	CARGO=$(call quoted,$(CARGO)) sh bindings/c/install/build.sh $(call quoted,$(TARGET))
	sh man/make.sh $(call quoted,$(TARGET)/release)

# What the packages of other languages are generated from, after a change of any of these.
interface:
	MONA_WRITE_INTERFACE=1 $(CARGO) test -p mona-tests --test catalogue the_committed_catalogue

instructions:
	MONA_WRITE_INSTRUCTIONS=1 $(CARGO) test -p mona-tests --test instructions

# The licences of what the library contains, after a change of Cargo.lock.
third-party:
	sh tests/third-party.sh

# The bill of materials of the library, after the same change.
sbom:
	MONA_WRITE_SBOM=1 $(CARGO) test -p mona-tests --test sbom the_committed_bill

clean:
	$(CARGO) clean

.PHONY: tools test-tools bench-tools arm-tools package-tools
tools:
	@sh tests/tools.sh
test-tools:
	@sh tests/tools.sh test
bench-tools:
	@sh tests/tools.sh bench
arm-tools:
	@sh tests/tools.sh arm
package-tools:
	@sh tests/tools.sh packages
