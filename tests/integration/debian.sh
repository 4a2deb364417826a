# Sourced by scripts that need programs of Debian's packages.

fail() { echo "error: $*" >&2; exit 1; }

# install_packages WHAT PACKAGE...: as root; one line says what is missing where that cannot be done.
install_packages() {
    local what=$1
    shift
    command -v apt-get >/dev/null || fail "no $what here, and no apt-get; install what your system calls $*"
    [ "$(id -u)" = 0 ] || fail "no $what here; as root: apt-get install $*"
    apt-get update -qq || fail "no $what here, and apt-get cannot reach its repositories; install $*"
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$@" >/dev/null ||
        fail "apt-get could not install $*"
}
