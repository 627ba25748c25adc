# shellcheck shell=bash
# Bootable disk images for BIOS without loop devices, mounts or root: an MBR, a FAT partition
# with syslinux and the kernel, and if wanted a root partition after it. To be sourced.
PATH=$PATH:/usr/sbin:/sbin
export MTOOLS_SKIP_CHECK=1

# boot_partition FILE MIB KERNEL INITRD CMDLINE
boot_partition() {
  local config
  config=$(printf '%s\n' "DEFAULT linux" "PROMPT 0" "SERIAL 0 115200" "LABEL linux" \
    "  LINUX /vmlinuz" "  INITRD /initrd" "  APPEND $5")
  truncate -s "$2M" "$1"
  mkfs.fat -F 16 -n BOOT "$1" >/dev/null
  mcopy -i "$1" "$3" ::/vmlinuz
  mcopy -i "$1" "$4" ::/initrd
  mcopy -i "$1" - ::/syslinux.cfg <<<"$config"
  syslinux --install "$1"
}

# assemble DISK BOOT [ROOT]: the first partition starts at 1 MiB, each takes whole MiB
assemble() {
  local disk=$1 mbr at=1 entry=446 active=80 type=0e part mib
  shift
  for mbr in /usr/lib/SYSLINUX/mbr.bin /usr/lib/syslinux/mbr/mbr.bin; do [ ! -e "$mbr" ] || break; done
  rm -f "$disk"
  dd if="$mbr" of="$disk" bs=440 count=1 status=none
  for part; do
    mib=$(($(stat -c %s "$part") / 1048576))
    truncate -s $((at + mib))M "$disk"
    # shellcheck disable=SC2059
    printf "\x$active\xfe\xff\xff\x$type\xfe\xff\xff$(le32 $((at * 2048)))$(le32 $((mib * 2048)))" |
      dd of="$disk" bs=1 seek=$entry conv=notrunc status=none
    dd if="$part" of="$disk" bs=1M seek=$at conv=notrunc,sparse status=none
    at=$((at + mib)) entry=$((entry + 16)) active=00 type=83
  done
  printf '\x55\xaa' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
}

le32() { printf '\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
