# shellcheck shell=bash
# What run.sh and stop.sh share: where the demo lies, and its agent. To be sourced.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

# Below /var/lib, because QEMU runs as another user, who may not enter a private home.
DEMO=/var/lib/lodge-demo
SOCKET=/run/lodge/agent.sock
AGENT=$DEMO/agent.pid
export LODGE_SOCKET=$SOCKET

lodge() { "$LODGE_ROOT/bin/lodge" "$@"; }
answers() { lodge get vm >/dev/null 2>&1; }

stop_agent() { # guests run on
  local signal
  for signal in TERM KILL; do
    alive "$AGENT" || break
    kill -s $signal "$(pid_in "$AGENT")" 2>/dev/null || true
    for _ in {1..200}; do alive "$AGENT" || break; sleep 0.05; done
  done
  rm -f "$AGENT"
}
