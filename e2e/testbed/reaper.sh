#!/usr/bin/env bash
# Takes a bed down when its runner is gone, however that ended, or when its state directory is:
#   reaper.sh MARK
# Started by bed.sh, which ends it when the bed goes down by itself.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"

watch() { # MARK; returns when there is something to take down
  local mark
  while sleep 1; do
    read -r mark 2>/dev/null <"$STATE/mark" || mark=
    [ "$mark" = "$1" ] || return 0
    # No runner means that the bed stands by itself.
    if [ -s "$STATE/runner" ] && ! alive "$STATE/runner"; then return 0; fi
  done
}

# As one command: it must not read on from a file that has changed since.
{
  watch "$1"
  "$TESTBED/bed.sh" down "$1"
  exit
}
