#!/usr/bin/env bash
# Runs a command that needs bubblewrap; installs Debian's package if it is missing, as root.
#   tests/integration/sandbox/bubblewrap.sh COMMAND...
set -euo pipefail
. "$(dirname "$0")/../debian.sh"

command -v bwrap >/dev/null || install_packages bubblewrap bubblewrap
"$@"
