#!/usr/bin/env bash
# Maven on a JDK that is new enough, wherever it is.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
find_jdk || exit 1
cd "$LODGE_ROOT"
exec mvn -B -ntp "$@"
