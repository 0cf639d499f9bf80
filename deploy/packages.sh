#!/usr/bin/env bash
# Installs the packages of the given sections of deploy/packages.txt that this machine lacks:
#
#     deploy/packages.sh run build
#
# Asks apt nothing when nothing is missing. Needs root, or sudo when something is missing.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

fail() {
    printf '%s\n' "packages: $1" >&2
    exit 1
}

section() {
    awk -v want="[$1]" '/^\[/ { on = ($0 == want); seen += on; next }
        on && NF && !/^#/ { print $1 }
        END { exit seen ? 0 : 1 }' "$here/packages.txt" || fail "no section '$1' in packages.txt"
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

[ $# -gt 0 ] || fail "name the sections, for example: deploy/packages.sh run build"
command -v dpkg-query >/dev/null ||
    fail "this is no Debian system; install what deploy/packages.txt lists in another way"

missing=()
for name in "$@"; do
    listed=$(section "$name")
    for package in $listed; do
        is_installed "$package" || missing+=("$package")
    done
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "these packages are missing, and there is neither root nor sudo: ${missing[*]}"
    as_root=(sudo)
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >&2
}

printf '%s\n' "packages: installing ${missing[*]}" >&2
apt update || printf '%s\n' "packages: the package lists could not be renewed, trying the old" >&2
apt install -y --no-install-recommends "${missing[@]}" ||
    fail "apt could not install: ${missing[*]}; its own message stands above"
