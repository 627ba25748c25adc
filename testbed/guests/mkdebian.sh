#!/usr/bin/env bash
# mkdebian.sh OUT: OUT/debian-12.qcow2, a real Debian with cloud-init (NoCloud, ConfigDrive), SSH
# server and guest agent, for BIOS. For the slow tests and for those who want a real system
# without fetching an image: 4 minutes to make, and under emulation 2 minutes to boot.
# Root: the packages are configured in a chroot.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"
# shellcheck source=testbed/guests/disk.sh
source "$here/disk.sh"

out=$1 BOOT_MIB=96 ROOT_MIB=1500
[ "$(id -u)" = 0 ] || die "the Debian image needs root: its packages are configured in a chroot"
have mmdebstrap || DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends mmdebstrap >&2
have mke2fs || die "mke2fs is missing: apt-get install e2fsprogs"
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || die "Debian's keys are missing: apt-get install debian-archive-keyring"
mkdir -p "$out"
work=$(mktemp -d -p "$out")                      # too large for a /tmp in memory
trap 'rm -rf "$work"' EXIT
root=$work/root

packages=linux-image-cloud-amd64,initramfs-tools,systemd-sysv,udev,dbus,kmod,e2fsprogs
packages+=,cloud-init,cloud-guest-utils,fdisk,python3,locales,netplan.io,systemd-resolved,netbase,iproute2,iputils-ping
packages+=,openssh-server,qemu-guest-agent,sudo,less,procps,ca-certificates
# shellcheck disable=SC2016
TMPDIR=$work mmdebstrap --quiet --mode=root --variant=apt --include=$packages \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook='mkdir -p "$1/etc/initramfs-tools"; echo virtio_console >"$1/etc/initramfs-tools/modules"' \
  --customize-hook='echo "datasource_list: [ NoCloud, ConfigDrive, None ]" >"$1/etc/cloud/cloud.cfg.d/90_lodge.cfg"' \
  --customize-hook='echo "locale: C.UTF-8" >>"$1/etc/cloud/cloud.cfg.d/90_lodge.cfg"' \
  --customize-hook='echo "LABEL=root / ext4 defaults 0 1" >"$1/etc/fstab"' \
  --customize-hook='echo debian >"$1/etc/hostname"; : >"$1/etc/machine-id"; rm -f "$1"/etc/ssh/ssh_host_*' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
  bookworm "$root" >&2

kernel=$(find "$root/boot" -name 'vmlinuz-*' | sort | tail -n 1)
boot_partition "$work/boot" $BOOT_MIB "$kernel" "${kernel/vmlinuz-/initrd.img-}" \
  "root=LABEL=root ro console=tty0 console=ttyS0 net.ifnames=0 mitigations=off no_timer_check tsc=reliable audit=0"
mke2fs -q -t ext4 -O ^metadata_csum_seed -L root -d "$root" "$work/rootfs" ${ROOT_MIB}M
assemble "$work/disk" "$work/boot" "$work/rootfs"
qemu-img convert -f raw -O qcow2 "$work/disk" "$out/debian-12.qcow2"
say "Debian image: $(du -m "$out/debian-12.qcow2" | cut -f1) MB"
