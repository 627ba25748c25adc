#!/usr/bin/env bash
# Builds the control plane, the kubelet, containerd and the writer checker out of their published
# Go modules (checked by go.sum) into the cache. What is there is not built again; the first time
# takes about eight minutes of two cores and 3 GB of Go's build cache.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"

version_of() { awk -v module="$1" '$1 == "require" {$1 = ""; $0 = $0} $1 == module && $2 ~ /^v/ {print $2; exit}' go.mod; }

go_build() { # PACKAGE DIR LDFLAGS: into DIR/<name of the package>
  local name=${1##*/}
  case $1 in */etcd/server/v3) name=etcd ;; esac
  say "building $name"
  CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -buildvcs=false -trimpath -ldflags "-s -w $3" -o "$2/$name" "$1"
}

build_control-plane() {
  local command version=k8s.io/component-base/version kubernetes minor
  kubernetes=$(version_of k8s.io/kubernetes)
  minor=${kubernetes#v1.}
  go_build go.etcd.io/etcd/server/v3 "$1" ""
  for command in kube-apiserver kube-controller-manager kube-scheduler kubelet; do
    go_build "k8s.io/kubernetes/cmd/$command" "$1" \
      "-X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}"
  done
}

build_containerd() {
  local command module=github.com/containerd/containerd/v2 version
  version=$(version_of $module)
  for command in containerd containerd-shim-runc-v2 ctr; do
    go_build "$module/cmd/$command" "$1" "-X $module/version.Version=$version"
  done
}

# A checker that does not see what it shall is not installed.
build_writers() {
  CGO_ENABLED=0 go test -count=1 ./... >&2 9>&-            # the lock would be a disk with two writers
  go_build lodge.dev/e2e/testbed/writers "$1" ""
}

# Complete or not at all; whoever comes second waits.
ensure() { # NAME DIR
  [ -d "$2" ] && return
  have go || die "Go is missing: run  make deps-e2e"
  mkdir -p "$LODGE_CACHE/e2e-bin"
  (
    flock 9
    [ -d "$2" ] && exit
    rm -rf "$2.part"
    mkdir "$2.part"
    cd "$TESTBED/$1"
    "build_$1" "$2.part"
    mv -T "$2.part" "$2"
    # What earlier versions left is of no use after a while.
    find "$LODGE_CACHE/e2e-bin" -mindepth 1 -maxdepth 1 -name "$1-*" -not -path "$2" -mtime +14 -exec rm -rf {} +
  ) 9>"$LODGE_CACHE/e2e-bin/$1.lock"
}

ensure control-plane "$CONTROL_PLANE"
ensure containerd "$CONTAINERD"
ensure writers "$(dirname "$WRITERS")"
