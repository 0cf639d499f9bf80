#!/usr/bin/env bash
# The node against Knot DNS, Redis and bare echoes: server CPU per query, everything on loopback.
# Installs both from Debian where they are missing; they start neither now nor at the next boot.
set -euo pipefail

usage() {
    cat <<'TXT'
usage: bench/peers/run.sh [--count N] [--rounds R] [--build DIR] [OPTION OF node_bench]...

Loads the same N identifiers of mix 0 (default 1000000) into all, asks in R interleaved rounds
(default 5; fewer show only that it works), checks every answer, prints the table with the ratios.
--build DIR names a build of the preset `release` (default build/release, which is made if needed).
Other options go to node_bench, for example --queries 100000, --mix 3, --result FILE; or a larger
registry for the node alone: --registry DIR --count 100000000 --peers-count 1000000.
TXT
}

fail() {
    printf '%s\n' "peers: $*" >&2
    exit 1
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
bin=
options=()
while [ $# -gt 0 ]; do
    case $1 in
        --help) usage && exit 0 ;;
        --build)
            [ $# -ge 2 ] || fail "--build needs a directory"
            bin=$2
            shift 2
            ;;
        *) options+=("$1") && shift ;;
    esac
done

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
policy=/usr/sbin/policy-rc.d
policy_before=$policy.before-peers

# While packages are installed no service starts; what stood there before is put back.
forbid_starts() {
    trap allow_starts EXIT
    trap 'exit 1' INT TERM HUP
    if { [ -e "$policy" ] || [ -L "$policy" ]; } && [ ! -e "$policy_before" ]; then
        "${as_root[@]}" mv -- "$policy" "$policy_before"
    fi
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
}

allow_starts() {
    "${as_root[@]}" rm -f -- "$policy"
    if [ -e "$policy_before" ] || [ -L "$policy_before" ]; then
        "${as_root[@]}" mv -- "$policy_before" "$policy"
    fi
    trap - EXIT INT TERM HUP
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_peers() {
    local service new=()
    for service in knot redis-server; do
        is_installed "$service" || new+=("$service")
    done
    [ ${#new[@]} -gt 0 ] || return 0
    forbid_starts
    "$root/deploy/packages.sh" peers
    for service in "${new[@]}"; do
        "${as_root[@]}" update-rc.d "$service" disable >/dev/null ||
            printf '%s\n' "peers: $service may start at the next boot" >&2
    done
    allow_starts
}

build() {
    "$root/deploy/run.sh" --build
    cmake --build "$root/build/release" --target node_bench >&2
}

command -v dpkg-query >/dev/null || fail "this is no Debian system"
install_peers
if [ -z "$bin" ]; then
    bin=$root/build/release
    build
fi
[ -x "$bin/bench/node_bench" ] || fail "there is no node_bench in $bin"
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || printf unknown)
dpkg-query -W -f '${Package} ${Version}\n' knot redis-server
exec "$bin/bench/node_bench" --peers --commit "$commit" "${options[@]}"
