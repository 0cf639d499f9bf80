#!/usr/bin/env python3
"""Keeps a copy of the tree in a path with spaces and Chinese characters; builds all of `release`.

    tests/deploy/release_copy.py BUILD_DIR

Only files that changed are copied, with their times, so that a second build does little. The deploy
test and the examples of the documents use the copy.
"""
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from tidy_rules.tree import Tree  # noqa: E402


def copy_of(build_dir):
    return Path(build_dir).resolve() / "部署 test" / "标识 idnode"


def is_same(source, target):
    if not target.is_file():
        return False
    mine, there = source.stat(), target.stat()
    return (mine.st_size, mine.st_mtime_ns, mine.st_mode) == (
        there.st_size, there.st_mtime_ns, there.st_mode)


def synchronise(target_root):
    wanted = set(Tree(ROOT).all_files)
    for name in sorted(wanted):
        target = target_root / name
        if not is_same(ROOT / name, target):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    for path in list(target_root.rglob("*")):
        name = path.relative_to(target_root)
        if path.is_file() and name.parts[0] != "build" and str(name) not in wanted:
            path.unlink()


def main():
    copy = copy_of(sys.argv[1])
    synchronise(copy)
    for command in ("deploy/run.sh --build", "cmake --build --preset release"):
        done = subprocess.run(command.split(), cwd=copy, check=False)
        if done.returncode != 0:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
