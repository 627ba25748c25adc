#!/usr/bin/env bash
# mkmini.sh OUT: a Linux guest that boots in seconds under emulation, from Debian's packages.
#   OUT/vmlinux      the kernel as ELF: QEMU enters it by PVH and the guest unpacks nothing
#   OUT/vmlinuz      the same as a bzImage, for boot loaders
#   OUT/initrd.img   busybox, the guest agent, drivers; the files of mini/ are its userland
# No root needed, nothing is mounted or installed.
#
# Give it 128 MiB (below 112 it dies with "deadlocked on memory"), and on the command line
#   console=ttyS0 quiet mitigations=off no_timer_check nokaslr tsc=reliable audit=0 8250.nr_uarts=1
# (the middle part halves the boot time under emulation). It prints on ttyS0 and hvc0
#   GUEST-READY host=NAME ip=ADDRESS mac=MAC up=SECONDS
# and then a login prompt: root, no password. More of its command line:
#   guest.hostname=NAME   guest.eth0=IP/LEN[@GATEWAY]   guest.tick=1   guest.run=COMMAND
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"
# shellcheck source=testbed/guests/packages.sh
source "$here/packages.sh"

KERNEL=${LODGE_MINI_KERNEL:-linux-image-amd64}
# Everything a test may plug in. What depends on what, depmod and modprobe find out.
MODULES="virtio_pci virtio_net virtio_blk virtio_console virtio-rng virtio_balloon virtio_scsi
  virtio_mem virtio_input virtiofs 9pnet_virtio 9p qemu_fw_cfg ata_piix ata_generic ahci sd_mod sr_mod
  isofs vfat nls_ascii nls_cp437 ext4 af_packet evdev button e1000 e1000e 8139cp i6300esb pvpanic-pci
  tpm_crb tpm_tis vmw_vsock_virtio_transport"

out=$1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
x=$work/packages root=$work/root

kernel=$(concrete_kernel "$KERNEL")
mapfile -t agent < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
  --no-replaces --no-enhances qemu-guest-agent | grep -E '^(qemu-guest-agent$|lib|zlib)' | grep -v perl)
unpack "$x" "$kernel" busybox-static "${agent[@]}"
version=${kernel#linux-image-}

# The kernel: a bzImage says where its payload is (Documentation/arch/x86/boot.rst).
image=$x/boot/vmlinuz-$version
number() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
length=$(($(number 0x24c 4) - 4))                            # its last 4 bytes are a size
dd if="$image" of="$work/payload" bs=1M iflag=skip_bytes,count_bytes skip=$start count=$length status=none
case $(od -An -t x1 -N 4 "$work/payload" | tr -d ' ') in
  fd377a58) unpacker=xz ;;
  28b52ffd) unpacker=zstd ;;
  02214c18) unpacker=lz4 ;;
  1f8b*) unpacker=gzip ;;
  *) die "$image is compressed in a way this script does not know" ;;
esac
$unpacker -dc <"$work/payload" >"$out/vmlinux"
[ "$(head -c 4 "$out/vmlinux" | tail -c 3)" = ELF ] || die "no ELF kernel in $image"
cp "$image" "$out/vmlinuz"

# Userland
mkdir -p "$root"/{bin,sbin,etc,proc,sys,dev,run,tmp,root,mnt,seed,www,lib64,usr/bin,usr/sbin,lib/x86_64-linux-gnu,var/log}
ln -s /run "$root/var/run"
cp "$x/bin/busybox" "$root/bin/"
for applet in $("$root/bin/busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
ln -s ../bin/busybox "$root/sbin/modprobe"                    # where the kernel calls it
cp -R "$here/mini/." "$root/"

# The agent, and the libraries it asks for
cp "$x/usr/sbin/qemu-ga" "$root/usr/sbin/"
queue=("$root/usr/sbin/qemu-ga")
while [ ${#queue[@]} -gt 0 ]; do
  for name in $(readelf -d "${queue[0]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    if [ ! -e "$root/lib/x86_64-linux-gnu/$name" ]; then
      file=$(find "$x" -path '*x86_64-linux-gnu*' -name "$name" -print -quit)
      [ -n "$file" ] || die "the guest agent needs $name, which none of its packages has"
      cp -L "$file" "$root/lib/x86_64-linux-gnu/$name"
      queue+=("$root/lib/x86_64-linux-gnu/$name")
    fi
  done
  queue=("${queue[@]:1}")
done
ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$root/lib64/"
strip --strip-unneeded "$root"/lib/x86_64-linux-gnu/*.so* "$root/usr/sbin/qemu-ga"

# Drivers with all they depend on
modules=lib/modules/$version
find "$x/$modules" -name '*.ko.xz' -exec xz -d {} +          # newer Debians compress them
"$root/bin/busybox" depmod -b "$x" "$version"
mkdir -p "$root/$modules"
cp "$x/$modules"/modules.{builtin,order} "$root/$modules/"
for module in $MODULES; do
  pattern="/${module//[-_]/[-_]}\.ko"
  line=$(grep -E "$pattern:" "$x/$modules/modules.dep") || {
    grep -qE "$pattern" "$x/$modules/modules.builtin" || say "the kernel has no $module"
    continue
  }
  for file in ${line/:/}; do
    mkdir -p "$root/$modules/$(dirname "$file")"
    cp "$x/$modules/$file" "$root/$modules/$file"
  done
done
find "$root/$modules" -name '*.ko' -exec strip --strip-debug {} +
"$root/bin/busybox" depmod -b "$root" "$version"

# Uncompressed: unpacking costs the emulated guest more than reading.
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet --reproducible --owner 0:0) >"$out/initrd.img"
say "mini guest: kernel $version, $(du -m "$out/vmlinux" | cut -f1) MB; initrd $(du -m "$out/initrd.img" | cut -f1) MB"
