#!/usr/bin/env bash
# The other half of libvirt-up.sh: WHO needs libvirtd no more. The last one to say so stops
# the daemons that up started and gives /dev/kvm its former owner and mode back.
set -euo pipefail
# shellcheck source=scripts/libvirt-state.sh
source "$(dirname "$0")/libvirt-state.sh"
open_state "$@"

rm -f "$STATE/users/$WHO"
others=$(ls -A "$STATE/users")
if [ -n "$others" ]; then
  say "libvirtd stays: in use by ${others//$'\n'/, }"
  exit 0
fi
stop_by_hand
if [ -e "$STATE/units" ]; then
  xargs -r systemctl stop <"$STATE/units"
fi
if [ -e "$STATE/kvm" ]; then
  read -r owner mode <"$STATE/kvm"
  chown "$owner" /dev/kvm && chmod "$mode" /dev/kvm
fi
rm -rf "$STATE"
