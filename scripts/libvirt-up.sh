#!/usr/bin/env bash
# Makes qemu:///system answer, for one user of it by name:
#   libvirt-up.sh WHO [STATE_DIR]       and later   libvirt-down.sh WHO [STATE_DIR]
# The test suite, the benchmarks and `make run` share one libvirtd: the last one down
# stops what the first one up has started, and nothing that ran before. Nothing in
# /etc/libvirt is touched and nothing listens on TCP. Repeating a call is harmless.
set -euo pipefail
# shellcheck source=scripts/libvirt-state.sh
source "$(dirname "$0")/libvirt-state.sh"
open_state "$@"

# QEMU runs as libvirt-qemu, which is in the group kvm; a new machine without udev has
# the device for root alone, and then every KVM guest fails.
give_kvm() {
  [ -c /dev/kvm ] && getent group kvm >/dev/null || return 0
  local before
  before=$(stat -c '%u:%g %a' /dev/kvm)
  [ "$before" = "0:$(getent group kvm | cut -d: -f3) 660" ] && return 0
  (( 0$(stat -c %a /dev/kvm) & 02 )) && return 0                 # open to all: leave it
  [ -e "$STATE/kvm" ] || echo "$before" >"$STATE/kvm"
  chown root:kvm /dev/kvm && chmod 660 /dev/kvm
}

start_by_systemd() {
  local unit
  for unit in {virtlogd,libvirtd}{.socket,.service} libvirtd-{ro,admin}.socket; do
    systemctl -q is-active "$unit" || echo "$unit" >>"$STATE/units"
  done
  systemctl start virtlogd libvirtd
}

# Where there is no systemd. PID 1 of a container often reaps late or never: a killed QEMU
# then stays a zombie and every destroy waits 1-2 s for it. So everything that libvirtd
# leaves behind is adopted and reaped by a small subreaper of our own. It outlives a killed
# libvirtd, keeps the guests, and starts the next one on SIGUSR1.
start_by_hand() {
  if alive "$STATE/reaper"; then
    kill -USR1 "$(pid_in "$STATE/reaper")"
    return
  fi
  have tini || die "tini is missing: run  make deps"
  # shellcheck disable=SC2016
  (become_daemon tini -s -- sh -c '
    start() {
      kill -0 "$(cat /run/virtlogd.pid)" 2>/dev/null || virtlogd -d
      libvirtd -d
    }
    trap "start; kill \$!" USR1
    trap "kill \$!; exit" TERM
    start || exit
    while :; do sleep 1000000 & wait $!; done' </dev/null >"$STATE/log" 2>&1) &
  remember "$STATE/reaper" $!
}

# Only what hangs below our reaper is ours to stop: a virtlogd may have run before.
remember_daemons() {
  local daemon pid
  for daemon in virtlogd libvirtd; do
    pid=$(cat "/run/$daemon.pid")
    if [ "$(ps -o ppid= -p "$pid" | tr -d ' ')" = "$(pid_in "$STATE/reaper")" ]; then remember "$STATE/$daemon" "$pid"; fi
  done
}

answers() { virsh -q -c qemu:///system uri >/dev/null 2>&1; }

# A cold start asks each QEMU binary what it can do: 8 s here, minutes on a small machine.
wait_for_socket() {
  local deadline=$((SECONDS + 180))
  until answers; do
    if [ -e "$STATE/reaper" ] && ! alive "$STATE/reaper"; then cat "$STATE/log" >&2; die "libvirtd did not start"; fi
    [ $SECONDS -lt $deadline ] || die "libvirtd did not answer within 180 s (see $STATE/log)"
    sleep 0.1
  done
}

have libvirtd || [ -x /usr/sbin/libvirtd ] || die "libvirt is not installed: run  make deps"
[ "$(id -u)" = 0 ] || die "qemu:///system needs root: run this with sudo"
give_kvm
if ! answers; then
  if [ -d /run/systemd/system ]; then start_by_systemd; else start_by_hand; fi
  wait_for_socket
  if [ -e "$STATE/reaper" ]; then remember_daemons; fi
fi
: >"$STATE/users/$WHO"
