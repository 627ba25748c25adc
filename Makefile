# `make help` lists the targets. Each is a script that also runs by itself; what takes long is
# cached outside the checkout (~/.cache/lodge).

SHELL := bash
MAKEFLAGS += --no-print-directory

.PHONY: help deps deps-run build test test-slow guests debian-image crds run stop bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what build and tests need and is missing (Debian and its kin, root)
	@scripts/deps.sh test

deps-run: ## only what `make run` needs
	@scripts/deps.sh run

build: ## compile and package everything, without the tests
	@scripts/mvn.sh -q -DskipTests install

test: ## all tests: unit tests, against a real API server, against a real libvirtd
	@scripts/test.sh

test-slow: ## what takes too long for `make test`: a real Debian boots and is set up (10 minutes)
	@LODGE_TEST_SLOW=1 scripts/test.sh -pl e2e/alone -am -Dtest='*SlowIT' -Dsurefire.failIfNoSpecifiedTests=false

guests: ## the small guests of the tests and examples, into /var/lib/lodge-demo/guests
	@testbed/guests/build.sh

debian-image: ## a Debian with cloud-init as a disk image beside them (some minutes, once)
	@testbed/guests/build.sh --only debian

crds: ## write crds/ anew from the Java types
	@scripts/mvn.sh -q -pl src/api test -Dtest=CrdsTest -Dlodge.crds.write=true

run: ## one machine, no cluster: the agent with a demo VM
	@scripts/run.sh

stop: ## end what `make run` started
	@scripts/stop.sh

bench: ## the benchmarks
	@scripts/bench.sh

clean: ## remove what the build made in the checkout
	@find . -name target -type d -not -path '*/node_modules/*' -prune -exec rm -rf {} +
