#!/bin/sh
# Make a fresh Debian 12 ready: system packages through apt, Python and node packages through hashed pins.
#
#   deploy/setup.sh system    monerod, monero-wallet-rpc, PostgreSQL, node, anvil and bcoin; quiet when all are there
#   deploy/setup.sh python    .venv with everything from requirements/, and .venv/bin/payout
#
# Whatever it installs is named in requirements/ or deploy/sandbox/package-lock.json with its hash, or is a Debian
# package.
# Running it again changes nothing that is already right.
set -eu

cd "$(dirname "$0")/.."
# Some images switch bytecode off, and then every start would compile all libraries again.
unset PYTHONDONTWRITEBYTECODE || true
PYTHON=${PYTHON:-python3}
PINS="requirements/build.txt requirements/dev.txt pyproject.toml"
STAMP=.venv/.installed
NODES=deploy/sandbox
ANVIL=$NODES/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil
NODE_STAMP=$NODES/node_modules/.installed

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }
}

apt_install() {
    have apt-get || fail "this is not Debian: install $* (or their like) by hand, then run this again"
    can_be_root || fail "missing: $*. Run as root: apt-get install -y --no-install-recommends $*"
    say "installing with apt: $*"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    # The lists of a fresh image are empty or old, so a first refusal may only mean that.
    as_root apt-get install -qq -y --no-install-recommends "$@" >"$log" 2>&1 ||
        { as_root apt-get update -qq >>"$log" 2>&1 &&
          as_root apt-get install -qq -y --no-install-recommends "$@" >>"$log" 2>&1; } ||
        { tail -n 20 "$log" >&2; fail "apt could not install $*; its last lines are above"; }
    rm -f "$log"
}

has_pip() { "$PYTHON" -m pip --version >/dev/null 2>&1; }
has_venv() { "$PYTHON" -c 'import venv' 2>/dev/null; }

system() {
    missing=""
    { have monerod && have monero-wallet-rpc; } || missing="$missing monero"
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
    { have node && have npm; } || missing="$missing nodejs npm"
    have curl || missing="$missing curl"
    # shellcheck disable=SC2086  # a list of words
    [ -z "$missing" ] || apt_install $missing
    nodes
}

# The nodes of other networks that the sandbox and the tests run: only those have use for node.
nodes() {
    if [ -e "$NODE_STAMP" ]; then
        [ -n "$(find "$NODES/package-lock.json" -newer "$NODE_STAMP")" ] || return 0
    fi
    say "installing anvil and bcoin into $NODES/node_modules"
    log=$(mktemp)
    npm ci --prefix "$NODES" --no-progress >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; fail "npm could not install them; its last lines are above"; }
    rm -f "$log"
    # npm passes over what is optional when its hash is wrong, as if it were for another machine.
    [ -x "$ANVIL" ] || [ "$(uname -m)" != x86_64 ] || fail "npm left out anvil: its hash in $NODES/package-lock.json?"
    touch "$NODE_STAMP"
}

python() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$PYTHON is older than 3.11; name another with PYTHON=..."
    if [ -e "$STAMP" ] && [ -x .venv/bin/payout ]; then
        # shellcheck disable=SC2086  # a list of files
        [ -n "$(find $PINS -newer "$STAMP")" ] || return 0
    fi
    missing=""
    has_venv || missing="$missing python3-venv"
    [ -x .venv/bin/uv ] || has_pip || missing="$missing python3-pip"
    # shellcheck disable=SC2086  # a list of words
    [ -z "$missing" ] || apt_install $missing
    say "installing the pinned Python packages into .venv"
    # Without pip of its own the environment is there at once; ensurepip would take ten seconds.
    [ -x .venv/bin/python ] || "$PYTHON" -m venv --without-pip .venv
    # Asked for a version that is not there, uv would be installed again: the pin decides.
    pinned=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements/uv.txt)
    [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = "$pinned" ] ||
        "$PYTHON" -m pip --python .venv/bin/python install -q --disable-pip-version-check \
            --no-deps --require-hashes -r requirements/uv.txt
    export UV_PYTHON=.venv/bin/python UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never
    .venv/bin/uv pip install -q --require-hashes -b requirements/build.txt -r requirements/dev.txt
    .venv/bin/uv pip install -q --no-deps -b requirements/build.txt -e .
    touch "$STAMP"
    say "ready: .venv/bin/payout"
}

case "${1:-}" in
    system) system ;;
    python) python ;;
    *) fail "usage: deploy/setup.sh system|python" ;;
esac
