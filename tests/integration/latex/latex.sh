#!/usr/bin/env bash
# Runs a command that needs a LaTeX; installs Debian's packages if they are missing, as root.
#   tests/integration/latex/latex.sh COMMAND...
set -euo pipefail
. "$(dirname "$0")/../debian.sh"

{ command -v pdflatex && kpsewhich booktabs.sty; } >/dev/null || install_packages LaTeX texlive-latex-base texlive-latex-recommended
"$@"
