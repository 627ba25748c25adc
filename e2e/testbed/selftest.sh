#!/usr/bin/env bash
# Does the bed do what its users rely on? Takes a bed of its own through all of it, about a minute.
# Ends with the first thing that is not so.
set -euo pipefail
export LODGE_E2E=selftest-$$ LODGE_E2E_NODES=2
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
bed=$TESTBED/bed.sh faults=$TESTBED/faults.sh
log=$(mktemp -d)
sleep infinity &
runner=$!
disown
trap 'kill -9 "$runner" 2>/dev/null; "$bed" down; rm -rf "$log"' EXIT
trap 'exit 130' INT TERM

kubectl() { "$KUBECTL" --kubeconfig "$STATE/kubeconfig" "$@"; }
node_info() { kubectl get node "$1" -o "jsonpath={.status.nodeInfo.$2}"; }
condition() { [ "$(kubectl get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = "$2" ]; }
check() { # WHAT CMD...
  local what=$1
  shift
  "$@" || die "not so: $what"
  say "ok: $what"
}
soon() { local what=$1; shift; until_true 60 "$what" "$@"; say "ok: $what"; }

"$bed" up --runner "$runner" >/dev/null
eval "$("$bed" env)"

slot() {
  kubectl create namespace team >/dev/null
  kubectl label namespace team pod-security.kubernetes.io/enforce=restricted >/dev/null
  kubectl apply -f - >/dev/null <<'END'
apiVersion: v1
kind: Pod
metadata: {name: slot, namespace: team}
spec:
  nodeName: node1
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: slot
    image: lodge.local/lodge-slot:e2e
    imagePullPolicy: Never
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    volumeMounts: [{name: disk, mountPath: /image}]
  volumes: [{name: disk, image: {reference: "lodge.local/container-disk:e2e", pullPolicy: Never}}]
END
}
until_true 30 "the namespace" slot
soon "a slot of the restricted level runs" kubectl -n team wait --for=condition=Ready --timeout=50s pod/slot
owner() { [ "$(kubectl -n team exec slot -- stat -c %u /image/disk/tiny.qcow2)" = 107 ]; }
check "an image volume has the disk, and its owner is 107" owner
forbidden() {
  local answer
  ! answer=$(kubectl -n team run forbidden --image=lodge.local/lodge-slot:e2e --privileged 2>&1) && grep -q 'violates PodSecurity' <<<"$answer"
}
check "a privileged pod is refused in that namespace" forbidden
soon "the audit log tells who made the pod" grep -q '"verb":"create".*"resource":"pods","namespace":"team"\|"resource":"pods","namespace":"team".*"verb":"create"' "$STATE/audit.log"

distinct() { [ "$(node_info node1 "$1")" != "$(node_info node2 "$1")" ]; }
check "each node has a boot id of its own" distinct bootID
check "each node has a machine id of its own" distinct machineID
libvirtd_answers() { virsh -q -c "$("$bed" node uri node1)" uri >/dev/null; }
machine=$(node_info node1 machineID) boot=$(node_info node1 bootID)
"$bed" node reboot node1
reported() { [ "$(node_info node1 bootID)" = "$("$bed" node exec node1 cat /proc/sys/kernel/random/boot_id)" ]; }
soon "after a reboot the node reports its new boot id" reported
check "it is another one" [ "$(node_info node1 bootID)" != "$boot" ]
check "the machine id is the same" [ "$(node_info node1 machineID)" = "$machine" ]
check "its libvirtd answers" libvirtd_answers

"$faults" process node1 libvirtd kill
check "a killed libvirtd is gone" [ -z "$("$bed" node exec node1 pgrep -x libvirtd || true)" ]
"$faults" process node1 libvirtd start
check "libvirtd is back" libvirtd_answers

"$faults" control-plane kube-apiserver kill
served() { kubectl --request-timeout=5s get nodes >/dev/null 2>&1; }
unserved() { ! served; }
check "a killed API server does not answer" unserved
"$faults" control-plane kube-apiserver start
check "the API server is back" served
"$faults" slow-etcd 0.4 0.2 3
check "the API server outlives a slow etcd" served

for way in in out; do
  "$faults" partition node2 $way
  soon "a node cut off ($way) is not ready" condition node2 Unknown
  "$faults" heal node2
  soon "a healed node is ready" condition node2 True
done

"$faults" writers start "$log/writers"
"$faults" writers stop "$log/writers" >/dev/null
say "ok: the writer checker ran and saw no violation"

mark=$(mark) net=$(subnet) nodes=lodge-node-$(cksum <<<"$LODGE_BED" | cut -d' ' -f1)
kill -9 "$runner"
gone() { [ ! -e "$STATE" ]; }
soon "the bed goes down when its runner is killed" gone
none() { [ -z "$("$@" 2>/dev/null)" ]; }
check "no process is left" none grep -lsazxF -- "LODGE_E2E_MARK=$mark" /proc/[0-9]*/environ
check "no route is left" none ip route show to root "$net.0.0/16"
check "no cgroup is left" none find /sys/fs/cgroup -maxdepth 6 -type d -name "$nodes-*"
check "nothing is left in shared memory" none find /dev/shm -name "*$mark*"
check "no mount is left" none grep -F "$STATE" /proc/self/mountinfo
