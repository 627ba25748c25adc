#!/usr/bin/env bash
# Lodge's control plane with many VMs: a real API server, scheduler and operator, and simulated
# nodes in one process. Its results go to docs/bench-scale.md, with the facts of the machine.
#   bench-scale.sh           the figures of record: 50 nodes, 1,000 VMs; about 20 minutes
#   bench-scale.sh short     50 nodes, 200 VMs, where the machine is busy or time is short
#   bench-scale.sh quick     small numbers, to see that it works; to the terminal
#   bench-scale.sh crowd     200 nodes, 10,000 VMs: about half an hour; to the terminal
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "the test bed needs root"
find_jdk || exit 1
plan=${1:-record}
case $plan in quick | short | record | crowd) ;; *) die "usage: bench-scale.sh [short | quick | crowd]" ;; esac

bed=$LODGE_ROOT/e2e/testbed
export LODGE_E2E=${LODGE_E2E:-scale}
[ -x "$LODGE_CACHE/bin/helm" ] || "$LODGE_ROOT/scripts/deps.sh" e2e
[ -n "${LODGE_BENCH_BUILT:-}" ] ||
  "$LODGE_ROOT/scripts/mvn.sh" -q -Dmaven.test.skip=true -Dspotless.check.skip=true -pl operator,bench/scale -am install

# Its nodes' records are durable: in memory, so that it is not one disk that is measured 50 times.
work=$(mktemp -d /dev/shm/lodge-bench-scale-XXXXXX)
chmod 711 "$work"                             # as agents expect it of a state directory
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
load_before=$(cut -d' ' -f1-3 /proc/loadavg)
# As a cluster has it by default, where nodes report every 10 s.
! "$bed/bed.sh" env >/dev/null 2>&1 || die "bed '$LODGE_E2E' is up; a bench wants one of its own"
LODGE_E2E_NODES=0 LODGE_E2E_NODE_GRACE=50s "$bed/bed.sh" up --runner $$ >/dev/null
trap '[ -z "${KEEP_LOGS:-}" ] || cp "$work"/*.log "$KEEP_LOGS"/ || true; "$bed/bed.sh" down; rm -rf "$work"' EXIT
eval "$("$bed/bed.sh" env)"
state=${KUBECONFIG%/*}

# The chart as it is, but for the operator, which runs as a process here so that it can be measured.
helm upgrade --install lodge "$LODGE_ROOT/helm/lodge" -n lodge-system --create-namespace -f "$bed/values.yaml" \
  --set operator.emulation=Refused >/dev/null
kubectl -n lodge-system scale deployment lodge-operator --replicas=0 >/dev/null

"$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx2g -Xss512k -XX:TieredStopAtLevel=1 \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Djdk.httpclient.allowRestrictedHeaders=host \
  -cp "$LODGE_ROOT/bench/scale/target/*:$LODGE_ROOT/bench/scale/target/lib/*" dev.lodge.bench.scale.Main \
  --plan="$plan" --kubeconfig="$KUBECONFIG" --mark="$(cat "$state/mark")" --audit="$(readlink -f "$state/audit.log")" \
  --operator="$LODGE_ROOT/operator/target/quarkus-app/quarkus-run.jar" \
  --operator-flags="$(sed -n 's/^    entry=.*"\/opt\/java\/bin\/java", \(.*\), "-jar".*/\1/p' "$bed/images.sh" | tr -d '",')" \
  --namespace=lodge-system --work="$work" --report="$work/report"

facts() {
  # shellcheck source=/dev/null
  printf -- '- %s\n' \
    "$(date -u +%F), commit $(git -C "$LODGE_ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown), plan $plan" \
    "$(. /etc/os-release; echo "$PRETTY_NAME"), Linux $(uname -r), $(nproc) CPUs ($(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)), $(awk '/^MemTotal:/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)" \
    "$(kubectl version -o json | awk -F'"' '/"serverVersion"/ { s = 1 } s && /"gitVersion"/ { print "Kubernetes " $4; exit }'), etcd without fsync; everything below shares these CPUs" \
    "$("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 2p)" \
    "load average before the run: $load_before; after: $(cut -d' ' -f1-3 /proc/loadavg)"
}

page() {
  cat <<'MD'
# Benchmarks of the control plane

Written by `make bench-scale`. How it measures: [design/bench-scale.md](design/bench-scale.md).

MD
  facts
  echo
  cat "$work/report"
}

if [ "$plan" = record ] || [ "$plan" = short ]; then
  page >"$LODGE_ROOT/docs/bench-scale.md"
  say "written: docs/bench-scale.md"
else
  page
fi
