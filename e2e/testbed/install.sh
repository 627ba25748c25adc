#!/usr/bin/env bash
# Installs Lodge into the bed by its chart, or upgrades it, and waits until it serves.
# More arguments go to helm.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
need_bed
export KUBECONFIG=$STATE/kubeconfig
"$LODGE_CACHE/bin/helm" upgrade --install lodge "$LODGE_ROOT/helm/lodge" -n lodge-system --create-namespace \
  -f "$TESTBED/values.yaml" "$@" >/dev/null
until_true 10 "the operator's Deployment" "$KUBECTL" -n lodge-system get deployment lodge-operator
for part in deployment/lodge-operator daemonset/lodge-agent; do
  "$KUBECTL" -n lodge-system rollout status "$part" --timeout=180s >/dev/null || {
    "$KUBECTL" -n lodge-system get pods -o wide >&2
    "$KUBECTL" -n lodge-system logs "$part" --tail=30 >&2 || true
    die "$part does not become ready"
  }
done
