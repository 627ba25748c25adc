#!/usr/bin/env bash
# containerd and the kubelet of a node, from inside it (bed.sh calls it by node.sh exec):
#   kube-node.sh boot NAME        what each boot needs before them
#   kube-node.sh containerd NAME  starts it and returns when it answers
#   kube-node.sh kubelet NAME     starts it
#   kube-node.sh load FILE...     images into containerd, from OCI or Docker archives
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
PATH=$CONTAINERD:$PATH
export CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS=1            # of cgroup v1, which this machine has

verb=$1
[ "$verb" = load ] || name=$2
config=/etc/lodge-e2e            # of the node's own, see bed.sh

# As on a machine with systemd: what the kubelet mounts must reach the pods that run already.
boot() {
  local pair file
  mount --make-rshared /
  # The kubelet sets these, and they are the whole machine's.
  mkdir -p /run/sysctl
  for pair in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1; do
    file=/run/sysctl/$(tr / _ <<<"${pair%=*}")
    echo "${pair#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${pair%=*}"
  done
}

containerd_config() {
  cat <<END
version = 3
# Without the right to raise a process's priority against the OOM killer: restrict_oom_score_adj.
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.erofs", "io.containerd.differ.v1.erofs", "io.containerd.nri.v1.nri", "io.containerd.tracing.processor.v1.otlp"]
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "lodge.local/pause:e2e"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = "$(command -v runc)"
      SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$config/cni"
END
}

network_config() {
  cat <<END
{"cniVersion": "1.0.0", "name": "lodge", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true,
 "ipam": {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "$(subnet).$((64 + $(node_number "$name"))).0/24"}]],
 "routes": [{"dst": "0.0.0.0/0"}]}}]}
END
}

kubelet_config() {
  cat <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
readOnlyPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/$name.crt
tlsPrivateKeyFile: $PKI/$name.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
volumePluginDir: /var/lib/kubelet/volume-plugins
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%, imagefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
resolvConf: ""
syncFrequency: 5s
nodeStatusUpdateFrequency: 5s
nodeLeaseDurationSeconds: 12
maxPods: 250
serializeImagePulls: false
END
}

containerd_up() { ctr --timeout 5s version; }
start_containerd() {
  mkdir -p "$config/cni"
  containerd_config >"$config/containerd.toml"
  network_config >"$config/cni/10-lodge.conflist"
  if ! pgrep -x containerd >/dev/null; then
    setsid containerd -c "$config/containerd.toml" </dev/null >>"$LOGS/$name-containerd.log" 2>&1 &
  fi
  until_true 60 "containerd of $name (log: $LOGS/$name-containerd.log)" containerd_up
}

start_kubelet() {
  if pgrep -x kubelet >/dev/null; then return; fi
  kubelet_config >"$config/kubelet.yaml"
  setsid "$CONTROL_PLANE/kubelet" --config="$config/kubelet.yaml" --kubeconfig="$PKI/$name.kubeconfig" \
    --hostname-override="$(cat "$config/node-name" 2>/dev/null || echo "$name")" --node-ip="$(node_ip "$name")" \
    </dev/null >>"$LOGS/$name-kubelet.log" 2>&1 &
}

load() {
  local file
  for file; do ctr -n k8s.io images import --platform linux/amd64 "$file" >/dev/null; done
}

case $verb in
  boot) boot ;;
  containerd) start_containerd ;;
  kubelet) start_kubelet ;;
  load) load "${@:2}" ;;
  *) die "usage: kube-node.sh boot|containerd|kubelet NAME, load FILE..." ;;
esac
