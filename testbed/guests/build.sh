#!/usr/bin/env bash
# build.sh [OUT] [--only tiny|mini|disk|debian]: the guests of the tests and the examples, in OUT
# (by default where the demo looks and where QEMU, which runs as another user, may read):
#   tinyrom.bin   mini/vmlinux   mini/initrd.img   mini-disk.raw   mini-disk.qcow2
# and, only when asked for because it takes minutes, debian-12.qcow2.
# Each is built once per change of its sources, into the cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"

out=/var/lib/lodge-demo/guests
parts="tiny mini disk"
while [ $# -gt 0 ]; do
  case $1 in
    --only) parts=$2; shift 2 ;;
    -*) die "usage: build.sh [OUT] [--only tiny|mini|disk|debian]" ;;
    *) out=$1; shift ;;
  esac
done

mini_files() { find "$here/mini" -type f | LC_ALL=C sort; }
key() {
  local files=("$here/tinyrom.S")
  case $1 in
    mini) mapfile -t files < <(mini_files); files+=("$here/mkmini.sh" "$here/packages.sh") ;;
    disk) mapfile -t files < <(mini_files); files+=("$here/mkmini.sh" "$here"/{packages,disk,mkdisk}.sh) ;;
    debian) files=("$here"/{disk,mkdebian}.sh) ;;
  esac
  hash_of "${files[@]}"
}
cached() { echo "$LODGE_CACHE/guests/$1-$(key "$1")"; }

# make PART DIR: builds it there
make_tiny() {
  as --32 -o "$1/tinyrom.o" "$here/tinyrom.S"
  ld -m elf_i386 -Ttext 0 --oformat binary -o "$1/tinyrom.bin" "$1/tinyrom.o"
  rm "$1/tinyrom.o"
}
make_mini() { mkdir "$1/mini" && "$here/mkmini.sh" "$1/mini"; }
make_debian() { "$here/mkdebian.sh" "$1"; }
make_disk() { ensure mini && "$here/mkdisk.sh" "$(cached mini)/mini" "$1"; }

# Built in the cache, complete or not at all; whoever comes second waits.
ensure() {
  local dir
  dir=$(cached "$1")
  [ -d "$dir" ] && return
  mkdir -p "$LODGE_CACHE/guests"
  (
    flock 9
    [ -d "$dir" ] && exit
    rm -rf "$dir.part"
    mkdir "$dir.part"
    "make_$1" "$dir.part"
    mv -T "$dir.part" "$dir"
    # What earlier sources gave is of no use after a while.
    find "$LODGE_CACHE/guests" -mindepth 1 -maxdepth 1 -name "$1-*" -mtime +14 -exec rm -rf {} +
  ) 9>"$LODGE_CACHE/guests/$1.lock"
}

install_part() {
  local stamp=$out/.$1 file
  [ "$(cat "$stamp" 2>/dev/null)" = "$(key "$1")" ] && return
  ensure "$1"
  # By rename: a guest that runs keeps the file it has.
  (cd "$(cached "$1")" && find . -type f -printf '%P\n') | while read -r file; do
    install -D -m 644 "$(cached "$1")/$file" "$out/$file.new"
    mv "$out/$file.new" "$out/$file"
  done
  key "$1" >"$stamp"
}

umask 022
mkdir -p "$out"
[ -w "$out" ] || die "cannot write to $out: run as root, or name another directory"
for part in $parts; do
  case $part in tiny | mini | disk | debian) install_part "$part" ;; *) die "there is no guest '$part'" ;; esac
done
