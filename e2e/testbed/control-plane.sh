#!/usr/bin/env bash
# One part of the control plane, from inside the fabric's namespaces:
#   control-plane.sh start|stop|kill|signal etcd|kube-apiserver|kube-scheduler|kube-controller-manager [SIGNAL]
# `start` returns when it serves. bed.sh calls this; its faults do too.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"

verb=$1 part=$2
pid_file=$STATE/fabric/$part.pid
net=$(subnet)

arguments() {
  case $part in
    etcd) cat <<END ;;
--data-dir=$STATE/etcd
--listen-client-urls=http://127.0.0.1:2379
--advertise-client-urls=http://127.0.0.1:2379
--listen-peer-urls=http://127.0.0.1:2380
--initial-advertise-peer-urls=http://127.0.0.1:2380
--initial-cluster=default=http://127.0.0.1:2380
--unsafe-no-fsync
--log-level=warn
END
    kube-apiserver) cat <<END; audit_arguments ;;
--etcd-servers=http://127.0.0.1:2379
--bind-address=0.0.0.0
--secure-port=443
--advertise-address=$net.0.1
--tls-cert-file=$PKI/apiserver.crt
--tls-private-key-file=$PKI/apiserver.key
--client-ca-file=$PKI/ca.crt
--service-account-issuer=https://kubernetes.default.svc
--service-account-key-file=$PKI/sa.pub
--service-account-signing-key-file=$PKI/sa.key
--service-cluster-ip-range=$net.128.0/20
--authorization-mode=Node,RBAC
--enable-admission-plugins=NodeRestriction
--allow-privileged=true
--kubelet-client-certificate=$PKI/kubelet-client.crt
--kubelet-client-key=$PKI/kubelet-client.key
--kubelet-certificate-authority=$PKI/ca.crt
--kubelet-preferred-address-types=InternalIP
--requestheader-client-ca-file=$PKI/proxy-ca.crt
--requestheader-allowed-names=front-proxy-client
--requestheader-extra-headers-prefix=X-Remote-Extra-
--requestheader-group-headers=X-Remote-Group
--requestheader-username-headers=X-Remote-User
--proxy-client-cert-file=$PKI/proxy-client.crt
--proxy-client-key-file=$PKI/proxy-client.key
--enable-aggregator-routing=true
--profiling=false
END
    kube-scheduler) cat <<END; delegated ;;
--bind-address=127.0.0.1
--leader-elect=false
--profiling=false
END
    # Notices a lost node early: its kubelet renews the Lease every 3 s (kube-node.sh).
    kube-controller-manager) cat <<END; delegated ;;
--bind-address=127.0.0.1
--leader-elect=false
--use-service-account-credentials=true
--service-account-private-key-file=$PKI/sa.key
--root-ca-file=$PKI/ca.crt
--cluster-signing-cert-file=$PKI/ca.crt
--cluster-signing-key-file=$PKI/ca.key
--node-monitor-period=2s
--node-monitor-grace-period=${LODGE_E2E_NODE_GRACE:-16s}
--profiling=false
END
    *) die "no such part of the control plane: $part" ;;
  esac
}

delegated() {
  local kind
  for kind in kubeconfig authentication-kubeconfig authorization-kubeconfig; do echo "--$kind=$PKI/$part.kubeconfig"; done
}

# Only what changes something, and each request once: what counts writes reads this.
audit_arguments() {
  [ -e "$STATE/audit.log" ] || return 0
  cat >"$STATE/audit-policy.yaml" <<'END'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
- level: None
END
  printf -- '--audit-policy-file=%s\n--audit-log-path=%s\n--audit-log-format=json\n--audit-log-mode=batch\n--audit-log-batch-max-wait=1s\n' \
    "$STATE/audit-policy.yaml" "$(readlink -f "$STATE/audit.log")"
}

get() { curl -fsS --noproxy '*' --max-time 5 --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" "$@"; }
serves() {
  case $part in
    etcd) curl -fsS --noproxy '*' --max-time 5 http://127.0.0.1:2379/health ;;
    kube-apiserver) get https://127.0.0.1:443/readyz ;;
    kube-scheduler) get -k https://127.0.0.1:10259/healthz ;;
    kube-controller-manager) get -k https://127.0.0.1:10257/healthz ;;
  esac >/dev/null 2>&1
}

start() {
  local list deadline=$((SECONDS + 120))
  if ! alive "$pid_file"; then
    mapfile -t list < <(arguments)
    LODGE_E2E_MARK=$(mark) setsid "$CONTROL_PLANE/$part" "${list[@]}" </dev/null >>"$LOGS/$part.log" 2>&1 &
    remember "$pid_file" $!
  fi
  until serves; do
    alive "$pid_file" || { tail -n 20 "$LOGS/$part.log" >&2; die "$part ended (log: $LOGS/$part.log)"; }
    [ $SECONDS -lt $deadline ] || die "$part was not ready in time (log: $LOGS/$part.log)"
    sleep 0.1
  done
}

signal() {
  alive "$pid_file" || die "$part does not run"
  kill "-$1" "$(pid_in "$pid_file")"
}

gone() { while alive "$pid_file"; do sleep 0.05; done; rm -f "$pid_file"; }

case $verb in
  start) start ;;
  stop) if alive "$pid_file"; then signal TERM; signal CONT 2>/dev/null || true; gone; fi ;;
  kill) if alive "$pid_file"; then signal KILL; gone; fi ;;
  signal) signal "$3" ;;
  *) die "usage: control-plane.sh start|stop|kill|signal PART" ;;
esac
