# Background processes remembered by pid files, for ops/stack and ops/run. Needs $STATE.

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# A pid alone may have been given to another process since; with its start time it cannot.
started_at() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # The command name may hold spaces and brackets: count the fields after its last bracket.
  set -- ${stat##*) }
  [ "$1" != Z ] && echo "${20}"
}

pid_of() {
  local pid start
  { read -r pid start <"$STATE/run/$1.pid"; } 2>/dev/null || return 1
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}

alive() { pid_of "$1" >/dev/null; }

# The child writes its own pid file and then becomes the program (exec keeps pid and start time), so that even a
# script killed at this very moment leaves nothing unknown behind. Descriptor 9 is the caller's lock.
background() {
  local name=$1
  shift
  mkdir -p "$STATE/run" "$STATE/log"
  rm -f "$STATE/run/$name.pid"
  (
    self=$BASHPID # inside $( ) it would be another
    printf '%s %s\n' "$self" "$(started_at "$self")" >"$STATE/run/$name.pid.new"
    mv "$STATE/run/$name.pid.new" "$STATE/run/$name.pid"
    exec setsid "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 9>&-
  ) &
  until [ -s "$STATE/run/$name.pid" ]; do sleep 0.02; done
}

# stop NAME [SECONDS]: asks, waits, then kills.
stop() {
  local pid tenths=$((${2:-25} * 10))
  if pid=$(pid_of "$1"); then
    kill -TERM "$pid" 2>/dev/null || :
    while alive "$1" && ((tenths-- > 0)); do sleep 0.1; done
    if alive "$1"; then
      say "$1 did not stop when asked: killing it"
      kill_now "$1"
    fi
  fi
  rm -f "$STATE/run/$1.pid"
}

kill_now() {
  local pid
  pid=$(pid_of "$1") || return 1
  kill -KILL "$pid"
  while alive "$1"; do sleep 0.02; done
}

# Several runs of one script would undo each other's work: the second one waits.
only_one() {
  exec 9>"$1"
  flock -n 9 || { say "waiting for another run that holds $1"; flock -w "${2:-900}" 9 || die "$1 is still held: is another run stuck?"; }
}
