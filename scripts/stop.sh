#!/usr/bin/env bash
# The other half of run.sh: ends its guests, its networks, its agent and the daemons that it
# started, and removes its state. What stays are installed packages, the build and caches.
# It also works when the agent is dead already. Repeating it is harmless.
set -euo pipefail
# shellcheck source=scripts/demo.sh
source "$(dirname "$0")/demo.sh"

[ "$(id -u)" = 0 ] || die "libvirt's system instance needs root: run this with sudo"
connection=qemu:///system
libvirt_answers() { virsh -q -c "$connection" uri >/dev/null 2>&1; }
say_virsh() { virsh -q -c "$connection" "$@"; }

# Through the agent the guests are asked to shut down, and their disks go.
delete_by_agent() {
  lodge delete vm --all -A --timeout 90s || true
  # Objects from files that a person put there the API does not delete.
  rm -f "$DEMO"/manifests/*
  local deadline=$((SECONDS + 90))
  while [ -n "$(lodge get vm -A -o name 2>/dev/null)" ] && [ $SECONDS -lt $deadline ]; do sleep 0.5; done
  lodge delete all --all -A --timeout 60s >/dev/null || true
}

# Whether XML of libvirt is of this demo: Lodge's metadata with a UID that our state knows,
# or files below our directory. Others' machines, and other agents', are never touched.
is_ours() {
  local uid
  uid=$(grep -o '<lodge:[a-z]* [^>]*' <<<"$1" | grep -o 'uid=["'\''][^"'\'']*' | head -n 1 | cut -c6-)
  [ -n "$uid" ] || return 1
  grep -qF "$DEMO/" <<<"$1" || grep -rqF -- "$uid" "$DEMO/state" 2>/dev/null
}

# Where no agent does it any more.
destroy_leftovers() {
  local name xml
  for name in $(say_virsh list --name); do
    xml=$(say_virsh dumpxml "$name" 2>/dev/null) || continue
    if is_ours "$xml"; then
      say "destroying the guest $name"
      say_virsh destroy "$name" >&2 || true
    fi
  done
  for name in $(say_virsh net-list --all --name | grep '^lodge-' || true); do
    xml=$(say_virsh net-dumpxml "$name" 2>/dev/null) || continue
    if is_ours "$xml" && ! grep -q 'connections=' <<<"$xml"; then
      say "removing the network $name"
      say_virsh net-destroy "$name" >&2 || true
      say_virsh net-undefine "$name" >/dev/null 2>&1 || true
    fi
  done
}

# A bind mount shows a file that is not ours: it must be gone before anything is removed.
unmount_below() {
  local target
  while read -r target; do
    umount -- "$(printf '%b' "$target")" || die "$target is in use; nothing was removed"
  done < <(awk -v d="$DEMO/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | LC_ALL=C sort -r)
}

if alive "$AGENT" && answers; then
  say "stopping the guests"
  delete_by_agent
fi
if [ -e "$AGENT" ]; then
  say "stopping the agent"
  stop_agent
fi
if [ -d "$DEMO/state" ] && libvirt_answers; then
  destroy_leftovers
fi
if [ -d "$DEMO" ]; then
  unmount_below
  rm -rf --one-file-system "$DEMO"
fi
if [ -S "$SOCKET" ] && ! answers; then
  rm -f "$SOCKET"
fi
# The agent's directories there, unless another one's things are in them.
run=$(dirname "$SOCKET")
rmdir "$run/disks" 2>/dev/null || true
rmdir "$run" 2>/dev/null || true
"$LODGE_ROOT/scripts/libvirt-down.sh" demo
say "all undone; the build and ${LODGE_CACHE} stay"
