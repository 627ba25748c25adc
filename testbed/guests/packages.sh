# shellcheck shell=bash
# Debian packages as a source of files: downloaded once, unpacked anywhere, installed nowhere.
# To be sourced after scripts/lib.sh.

DEBS=$LODGE_CACHE/debs

# The concrete package behind a name like linux-image-amd64.
concrete_kernel() {
  local name
  name=$(apt-cache depends "$1" 2>/dev/null | awk '/Depends: linux-image/ {print $2; exit}')
  if [ -z "$name" ] && [ "$(id -u)" = 0 ]; then           # a new machine may have no lists yet
    apt-get -qq update >&2
    name=$(apt-cache depends "$1" 2>/dev/null | awk '/Depends: linux-image/ {print $2; exit}')
  fi
  [ -n "$name" ] || die "apt knows no $1: the guests are made of Debian's packages (try apt-get update)"
  echo "$name"
}

# unpack DIR PACKAGE...
unpack() {
  local dir=$1 package file
  shift
  mkdir -p "$DEBS" "$dir"
  for package; do
    file=$(find "$DEBS" -name "${package}_*.deb" -print -quit)
    if [ -z "$file" ]; then
      # apt would drop its rights and then be unable to write here.
      (cd "$DEBS" && apt-get -qq -o APT::Sandbox::User=root download "$package" >&2) || die "cannot download $package (try apt-get update)"
      file=$(find "$DEBS" -name "${package}_*.deb" -print -quit)
    fi
    dpkg-deb -x "$file" "$dir"
  done
}
