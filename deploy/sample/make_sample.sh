#!/usr/bin/env bash
# Makes the sample registry at REGISTRY: some fifty enterprises of different industries, a million
# identifiers, one suspended prefix; the same every time. BIN is a build directory.
#
#     deploy/sample/make_sample.sh BIN REGISTRY
set -euo pipefail

[ $# -eq 2 ] || {
    printf '%s\n' "usage: make_sample.sh BIN REGISTRY" >&2
    exit 2
}
idnode=$1/admin-cli/idnode
idgen=$1/bench/idgen
registry=$2

maps=()
while IFS= read -r word; do
    maps+=("$word")
done < <("$idgen" --preset sample --map)

"$idnode" init --registry "$registry"
"$idgen" --preset sample |
    "$idnode" import - --registry "$registry" --sorted --add-prefixes "${maps[@]}"
suspended=$("$idgen" --preset sample --prefixes | tail -n 1)
"$idnode" prefix suspend "$suspended" --registry "$registry" --reason "licence expired"
