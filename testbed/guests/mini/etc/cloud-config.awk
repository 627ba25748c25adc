# The small part of #cloud-config that tests and examples use, as a shell script:
#   hostname: NAME
#   write_files: [{path, permissions, content: text or a | block}]   (block style lists)
#   runcmd: [a shell line, or [program, "argument", ...]]             (block style lists)
# Everything else is passed over with a comment.

function unquote(s) {
  sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s)
  if (s ~ /^".*"$/) { s = substr(s, 2, length(s) - 2); gsub(/\\"/, "\"", s); gsub(/\\\\/, "\\", s) }
  else if (s ~ /^'.*'$/) { s = substr(s, 2, length(s) - 2); gsub(/''/, "'", s) }
  return s
}
function shell(s) { gsub(/'/, "'\\''", s); return "'" s "'" }
function indent(s) { match(s, /^ */); return RLENGTH }
function end_block() { if (block) print "LODGE_END_OF_FILE"; block = 0 }
function end_file() {
  end_block()
  if (path != "" && mode != "") print "chmod " shell(mode) " " shell(path)
  path = mode = ""
}
function field(line,    name, value) {
  name = value = line
  sub(/:.*/, "", name); sub(/^[^:]*:[ \t]*/, "", value)
  if (name == "path") { path = unquote(value); print "mkdir -p \"$(dirname " shell(path) ")\"" }
  else if (name == "permissions") mode = unquote(value)
  else if (name == "content" && value ~ /^[|>][+-]?$/) { block = 1; depth = -1; held = "" }
  else if (name == "content") print "printf %s " shell(unquote(value)) " >" shell(path)
  else print "# passed over: " line
}
function list(s,    out, item) {       # [a, "b c"] as shell words
  sub(/^\[/, "", s); sub(/\]$/, "", s)
  while (s != "") {
    if (match(s, /^[ \t]*"([^"\\]|\\.)*"[ \t]*,?/) || match(s, /^[ \t]*'[^']*'[ \t]*,?/) || match(s, /^[^,]*,?/)) {
      item = substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1); sub(/,$/, "", item)
      out = out shell(unquote(item)) " "
    }
  }
  return out
}

NR == 1 { print "#!/bin/sh"; next }
block {
  if ($0 ~ /^[ \t]*$/) { held = held "\n"; next }
  if (depth < 0 && indent($0) > column) {
    depth = indent($0)
    print "cat >" shell(path) " <<'LODGE_END_OF_FILE'"
  }
  if (depth >= 0 && indent($0) >= depth) { printf "%s%s\n", held, substr($0, depth + 1); held = ""; next }
  if (depth < 0) { print ": >" shell(path); block = 0 } else end_block()
}
/^[ \t]*(#.*)?$/ { next }
/^[a-z_]+:/ {
  end_file()
  section = $1; sub(/:.*/, "", section)
  if (section == "hostname") { sub(/^[^:]*:/, ""); print "#hostname " unquote($0) }
  else if (section != "write_files" && section != "runcmd") print "# passed over: " section
  next
}
section == "runcmd" && /^ *- / {
  sub(/^ *- +/, "")
  if ($0 ~ /^\[.*\]$/) print list($0); else print unquote($0)
  next
}
section == "write_files" {
  column = indent($0)
  line = $0; sub(/^ */, "", line)
  if (line ~ /^- /) { end_file(); sub(/^- +/, "", line); column += 2 }
  field(line)
}
END { end_file() }
