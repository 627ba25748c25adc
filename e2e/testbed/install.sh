#!/usr/bin/env bash
# Installs Lodge into the bed by its chart, or upgrades it, and waits until it serves.
# More arguments go to helm.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
need_bed
export KUBECONFIG=$STATE/kubeconfig
# The tag is always the same, so a newer build has to be told.
build() { "$TESTBED/images.sh" list | grep "/$1:" | cut -d' ' -f2; }
"$LODGE_CACHE/bin/helm" upgrade --install lodge "$LODGE_ROOT/helm/lodge" -n lodge-system --create-namespace \
  -f "$TESTBED/values.yaml" --set "operator.podAnnotations.build=$(build lodge-operator),agent.podAnnotations.build=$(build lodge-agent)" \
  "$@" >/dev/null
until_true 10 "the operator's Deployment" "$KUBECTL" -n lodge-system get deployment lodge-operator
for part in deployment/lodge-operator daemonset/lodge-agent; do
  "$KUBECTL" -n lodge-system rollout status "$part" --timeout=180s >/dev/null || {
    "$KUBECTL" -n lodge-system get pods -o wide >&2
    "$KUBECTL" -n lodge-system logs "$part" --tail=30 >&2 || true
    die "$part does not become ready"
  }
done
