#!/usr/bin/env bash
# The first program of a simulated node, in its new namespaces: init.sh NAME DIR (node.sh).
set -euo pipefail
name=$1 dir=$2
PATH=$PATH:/usr/sbin:/sbin

hostname "$name"
mount -t proc proc /proc
umount -R -l /sys
mount -t sysfs sys /sys
if [ -d /sys/fs/cgroup ]; then
  if grep -q '^0::' /proc/self/cgroup && [ "$(wc -l </proc/self/cgroup)" = 1 ]; then
    mount -t cgroup2 cgroup /sys/fs/cgroup
    # Version 2 wants no processes where controllers are passed on.
    mkdir /sys/fs/cgroup/init
    echo 1 >/sys/fs/cgroup/init/cgroup.procs
  else
    mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    # Only those the node has a place of its own in: that is its root.
    while read -r controller; do
      mkdir "/sys/fs/cgroup/$controller"
      mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
    done < <(cut -d/ -f5 "$dir/cgroups")
  fi
fi

# The host's /run may be full of mounts that are none of ours.
awk '$2 ~ "^/run/" {print $2}' /proc/mounts | sort -r | while read -r point; do umount -l "$point" || true; done
mount --bind "$dir/run" /run
mount --bind "$dir/etc" /etc/libvirt
mount --bind "$dir/lib" /var/lib/libvirt
mount --bind "$dir/log" /var/log/libvirt
mount --bind "$dir/cache" /var/cache/libvirt
mount --bind "$dir/lodge" /var/lib/lodge
mount --bind "$dir/lodge-etc" /etc/lodge
if [ -e "$dir/mounts" ]; then
  while read -r point; do mount --bind "$dir/own$point" "$point"; done <"$dir/mounts"
fi
mount --bind "$dir/hosts" /etc/hosts
mount --bind "$dir/boot_id" /proc/sys/kernel/random/boot_id
if [ -e /etc/machine-id ]; then mount --bind "$dir/machine-id" /etc/machine-id; fi
if [ -e "$dir/kvm" ]; then mount --bind "$dir/kvm" /dev/kvm; fi

ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward

virtlogd -d
libvirtd -d
# PID 1 from here on: it reaps, and everything ends with it.
exec tini -- sleep infinity
