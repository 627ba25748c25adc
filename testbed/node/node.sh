#!/usr/bin/env bash
# Simulated nodes: each has its own network, mounts, host name, processes, cgroups, libvirtd,
# host UUID and boot id, so that a test can take its power away and see it come back.
#   node.sh up NAME            starts it (or says where it is) and prints the URI of its libvirtd
#   node.sh uri NAME           that URI again: it works from outside too
#   node.sh exec NAME CMD...   runs a command inside
#   node.sh reboot NAME        power loss: everything in it dies at once, QEMUs included; then up
#   node.sh kill NAME          only the first half of that
#   node.sh down NAME|--all    takes it away with all it had
# What survives a reboot: /etc/libvirt, /var/lib/libvirt, /var/lib/lodge, /etc/lodge and the logs.
# Nodes live in LODGE_BED (default: in the cache) and outlive the shell that started them.
# Up in about a second, 35 MB. Root only. When a node is made, these add to it:
#   LODGE_NODE_CONTROLLERS   cgroup controllers of version 1 besides the usual ones ("memory")
#   LODGE_NODE_MOUNTS        directories of its own that survive a reboot ("/var/lib/kubelet ...")
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

BED=${LODGE_BED:-$LODGE_CACHE/bed}
# Mount points the host may not have; they are made there, empty, and taken away again. All
# beds share them, hence one list of what was made.
MOUNT_POINTS="/var/lib/lodge /etc/lodge /var/log/libvirt /var/cache/libvirt"
MADE=$LODGE_CACHE/mount-points

uri() { echo "qemu+unix:///system?socket=$BED/$1/run/libvirt/libvirt-sock"; }
running() { alive "$BED/$1/pid"; }
# A node is there from the first thing that is made of it.
nodes() { find "$BED" -mindepth 2 -maxdepth 2 -name etc -printf '%P\n' 2>/dev/null | cut -d/ -f1; }

# The node's place in each cgroup hierarchy of version 1, below our own, or in the one of version 2.
# The memory controller is left out: it makes each VM slower and only LXC and the kubelet need it.
# Once the node is there its record says which, wherever the caller stands.
cgroup_dirs() {
  local controller own name
  if [ -s "$BED/$1/cgroups" ]; then cat "$BED/$1/cgroups"; return; fi
  name=lodge-node-$(cksum <<<"$BED" | cut -d' ' -f1)-$1
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    own=$(sed -n 's/^0:://p' /proc/self/cgroup)
    echo "/sys/fs/cgroup${own%/}/$name"
    return
  fi
  for controller in cpu cpuacct cpuset devices freezer blkio pids ${LODGE_NODE_CONTROLLERS:-}; do
    own=$(awk -F: -v c="$controller" '$2 == c {print $3}' /proc/self/cgroup)
    [ -z "$own" ] || echo "/sys/fs/cgroup/$controller${own%/}/$name"
  done
}

enter_cgroups() { # the calling shell
  local dir
  for dir in $(cgroup_dirs "$1"); do
    mkdir -p "$dir"
    if [ -e "$dir/cpuset.cpus" ] && [ -e "$dir/tasks" ]; then          # empty at first, and then no one may enter
      cat "$dir/../cpuset.cpus" >"$dir/cpuset.cpus"
      cat "$dir/../cpuset.mems" >"$dir/cpuset.mems"
      echo 1 >"$dir/cgroup.clone_children"
    fi
    echo "$BASHPID" >"$dir/cgroup.procs"
  done
}

make_mount_points() {
  local point
  for point; do
    if [ ! -d "$point" ]; then mkdir -p "$point"; echo "$point" >>"$MADE"; fi
  done
}

# Not while any process sees one of them as a mount: removing it would take the mount away. And
# not while a node comes up, which holds the lock until it has its mounts.
remove_mount_points() {
  local point
  (
    flock 9
    if [ ! -s "$MADE" ]; then exit; fi
    while read -r point; do
      if grep -qsF " $point " /proc/[0-9]*/mountinfo || ! rmdir --ignore-fail-on-non-empty "$point" 2>/dev/null; then
        [ ! -d "$point" ] || echo "$point"
      fi
    done <"$MADE" >"$MADE.left"
    mv "$MADE.left" "$MADE"
  ) 9>>"$MADE.lock"
}

