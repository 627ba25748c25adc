#!/usr/bin/env bash
# Container images without Docker: layers are tar files in the cache, one per change of what they
# hold, shared by all images; an image is a few lines of JSON over them. A node gets the layers it
# has not got yet.
#   images.sh base               the images that need no build: pause, lodge-slot, container-disk
#   images.sh build              these and, where the build has them, lodge-operator and lodge-agent
#   images.sh load [--node NAME] builds, then into containerd of all nodes (or one) of the bed
#   images.sh archive FILE       builds, then all of them as one OCI archive, for nodes that are no bed's
#   images.sh list               what there is, each with the digest of its manifest
# They are called lodge.local/<name>:e2e.
set -euo pipefail
# shellcheck source=e2e/testbed/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=testbed/guests/packages.sh
source "$TESTBED/../../testbed/guests/packages.sh"

IMAGES=$LODGE_CACHE/e2e-images
NAMED=$IMAGES/of-$(cksum <<<"$(realpath "$LODGE_ROOT")" | cut -d' ' -f1)         # another checkout builds others
# Every module that Quarkus, JOSDK or the agent may ask for; one runtime, so one layer, for both.
JAVA_MODULES=java.se,jdk.unsupported,jdk.management,jdk.jfr,jdk.net,jdk.zipfs,jdk.naming.dns,jdk.httpserver,jdk.security.auth,jdk.jcmd

# --- layers: layer NAME KEY makes a tar once, with make_NAME DIR, and sets $digest ------------

declare -A digest=()
layer() { # NAME KEY [OWNER]
  local name=$1 base=$IMAGES/layers/$1-$2 owner=${3:-0}
  if [ ! -s "$base" ]; then
    (
      flock 9
      [ ! -s "$base" ] || exit 0
      work=$(mktemp -d "$IMAGES/layers/.work.XXXXXX")
      trap 'rm -rf "$work"' EXIT
      mkdir -m 755 "$work/tree"
      "make_$name" "$work/tree"
      tar -cf "$work/tar" --sort=name --mtime=@0 --numeric-owner --owner="$owner" --group="$owner" --format=gnu -C "$work/tree" .
      sum=$(sha256sum <"$work/tar" | cut -d' ' -f1)
      mv "$work/tar" "$IMAGES/blobs/sha256/$sum"
      echo "$sum" >"$base"
      # Of earlier builds; what is in use was touched.
      find "$IMAGES/layers" "$IMAGES/blobs" -type f -not -name '*.lock' -mtime +14 -delete
    ) 9>"$IMAGES/layers/$name.lock"
  fi
  digest[$name]=$(cat "$base")
  touch "$base" "$IMAGES/blobs/sha256/${digest[$name]}"
}

key_of() { stat -Lc '%n %s %y' -- "$@" | sha256sum | cut -c1-16; }          # of files, without reading them
key_of_tree() { find -L "$@" -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum | cut -c1-16; }

