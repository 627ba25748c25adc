# shellcheck shell=bash
# What the test bed's scripts share: where a bed keeps its things, its addresses, how to run
# something in a part of it. To be sourced, never run.
# shellcheck disable=SC2034

TESTBED=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
source "$TESTBED/../../scripts/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

# Several beds can stand side by side, each under a name of its own.
BED_NAME=${LODGE_E2E:-lodge}
[[ $BED_NAME =~ ^[a-z0-9][a-z0-9-]{0,30}$ ]] || die "LODGE_E2E is a short word in small letters: '$BED_NAME'"
BEDS=$LODGE_CACHE/e2e
STATE=$BEDS/$BED_NAME
PKI=$STATE/pki
LOGS=$STATE/log
export LODGE_BED=$STATE/nodes

NODE=$TESTBED/../../testbed/node/node.sh
KUBECTL=$LODGE_CACHE/bin/kubectl

# Where build.sh puts what it builds: the key of a directory is what it was built from.
binaries() { echo "$LODGE_CACHE/e2e-bin/$1-$(hash_of "$TESTBED/$1/"go.{mod,sum})"; }
CONTROL_PLANE=$(binaries control-plane)
CONTAINERD=$(binaries containerd)
WRITERS=$LODGE_CACHE/e2e-bin/writers-$(hash_of "$TESTBED"/writers/{go.mod,*.go})/writers

# The n-th bed has 10.(208+n).0.0/16, so that none is in another's way:
#   .0.1 API server   .0.10+i node i   .0.254 this machine   .128.0/20 Services   .64+i.0/24 pods of node i
bed_there() { [ -s "$STATE/index" ]; }
need_bed() { bed_there || die "no test bed '$BED_NAME' is up: run  make e2e-up"; }
index() { cat "$STATE/index"; }
subnet() { echo "10.$((208 + $(index)))"; }
api_url() { echo "https://$(subnet).0.1:443"; }
node_names() { grep -v '^-' "$STATE/node-names"; }              # -: a node that was removed, so that the others keep their numbers
node_number() { # node NAME's place, which gives its addresses
  local number
  number=$(grep -nxF -- "$1" "$STATE/node-names" | cut -d: -f1)
  [ -n "$number" ] || die "no such node in bed '$BED_NAME': '$1' (there are: $(node_names | tr '\n' ' '))"
  echo "$number"
}
node_runs() { alive "$LODGE_BED/$1/pid"; }
node_ip() { echo "$(subnet).0.$((10 + $(node_number "$1")))"; }

# Processes that are started in the bed carry this in their environment: so they can be found
# even when the state directory is lost.
mark() { cat "$STATE/mark"; }

fabric_pid() { pid_in "$STATE/fabric/pid"; }
in_fabric() { nsenter -t "$(fabric_pid)" -m -n -p -- "$@"; }
fabric_net() { nsenter -t "$(fabric_pid)" -n -- "$@"; }
in_node() { "$NODE" exec "$@"; }

until_true() { # SECONDS WHAT CMD...: waits for a command to succeed
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || die "waited too long: $what"
    sleep 0.1
  done
}
