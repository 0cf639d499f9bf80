#!/usr/bin/env bash
# Fuzzes the decoders: tests/fuzz/run.sh [UNIT…] [--runs N] [--merge]
#
# Builds preset fuzz and runs each target (all without UNIT) for N executions (10,000,000 by
# default), starting from its corpus. What is found goes to build/fuzz/found/UNIT; --merge adds to
# the corpus the inputs that reach something new. Ends with an error when a target does.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
runs=10000000
merge=no
units=()
while [ $# -gt 0 ]; do
    case $1 in
        --runs) runs=${2:?--runs needs a number}; shift ;;
        --merge) merge=yes ;;
        --help) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        -*) printf 'run.sh: unknown option %s\n' "$1" >&2; exit 2 ;;
        *) units+=("$1") ;;
    esac
    shift
done

cd -- "$root"
if [ ${#units[@]} -eq 0 ]; then
    for file in tests/fuzz/*_fuzz.cpp; do
        unit=${file##*/}
        units+=("${unit%_fuzz.cpp}")
    done
fi
targets=()
for unit in "${units[@]}"; do
    if [ ! -f "tests/fuzz/${unit}_fuzz.cpp" ]; then
        printf 'run.sh: no target %s; there are:\n' "$unit" >&2
        (cd tests/fuzz && printf '  %s\n' *_fuzz.cpp | sed 's/_fuzz\.cpp//') >&2
        exit 2
    fi
    targets+=("${unit}_fuzz")
done
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz --target "${targets[@]}"

failed=()
for unit in "${units[@]}"; do
    found=build/fuzz/found/$unit
    corpus=tests/fuzz/corpus/$unit
    mkdir -p -- "$found" "$corpus"
    program=build/fuzz/tests/fuzz/${unit}_fuzz
    log=build/fuzz/found/$unit.log
    printf '%s: ' "$unit"
    # libFuzzer writes new inputs to the first folder it is given, crashes beside artifact_prefix.
    if ! "$program" -runs="$runs" -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" "$corpus" > "$log" 2>&1; then
        printf 'failed; the input is in %s\n' "$found"
        tail -n 40 -- "$log"
        failed+=("$unit")
        continue
    fi
    sed -n 's/^stat::number_of_executed_units: *\([0-9]*\)$/\1 executions/p' "$log"
    if [ "$merge" = yes ]; then "$program" -merge=1 "$corpus" "$found" >> "$log" 2>&1; fi
done
if [ ${#failed[@]} -gt 0 ]; then
    printf 'run.sh: failed: %s\n' "${failed[*]}" >&2
    exit 1
fi
