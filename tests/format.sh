#!/usr/bin/env bash
# Says which C++ files are not as .clang-format wants them; with --fix formats them.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
if [ "${1:-}" = --fix ]; then
    mode=(-i)
fi
find protocol registry resolver admin-cli bench tests \( -name '*.h' -o -name '*.cpp' \) -print0 |
    xargs -0 -r -n 40 -P 2 clang-format-14 "${mode[@]}"
