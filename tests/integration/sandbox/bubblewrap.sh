#!/usr/bin/env bash
# Runs a command that needs bubblewrap; installs Debian's package if it is missing, as root.
#   tests/integration/sandbox/bubblewrap.sh COMMAND...
set -euo pipefail

fail() { echo "error: $*" >&2; exit 1; }

if ! command -v bwrap >/dev/null; then
    command -v apt-get >/dev/null || fail "no bubblewrap here, and no apt-get; install your system's bubblewrap"
    [ "$(id -u)" = 0 ] || fail "no bubblewrap here; as root: apt-get install bubblewrap"
    apt-get update -qq || fail "no bubblewrap here, and apt-get cannot reach its repositories"
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends bubblewrap >/dev/null ||
        fail "apt-get could not install bubblewrap"
fi
"$@"
