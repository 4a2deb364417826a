#!/usr/bin/env bash
# Runs a command that needs Chromium; installs Debian's package if it is missing, as root.
#   tests/integration/report/chromium.sh COMMAND...
set -euo pipefail
. "$(dirname "$0")/../debian.sh"

command -v chromium >/dev/null || install_packages chromium chromium fonts-dejavu-core
"$@"
