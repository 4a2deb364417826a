#!/usr/bin/env bash
# Runs a command that needs Chromium; installs Debian's package if it is missing, as root.
#   tests/integration/report/chromium.sh COMMAND...
set -euo pipefail

fail() { echo "error: $*" >&2; exit 1; }

if ! command -v chromium >/dev/null; then
    command -v apt-get >/dev/null || fail "no chromium here, and no apt-get; install your system's chromium"
    [ "$(id -u)" = 0 ] || fail "no chromium here; as root: apt-get install chromium"
    apt-get update -qq || fail "no chromium here, and apt-get cannot reach its repositories"
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null ||
        fail "apt-get could not install chromium"
fi
"$@"
