# `make help` lists the targets. Each is a script that also runs by itself; what takes long is
# cached outside the checkout (~/.cache/lodge).

SHELL := bash
MAKEFLAGS += --no-print-directory

.PHONY: help deps deps-run deps-e2e build test test-slow guests debian-image crds run stop bench bench-scale explore clean \
	e2e e2e-up e2e-down e2e-images e2e-shell e2e-selftest

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what build and tests need and is missing (Debian and its kin, root)
	@scripts/deps.sh test

deps-run: ## only what `make run` needs
	@scripts/deps.sh run

deps-e2e: ## also a real Kubernetes, built from its sources (about 8 minutes, once)
	@scripts/deps.sh e2e

build: ## compile and package everything, without the tests
	@scripts/mvn.sh -q -DskipTests install

test: ## all tests: unit tests, against a real API server, against a real libvirtd
	@scripts/test.sh

test-slow: ## what takes too long for `make test`: a real Debian boots and is set up (3 to 10 minutes)
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

e2e-selftest: ## whether that cluster's own tools do what the tests rely on (two minutes)
	@e2e/testbed/selftest.sh

e2e-up: ## a real Kubernetes of three nodes on this machine, with the images of this build
	@e2e/testbed/bed.sh up

e2e-images: ## put what was built since into its nodes, and install or upgrade Lodge there
	@e2e/testbed/images.sh load
	@e2e/testbed/install.sh

e2e: ## tests of Lodge in a cluster of its own (LODGE_E2E=lodge: in that of e2e-up)
	@scripts/e2e.sh

e2e-shell: ## a shell in which kubectl, helm and lodge mean that cluster
	@e2e/testbed/bed.sh shell

e2e-down: ## take it away with all it had
	@e2e/testbed/bed.sh down

bench: ## the benchmarks
	@scripts/bench.sh

bench-scale: ## the control plane with 1,000 VMs on 50 simulated nodes (about 20 minutes)
	@scripts/bench-scale.sh

explore: ## the ownership protocol, 10^7 states in each search (about ten minutes, 5 GB)
	@scripts/mvn.sh -q -pl src/api,src/domain test -Dtest=OwnershipExplorerTest -Dsurefire.failIfNoSpecifiedTests=false -Dlodge.explore.states=10000000 -Dlodge.test.jvm=-Xmx5g

clean: ## remove what the build made in the checkout
	@find . -name target -type d -not -path '*/node_modules/*' -prune -exec rm -rf {} +
