#!/bin/sh
# Makes .venv and installs what the named requirements file lists, only when it or the project changed.
#   deploy/scripts/set-up.sh requirements.txt
set -eu
cd "$(dirname "$0")/../.."
wanted=${1:-requirements.txt}
venv=.venv
python=$venv/bin/python

say() { printf '%s\n' "$*"; }
stop() { printf 'set-up: %s\n' "$*" >&2; exit 1; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        path=$(command -v "$name" 2>/dev/null) && new_enough "$path" && { say "$path"; return; }
    done
    stop "Python 3.11 or newer is needed; here is $(python3 --version 2>/dev/null || say 'no python3'). \
Install one, and name it if it is not found: make run PYTHON=/path/to/python3.12"
}

make_venv() {
    base=$(find_python)
    say "Making $venv with $("$base" --version) ..."
    # without ensurepip (Debian's package python3-venv) venv cannot bring pip along: then virtualenv or uv may
    { "$base" -c 'import ensurepip' 2>/dev/null && "$base" -m venv --clear "$venv"; } ||
        { command -v uv >/dev/null 2>&1 && uv venv -q --clear --seed -p "$base" "$venv"; } ||
        { "$base" -m virtualenv --version >/dev/null 2>&1 && "$base" -m virtualenv -q --clear -p "$base" "$venv"; } ||
        { "$base" -m pip --version >/dev/null 2>&1 && rm -rf "$venv" && "$base" -m venv --without-pip "$venv" &&
            "$base" -m pip --python "$python" install -q pip; } ||
        { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && say "Installing python3-venv ..." &&
            { apt-get update -q && apt-get install -y -q python3-venv; } >/dev/null &&
            "$base" -m venv --clear "$venv"; } ||
        stop "$base can make no virtual environment. Install one of: python3-venv (apt install python3-venv), virtualenv, uv."
}

# uv installs in seconds what takes pip minutes; where it cannot be had, or does not get through, pip does it
install() {
    if uv=$(command -v "$venv/bin/uv" || command -v uv || { "$python" -m pip install -q uv >&2 && say "$venv/bin/uv"; }); then
        "$uv" pip install -q -p "$python" "$@" && return
        say "uv did not manage it; trying pip, which takes longer ..."
    fi
    "$python" -m pip install -q "$@" || stop "the packages could not be installed (see above)."
}

# tesseract reads print better than the engine in the wheels, and bubblewrap closes the reading of files on kernels that
# allow it to nobody else. They are brought where that asks nobody for a password, once; the board works without them
bring_programs() {
    missing=
    command -v tesseract >/dev/null 2>&1 || missing="tesseract-ocr tesseract-ocr-osd"
    command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
    tried=$venv/tried-programs
    [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 0
    [ "$(cat "$tried" 2>/dev/null || true)" != "$missing" ] || return 0
    say "$missing" >"$tried"
    say "Installing $missing ..."
    # shellcheck disable=SC2086  # several names
    { apt-get update -q -o Acquire::http::Timeout=20 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } >/dev/null 2>&1 ||
        say "That did not work; the board does without (\`syncboard doctor\` says what would be better)."
}

new_enough "$python" || make_venv
bring_programs

stamp=$venv/installed-$(basename "$wanted" .txt)
now=$(cat "$wanted" pyproject.toml | cksum; "$python" --version; pwd)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$now" ]; then
    say "Installing $wanted ..."
    install -r "$wanted"
    install --no-deps -e .
    say "$now" >"$stamp"
fi
