# shellcheck shell=bash
# What the benchmarks share: an agent of its own beside whatever else runs here, a clock, an ear
# on libvirt's events, and a clean-up that also runs when something fails. To be sourced.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

URI=qemu:///system
PREFIX=bench$$                   # of all names of guests here
BENCH=                           # directory of this run
AGENT=                           # pid of the agent
EVENTS_PID=
EVENTS_FD=

us() { printf -v "$1" '%s' "${EPOCHREALTIME/[.,]/}"; }                  # VARIABLE: microseconds
ms() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }           # of microseconds
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : int((v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }
least() { sort -n | head -n 1; }

row() { printf '| %s | %s | %s | %s |\n' "$@" >>"$RESULTS"; }           # FIGURE VALUE TARGET VERDICT
verdict() { # VALUE at-most|at-least TARGET
  awk -v v="$1" -v how="$2" -v t="$3" 'BEGIN { print (how == "at-most" ? v <= t : v >= t) ? "met" : "**missed**" }'
}

open_bench() { # makes the directory, copies the build, so that another build cannot disturb
  [ "$(id -u)" = 0 ] || die "the benchmarks need root: they start virtual machines on $URI"
  ls "$LODGE_ROOT"/{node-agent,src/kubectl-plugin}/target/lodge-*.jar >/dev/null 2>&1 || die "not built: run  make build"
  trap close_bench EXIT
  trap 'exit 130' INT TERM
  "$LODGE_ROOT/scripts/libvirt-up.sh" "bench-$$"
  BENCH=$(mktemp -d /var/lib/lodge-bench-XXXXXX)                        # QEMU, another user, must get in
  chmod 711 "$BENCH"
  mkdir -p "$BENCH"/{manifests,parked,virsh,run}
  chmod 711 "$BENCH/virsh"
  copy_lodge "$BENCH/app" node-agent src/kubectl-plugin
  "$LODGE_ROOT/testbed/guests/build.sh" "$BENCH/guests" --only tiny >/dev/null
  export LODGE_SOCKET=$BENCH/run/agent.sock
  RESULTS=${RESULTS:-$BENCH/results}
}

close_bench() {
  local code=$? domain
  trap - EXIT INT TERM
  stop_agent TERM
  virsh -q -c "$URI" uri >/dev/null 2>&1 || "$LODGE_ROOT/scripts/libvirt-up.sh" "bench-$$" || true
  if [ -n "$EVENTS_PID" ]; then kill "$EVENTS_PID" 2>/dev/null || true; fi
  while read -r domain; do
    [ -z "$domain" ] || virsh -q -c "$URI" destroy "$domain" >/dev/null 2>&1 || true
  done < <(virsh -q -c "$URI" list --name | grep "^default_$PREFIX-" || true)
  virsh -q -c "$URI" net-destroy "$(network_of "$PREFIX-net")" >/dev/null 2>&1 || true
  # Images of host directories may be mounted read-only below.
  awk -v d="$BENCH/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo 2>/dev/null | sort -r |
    while read -r domain; do umount "$domain" 2>/dev/null || umount -l "$domain" || true; done
  if [ -n "$BENCH" ]; then
    if [ $code -ne 0 ] && [ -s "$BENCH/agent.log" ]; then tail -n 15 "$BENCH/agent.log" >&2; fi
    rm -rf --one-file-system "$BENCH"
  fi
  "$LODGE_ROOT/scripts/libvirt-down.sh" "bench-$$"
  exit $code
}

# As DomainNames.network of the domain module.
network_of() { printf 'network/default/%s' "$1" | sha256sum | sed -E 's/^(.{8}).*/lodge-\1/'; }

lodge() { "$BENCH/app/bin/lodge" "$@"; }
api() { curl -s --unix-socket "$LODGE_SOCKET" "$@"; }
VMS=http://localhost/apis/lodge.dev/v1alpha1/namespaces/default/virtualmachines

start_agent() { # returns when it answers
  (exec "$BENCH/app/bin/lodge" agent --manifests "$BENCH/manifests" --state "$BENCH/state" \
    --socket "$LODGE_SOCKET" </dev/null >>"$BENCH/agent.log" 2>&1) &
  AGENT=$!
  until api -f http://localhost/healthz >/dev/null; do
    [ -e "/proc/$AGENT" ] || die "the agent ended at once"
    sleep 0.01
  done
}

# shellcheck disable=SC2120 # its callers are other files
stop_agent() { # SIGNAL
  [ -n "$AGENT" ] || return 0
  kill -s "$1" "$AGENT" 2>/dev/null || true
  wait "$AGENT" 2>/dev/null || true
  AGENT=
}

open_events() { # from here on libvirt's events are heard
  exec {EVENTS_FD}< <(exec stdbuf -oL virsh -q -c "$URI" event --event lifecycle --loop)
  EVENTS_PID=$!
  # It does not say when it has begun to listen.
  sleep 1
}

await_events() { # WORD COUNT [DOMAIN]: of domains of this run; dies after a minute of silence
  local line seen=0
  while [ $seen -lt "$2" ]; do
    IFS= read -r -t 60 -u "$EVENTS_FD" line || die "no event '$1' within a minute ($seen of $2)"
    case $line in *"'default_${3:-$PREFIX-}"*": $1 "*) seen=$((seen + 1)) ;; esac
  done
}

