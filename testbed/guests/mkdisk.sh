#!/usr/bin/env bash
# mkdisk.sh MINI OUT: the mini guest of the directory MINI (mkmini.sh) as a bootable disk,
#   OUT/mini-disk.raw and OUT/mini-disk.qcow2
# for BIOS: MBR, one FAT partition, syslinux. No loop device, no mount, no root. The system
# runs from memory, so nothing it does is kept; with a NoCloud seed it shows what cloud-init
# gets. Give it 160 MiB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

mini=$1 out=$2
MIB=48 START=2048                                # the partition starts at 1 MiB, in sectors
export MTOOLS_SKIP_CHECK=1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

truncate -s $((MIB - 1))M "$work/fat"
mkfs.fat -F 16 -n LODGE "$work/fat" >/dev/null
gzip -1n <"$mini/initrd.img" >"$work/initrd.gz"  # the BIOS reads slowly: less to read wins
cat >"$work/syslinux.cfg" <<'END'
DEFAULT mini
PROMPT 0
SERIAL 0 115200
LABEL mini
  LINUX /vmlinuz
  INITRD /initrd.gz
  APPEND console=ttyS0 quiet mitigations=off no_timer_check nokaslr tsc=reliable audit=0 8250.nr_uarts=1
END
mcopy -i "$work/fat" "$mini/vmlinuz" "$work/initrd.gz" "$work/syslinux.cfg" ::/
syslinux --install "$work/fat"

disk=$work/disk
for mbr in /usr/lib/SYSLINUX/mbr.bin /usr/lib/syslinux/mbr/mbr.bin; do [ ! -e "$mbr" ] || break; done
truncate -s ${MIB}M "$disk"
dd if="$mbr" of="$disk" bs=440 count=1 conv=notrunc status=none
# The partition table: one active entry of type FAT16 (0x0e), addressed by sector.
le32() { printf '\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
# shellcheck disable=SC2059
printf "\x80\xfe\xff\xff\x0e\xfe\xff\xff$(le32 $START)$(le32 $(((MIB - 1) * 2048)))" |
  dd of="$disk" bs=1 seek=446 conv=notrunc status=none
printf '\x55\xaa' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
dd if="$work/fat" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none

mv "$disk" "$out/mini-disk.raw"
qemu-img convert -f raw -O qcow2 "$out/mini-disk.raw" "$out/mini-disk.qcow2"
say "mini disk: $(du -m "$out/mini-disk.qcow2" | cut -f1) MB"
