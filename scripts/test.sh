#!/usr/bin/env bash
# All tests. More arguments go to Maven:  scripts/test.sh -pl node-agent -am
#
# Integration tests (*IT) find the real things by these variables and are skipped where
# one is missing; here none is:
#   LODGE_TEST_LIBVIRT_URI   a libvirtd with QEMU
#   LODGE_TEST_GUESTS        directory of the guests (testbed/guests/build.sh)
#   LODGE_TEST_CRDSERVER     scripts/crdserver.sh: start DIR, stop DIR
#   LODGE_TEST_KUBECTL       kubectl
#   LODGE_TEST_NODE          testbed/node/node.sh: nodes that can lose power
# One more is set only by `make test-slow`, for *SlowIT:
#   LODGE_TEST_SLOW          anything; needs the Debian image too, which is then made
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "the tests need root: they start virtual machines on qemu:///system"
[ -x "$LODGE_CACHE/bin/kubectl" ] || die "something is missing: run  make deps"

guests=/var/lib/lodge-demo/guests
"$LODGE_ROOT/testbed/guests/build.sh" "$guests"
if [ -n "${LODGE_TEST_SLOW:-}" ]; then "$LODGE_ROOT/testbed/guests/build.sh" "$guests" --only debian; fi
"$LODGE_ROOT/scripts/crdserver.sh" build

who=test-$$
trap '"$LODGE_ROOT/scripts/libvirt-down.sh" "$who"' EXIT
trap 'exit 130' INT TERM
"$LODGE_ROOT/scripts/libvirt-up.sh" "$who"

export LODGE_TEST_LIBVIRT_URI=qemu:///system
export LODGE_TEST_GUESTS=$guests
export LODGE_TEST_CRDSERVER=$LODGE_ROOT/scripts/crdserver.sh
export LODGE_TEST_KUBECTL=$LODGE_CACHE/bin/kubectl
export LODGE_TEST_NODE=$LODGE_ROOT/testbed/node/node.sh
"$LODGE_ROOT/scripts/mvn.sh" verify "$@"
