# shellcheck shell=bash
# What run.sh and stop.sh share: where the demo lies, and its agent. To be sourced.
# shellcheck source=scripts/libvirt-state.sh
source "$(dirname "${BASH_SOURCE[0]}")/libvirt-state.sh"

# Below /var/lib, because QEMU runs as another user, who may not enter a private home.
DEMO=/var/lib/lodge-demo
SOCKET=/run/lodge/agent.sock
STATE=$DEMO/run                  # for `remember`, `alive` and `stop_one` of libvirt-state.sh
export LODGE_SOCKET=$SOCKET

lodge() { "$LODGE_ROOT/bin/lodge" "$@"; }
answers() { lodge get vm >/dev/null 2>&1; }
