#!/usr/bin/env bash
# Many tiny guests at once: how many a second come up, from the first command to libvirt's event
# of the last one. Lodge gets one manifest each, renamed in, and one directory by `lodge apply`;
# against it a shell loop of virsh, and two and four of them beside each other.
# Usage: burst.sh [GUESTS] [ROUNDS]
set -euo pipefail
# shellcheck source=bench/lib.sh
source "$(dirname "$0")/lib.sh"

COUNT=${1:-50}
ROUNDS=${2:-3}
declare -A SERIES
note() { SERIES[$1]+="$2"$'\n'; }

numbers() { seq -w 1 "$COUNT"; }

by_files() {
  local i t0 t1
  for i in $(numbers); do manifest "$PREFIX-f$i" >"$BENCH/parked/f$i.yaml"; done
  quiet
  us t0
  mv "$BENCH"/parked/f*.yaml "$BENCH/manifests/"
  await_events Started "$COUNT" "$PREFIX-f"
  us t1
  note files $((t1 - t0))
  await_running "$COUNT"
  rm "$BENCH"/manifests/f*.yaml
  await_events Stopped "$COUNT" "$PREFIX-f"
  await_objects 0
}

by_apply() {
  local i t0 t1
  mkdir -p "$BENCH/parked/all"
  for i in $(numbers); do manifest "$PREFIX-a$i" >"$BENCH/parked/all/a$i.yaml"; done
  quiet
  us t0
  lodge apply -f "$BENCH/parked/all" >/dev/null &
  await_events Started "$COUNT" "$PREFIX-a"
  us t1
  note apply $((t1 - t0))
  wait $!
  await_running "$COUNT"
  lodge delete -f "$BENCH/parked/all" >/dev/null
  await_events Stopped "$COUNT" "$PREFIX-a"
  await_objects 0
}

by_virsh() { # SERIES PROCESSES
  local i t0 t1
  for i in $(numbers); do for_virsh "$BENCH/rendered.xml" "$PREFIX-v$i"; done
  quiet
  us t0
  if [ "$2" = 1 ]; then
    for i in $(numbers); do virsh -q -c "$URI" create "$BENCH/virsh/$PREFIX-v$i.xml" >/dev/null; done
  else
    numbers | xargs -P "$2" -I{} virsh -q -c "$URI" create "$BENCH/virsh/$PREFIX-v{}.xml" >/dev/null
  fi
  await_events Started "$COUNT" "$PREFIX-v"
  us t1
  note "$1" $((t1 - t0))
  numbers | xargs -P 4 -I{} virsh -q -c "$URI" destroy "default_$PREFIX-v{}" >/dev/null
  await_events Stopped "$COUNT" "$PREFIX-v"
}

per_second() { awk -v n="$COUNT" -v us="$1" 'BEGIN { printf "%.2f", n * 1e6 / us }'; }

open_bench
open_events
start_agent
image
lodge --make-aot-cache
rendered "$BENCH/rendered.xml"
for ((round = 0; round < ROUNDS; round++)); do
  if ((round % 2)); then
    by_virsh four 4; by_virsh two 2; by_virsh loop 1; by_apply; by_files
  else
    by_files; by_apply; by_virsh loop 1; by_virsh two 2; by_virsh four 4
  fi
done
declare -A RATE
for way in files apply loop two four; do
  RATE[$way]=$(per_second "$(printf '%s' "${SERIES[$way]}" | median)")
done
best=$(printf '%s\n' "${RATE[loop]}" "${RATE[two]}" "${RATE[four]}" | sort -n | tail -n 1)
row "$COUNT guests at once by virsh: a loop; two beside each other; four (medians of $ROUNDS)" \
  "${RATE[loop]}; ${RATE[two]}; ${RATE[four]} guests/s" "" ""
r=$(ratio "${RATE[files]}" "$best")
row "$COUNT guests at once, a file each renamed in : the best of virsh" \
  "${RATE[files]} : $best guests/s = $r" "≥ 0.95" "$(verdict "$r" at-least 0.95)"
r=$(ratio "${RATE[apply]}" "$best")
row "$COUNT guests at once, \`lodge apply -f DIR\` : the best of virsh" \
  "${RATE[apply]} : $best guests/s = $r" "≥ 0.95" "$(verdict "$r" at-least 0.95)"
[ "$RESULTS" != "$BENCH/results" ] || cat "$RESULTS"
