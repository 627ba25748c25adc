#!/usr/bin/env bash
# A real Kubernetes of three nodes on this machine, each with its own libvirtd. Root only.
#   bed.sh up [--runner PID]       starts it, or says where it is; it goes when process PID does
#   bed.sh down                    takes it away with all it had, whatever state it is in
#   bed.sh env                     prints what a shell needs to use it
#   bed.sh shell                   a shell with KUBECONFIG, kubectl, helm and lodge
#   bed.sh node add NAME [AS]      one more node (AS: under the Kubernetes name of another)
#   bed.sh node exec NAME CMD...   runs a command inside a node
#   bed.sh node kill|start|reboot|remove NAME
#   bed.sh node uri NAME           the URI of its libvirtd
#   bed.sh logs                    where the logs are
# Faults have a script of their own: faults.sh. LODGE_E2E names the bed (several can stand side by
# side); when one is made, LODGE_E2E_NODES says how many nodes (3; 0 is possible), LODGE_E2E_AUDIT where the API
# server's audit log goes (memory, file or off), LODGE_E2E_NODE_GRACE when a silent node is NotReady.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/testbed/pki.sh
source "$TESTBED/pki.sh"

OWN="/var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers /etc/lodge-e2e"

# --- the fabric: a network namespace with a bridge, and in it the control plane ---------------

start_fabric() {
  local pid net
  net=$(subnet)
  mkdir -p "$STATE/fabric"
  LODGE_E2E_MARK=$(mark) setsid unshare --mount --net --pid --fork --kill-child=KILL --mount-proc --propagation private \
    tini -- sleep infinity </dev/null >"$LOGS/fabric.log" 2>&1 &
  remember "$STATE/fabric/unshare" $!
  until_true 10 "the fabric's first process" pgrep -P $!
  pid=$(pgrep -P $!)
  # `unshare` has made the namespaces once its child runs another program.
  until_true 10 "the fabric's namespaces" grep -qx tini "/proc/$pid/comm"
  remember "$STATE/fabric/pid" "$pid"
  disown
  fabric_net sh -ec "
    ip link set lo up
    ip link add br0 type bridge
    ip addr add $net.0.1/24 dev br0
    ip addr add $net.128.1/32 dev lo
    ip link set br0 up
    ip route add default via $net.0.254
    echo 1 >/proc/sys/net/ipv4/ip_forward"
  # This machine's way in. It goes away with the namespace.
  ip link add "$(uplink)" type veth peer name host netns "$pid"
  fabric_net ip link set host master br0 up
  ip addr add "$net.0.254/24" dev "$(uplink)"
  ip link set "$(uplink)" up
  ip route add "$net.64.0/18" via "$net.0.1"
  ip route add "$net.128.0/20" via "$net.0.1"
}

uplink() { echo "lodge-e2e$(index)"; }
control_plane() { in_fabric "$TESTBED/control-plane.sh" "$@"; }

# --- nodes ----------------------------------------------------------------------------------

# What a node needs at each boot: its cable, containerd, images it has not got yet.
boot_node() {
  local name=$1 number pid net
  number=$(node_number "$name")
  net=$(subnet)
  LODGE_E2E_MARK=$(mark) LODGE_NODE_CONTROLLERS=memory LODGE_NODE_MOUNTS=$OWN "$NODE" up "$name" >/dev/null
  pid=$(pid_in "$LODGE_BED/$name/pid")
  fabric_net ip link del "n$number" 2>/dev/null || true          # of the boot before, if it is still on its way out
  fabric_net ip link add "n$number" type veth peer name eth0 netns "$pid"
  fabric_net ip link set "n$number" master br0 up
  nsenter -t "$pid" -n sh -ec "
    ip addr add $net.0.$((10 + number))/24 dev eth0
    ip link set eth0 up
    ip route add default via $net.0.1"
  fabric_net ip route replace "$net.$((64 + number)).0/24" via "$net.0.$((10 + number))"
  in_node "$name" "$TESTBED/kube-node.sh" boot "$name"
  in_node "$name" "$TESTBED/kube-node.sh" containerd "$name"
}

start_node() { boot_node "$1"; "$TESTBED/images.sh" load --node "$1"; kubelet "$1"; }
kubelet() { in_node "$1" "$TESTBED/kube-node.sh" kubelet "$1"; }

