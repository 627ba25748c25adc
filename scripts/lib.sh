# shellcheck shell=bash
# What the scripts of this directory share. To be sourced, never run.

LODGE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Everything that is built or fetched once lives here, outside the checkout, so that
# `make clean` and a second clone do not pay for it again.
LODGE_CACHE=${LODGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lodge}
export LODGE_ROOT LODGE_CACHE

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# A short name for the contents of some files: the key of a cached result.
hash_of() { cat -- "$@" | sha256sum | cut -c1-16; }

# A file that names a process: its pid and its start time, since a pid alone may have been
# given to another one. A zombie counts as gone: PID 1 may take its time with it.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra stat <<<"${stat##*) }"                     # from the state (field 3) on
  [ "${stat[0]:-Z}" != Z ] && echo "${stat[19]:-}"
}
remember() { echo "$2 $(start_time "$2")" >"$1"; }    # FILE PID
pid_in() { cut -d' ' -f1 "$1"; }
alive() { local pid started; [ -s "$1" ] && read -r pid started <"$1" && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]; }

# Replaces a subshell by a process of its own session that keeps nothing of ours open: else
# whoever holds a lock around a script (flock FILE make run) would lend it to a daemon for good.
become_daemon() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi
  done      # no redirection here: bash would keep what it replaces in a descriptor that this closes
  exec setsid "$@"
}

# What was built, as bin/lodge runs it, to DIR: the next build must not pull the jars from under the
# feet of what runs.
copy_lodge() { # DIR MODULE...
  local to=$1 module
  shift
  mkdir -p "$to/bin" "$to/node-agent"
  cp "$LODGE_ROOT/bin/lodge" "$to/bin/"
  cp "$LODGE_ROOT/node-agent/jvm.options" "$to/node-agent/"
  for module in "$@"; do
    mkdir -p "$to/$module/target"
    cp "$LODGE_ROOT/$module"/target/lodge-*.jar "$to/$module/target/"
    cp -r "$LODGE_ROOT/$module/target/lib" "$to/$module/target/"
    if [ -d "$LODGE_ROOT/$module/target/native" ]; then cp -r "$LODGE_ROOT/$module/target/native" "$to/$module/target/"; fi
  done
}

jdk_feature() { # the feature release of the JDK in $1, or 0 (a JRE, nothing, something else)
  local line=
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] && line=$(grep -m1 '^JAVA_VERSION=' "$1/release")
  line=${line#*\"}; line=${line%%[^0-9]*}
  echo "${line:-0}"
}

# Sets and exports JAVA_HOME to a JDK that is new enough. Maven itself must run on it,
# because plugins load our classes.
find_jdk() {
  local want=25 dir on_path
  on_path=$(readlink -f "$(command -v javac || echo /nonexistent)")
  for dir in "${JAVA_HOME:-/nonexistent}" "${on_path%/bin/javac}" /usr/lib/jvm/*; do
    if [ "$(jdk_feature "$dir")" -ge $want ]; then
      export JAVA_HOME=$dir
      return 0
    fi
  done
  say "Lodge needs a JDK $want or newer; none was found in JAVA_HOME, on PATH or in /usr/lib/jvm."
  if apt-cache show "openjdk-$want-jdk-headless" 2>/dev/null | grep -q '^Package:'; then
    say "Install it with:   apt-get install openjdk-$want-jdk-headless"
  else
    say "This distribution has none (Debian 12 stops at 17). Add the apt repository of Eclipse"
    say "Adoptium as https://adoptium.net/installation/linux/ tells, then:"
    say "                   apt-get install temurin-$want-jdk"
    say "(Debian 14, Ubuntu 26.04 and newer: apt-get install openjdk-$want-jdk-headless.)"
    say "Or unpack any JDK $want and set JAVA_HOME."
  fi
  return 1
}
