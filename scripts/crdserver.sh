#!/usr/bin/env bash
# The API server of the tests (testbed/crdserver): CRDs with defaults, CEL, server-side apply
# and watches, on loopback, everything allowed, with its etcd in the same process.
#   crdserver.sh build        builds it into the cache, if it is not there
#   crdserver.sh start DIR    starts one; DIR/kubeconfig and DIR/port say where. Returns when
#                             it serves CRDs.
#   crdserver.sh stop DIR     stops it and removes its data
# Any number can run side by side, each in a directory of its own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

source_dir=$LODGE_ROOT/testbed/crdserver
binary=$LODGE_CACHE/crdserver/$(hash_of "$source_dir"/{go.mod,go.sum,main.go})/crdserver

build() {
  [ -x "$binary" ] && return
  local dir
  dir=$(dirname "$binary")
  say "building the CRD server (some minutes, once)"
  mkdir -p "$dir"
  (
    flock 9
    [ -x "$binary" ] && exit
    cd "$source_dir"
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w" -o "$dir/.crdserver.part" .
    mv "$dir/.crdserver.part" "$binary"
  ) 9>"$dir/lock"
}

running() { [ -s "$1/pid" ] && [ "$(readlink "/proc/$(cat "$1/pid")/exe" 2>/dev/null)" = "$binary" ]; }

start() {
  local dir=$1 deadline=$((SECONDS + 60))
  mkdir -p "$dir"
  running "$dir" && die "one runs in $dir already"
  rm -rf "$dir"/{port,etcd,certs}
  setsid "$binary" -dir "$dir" </dev/null >"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  until [ -s "$dir/port" ] && healthy "$(cat "$dir/port")"; do
    kill -0 $! 2>/dev/null || { tail -n 20 "$dir/log" >&2; die "the CRD server ended (log: $dir/log)"; }
    [ $SECONDS -lt $deadline ] || { stop "$dir"; die "the CRD server was not ready within 60 s (log: $dir/log)"; }
    sleep 0.1
  done
}

healthy() { curl -fsSk --noproxy '*' --max-time 5 -o /dev/null "https://127.0.0.1:$1/readyz" 2>/dev/null; }

stop() {
  local dir=$1 pid
  if running "$dir"; then
    pid=$(cat "$dir/pid")
    kill "$pid" 2>/dev/null || true
    for _ in {1..50}; do running "$dir" || break; sleep 0.1; done
    if running "$dir"; then kill -9 "$pid" || true; fi
  fi
  rm -rf "$dir"/{pid,port,kubeconfig,etcd,certs}
}

case ${1:-} in
  build) build ;;
  start) [ $# = 2 ] || die "usage: crdserver.sh start DIR"; build; start "$(realpath -m "$2")" ;;
  stop) [ $# = 2 ] || die "usage: crdserver.sh stop DIR"; stop "$(realpath -m "$2")" ;;
  *) die "usage: crdserver.sh build | start DIR | stop DIR" ;;
esac
