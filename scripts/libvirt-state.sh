# shellcheck shell=bash
# What libvirt-up.sh and libvirt-down.sh share: the state directory
#   users/WHO           who wants libvirtd now
#   reaper, libvirtd, virtlogd    "PID STARTTIME" of what up started by hand
#   units               the systemd units up found inactive
#   kvm                 "UID:GID MODE" of /dev/kvm before up changed it
# To be sourced.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

open_state() { # WHO [DIR]: sets both and holds the lock until the script ends
  WHO=${1:-}
  [[ $WHO =~ ^[A-Za-z0-9._-]+$ ]] || die "usage: $(basename "$0") WHO [STATE_DIR]"
  STATE=${2:-${LODGE_LIBVIRT_STATE:-/run/lodge-libvirt}}
  mkdir -p "$STATE/users"
  exec {LOCK}>"$STATE/lock"
  flock "$LOCK"
  # A name that ends in -PID counts only while that process lives: a killed test run does
  # not hold libvirtd for ever.
  local user
  for user in "$STATE"/users/*-*; do
    if [[ $user =~ -([0-9]+)$ ]] && [ ! -e "/proc/${BASH_REMATCH[1]}" ]; then rm -f "$user"; fi
  done
}

stop_one() { # NAME: ends it if it is still the process that was started
  local signal
  for signal in TERM KILL; do
    alive "$STATE/$1" || break
    kill -s $signal "$(pid_in "$STATE/$1")" 2>/dev/null || true
    for _ in {1..200}; do alive "$STATE/$1" || break; sleep 0.05; done
  done
  rm -f "$STATE/$1"
}

stop_by_hand() { # guests keep running: they are nobody's children but the reaper's
  stop_one libvirtd
  stop_one virtlogd
  stop_one reaper
}
