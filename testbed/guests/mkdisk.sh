#!/usr/bin/env bash
# mkdisk.sh MINI OUT: the mini guest of the directory MINI (mkmini.sh) as a bootable disk,
#   OUT/mini-disk.raw and OUT/mini-disk.qcow2
# for BIOS. The system runs from memory, so nothing it does is kept; with a NoCloud seed it
# shows what cloud-init gets. Give it 160 MiB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"
# shellcheck source=testbed/guests/disk.sh
source "$here/disk.sh"

mini=$1 out=$2
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gzip -1n <"$mini/initrd.img" >"$work/initrd.gz"  # the BIOS reads slowly: less to read wins
boot_partition "$work/boot" 47 "$mini/vmlinuz" "$work/initrd.gz" \
  "console=ttyS0 quiet mitigations=off no_timer_check nokaslr tsc=reliable audit=0 8250.nr_uarts=1"
assemble "$out/mini-disk.raw" "$work/boot"
qemu-img convert -f raw -O qcow2 "$out/mini-disk.raw" "$out/mini-disk.qcow2"
say "mini disk: $(du -m "$out/mini-disk.qcow2" | cut -f1) MB"
