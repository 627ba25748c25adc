#!/usr/bin/env bash
# How long a guest takes to start: from the manifest in place to libvirt's event that it runs,
# against `virsh create` of the XML that Lodge rendered for it. Four ways in turns:
#   file    a manifest is renamed into the directory
#   post    a manifest is posted to the API; counted from the call, and from its answer
#   virsh   a virsh of its own, as one would type it
#   shell   a virsh that is connected already: what libvirt and QEMU alone take
# Usage: start.sh [PAIRS]
set -euo pipefail
# shellcheck source=bench/lib.sh
source "$(dirname "$0")/lib.sh"

PAIRS=${1:-20}
WARM=3
NETWORK=$PREFIX-net

declare -A SERIES
note() { if [ "$2" -ge 0 ]; then SERIES[$1]+="$3"$'\n'; fi; }           # SERIES ROUND MICROSECONDS
value() { printf '%s' "${SERIES[$1]}" | median; }

by_file() { # SERIES ROUND INTERFACES
  local t0 t1
  manifest "$PREFIX-vm" "$3" >"$BENCH/parked/vm.yaml"
  quiet
  us t0
  mv "$BENCH/parked/vm.yaml" "$BENCH/manifests/vm.yaml"
  await_events Started 1 "$PREFIX-vm'"
  us t1
  note "$1" "$2" $((t1 - t0))
  rm "$BENCH/manifests/vm.yaml"
  await_events Stopped 1 "$PREFIX-vm'"
  gone "$PREFIX-vm"
}

by_post() { # SERIES ROUND INTERFACES
  local t0 t1 t2 code
  manifest "$PREFIX-vm" "$3" >"$BENCH/parked/vm.yaml"
  quiet
  us t0
  code=$(api -o "$BENCH/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary "@$BENCH/parked/vm.yaml" "$VMS")
  us t1
  [ "$code" = 201 ] || die "POST: $code $(cat "$BENCH/answer")"
  await_events Started 1 "$PREFIX-vm'"
  us t2
  note "$1" "$2" $((t2 - t0))
  note "$1-answered" "$2" $((t2 > t1 ? t2 - t1 : 0))
  api -o /dev/null -X DELETE "$VMS/$PREFIX-vm"
  await_events Stopped 1 "$PREFIX-vm'"
  gone "$PREFIX-vm"
}

by_virsh() { # SERIES ROUND XML
  local t0 t1
  for_virsh "$3" "$PREFIX-virsh"
  quiet
  us t0
  virsh -q -c "$URI" create "$BENCH/virsh/$PREFIX-virsh.xml" >/dev/null &
  await_events Started 1 "$PREFIX-virsh'"
  us t1
  note "$1" "$2" $((t1 - t0))
  wait $!
  virsh -q -c "$URI" destroy "default_$PREFIX-virsh" >/dev/null
  await_events Stopped 1 "$PREFIX-virsh'"
}

by_shell() { # SERIES ROUND XML
  local t0 t1
  for_virsh "$3" "$PREFIX-shell"
  quiet
  us t0
  echo "create $BENCH/virsh/$PREFIX-shell.xml" >&"$SHELL_IN"
  await_events Started 1 "$PREFIX-shell'"
  us t1
  note "$1" "$2" $((t1 - t0))
  echo "destroy default_$PREFIX-shell" >&"$SHELL_IN"
  await_events Stopped 1 "$PREFIX-shell'"
}

measure() { # SUFFIX INTERFACES
  local i xml=$BENCH/rendered$1.xml
  rendered "$xml" "$2"
  for ((i = -WARM; i < PAIRS; i++)); do
    # The order changes, so that none always follows the same one.
    if ((i % 2)); then
      by_file "file$1" $i "$2"; by_virsh "virsh$1" $i "$xml"
      by_post "post$1" $i "$2"; by_shell "shell$1" $i "$xml"
    else
      by_shell "shell$1" $i "$xml"; by_post "post$1" $i "$2"
      by_virsh "virsh$1" $i "$xml"; by_file "file$1" $i "$2"
    fi
  done
}

report() { # SUFFIX LABEL TARGET
  local file virsh shell post answered r
  file=$(value "file$1"); virsh=$(value "virsh$1"); shell=$(value "shell$1")
  post=$(value "post$1"); answered=$(value "post$1-answered")
  r=$(ratio "$file" "$virsh")
  row "start$2, file renamed in : \`virsh create\`, medians of $PAIRS pairs" \
    "$(ms "$file") : $(ms "$virsh") ms = $r" "${3:+≤ $3}" "${3:+$(verdict "$r" at-most "$3")}"
  r=$(ratio "$post" "$virsh")
  row "start$2, POST begun : \`virsh create\`" "$(ms "$post") : $(ms "$virsh") ms = $r" "" ""
  r=$(ratio "$answered" "$virsh")
  row "start$2, POST answered : \`virsh create\`" "$(ms "$answered") : $(ms "$virsh") ms = $r" \
    "${3:+≤ $3}" "${3:+$(verdict "$r" at-most "$3")}"
  row "start$2, file : the call on a virsh connected before" "$(ms "$file") : $(ms "$shell") ms = $(ratio "$file" "$shell")" "" ""
  row "start$2, what the agent adds to the call" "$(ms $((file - shell))) ms" "" ""
}

open_bench
open_events
exec {SHELL_IN}> >(exec virsh -q -c "$URI" >/dev/null 2>"$BENCH/shell.err")
start_agent
image
# The very first start of an agent, whose code is cold.
manifest "$PREFIX-vm" >"$BENCH/parked/vm.yaml"
us t0
mv "$BENCH/parked/vm.yaml" "$BENCH/manifests/vm.yaml"
await_events Started 1 "$PREFIX-vm'"
us t1
cold=$((t1 - t0))
rm "$BENCH/manifests/vm.yaml"
await_events Stopped 1 "$PREFIX-vm'"
gone "$PREFIX-vm"

measure "" "[]"
report "" "" 1.15
row "start, the first after the agent's own start" "$(ms $cold) ms" "" ""

# The command line's own time: it is not part of a start, but people wait for it.
lodge --version >/dev/null
for _ in {1..10}; do
  us t0; lodge --version >/dev/null; us t1
  note cli 0 $((t1 - t0))
  manifest "$PREFIX-vm" >"$BENCH/parked/vm.yaml"
  us t0; lodge apply -f "$BENCH/parked/vm.yaml" >/dev/null; us t1
  note apply 0 $((t1 - t0))
  await_events Started 1 "$PREFIX-vm'"
  api -o /dev/null -X DELETE "$VMS/$PREFIX-vm"
  await_events Stopped 1 "$PREFIX-vm'"
  gone "$PREFIX-vm"
done
row "\`lodge apply\` of one VM, the command's own time" "$(ms "$(value apply)") ms" "" ""
row "\`lodge --version\`" "$(ms "$(value cli)") ms" "" ""

cat >"$BENCH/parked/net.yaml" <<YAML
apiVersion: lodge.dev/v1alpha1
kind: VmNetwork
metadata: {name: $NETWORK, namespace: default}
spec: {nat: {}}
YAML
if [ "${LODGE_BENCH_NIC:-yes}" = yes ]; then
  mv "$BENCH/parked/net.yaml" "$BENCH/manifests/net.yaml"
  PAIRS=$(((PAIRS + 1) / 2))
  measure "-nic" "[{\"name\": \"lan\", \"networkRef\": {\"name\": \"$NETWORK\"}}]"
  report "-nic" " with one NIC" ""
fi
[ "$RESULTS" != "$BENCH/results" ] || cat "$RESULTS"
