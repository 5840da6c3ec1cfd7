# shellcheck shell=bash
# The operating system's share: only programs that pip cannot bring, and only those that are missing.

postgis_is_here() {
  local programs version
  for programs in /usr/lib/postgresql/*/bin; do
    version=$(basename "$(dirname "$programs")")
    [[ -x $programs/initdb && -e /usr/share/postgresql/$version/extension/postgis.control ]] && return
  done
  command -v initdb >/dev/null
}

# A candidate is run, not only found: a version manager's shim may exist for a Python that is not installed.
# That of .venv is the first choice, once it is made.
find_python() {
  local candidate
  if venv_works; then
    PYTHON=$VENV/bin/python
    return 0
  fi
  for candidate in python3.13 python3.12 python3.11 python3; do
    command -v "$candidate" >/dev/null || continue
    "$candidate" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
      >/dev/null 2>&1 || continue
    # shellcheck disable=SC2034 # the caller's
    PYTHON=$(command -v "$candidate")
    return 0
  done
  return 1
}

chromium_is_here() {
  local candidate
  if [[ -n ${CHROMIUM:-} ]]; then
    [[ -x $CHROMIUM ]] || die "CHROMIUM=$CHROMIUM cannot be run." "name an installed Chromium or Chrome, or unset CHROMIUM."
    return
  fi
  # The first has no windows to keep: the same pages for less than half of the processor's time.
  for candidate in chromium-headless-shell chromium google-chrome google-chrome-stable; do
    if command -v "$candidate" >/dev/null; then
      CHROMIUM=$(command -v "$candidate")
      return 0
    fi
  done
  return 1
}

# Sheets and drawings are set in it; only a font with TrueType outlines goes into a PDF in part.
chinese_font_is_here() {
  compgen -G '/usr/share/fonts/truetype/wqy/*' >/dev/null || [[ -n $(fc-list ':lang=zh-cn:fontformat=TrueType' family 2>/dev/null) ]]
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    echo "These packages need root, and there is no sudo."
    return 1
  fi
}

# install_missing_packages [browser]: PostGIS, Redis, Python and a Chinese font; for the browser tests Chromium.
install_missing_packages() {
  local -a missing=()
  [[ -n ${DATABASE_URL:-} && ${1:-} != browser ]] || postgis_is_here || missing+=(postgresql-postgis)
  [[ -n ${REDIS_URL:-} && ${1:-} != browser ]] || command -v redis-server >/dev/null || missing+=(redis-server)
  find_python || missing+=(python3-venv)
  chinese_font_is_here || missing+=(fonts-wqy-microhei)
  if [[ ${1:-} == browser ]]; then
    chromium_is_here || missing+=(chromium-headless-shell)
  fi
  ((${#missing[@]})) || return 0

  command -v apt-get >/dev/null || die "missing here: ${missing[*]} (Debian's names)." \
    "install PostgreSQL with PostGIS, Redis and Python 3.11 to 3.13 by this system's own means, then start again."
  if ((EUID != 0)) && command -v sudo >/dev/null && ! sudo -n true 2>/dev/null; then
    say "  sudo may ask for your password, to install: ${missing[*]}"
    sudo -v || die "no leave to install packages." "as root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  local remedy="see whether apt works (apt-get update), or as root: apt-get install --no-install-recommends ${missing[*]}"
  if [[ ${missing[*]} == *chromium* ]]; then
    remedy+=$'\n  Where chromium is no package but a snap: install any Chrome or Chromium, and name it by CHROMIUM=/its/path.'
  fi
  step "Installing ${missing[*]}" "$remedy" \
    as_root bash "$ROOT/scripts/lib/install-packages" "${missing[@]}"
  # Looked for again: what was missing is there now.
  [[ ${1:-} != browser ]] || chromium_is_here || die "no Chromium here." "name one by CHROMIUM=/its/path."
  find_python || die "no Python 3.11, 3.12 or 3.13 with venv (python3 here: $(python3 --version 2>&1 || true))." \
    "install one of them with its venv module, for example apt-get install python3.12 python3.12-venv."
}