new_node() { # NAME [KUBERNETES_NAME]: its place in the bed, before its first boot
  [[ $1 =~ ^[a-z][a-z0-9-]{0,30}$ ]] || die "a node's name is a short word in small letters: '$1'"
  if grep -qsxF -- "$1" "$STATE/node-names"; then die "there is a node $1 already"; fi
  echo "$1" >>"$STATE/node-names"
  node_certificate "$1" "${2:-}"
  mkdir -p "$LODGE_BED/$1/own/etc/lodge-e2e"
  if [ -n "${2:-}" ]; then echo "$2" >"$LODGE_BED/$1/own/etc/lodge-e2e/node-name"; fi
}

node_verb() {
  local verb=$1 name=$2 number
  shift 2
  case $verb in
    add) new_node "$name" "$@"; start_node "$name" ;;
    exec) node_number "$name" >/dev/null; in_node "$name" "$@" ;;
    uri) node_number "$name" >/dev/null; "$NODE" uri "$name" ;;
    kill) node_number "$name" >/dev/null; "$NODE" kill "$name" ;;
    start) node_number "$name" >/dev/null; node_runs "$name" || start_node "$name" ;;
    reboot) node_verb kill "$name"; node_verb start "$name" ;;
    remove) number=$(node_number "$name"); "$NODE" down "$name"; sed -i "${number}s/.*/-/" "$STATE/node-names" ;;
    *) die "usage: bed.sh node add|exec|uri|kill|start|reboot|remove NAME" ;;
  esac
}

# --- up -------------------------------------------------------------------------------------

take_index() { # the first that no bed and no route of this machine has
  local n
  for n in {0..15}; do
    if ip route show | grep -q "^10\.$((208 + n))\."; then continue; fi
    if cat "$BEDS"/*/index 2>/dev/null | grep -qx "$n"; then continue; fi
    echo "$n" >"$STATE/index"
    return
  done
  die "no address range is free: 16 beds are up, or this machine has routes to 10.208.0.0 and above"
}

make_state() {
  mkdir -p "$BEDS"
  (
    flock 9
    [ ! -e "$STATE" ] || die "bed '$BED_NAME' is being started or was left half way: run  make e2e-down"
    mkdir -p "$STATE" "$LOGS" "$LODGE_BED"
    take_index
    cat /proc/sys/kernel/random/uuid >"$STATE/mark"
  ) 9>"$BEDS/lock"
  remember "$STATE/runner" $$
  case ${LODGE_E2E_AUDIT:-memory} in
    memory) ln -s "/dev/shm/lodge-e2e-$(mark)" "$STATE/audit.log"; (umask 077; : >"/dev/shm/lodge-e2e-$(mark)") ;;
    file) (umask 077; : >"$STATE/audit.log") ;;
    off) ;;
    *) rm -rf "$STATE"; die "LODGE_E2E_AUDIT is memory, file or off" ;;
  esac
  setsid "$TESTBED/reaper.sh" "$(mark)" </dev/null >/dev/null 2>&1 &
  remember "$STATE/reaper" $!
  disown
}

ready() { # all nodes, and what every pod needs
  local count
  count=$("$KUBECTL" --kubeconfig "$STATE/kubeconfig" get nodes \
    -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep -c True)
  [ "$count" -ge "$1" ] && "$KUBECTL" --kubeconfig "$STATE/kubeconfig" -n default get serviceaccount default
}

up() {
  local runner='' name
  while [ $# -gt 0 ]; do
    case $1 in
      --runner) runner=$2; shift 2; [ -e "/proc/$runner" ] || die "no process $runner" ;;
      *) die "usage: bed.sh up [--runner PID]" ;;
    esac
  done
  if [ -e "$STATE/up" ] && alive "$STATE/fabric/pid"; then environment; return; fi
  [ ! -e "$STATE/up" ] || down                # this machine was started anew since
  for name in runc nft openssl tini; do have "$name" || die "$name is missing: run  make deps-e2e"; done
  "$TESTBED/build.sh"
  "$TESTBED/images.sh" build
  make_state
  # Known by its mark too: who kills this process must find its children.
  exec env LODGE_E2E_MARK="$(mark)" "$0" up-marked "$runner"
}

up_marked() { # RUNNER or an empty word
  local runner=$1 name names=() jobs=() number
  trap 'say "the bed did not come up; taking it down (logs were in $LOGS)"; down' EXIT
  trap 'exit 130' INT TERM
  for ((number = 1; number <= ${LODGE_E2E_NODES:-3}; number++)); do names+=("node$number"); done
  : >"$STATE/node-names"                      # there may be none
  for name in "${names[@]}"; do echo "$name" >>"$STATE/node-names"; done
  control_plane_certificates
  start_fabric
  control_plane start etcd
  control_plane start kube-apiserver & jobs+=($!)
  for name in "${names[@]}"; do
    (
      trap - EXIT
      node_certificate "$name"
      boot_node "$name"
      "$TESTBED/images.sh" load --node "$name"
    ) & jobs+=($!)
  done
  for number in "${jobs[@]}"; do wait "$number"; done
  jobs=()
  for name in kube-scheduler kube-controller-manager; do control_plane start "$name" & jobs+=($!); done
  for name in "${names[@]}"; do kubelet "$name"; done
  for number in "${jobs[@]}"; do wait "$number"; done
  until_true 120 "nodes Ready (logs: $LOGS)" ready "${#names[@]}"
  : >"$STATE/up"
  # From here on it stands by itself, or as long as the runner does.
  if [ -n "$runner" ]; then remember "$STATE/runner" "$runner"; else rm -f "$STATE/runner"; fi
  trap - EXIT INT TERM
  environment
}

# --- down -----------------------------------------------------------------------------------

down() { # [MARK]: of that bed only, if another one has taken its name since
  local mark=${1:-} own pid left
  own=$(mark 2>/dev/null || true)
  mark=${mark:-$own}
  if [ "$mark" = "$own" ] && [ -e "$STATE/reaper" ] && [ "$(pid_in "$STATE/reaper")" != "$PPID" ] && alive "$STATE/reaper"; then
    kill "$(pid_in "$STATE/reaper")" 2>/dev/null || true
  fi
  if [ -n "$mark" ]; then
    while left=$(marked "$mark") && [ -n "$left" ]; do
      for pid in $left; do kill -9 "$pid" 2>/dev/null || true; done
      sleep 0.05
    done
    rm -f "/dev/shm/lodge-e2e-$mark"
  fi
  if [ -n "$own" ] && [ "$mark" != "$own" ]; then return; fi
  # It goes with its namespace, but later.
  if [ -s "$STATE/index" ]; then ip link del "$(uplink)" 2>/dev/null || true; fi
  "$NODE" down --all
  # Of nodes whose directories are lost.
  find /sys/fs/cgroup -maxdepth 12 -depth -type d -path "*/lodge-node-$(cksum <<<"$LODGE_BED" | cut -d' ' -f1)-*" -exec rmdir {} \; 2>/dev/null || true
  rm -rf "${STATE:?}"
}

