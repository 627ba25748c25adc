#!/usr/bin/env bash
# A machine with many guests: what the agent and libvirt's daemons take of its memory, how quickly
# an agent that was killed is there again, how long `lodge get` takes, and what an idle agent does.
# Usage: crowd.sh [GUESTS] [IDLE_SECONDS]
set -euo pipefail
# shellcheck source=bench/lib.sh
source "$(dirname "$0")/lib.sh"

COUNT=${1:-100}
IDLE=${2:-60}
HALF=$((COUNT / 2))
DAEMONS=()
t0=0 t1=0 t2=0                   # set by us

rss() { awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"; }                    # KiB
peak() { awk '/^VmHWM:/ { print $2 }' "/proc/$1/status"; }
pss() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }
mib() { awk -v k="$1" 'BEGIN { printf "%.1f", k / 1024 }'; }
beyond() { # PSS of all that is no QEMU, in KiB
  local pid sum=0
  for pid in "$AGENT" "${DAEMONS[@]}"; do sum=$((sum + $(pss "$pid"))); done
  echo "$sum"
}
cpu() { local s; s=$(<"/proc/$1/stat"); read -ra s <<<"${s##*) }"; echo $((s[11] + s[12])); }    # ticks
written() { awk '/^wchar:/ { print $2 }' "/proc/$1/io"; }

more() { # FROM TO
  local i
  for ((i = $1; i <= $2; i++)); do
    manifest "$PREFIX-c$i" >"$BENCH/parked/c$i.yaml"
    mv "$BENCH/parked/c$i.yaml" "$BENCH/manifests/"
  done
  await_running "$2"
}

# RSS settles when the garbage of the burst is collected and threads of the pools end.
settle() { sleep "${LODGE_BENCH_SETTLE:-35}"; }

# Guests that do nothing at all: under nested virtualization 100 with a timer take a core.
idle_firmware() {
  head -c $((65536 - 16)) /dev/zero
  printf '\xfa\xf4\xeb\xfc'                       # cli; hlt; jmp to the hlt
  head -c 12 /dev/zero
}

open_bench
for daemon in libvirtd virtlogd; do
  [ ! -r "/run/$daemon.pid" ] || DAEMONS+=("$(cat "/run/$daemon.pid")")
done
lodge --make-aot-cache
idle_firmware >"$BENCH/guests/tinyrom.bin"
start_agent
image
# One guest has come and gone, so that the code is there.
more 1 1
rm "$BENCH/manifests/c1.yaml"
await_objects 0
settle
empty=$(rss "$AGENT") beyond_empty=$(beyond)
more 1 "$HALF"
settle
half=$(rss "$AGENT")
more $((HALF + 1)) "$COUNT"
settle
full=$(rss "$AGENT") beyond_full=$(beyond)
row "agent's RSS with 0, $HALF, $COUNT guests" "$(mib "$empty"), $(mib "$half"), $(mib "$full") MiB (peak $(mib "$(peak "$AGENT")"))" \
  "≤ 140 MiB, goal 125" "$(verdict "$(mib "$full")" at-most 140)"
each=$(awk -v a="$beyond_full" -v b="$beyond_empty" -v n="$COUNT" 'BEGIN { printf "%.2f", (a - b) / 1024 / n }')
row "memory for each guest beyond QEMU (PSS of agent and libvirt's daemons)" "$each MiB" "≤ 3 MiB" "$(verdict "$each" at-most 3)"

before=$(cpu "$AGENT") wrote=$(written "$AGENT")
touch "$BENCH/mark"
sleep "$IDLE"
ticks=$(($(cpu "$AGENT") - before)) wrote=$(($(written "$AGENT") - wrote))
files=$(find "$BENCH/state" "$BENCH/manifests" -newer "$BENCH/mark" -type f ! -name 'serial0.log' | wc -l)
percent=$(awk -v t="$ticks" -v hz="$(getconf CLK_TCK)" -v s="$IDLE" 'BEGIN { printf "%.2f", 100 * t / hz / s }')
row "idle with $COUNT guests for $IDLE s: CPU of the agent" "$percent % of a core" "< 1 %" "$(verdict "$percent" at-most 0.99)"
row "idle with $COUNT guests for $IDLE s: files written; bytes written to anything" "$files; $wrote" "0" "$(verdict "$files" at-most 0)"

us t0
lodge get vm >/dev/null
us t1
row "\`lodge get vm\` of $COUNT, the first time" "$(ms $((t1 - t0))) ms" "" ""
times=$(for _ in {1..10}; do us t0; lodge get vm >"$BENCH/got"; us t1; echo $((t1 - t0)); done | median)
[ "$(grep -c Running "$BENCH/got")" = "$COUNT" ] || die "lodge get vm does not show $COUNT guests that run"
row "\`lodge get vm\` of $COUNT, median of 10" "$(ms "$times") ms" "≤ 500 ms" "$(verdict "$(ms "$times")" at-most 500)"
times=$(for _ in {1..10}; do us t0; lodge --version >/dev/null; us t1; echo $((t1 - t0)); done | median)
row "\`lodge --version\`, median of 10" "$(ms "$times") ms" "" ""

# What was reported before the kill does not count: the new agent must have looked itself, and a
# domain that ended in the meantime tells that it has.
stop_agent KILL
virsh -q -c "$URI" destroy "default_$PREFIX-c1" >/dev/null
us t0
start_agent
us t1
api "$VMS" >/dev/null
deadline=$((SECONDS + 60))
until grep -q 'reason=GuestEnded' "$BENCH/agent.log" && [ "$(running)" = "$COUNT" ]; do
  [ $SECONDS -lt $deadline ] || die "the agent that was started again does not report all guests"
  sleep 0.02
done
us t2
row "agent killed and started again with $COUNT guests: API answers; all of them reported, one that ended meanwhile started again" \
  "$(ms $((t1 - t0))); $(ms $((t2 - t0))) ms" "≤ 3000 ms" "$(verdict "$(ms $((t2 - t0)))" at-most 3000)"

rm "$BENCH"/manifests/c*.yaml
await_objects 0
[ "$RESULTS" != "$BENCH/results" ] || cat "$RESULTS"
