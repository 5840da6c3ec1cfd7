# shellcheck shell=bash
# How a step is told: one line saying what it does, then its time; when it fails: which, why, and what to do.
# Chatter goes to descriptor 3. `run` and `test` open it on standard output; `geoservice` and `worker` on standard
# error, so that a command's own output stays clean for the program that reads it.

now_tenths() { printf '%s' $((${EPOCHREALTIME/[.,]/} / 100000)); }

say() { printf '%s\n' "$*" >&3; }

die() { # die WHAT REMEDY...
  printf '\n%s: %s\n' "$CALLED_AS" "$1" >&2
  shift
  (($# == 0)) || printf 'What to do: %s\n' "$*" >&2
  exit 1
}

# step TITLE REMEDY COMMAND...: runs the command with its output in var/log/setup.log.
step() {
  local title=$1 remedy=$2 status started tenths log="$VAR/log/setup.log"
  shift 2
  started=$(now_tenths)
  printf '  %s … ' "$title" >&3
  printf '\n== %s\n' "$title" >>"$log"
  # Not `"$@" || …`: that would switch `set -e` off inside the step.
  set +e
  (
    set -e
    "$@"
  ) >"$log.step" 2>&1 </dev/null 3>&- 9>&-
  status=$?
  set -e
  cat "$log.step" >>"$log"
  tenths=$(($(now_tenths) - started))
  if ((status != 0)); then
    printf 'FAILED after %s.%s s\n' $((tenths / 10)) $((tenths % 10)) >&3
    {
      printf '\n%s: "%s" failed (exit status %s). The last lines of %s:\n' "$CALLED_AS" "$title" "$status" "$log"
      tail -n 15 "$log.step" | sed 's/^/    /'
      printf 'What to do: %s\n' "$remedy"
    } >&2
    rm -f "$log.step"
    exit 1
  fi
  rm -f "$log.step"
  printf '%s.%s s\n' $((tenths / 10)) $((tenths % 10)) >&3
}