prepare() { # NAME DIR: what a machine has before its first boot
  local name=$1 dir=$2 uuid point
  mkdir -p "$dir"/{run,etc,lib,log,cache,lodge,lodge-etc}
  for point in ${LODGE_NODE_MOUNTS:-}; do
    mkdir -p "$dir/own$point"
    echo "$point" >>"$dir/mounts"
  done
  uuid=$(cat /proc/sys/kernel/random/uuid)
  cp -a /etc/libvirt/. "$dir/etc/"
  rm -f "$dir"/etc/qemu/*.xml "$dir"/etc/qemu/networks/autostart/*
  printf '\nhost_uuid = "%s"\n' "$uuid" >>"$dir/etc/libvirtd.conf"
  # It tells a reboot by the host's boot time, which does not change here, and would wait
  # for ever for guests that a power loss took.
  printf '\nremember_owner = 0\n' >>"$dir/etc/qemu.conf"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$dir/hosts"
  tr -d - <<<"$uuid" >"$dir/machine-id"
  chmod 711 "$dir/lib"
  install -d -m 711 "$dir"/lib/{images,boot}
  install -d -m 750 -o libvirt-qemu -g kvm "$dir/lib/qemu"
  # libvirt makes this one only when it is installed.
  mkdir -p "$dir"/log/{qemu,lxc}
  # What the host's libvirtd knows about QEMU: finding out anew takes seconds.
  cp -a /var/cache/libvirt/. "$dir/cache/" 2>/dev/null || true
  # A device node of our own, so that the host's may stay as it is.
  if [ -c /dev/kvm ]; then
    mknod -m 660 "$dir/kvm" c $((0x$(stat -c %t /dev/kvm))) $((0x$(stat -c %T /dev/kvm)))
    chown root:kvm "$dir/kvm"
  fi
  # VMs stay out of it all the same.
  if [[ " ${LODGE_NODE_CONTROLLERS:-} " == *" memory "* ]]; then
    printf '\ncgroup_controllers = [ "cpu", "cpuacct", "cpuset", "devices", "blkio" ]\n' >>"$dir/etc/qemu.conf"
  fi
}

up() {
  local name=$1 dir=$BED/$1 outer deadline=$((SECONDS + 120))
  [[ $name =~ ^[a-z][a-z0-9-]{0,30}$ ]] || die "a node's name is a short word in small letters: '$name'"
  if running "$name"; then uri "$name"; return; fi
  have tini || die "tini is missing: run  make deps"
  mkdir -p "$BED" "$LODGE_CACHE"
  [ -d "$dir/etc" ] || prepare "$name" "$dir"
  [ -s "$dir/cgroups" ] || { cgroup_dirs "$name" >"$dir/.cgroups"; mv "$dir/.cgroups" "$dir/cgroups"; }
  exec 8>>"$MADE.lock"
  flock -s 8
  # shellcheck disable=SC2086,SC2046
  make_mount_points $MOUNT_POINTS $(cat "$dir/mounts" 2>/dev/null)
  rm -rf "$dir/run"
  mkdir -p "$dir/run/lock"
  cat /proc/sys/kernel/random/uuid >"$dir/boot_id"
  (
    enter_cgroups "$name"
    become_daemon unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child=KILL --propagation private \
      "$here/init.sh" "$name" "$dir" </dev/null >"$dir/init.log" 2>&1
  ) &
  outer=$!
  remember "$dir/unshare" "$outer"
  until virsh -q -c "$(uri "$name")" uri >/dev/null 2>&1; do
    if [ ! -e "/proc/$outer" ] || [ $SECONDS -ge $deadline ]; then cat "$dir/init.log" >&2; halt "$name"; die "node $name did not come up"; fi
    # Known as early as it is there: a failed start too must be found and ended.
    if ! running "$name" && pgrep -P "$outer" >/dev/null; then remember "$dir/pid" "$(pgrep -P "$outer")"; fi
    sleep 0.05
  done
  exec 8>&-
  disown "$outer"
  uri "$name"
}

halt() { # the power goes: the kernel kills all that runs below the node's PID 1
  local file
  # `unshare` takes PID 1 with it: the way to a node whose `up` was killed half way.
  for file in "$BED/$1"/{pid,unshare}; do
    if alive "$file"; then kill -9 "$(pid_in "$file")" 2>/dev/null || true; fi
    while alive "$file"; do sleep 0.02; done
    rm -f "$file"
  done
  # No boot finds the cgroups of the one before: a kubelet would look for their containers.
  remove_cgroups "$1" -mindepth 1
}

remove_cgroups() { # NAME [FIND_OPTION...]
  local name=$1 dir
  shift
  for dir in $(cgroup_dirs "$name"); do
    [ ! -d "$dir" ] || find "$dir" "$@" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

down() {
  halt "$1"
  remove_cgroups "$1"
  rm -rf "${BED:?}/$1"
  if [ -z "$(nodes)" ]; then remove_mount_points; fi
}

inside() { # NAME CMD...: where the caller stands, if that directory is there too
  local name=$1
  shift
  running "$name" || die "node $name is not up"
  enter_cgroups "$name"           # a daemon started here belongs to the node in this too
  # shellcheck disable=SC2016
  exec nsenter -t "$(pid_in "$BED/$name/pid")" -m -u -i -n -p -C -- sh -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$PWD" "$@"
}

[ "$(id -u)" = 0 ] || die "simulated nodes need root"
[ $# -ge 2 ] || die "usage: node.sh up|uri|exec|reboot|kill|down NAME"
verb=$1 name=$2
shift 2
case $verb in
  up) up "$name" ;;
  uri) uri "$name" ;;
  exec) inside "$name" "$@" ;;
  kill) halt "$name" ;;
  reboot) halt "$name"; up "$name" ;;
  down) if [ "$name" = --all ]; then for name in $(nodes); do down "$name"; done; remove_mount_points; else down "$name"; fi ;;
  *) die "usage: node.sh up|uri|exec|reboot|kill|down NAME" ;;
esac
