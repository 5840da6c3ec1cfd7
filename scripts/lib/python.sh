# shellcheck shell=bash
# .venv, from the locks: every package with its hash, wheels only, so nothing is compiled on the user's machine.
# A stamp holds the hash of the lock that was installed; while it matches, neither pip nor the network is asked.

VENV=$ROOT/.venv

checksum() { cat -- "$@" | sha256sum | cut -d' ' -f1; }

venv_works() {
  "$VENV/bin/python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

is_stamped() { [[ -e $2 && $(<"$2") == "$(checksum "$1")" ]]; }

pip_install() { # pip_install PYTHON LOCK
  "$1" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-compile --require-hashes \
    --only-binary=:all: -r "$2" || return
  # Every core compiles; pip would use one. What can't be compiled (a template, say) is nothing that is imported.
  "$1" -m compileall -q -q -j 0 "$VENV/lib" || true
}

# prepare_python runtime|tests: the tests' lock holds the runtime's packages too, so it serves both.
prepare_python() {
  local lock=$ROOT/requirements.txt other=tests
  if [[ $1 == tests ]]; then lock=$ROOT/tests/requirements.txt other=runtime; fi
  if ! venv_works; then
    find_python || die "no Python 3.11 to 3.13 here." "install python3-venv."
    step "Making .venv with $("$PYTHON" --version)" "delete .venv and start again." "$PYTHON" -m venv --clear "$VENV"
  fi
  is_stamped "$lock" "$VENV/.lock-$1" && return
  step "Installing the Python packages of ${lock#"$ROOT/"}" \
    "is the network there, and 1.5 GB of disk? Then start again: what was fetched is kept." \
    pip_install "$VENV/bin/python" "$lock"
  rm -f "$VENV/.lock-$other"
  checksum "$lock" >"$VENV/.lock-$1"
  if [[ $1 == tests ]]; then checksum "$ROOT/requirements.txt" >"$VENV/.lock-runtime"; fi
}