# Processes of the bed with mark $1, but not this one and those it runs for.
marked() {
  local pid=$$ mine=' '
  while [ "$pid" -gt 1 ]; do
    mine+="$pid "
    pid=$(awk '$1 == "PPid:" {print $2}' "/proc/$pid/status")
  done
  for pid in $(grep -lsazxF -- "LODGE_E2E_MARK=$1" /proc/[0-9]*/environ | cut -d/ -f3 || true); do
    [[ $mine == *" $pid "* ]] || echo "$pid"
  done
}

# --- using it -------------------------------------------------------------------------------

environment() {
  need_bed
  [ -e "$STATE/up" ] || die "bed '$BED_NAME' is being started, or was left half way"
  # shellcheck disable=SC2016
  printf 'export KUBECONFIG=%q\nexport PATH=%q:"$PATH"\n' "$STATE/kubeconfig" "$LODGE_CACHE/bin:$(realpath "$LODGE_ROOT")/bin"
}

shell() {
  need_bed
  say "Test bed '$BED_NAME': $(node_names | tr '\n' ' ')- kubectl, helm, lodge; 'exit' leaves it running."
  eval "$(environment)"
  export LODGE_E2E=$BED_NAME
  exec env -u LODGE_E2E_MARK bash --rcfile <(echo "[ ! -e ~/.bashrc ] || . ~/.bashrc; PS1='($BED_NAME) \w\$ '; export KUBECONFIG='$KUBECONFIG' PATH='$PATH'") -i
}

[ "$(id -u)" = 0 ] || die "the test bed needs root"
verb=${1:-}
[ $# = 0 ] || shift
case $verb in
  up) up "$@" ;;
  up-marked) up_marked "$1" ;;
  down) down "$@" ;;
  env) environment ;;
  shell) shell ;;
  logs) need_bed; echo "$LOGS" ;;
  node) need_bed; [ $# -ge 2 ] || die "usage: bed.sh node VERB NAME"; node_verb "$@" ;;
  *) die "usage: bed.sh up|down|env|shell|logs|node (see its head)" ;;
esac
