# Sourced by the other scripts here.

# The value of NAME=value on the kernel command line.
argument() {
  for word in $(cat /proc/cmdline); do
    case $word in "$1"=*) echo "${word#*=}" ;; esac
  done
}

# A line on every console that exists, whichever of them the kernel takes for its own. A console
# that is missing or dead (ttyS0 has a name without a port too) is no failure.
announce() {
  for console in ttyS0 hvc0; do
    if [ -e /sys/class/tty/$console ]; then printf '%s\r\n' "$*" >/dev/$console || :; fi
  done 2>/dev/null
}