image() { # the firmware, as an image
  cat >"$BENCH/parked/image.yaml" <<YAML
apiVersion: lodge.dev/v1alpha1
kind: HostResource
metadata: {name: $PREFIX-files}
spec: {type: Directory, path: $BENCH/guests, access: ReadOnly}
---
apiVersion: lodge.dev/v1alpha1
kind: VmImage
metadata: {name: $PREFIX-rom, namespace: default}
spec:
  source: {hostResourceRef: {name: $PREFIX-files, path: tinyrom.bin}}
  format: ROM
YAML
  mv "$BENCH/parked/image.yaml" "$BENCH/manifests/"
}

# The tiny guest of examples/tiny-kvm.yaml, as JSON: the API takes it as well as the directory.
manifest() { # NAME [INTERFACES [POWER]]
  cat <<JSON
{"apiVersion": "lodge.dev/v1alpha1", "kind": "VirtualMachine",
 "metadata": {"name": "$1", "namespace": "default"},
 "spec": {
  "powerState": "${3:-PoweredOn}", "hypervisor": "KVM",
  "machine": {"type": "pc", "arch": "i686"},
  "cpu": {"count": 1, "model": "qemu32", "check": "None"},
  "memory": {"size": "2Mi"},
  "firmware": {"type": "ROM", "loaderRef": {"imageRef": {"name": "$PREFIX-rom"}}},
  "stop": {"gracePeriodSeconds": 0},
  "disks": [],
  "interfaces": ${2:-[]},
  "consoles": {"serial": {}},
  "graphics": {"type": "None"},
  "devices": {"rng": "Disabled", "balloon": "Disabled", "guestAgent": "Disabled",
   "usb": "Disabled", "watchdog": {"action": "None"}}}}
JSON
}

objects() { api "$VMS" | grep -o '"uid":"' | wc -l; }
running() { api "$VMS" | grep -o '"phase":"Running"' | wc -l; }

await_objects() { # COUNT: until the agent has that many VMs
  local deadline=$((SECONDS + 120))
  until [ "$(objects)" = "$1" ]; do
    [ $SECONDS -lt $deadline ] || die "the agent does not come to $1 VMs"
    sleep 0.05
  done
}

await_running() { # COUNT: until it reports that many as running
  local deadline=$((SECONDS + 300))
  until [ "$(running)" = "$1" ]; do
    [ $SECONDS -lt $deadline ] || die "the agent does not report $1 running VMs"
    sleep 0.05
  done
}

# What the agent would give libvirt, by a VM that does not run: its own paths, nothing assumed.
rendered() { # FILE [INTERFACES]
  manifest "$PREFIX-plan" "${2:-[]}" PoweredOff >"$BENCH/parked/plan.yaml"
  mv "$BENCH/parked/plan.yaml" "$BENCH/manifests/plan.yaml"
  until lodge xml "$PREFIX-plan" >"$1" 2>/dev/null; do sleep 0.1; done
  rm "$BENCH/manifests/plan.yaml"
  gone "$PREFIX-plan"
}

gone() { # NAME: the object too
  until [ "$(api -o /dev/null -w '%{http_code}' "$VMS/$1")" = 404 ]; do sleep 0.01; done
}

# The XML that Lodge rendered, for a domain of another name and UUID with files of its own.
for_virsh() { # RENDERED NAME: writes $BENCH/virsh/NAME.xml
  local own=$BENCH/virsh/$2 uuid
  mkdir -p "$own/boot"
  chmod 711 "$own" "$own/boot"
  [ -e "$own/boot/rom" ] || cp "$BENCH/guests/tinyrom.bin" "$own/boot/rom"
  uuid=$(cat /proc/sys/kernel/random/uuid)
  sed -E "s#<name>[^<]*</name>#<name>default_$2</name>#; s#<uuid>[^<]*</uuid>#<uuid>$uuid</uuid>#
    s#$BENCH/state/vms/[0-9a-f-]{36}/#$own/#g" "$1" >"$BENCH/virsh/$2.xml"
}

quiet() { # until the machine's load is not ours any more, a moment at most
  local _
  for _ in {1..20}; do
    awk '{ split($4, r, "/"); exit r[1] > 1 }' /proc/loadavg && return
    sleep 0.05
  done
}
