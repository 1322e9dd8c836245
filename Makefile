# Tidemark's commands. `make help` lists them. `make demo` and `make test` set a fresh machine up by themselves.

SWIFT ?= swift
SOURCES = Package.swift Sources Tests Schema Examples/Embed/Package.swift Examples/Embed/Sources \
	Examples/FourthService/Package.swift Examples/FourthService/Sources Examples/FourthService/Tests \
	Examples/QuickStarts/Package.swift Examples/QuickStarts/Sources
export RUNS STOPS SEED
TIDEMARK = $(CURDIR)/.build/debug/tidemark

.DEFAULT_GOAL := help
.PHONY: help setup build demo test simulation mutations crash-points crash replay tsan asan lint peers inspect-test man docs embed quickstarts fourth scale clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Check the toolchain, and install SQLite's headers if they are missing
	@Scripts/setup

build: setup ## Build the library and the command line, for debugging
	$(SWIFT) build --product tidemark

# A debug build: an optimised one of this package and its dependencies takes several times as long on a small machine,
# nothing in the demo waits for the processor, and `make test` uses what was built here.
demo: build ## Watch messages written offline reach simulated services through bad networks
	$(TIDEMARK) demo
	$(TIDEMARK) demo --service livekit
	$(TIDEMARK) demo --service avaya

# What waits for a real network's timeouts, and what counts the awaits of a running engine, runs alone: beside hundreds of tests that
# want the processor it would be late. Of the others a few run at once: a test that is begun beside a thousand others waits minutes for
# its turns, and limits of time measure that.
test: setup ## Build once and run every test
	$(SWIFT) test --experimental-maximum-parallelization-width 8 --skip 'TransportTests|CancelledAwaitTests'
	$(SWIFT) test --skip-build --filter TransportTests
	$(SWIFT) test --skip-build --filter CancelledAwaitTests

# SEEDS, FIRST, STEPS, SKIP, ON (tiny, feed, azure, avaya, livekit), and HISTORIES for any other option of the runner. Without FIRST the seeds that
# catch planted defects are played too.
# Much that is small comes and goes: the allocator of Linux may keep more of it at hand.
simulation: export GLIBC_TUNABLES = glibc.malloc.tcache_count=1000
simulation: setup ## Play thousands of simulated histories in an optimised build, each judged
	$(SWIFT) build -c release --traits Simulation --product HistoryRunner --scratch-path .build-simulation \
		$(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib) -Xswiftc -enforce-exclusivity=unchecked
	.build-simulation/release/HistoryRunner $(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST),--also Tests/Mutations/seeds.txt) \
		$(if $(STEPS),--steps $(STEPS)) $(if $(SKIP),--skip $(SKIP)) $(foreach place,$(ON),--on $(place)) $(HISTORIES)

mutations: setup ## Plant defects, and look which of them the histories catch, how soon and by which promise
	Scripts/mutations $(MUTATIONS)

# POINTS=2:345 is one of them alone. An optimised build: there are tens of thousands.
crash-points: setup ## Fail the disk at every write, sync and lock of a day, one after the other
	TIDEMARK_ENGINE_ONLY=1 CRASH_POINTS=$(or $(POINTS),all) $(SWIFT) test -c release -Xswiftc -enable-testing \
		--scratch-path .build-crash-points --traits Simulation --filter CrashPointTests

crash: build ## Kill RUNS and stop STOPS real processes at random moments, and look what is left
	TIDEMARK=$(TIDEMARK) Scripts/crash

replay: build ## Play every transcript
	$(TIDEMARK) replay Fixtures/transcripts

tsan: setup ## Run what uses tasks and threads under the thread sanitizer
	Scripts/sanitized thread 'TidemarkTests\..*(Engine|Spin|OutOfReach|ScopedSync|LeaseHeld|Upgrade|SigningOut|Reconciling|CancelledAwait)Tests|TidemarkStoreTests\.(LiveView|Lease|Opening|HeldFile|LeftJournal|Durability|Decode\w*)Tests|SimulationTests'

asan: setup ## Run every decoder on hostile bytes under the address sanitizer
	Scripts/sanitized address 'HostileBytesTests|TranscriptTests'

lint: ## Check format, layout, promises, parity, errors and what an embedder resolves
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	Scripts/test-checks
	Scripts/check-layout
	Scripts/check-embed
	Scripts/check-promises
	Scripts/check-parity
	Scripts/check-errors

peers: build ## Drive the simulator with the real clients of the services
	TIDEMARK=$(TIDEMARK) Peers/run

# What is built already is only asked for its symbols: under a minute behind `make test`.
docs: setup ## Build the documentation of the public modules in .build/docs, and compile its examples; a warning fails
	Scripts/docs
	Scripts/check-snippets

man: build ## Write the manual page of the command line, .build/tidemark.1
	TIDEMARK=$(TIDEMARK) Scripts/man .build/tidemark.1

inspect-test: build ## Look at the inspector's page in a headless Chromium
	TIDEMARK=$(TIDEMARK) PYTHONDONTWRITEBYTECODE=1 Scripts/inspect-test

embed: build ## Run the README's program against the simulator until it has seen its message confirmed
	TIDEMARK=$(TIDEMARK) Scripts/run-embed

# The plain clients and SwiftNIO are built once more, since another package shares no build with this one: two minutes and a half on two
# cores, and a few seconds for the programs.
quickstarts: build ## Run the services' quick starts, in Swift, against the simulator
	TIDEMARK=$(TIDEMARK) Scripts/run-quickstarts

# It shares nothing with the other builds: the engine is built once more, without the tools. A minute and a half on two busy cores,
# and a quarter of a minute for the suite.
fourth: setup ## Run the engine's suite on a service that lives in a package of its own
	$(SWIFT) test --package-path Examples/FourthService

scale: setup ## Sync 100,000 messages in an optimised build and print memory, requests and seconds
	Scripts/scale

clean: ## Remove what was built here
	$(SWIFT) package clean
	rm -rf .build-* Examples/Embed/.build Examples/FourthService/.build Examples/QuickStarts/.build Peers/.venv Peers/.venv-chat Peers/.venv-avaya
