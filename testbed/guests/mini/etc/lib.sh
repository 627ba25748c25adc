# Sourced by the other scripts here.

# The value of NAME=value on the kernel command line.
argument() {
  for word in $(cat /proc/cmdline); do
    case $word in "$1"=*) echo "${word#*=}" ;; esac
  done
}

# A line on every console that exists, whichever of them the kernel takes for its own.
announce() {
  for console in ttyS0 hvc0; do
    [ -e /sys/class/tty/$console ] && printf '%s\r\n' "$*" >/dev/$console
  done 2>/dev/null
}
