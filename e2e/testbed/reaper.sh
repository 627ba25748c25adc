#!/usr/bin/env bash
# Takes a bed down when its runner is gone, however that ended, or when its state directory is:
#   reaper.sh MARK
# Started by bed.sh, which ends it when the bed goes down by itself.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
wanted=$1

while sleep 1; do
  read -r mark 2>/dev/null <"$STATE/mark" || mark=
  [ "$mark" = "$wanted" ] || break
  # No runner means that the bed stands by itself.
  if [ -s "$STATE/runner" ] && ! alive "$STATE/runner"; then break; fi
done
"$TESTBED/bed.sh" down "$wanted"
