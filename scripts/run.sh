#!/usr/bin/env bash
# The quick start behind `make run`: from a fresh checkout to a guest's login prompt. It
# installs what is missing, builds, starts libvirtd where none runs and Lodge's agent alone,
# applies examples/first-vm.yaml and shows the guest's own boot. A second run is quick and
# harmless; `make stop` undoes it.
set -euo pipefail
# shellcheck source=scripts/demo.sh
source "$(dirname "$0")/demo.sh"

VM=first-vm
BOOT=180s                        # an emulated guest on a busy machine takes its time

step() { printf '\n==> %s\n' "$*"; }

# The files of a build, in short: with the same ones there is nothing to build.
sources() {
  (cd "$LODGE_ROOT" && find pom.xml .mvn crds src node-agent -path '*/target' -prune -o -type f -printf '%p %s %T@\n' |
    grep -v '/src/test/' | LC_ALL=C sort | sha256sum | cut -c1-16)
}

build() {
  local stamp=$LODGE_ROOT/target/run-built now
  now=$(sources)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && ls "$LODGE_ROOT"/{node-agent,src/kubectl-plugin}/target/lodge-*.jar >/dev/null 2>&1; then
    say "up to date"
    return
  fi
  say "the first build fetches its libraries: about 2 minutes"
  "$LODGE_ROOT/scripts/mvn.sh" -q -Dmaven.test.skip=true -pl node-agent,src/kubectl-plugin -am package
  mkdir -p "$LODGE_ROOT/target"
  echo "$now" >"$stamp"
}

start_agent() {
  rm -rf "$DEMO/app.new"
  copy_lodge "$DEMO/app.new" node-agent
  if alive "$AGENT" && diff -rq "$DEMO/app.new" "$DEMO/app" >/dev/null 2>&1; then
    rm -rf "$DEMO/app.new"
    say "it runs already"
    return
  fi
  if alive "$AGENT"; then
    say "restarting it with what was built; guests run on"
    stop_agent
  elif answers; then
    die "another agent listens on $SOCKET already. Stop it first, or use it:  bin/lodge apply -f examples/$VM.yaml"
  fi
  rm -rf "$DEMO/app"
  mv "$DEMO/app.new" "$DEMO/app"
  (become_daemon "$DEMO/app/bin/lodge" agent --manifests "$DEMO/manifests" --state "$DEMO/state" \
    --socket "$SOCKET" </dev/null >>"$DEMO/agent.log" 2>&1) &
  remember "$AGENT" $!
  local deadline=$((SECONDS + 60))
  until answers; do
    if ! alive "$AGENT"; then
      tail -n 20 "$DEMO/agent.log" >&2
      die "the agent ended at once; its log is $DEMO/agent.log"
    fi
    [ $SECONDS -lt $deadline ] || die "the agent does not answer after 60 s; its log is $DEMO/agent.log"
  done
  say "it listens on $SOCKET; its log is $DEMO/agent.log"
}

[ "$(id -u)" = 0 ] || die "libvirt's system instance needs root: run this with sudo"
began=$SECONDS

step "What is missing of packages and tools"
"$LODGE_ROOT/scripts/deps.sh" run

# A cold libvirtd asks every QEMU what it can do: that may as well go on during the build.
mkdir -p "$DEMO/manifests" "$DEMO/state"
chmod 755 "$DEMO"
"$LODGE_ROOT/scripts/libvirt-up.sh" demo &
libvirt=$!

step "Lodge itself"
build
lodge --make-aot-cache || true   # makes the command line start faster, no more

step "A small guest, made of Debian's own packages"
"$LODGE_ROOT/testbed/guests/build.sh" "$DEMO/guests" --only mini

step "libvirtd"
wait "$libvirt"
virsh -q -c qemu:///system version --daemon | tail -n 1

step "Lodge's agent, alone on this machine"
start_agent

step "bin/lodge apply -f examples/$VM.yaml"
lodge apply -f "$LODGE_ROOT/examples/$VM.yaml" --wait --timeout 120s

step "bin/lodge console $VM"
lodge console "$VM" --until "login:" --timeout "$BOOT" </dev/null

step "bin/lodge get vm"
lodge get vm
address=$(lodge get vm "$VM" -o json | sed -n 's/.*"ips" *: *\[ *"\([^"]*\)".*/\1/p' | head -n 1)

cat <<TEXT

That was the boot of a guest, $((SECONDS - began)) s after you asked for it.${address:+ Its address is $address.}
Next:
  bin/lodge console $VM     log in as root, no password; Ctrl-] leaves
  bin/lodge describe $VM    all about it, and whether it is accelerated
  bin/lodge get vm -w          watch the list, and try in another terminal:
  bin/lodge restart $VM
  make stop                    undo all of this
TEXT
