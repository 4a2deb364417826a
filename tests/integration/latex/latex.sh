#!/usr/bin/env bash
# Runs a command that needs a LaTeX; installs Debian's packages if they are missing, as root.
#   tests/integration/latex/latex.sh COMMAND...
set -euo pipefail

packages="texlive-latex-base texlive-latex-recommended"
fail() { echo "error: $*" >&2; exit 1; }

if ! command -v pdflatex >/dev/null || ! kpsewhich booktabs.sty >/dev/null; then
    command -v apt-get >/dev/null || fail "no LaTeX here, and no apt-get; install what your system calls $packages"
    [ "$(id -u)" = 0 ] || fail "no LaTeX here; as root: apt-get install $packages"
    apt-get update -qq || fail "no LaTeX here, and apt-get cannot reach its repositories; install $packages"
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $packages >/dev/null ||
        fail "apt-get could not install $packages"
fi
"$@"
