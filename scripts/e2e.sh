#!/usr/bin/env bash
# Lodge in a real Kubernetes of three nodes, by its user's commands. More arguments go to Maven:
#   scripts/e2e.sh -Dtest=PoliciesE2E
# Uses the bed that LODGE_E2E names if it is up (and leaves it up); else makes one and takes it away.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "the test bed needs root"
bed=$LODGE_ROOT/e2e/testbed
export LODGE_E2E=${LODGE_E2E:-e2e}

[ -x "$LODGE_CACHE/bin/helm" ] || "$LODGE_ROOT/scripts/deps.sh" e2e
"$LODGE_ROOT/testbed/guests/build.sh" /var/lib/lodge-demo/guests
"$LODGE_ROOT/scripts/mvn.sh" -q -DskipTests install
mine=
if ! "$bed/bed.sh" env >/dev/null 2>&1; then
  # Until it is up it takes itself away; and if somebody else is making one, that is not ours to end.
  "$bed/bed.sh" up --runner $$ >/dev/null
  mine=yes
  trap '"$bed/bed.sh" down' EXIT
  trap 'exit 130' INT TERM
fi
eval "$("$bed/bed.sh" env)"
"$bed/images.sh" load
"$bed/install.sh"
status=0
"$LODGE_ROOT/scripts/mvn.sh" -pl e2e/cluster test -Dlodge.e2e.skip=false "$@" || status=$?
if [ $status != 0 ] && [ -n "$mine" ]; then
  say "what was there at the end:"
  kubectl get vm,vmhosts,pods -A -o wide >&2 || true
fi
exit $status
