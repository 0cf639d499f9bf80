#!/usr/bin/env python3
"""Lets clang 14 read every source of a build tree, without making code: the second compiler.

    tests/clang_syntax.py BUILD_DIR

Takes sources and flags from compile_commands.json. A source is read again only when it, a header of
it or its flags changed since it last passed: BUILD_DIR/clang_syntax keeps a stamp and the list of
headers for each. Ends with 1 if any source does not pass.
"""
import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COMPILER = "clang++-14"
# -Wno-unknown-warning-option: gcc's names of warnings that clang lacks.
FLAGS = ("-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-warning-option", "-MMD")
# Flags with an operand of their own that belong to making code or to g++'s precompiled headers.
WITH_OPERAND = ("-o", "-MF", "-MT", "-MQ", "-include")
DROPPED = ("-c", "-MD", "-MMD", "-Werror", "-Winvalid-pch")
DROPPED_STARTS = ("-fsanitize", "-fno-sanitize", "-flto", "-fno-fat-lto", "--coverage")


def clang_command(entry):
    words = shlex.split(entry["command"])
    while not Path(words[0]).name.startswith(("g++", "c++", "clang++")):
        words.pop(0)  # A compiler launcher.
    kept, skip = [], False
    for word in words[1:]:
        if not skip and word not in (*WITH_OPERAND, *DROPPED):
            if not word.startswith(DROPPED_STARTS):
                kept.append(word)
        skip = word in WITH_OPERAND
    return [COMPILER, *kept, *FLAGS]


def headers_in(listing):
    text = listing.read_text().replace("\\\n", " ")
    return shlex.split(text.split(":", 1)[1])


def is_fresh(stamp, listing, command):
    if not (stamp.exists() and listing.exists()) or stamp.read_text() != command:
        return False
    passed = stamp.stat().st_mtime_ns
    return all(os.path.exists(f) and os.stat(f).st_mtime_ns <= passed for f in headers_in(listing))


def passes(entry, folder):
    key = hashlib.sha256(f"{entry['file']} {entry.get('output')}".encode()).hexdigest()[:24]
    stamp, listing = folder / f"{key}.ok", folder / f"{key}.d"
    command = [*clang_command(entry), "-MF", str(listing)]
    if is_fresh(stamp, listing, shlex.join(command)):
        return True
    stamp.unlink(missing_ok=True)
    began = folder / f"{key}.new"
    began.write_text(shlex.join(command))  # Its time: a change while clang reads is seen next time.
    done = subprocess.run(command, cwd=entry["directory"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
        return False
    began.rename(stamp)
    return True


def main():
    build = Path(sys.argv[1]).resolve()
    entries = json.loads((build / "compile_commands.json").read_text())
    # The sources that CMake makes to compile each header alone are read with every user of it.
    entries = [e for e in entries if not Path(e["file"]).is_relative_to(build)]
    folder = build / "clang_syntax"
    folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda entry: passes(entry, folder), entries))
    failed = [entry["file"] for entry, passed in zip(entries, results) if not passed]
    print(f"{len(entries) - len(failed)} of {len(entries)} sources pass {COMPILER}")
    for file in failed:
        print(f"does not pass: {file}")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