# Files to the same place in DIR, links as what they lead to. Everything is below /usr, as make_etc
# lays it out, wherever this machine has it.
put() { # DIR; names on standard input
  local file place
  while read -r file; do
    place=$1/usr${file#/usr}
    mkdir -p "${place%/*}"
    cp -L --preserve=mode "$file" "$place"
  done
}

linked() { # FILE...: the libraries that these need
  ldd "$@" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\/(usr\/)?lib/ {print $3} $1 ~ /^\/.*ld-linux/ {print $1}' | sort -u
}

make_pause() {
  as -o "$1/pause.o" "$TESTBED/pause.S"
  ld -s -o "$1/pause" "$1/pause.o"
  rm "$1/pause.o"
}

make_busybox() {
  local applet
  unpack "$1/deb" busybox-static
  install -D -m 755 "$1/deb/bin/busybox" "$1/usr/bin/busybox"
  rm -r "$1/deb"
  for applet in sh sleep cat ls ps kill id env echo true false stat head tail grep od dd nsenter mount umount; do ln -s busybox "$1/usr/bin/$applet"; done
}

make_containerdisk() { # as KubeVirt's containerDisks are: the layer's owner is 107
  mkdir "$1/disk"
  printf 'a container disk' >"$1/raw"
  truncate -s 16M "$1/raw"
  qemu-img convert -f raw -O qcow2 "$1/raw" "$1/disk/tiny.qcow2"
  rm "$1/raw"
  chmod 440 "$1/disk/tiny.qcow2"
}

make_etc() {
  local link
  mkdir -p "$1"/{etc,root,run,var/lib,proc,sys,dev,usr/bin,usr/sbin,usr/lib,usr/lib64}
  mkdir -m 1777 "$1/tmp"
  ln -s ../run "$1/var/run"
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$1/$link"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nlibvirt-qemu:x:%s:%s::/var/lib/libvirt:/bin/false\nlodge:x:65532:65532::/:/bin/false\n' \
    "$(id -u libvirt-qemu)" "$(id -g libvirt-qemu)" >"$1/etc/passwd"
  printf 'root:x:0:\nkvm:x:%s:\nlodge:x:65532:\n' "$(getent group kvm | cut -d: -f3)" >"$1/etc/group"
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$1/etc/nsswitch.conf"
}

make_java() {
  local own=()
  "$JAVA_HOME/bin/jlink" --add-modules "$JAVA_MODULES" --no-header-files --no-man-pages --output "$1/opt/java"
  # jlink makes none for this layout of objects, which both programs use.
  "$1/opt/java/bin/java" -XX:+UseCompactObjectHeaders -XX:+UseSerialGC -Xshare:dump -Xlog:disable -Xlog:all=error
  mapfile -t own < <(find "$1/opt/java/lib" -name '*.so' -not -name '*awt*' -not -name '*splashscreen*' -not -name '*jsound*')
  linked "${own[@]}" "$1/opt/java/bin/java" | put "$1"
}

# What the agent calls and what JNA loads.
agent_files() {
  local name
  for name in qemu-img xorriso virsh ip nft; do readlink -f "$(command -v "$name")"; done
  for name in libvirt libvirt-qemu; do echo "/usr/lib/$(uname -m)-linux-gnu/$name.so.0"; done
}
make_agenttools() {
  local files=()
  mapfile -t files < <(agent_files)
  { printf '%s\n' "${files[@]}"; linked "${files[@]}"; } | put "$1"
}

agent=$LODGE_ROOT/node-agent/target
operator=$LODGE_ROOT/operator/target/quarkus-app
make_agentlibs() { # what others wrote changes seldom
  mkdir -p "$1/app/lib" "$1/app/native"
  find "$agent/lib" -name '*.jar' -not -name 'lodge-*' -exec cp {} "$1/app/lib/" \;
  cp "$agent/native/com/sun/jna/linux-$(uname -m | tr _ -)/libjnidispatch.so" "$1/app/native/"
}
make_agentapp() {
  mkdir -p "$1/app/lib"
  find "$agent/lib" -name 'lodge-*.jar' -exec cp {} "$1/app/lib/" \;
  find "$agent" -maxdepth 1 -name 'lodge-*.jar' -exec cp {} "$1/app/lib/" \;
  cp "$LODGE_ROOT"/node-agent/{jvm.options,lodge-agent} "$1/app/"
}
make_operatorlibs() {
  mkdir -p "$1/app/lib"
  cp -r "$operator/lib/." "$1/app/lib/"
  find "$1/app/lib" -name 'dev.lodge.*' -delete
}
make_operatorapp() {
  mkdir -p "$1/app"
  (cd "$operator" && find . -path ./lib -not -name 'dev.lodge.*' -prune -o -type f -print; cd "$operator" && find ./lib -name 'dev.lodge.*') |
    while read -r file; do install -D -m 644 "$operator/$file" "$1/app/$file"; done
}

# --- images ---------------------------------------------------------------------------------

blob() { # standard input; prints its descriptor's size and digest
  local file sum
  file=$(mktemp "$IMAGES/blobs/.part.XXXXXX")
  cat >"$file"
  sum=$(sha256sum <"$file" | cut -d' ' -f1)
  printf '"size": %s, "digest": "sha256:%s"' "$(stat -c %s "$file")" "$sum"
  mv "$file" "$IMAGES/blobs/sha256/$sum"
}

image() { # NAME USER ENTRYPOINT_JSON ENVIRONMENT_JSON LAYER...
  local name=$1 user=$2 entry=$3 environment=$4 part diffs=() layers=() config manifest
  shift 4
  for part; do
    diffs+=("\"sha256:${digest[$part]}\"")
    layers+=("{\"mediaType\": \"application/vnd.oci.image.layer.v1.tar\", \"size\": $(stat -c %s "$IMAGES/blobs/sha256/${digest[$part]}"), \"digest\": \"sha256:${digest[$part]}\"}")
  done
  config=$(printf '{"architecture": "amd64", "os": "linux", "created": "1970-01-01T00:00:00Z", "config": {"User": "%s", "Entrypoint": %s, "Env": %s, "WorkingDir": "/"}, "rootfs": {"type": "layers", "diff_ids": [%s]}}' \
    "$user" "$entry" "$environment" "$(IFS=,; echo "${diffs[*]}")" | blob)
  manifest=$(printf '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", %s}, "layers": [%s]}' \
    "$config" "$(IFS=,; echo "${layers[*]}")" | blob)
  printf '{"mediaType": "application/vnd.oci.image.manifest.v1+json", %s, "annotations": {"io.containerd.image.name": "lodge.local/%s:e2e", "org.opencontainers.image.ref.name": "e2e"}}\n' \
    "$manifest" "$name" >"$NAMED/.$name.part"
  mv "$NAMED/.$name.part" "$NAMED/$name"
}

# Images of an earlier build whose layers were too old to keep.
forget_incomplete() {
  local image manifest sum
  for image in "$NAMED"/*; do
    [ -e "$image" ] || continue
    manifest=$IMAGES/blobs/sha256/$(sums <"$image")
    [ -e "$manifest" ] || { rm -f "$image"; continue; }
    for sum in $(sums <"$manifest"); do
      [ -e "$IMAGES/blobs/sha256/$sum" ] || { rm -f "$image"; break; }
    done
  done
}

base() {
  forget_incomplete
  local path='["PATH=/usr/bin:/bin:/usr/sbin:/sbin"]'
  layer pause "$(hash_of "$TESTBED/pause.S")"
  layer busybox "$(hash_of <(declare -f make_busybox))"
  layer etc "$(hash_of <(declare -f make_etc))"
  layer containerdisk "$(hash_of <(declare -f make_containerdisk))" 107
  image pause 65535:65535 '["/pause"]' '[]' pause
  image lodge-slot 65532:65532 '["/bin/sleep", "infinity"]' "$path" etc busybox
  image container-disk 107:107 '["/disk/tiny.qcow2"]' '[]' containerdisk
}

build() {
  local entry files=()
  base
  [ -d "$agent/lib" ] || [ -e "$operator/quarkus-run.jar" ] || return 0
  find_jdk
  layer java "$(key_of "$JAVA_HOME/release" "$JAVA_HOME/lib/modules")-$(hash_of <(declare -f make_java; echo "$JAVA_MODULES"))"
  if [ -d "$agent/lib" ]; then
    mapfile -t files < <(agent_files)
    layer agenttools "$(key_of "${files[@]}")-$(hash_of <(declare -f make_agenttools put))"
    layer agentlibs "$(find "$agent/lib" -name '*.jar' -not -name 'lodge-*' -printf '%f %s\n' | sort | sha256sum | cut -c1-16)"
    layer agentapp "$(key_of_tree "$agent"/lodge-*.jar "$agent"/lib/lodge-*.jar "$LODGE_ROOT"/node-agent/{jvm.options,lodge-agent})"
    image lodge-agent 0:0 '["/app/lodge-agent"]' '["PATH=/opt/java/bin:/usr/bin:/usr/sbin"]' etc busybox java agenttools agentlibs agentapp
  fi
  if [ -e "$operator/quarkus-run.jar" ]; then
    layer operatorlibs "$(find "$operator/lib" -name '*.jar' -not -name 'dev.lodge.*' -printf '%f %s\n' | sort | sha256sum | cut -c1-16)"
    layer operatorapp "$(key_of_tree "$operator")"
    entry='["/opt/java/bin/java", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1", "-Xss512k", "-Xms24m", "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=20", "-XX:MaxRAMPercentage=60", "-jar", "/app/quarkus-run.jar"]'
    image lodge-operator 65532:65532 "$entry" '["PATH=/opt/java/bin:/bin", "MALLOC_ARENA_MAX=2"]' etc java operatorlibs operatorapp
  fi
}

# --- into the nodes -------------------------------------------------------------------------

# An archive of all images, less the blobs that are in a directory: those that a node has.
archive() { # DIR
  local store=$1 work
  work=$(mktemp -d "$IMAGES/.archive.XXXXXX")
  echo '{"imageLayoutVersion": "1.0.0"}' >"$work/oci-layout"
  printf '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [%s]}' "$(cat "$NAMED"/* | paste -sd,)" >"$work/index.json"
  wanted | while read -r sum; do [ -e "$store/$sum" ] || echo "blobs/sha256/$sum"; done >"$work/blobs"
  tar -cf - -C "$work" oci-layout index.json -C "$IMAGES" -T "$work/blobs"
  rm -rf "$work"
}

# The manifests that the images name, and all that these name.
wanted() {
  local manifest
  cat "$NAMED"/* | sums | while read -r manifest; do
    echo "$manifest"
    sums <"$IMAGES/blobs/sha256/$manifest"
  done | sort -u
}
sums() { grep -oE 'sha256:[0-9a-f]{64}' | cut -d: -f2; }

load() {
  local names=() name jobs=()
  need_bed
  if [ "${1:-}" = --node ]; then names=("$2"); else mapfile -t names < <(node_names); fi
  for name in "${names[@]}"; do
    node_runs "$name" || continue              # it gets them at its next boot
    (archive "$LODGE_BED/$name/own/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256" | in_node "$name" "$TESTBED/kube-node.sh" load -) & jobs+=($!)
  done
  for name in "${jobs[@]}"; do wait "$name"; done
}

verb=${1:-}
[ $# = 0 ] || shift
mkdir -p "$NAMED" "$IMAGES"/{layers,blobs/sha256}
case $verb in
  base) base ;;
  build) build ;;
  load) [ "${1:-}" = --node ] || build; load "$@" ;;
  archive) [ -n "${1:-}" ] || die "usage: images.sh archive FILE"; build; archive /nonexistent >"$1" ;;
  list) for image in "$NAMED"/*; do echo "lodge.local/${image##*/}:e2e $(sums <"$image")"; done ;;
  *) die "usage: images.sh base|build|load [--node NAME]|archive FILE|list" ;;
esac
