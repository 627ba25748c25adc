#!/usr/bin/env bash
# All benchmarks, in one run. Their results go to docs/bench.md, with the facts of the machine.
#   bench.sh            the figures of record: about 20 minutes, and nothing else should run
#   bench.sh quick      small numbers, to see that it works
#   bench.sh start|burst|crowd [ARGUMENTS]    one of them, to the terminal
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "the benchmarks need root: they start virtual machines on qemu:///system"
find_jdk || exit 1

# Kept up over all of them, so that each finds it as warm as the one before.
who=bench-$$
results=$(mktemp)
trap 'rm -f "$results"; "$LODGE_ROOT/scripts/libvirt-down.sh" "$who"' EXIT
trap 'exit 130' INT TERM
"$LODGE_ROOT/scripts/libvirt-up.sh" "$who"

case ${1:-all} in
  start | burst | crowd)
    one=$1; shift
    "$LODGE_ROOT/bench/$one.sh" "$@"
    exit
    ;;
  quick) start=(4) burst=(8 1) crowd=(10 10) ;;
  all) start=(20) burst=(50 3) crowd=(100 60) ;;
  *) die "usage: bench.sh [quick | start | burst | crowd]" ;;
esac

"$LODGE_ROOT/scripts/mvn.sh" -q -Dmaven.test.skip=true -Dspotless.check.skip=true -pl node-agent,src/kubectl-plugin -am package
export RESULTS=$results
load_before=$(cut -d' ' -f1-3 /proc/loadavg)
say "starts"; "$LODGE_ROOT/bench/start.sh" "${start[@]}"
say "many at once"; "$LODGE_ROOT/bench/burst.sh" "${burst[@]}"
say "a crowd"; "$LODGE_ROOT/bench/crowd.sh" "${crowd[@]}"

facts() {
  # shellcheck source=/dev/null
  printf -- '- %s\n' \
    "$(date -u +%F), commit $(git -C "$LODGE_ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
    "$(. /etc/os-release; echo "$PRETTY_NAME"), Linux $(uname -r), $(nproc) CPUs ($(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)), $(awk '/^MemTotal:/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)" \
    "$(virsh -q -c qemu:///system version --daemon | awk -F': ' '/^Running hypervisor|^Running against daemon/ { printf "%s%s", sep, $2; sep = ", libvirt " }')" \
    "$("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 2p)" \
    "load before the run: $load_before; after: $(cut -d' ' -f1-3 /proc/loadavg)"
}

page() {
  cat <<'MD'
# Benchmarks

Written by `make bench`. All ratios are of one run, in which both sides took turns in changing
order; the guest is the 64 KiB firmware of `examples/tiny-kvm.yaml` under KVM, so that what is
measured is libvirt and Lodge and not a guest's boot. A start ends with libvirt's own event that
the guest runs, for both sides alike. `virsh create` gets the very XML that Lodge rendered, under
another name and UUID.

With a network interface Lodge gives the guest its address as a static lease first, which `virsh
create` does not do: a file that the network's dnsmasq reads (docs/design/networks.md).

MD
  facts
  cat <<'MD'

| figure | measured | target | |
|---|---|---|---|
MD
  cat "$results"
}

if [ "${1:-all}" = quick ]; then
  page
else
  page >"$LODGE_ROOT/docs/bench.md"
  say "written: docs/bench.md"
fi
