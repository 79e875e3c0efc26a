# Shared by bin/run, bin/test and bin/check: find the tree, install what is missing, say errors in one line.
# shellcheck shell=bash

set -euo pipefail
ROOT="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)"
VENV="$ROOT/.venv"
LOGS="$ROOT/var/log"
PYTHON="$VENV/bin/python"
export LC_ALL=C.UTF-8 PYTHONUTF8=1
cd "$ROOT"
umask 022
mkdir -p "$LOGS" 2>/dev/null || LOGS="${TMPDIR:-/tmp}" # a production tree is not the account's own

die() {
    echo "Error: $*" >&2
    exit 1
}

say() { echo "==> $*"; }

# step LABEL LOGNAME COMMAND…: runs quietly; on failure says what failed, its last words and where the log lies.
step() {
    local label="$1" log="$LOGS/$2.log"
    shift 2
    say "$label"
    "$@" >"$log" 2>&1 || die "$label: failed ($(reason "$log")). The log: $log"
}

# reason LOG: the first error that pip or apt names, else the last line (where Python says what went wrong).
reason() { { grep -m 1 -E '^(ERROR:|E: |Could not fetch)' "$1" || last_line "$1"; } | cut -c 1-200; }

last_line() { { grep -v '^[[:space:]]*$' "$1" || true; } | tail -n 1 | cut -c 1-200; }

# digest FILE…: one hash over the contents.
digest() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

# digest_tree FOLDER…: one hash over names and contents below the folders.
digest_tree() { find "$@" -type f -print0 | sort -z | xargs -0 -r sha256sum | sha256sum | cut -d ' ' -f 1; }

# is_fresh STAMP VALUE: does the stamp file hold the value?
is_fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

find_python() {
    local name
    for name in python3 python3.11 python3.12 python3.13 python3.14; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

has_library() { "$1" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$2" 2>/dev/null; }

# missing_packages KIND: names of the Debian packages that are missing; KIND dev adds those of the browser tests.
missing_packages() {
    local kind="$1" python
    if ! python="$(find_python)"; then
        echo python3 python3-venv
        python=""
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo python3-venv
    fi
    if [ -z "$python" ]; then
        echo libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 tzdata
    else
        has_library "$python" libpango-1.0.so.0 || echo libpango-1.0-0
        has_library "$python" libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
        has_library "$python" libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
        "$python" -c 'import zoneinfo; zoneinfo.ZoneInfo("Asia/Tomsk")' 2>/dev/null || echo tzdata
    fi
    command -v pdftoppm >/dev/null || echo poppler-utils
    [ "$kind" = dev ] || return 0
    command -v chromium-headless-shell >/dev/null || echo chromium-headless-shell
    # The tests of production and of backups start nginx, fill its templates and dump PostgreSQL.
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light
    command -v envsubst >/dev/null || echo gettext-base
    command -v pg_dump >/dev/null || echo postgresql-client
    # Playwright brings its own Node.js, which is linked to it.
    [ -n "$python" ] && has_library "$python" libatomic.so.1 || echo libatomic1
}

install_packages() {
    local missing quiet=""
    missing="$(missing_packages "$1" | tr '\n' ' ')"
    missing="${missing% }"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Missing system packages. Install them and start again: sudo apt-get install -y $missing" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    # Nothing that is installed for the tests shall start a service of its own on this machine.
    if [ "$1" = dev ] && [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        quiet=yes
    fi
    step "System packages: lists" apt-update apt-get update
    # shellcheck disable=SC2086
    step "System packages: $missing" apt-install apt-get install -y --no-install-recommends $missing
    if [ -n "$quiet" ]; then
        rm -f /usr/sbin/policy-rc.d
        trap - EXIT
    fi
}

# setup run|dev: system packages, .venv and its packages; does nothing where nothing changed.
setup() {
    local kind="$1" python want_run want_dev version
    if command -v python3 >/dev/null && ! find_python >/dev/null; then
        die "Python 3.11 or newer is needed; this machine has $(python3 --version 2>&1)."
    fi
    install_packages "$kind"
    python="$(find_python)" || die "Python 3.11 or newer is needed and apt offers an older one: $(python3 --version 2>&1)."
    exec 9>"$ROOT/var/setup.lock"
    command -v flock >/dev/null && flock 9
    if ! "$PYTHON" -m pip --version >/dev/null 2>&1; then
        step "Virtual environment in .venv" venv "$python" -m venv --clear "$VENV"
    fi
    version="$("$PYTHON" --version)"
    want_run="$version $(digest requirements.txt requirements.lock)"
    want_dev="$want_run $(digest requirements-dev.txt)"
    if [ "$kind" = dev ] && ! is_fresh "$VENV/.stamp-dev" "$want_dev"; then
        install_requirements requirements-dev.txt
        echo "$want_run" >"$VENV/.stamp-run"
        echo "$want_dev" >"$VENV/.stamp-dev"
    elif ! is_fresh "$VENV/.stamp-run" "$want_run"; then
        install_requirements requirements.txt
        echo "$want_run" >"$VENV/.stamp-run"
    fi
    exec 9>&-
}

install_requirements() {
    step "Python packages of $1 (a minute or two the first time)" pip \
        "$PYTHON" -m pip install --disable-pip-version-check -r "$1" -c requirements.lock
}

manage() { "$PYTHON" manage.py "$@"; }

# ensure_secret_key: SECRET_KEY of the data folder, made at its first use.
ensure_secret_key() {
    if [ -z "${SECRET_KEY:-}" ]; then
        if [ ! -s "$DATA_DIR/secret-key" ]; then
            (umask 077 && "$PYTHON" -c 'import secrets; print(secrets.token_urlsafe(60))' >"$DATA_DIR/secret-key")
        fi
        SECRET_KEY="$(cat "$DATA_DIR/secret-key")"
    fi
    export SECRET_KEY
}

# portal_environment: the settings of the installation at hand: ENV_FILE=… names the file of a production one, a container
# has them already, else those of bin/run. Does nothing for the last: returns 1.
portal_environment() {
    if [ -n "${ENV_FILE:-}" ]; then
        [ -r "$ENV_FILE" ] || die "the file of settings $ENV_FILE cannot be read."
        set -a
        # shellcheck disable=SC1090
        . "$ENV_FILE"
        set +a
    fi
    [ -n "${DATABASE_URL:-}" ] && [ -n "${SECRET_KEY:-}" ]
}

# example_environment: the settings under which bin/run's data may be used beside it.
example_environment() {
    DATA_DIR="${DATA_DIR:-$ROOT/var/$(basename -s .yaml "${REGION:-run}")}"
    [ -s "$DATA_DIR/secret-key" ] || die "there are no data in $DATA_DIR yet: start bin/run first."
    export DATA_DIR REGION="${REGION:-tomsk}" LIVING_EXAMPLE="${LIVING_EXAMPLE:-true}"
    export SECRET_KEY="${SECRET_KEY:-$(cat "$DATA_DIR/secret-key")}"
}
