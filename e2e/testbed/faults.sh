#!/usr/bin/env bash
# Faults for a bed that is up. Each returns when it has taken effect; what it began is undone by
# its counterpart, and all of it by bed.sh down.
#   faults.sh process NODE NAME kill|stop|pause|resume|start
#                            NAME: libvirtd virtlogd containerd kubelet agent, or any program's
#                            name; only the first four can be started; pause is SIGSTOP
#   faults.sh control-plane PART stop|kill|start|pause|resume
#                            PART: etcd kube-apiserver kube-scheduler kube-controller-manager
#   faults.sh slow-etcd STOPPED RUNNING SECONDS
#                            etcd stands still for STOPPED seconds, runs for RUNNING, and so on
#   faults.sh compact-etcd   etcd forgets all versions but the newest
#   faults.sh partition NODE in|out|both
#                            in: the node hears nothing from the fabric, but is heard (requests are
#                            carried out and their answers lost); out: it is not heard
#   faults.sh heal NODE      ends the partition
#   faults.sh writers start FILE | stop FILE
#                            the writer checker, with its log; stop fails if it saw a violation
# The power of a node goes with bed.sh node kill, and comes back with bed.sh node start.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }

# --- one process of a node ------------------------------------------------------------------

# Finds, signals and waits in one go, since a test wants the moment: NAME SIGNAL STATE, where STATE
# is a pattern for the state that all of them must reach (Z: gone or a zombie).
# shellcheck disable=SC2016
IN_NODE='
case $1 in
  agent) found=$(pgrep -f "(^|/)java .*dev\.lodge\.agent\.Main") ;;
  *) found=$(pgrep -x "$(echo "$1" | cut -c1-15)") ;;
esac || { echo "error: no process $1 runs here" >&2; exit 1; }
kill "-$2" $found
tries=0
for pid in $found; do
  while state=$(sed "s/.*) //;s/ .*//" "/proc/$pid/stat" 2>/dev/null || echo Z); case $state in $3) false ;; *) true ;; esac; do
    tries=$((tries + 1))
    [ $tries -lt 1200 ] || { echo "error: $1 (pid $pid) is still in state $state" >&2; exit 1; }
    sleep 0.05
  done
done'

signal() { in_node "$1" sh -c "$IN_NODE" sh "$2" "$3" "$4"; } # NODE NAME SIGNAL STATE

start_process() {
  # shellcheck disable=SC2016
  case $2 in
    libvirtd | virtlogd) in_node "$1" sh -c 'pgrep -x "$0" >/dev/null || exec "$0" -d' "$2" ;;
    containerd | kubelet) in_node "$1" "$TESTBED/kube-node.sh" "$2" "$1" ;;
    *) die "only libvirtd, virtlogd, containerd and kubelet can be started here" ;;
  esac
  case $2 in libvirtd) until_true 30 "libvirtd of $1" virsh -q -c "$("$NODE" uri "$1")" uri ;; esac
}

process() {
  node_number "$1" >/dev/null
  case $3 in
    kill) signal "$1" "$2" KILL Z ;;
    stop) signal "$1" "$2" TERM Z ;;
    pause) signal "$1" "$2" STOP '[TtZ]' ;;
    resume) signal "$1" "$2" CONT '[!Tt]' ;;
    start) start_process "$1" "$2" ;;
    *) usage ;;
  esac
}

# --- the control plane ----------------------------------------------------------------------

control_plane() {
  case $2 in
    start | stop | kill) in_fabric "$TESTBED/control-plane.sh" "$2" "$1" ;;
    pause) in_fabric "$TESTBED/control-plane.sh" signal "$1" STOP ;;
    resume) in_fabric "$TESTBED/control-plane.sh" signal "$1" CONT ;;
    *) usage ;;
  esac
}

slow_etcd() { # STOPPED RUNNING SECONDS
  local until=$((SECONDS + $3))
  trap 'control_plane etcd resume' EXIT
  trap 'exit 130' INT TERM
  while [ $SECONDS -lt $until ]; do
    control_plane etcd pause
    sleep "$1"
    control_plane etcd resume
    sleep "$2"
  done
}

etcd_v3() { in_fabric curl -fsS --noproxy '*' --max-time 10 "http://127.0.0.1:2379/v3/kv/$1" -d "$2"; }

compact_etcd() {
  local revision
  revision=$(etcd_v3 range '{"key": "AA==", "limit": 1}' | grep -o '"revision":"[0-9]*"' | grep -o '[0-9]*')
  etcd_v3 compaction "{\"revision\": \"$revision\", \"physical\": true}" >/dev/null
}

# --- the network ----------------------------------------------------------------------------

# At the node's own end of its cable, for what it sends itself and what it forwards for its pods.
partition() {
  local chains=''
  node_number "$1" >/dev/null
  case $2 in in | both) chains+='chain in { type filter hook prerouting priority -400; iifname "eth0" drop; }; ' ;; esac
  case $2 in out | both) chains+='chain out { type filter hook postrouting priority 400; oifname "eth0" drop; }; ' ;; esac
  [ -n "$chains" ] || usage
  heal "$1"
  in_node "$1" nft "table ip lodge_fault { $chains }"
}

heal() {
  node_number "$1" >/dev/null
  in_node "$1" nft 'table ip lodge_fault; delete table ip lodge_fault'
}

# --- the writer checker ---------------------------------------------------------------------

writers() { # start|stop FILE: beside the log, its process
  case $1 in
    start)
      LODGE_E2E_MARK=$(mark) setsid "$WRITERS" </dev/null >"$2" 2>&1 &
      remember "$2.pid" $!
      until_true 10 "the writer checker" grep -q watching "$2"
      ;;
    stop)
      if alive "$2.pid"; then
        kill -TERM "$(pid_in "$2.pid")"
        while alive "$2.pid"; do sleep 0.05; done
      fi
      rm -f "$2.pid"
      grep -q ' no violation: ' "$2" || { cat "$2" >&2; die "the writer checker saw a violation, or ended early"; }
      tail -n 1 "$2"
      ;;
    *) usage ;;
  esac
}

[ "$(id -u)" = 0 ] || die "the test bed needs root"
need_bed
case ${1:-}-$# in
  process-4) process "$2" "$3" "$4" ;;
  control-plane-3) control_plane "$2" "$3" ;;
  slow-etcd-4) slow_etcd "$2" "$3" "$4" ;;
  compact-etcd-1) compact_etcd ;;
  partition-3) partition "$2" "$3" ;;
  heal-2) heal "$2" ;;
  writers-3) writers "$2" "$3" ;;
  *) usage ;;
esac
