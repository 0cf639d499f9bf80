"""Header comments, left-overs, things that the project does without, and how scripts begin."""
import os
import re

from tidy_rules.cpp import without_comments
from tidy_rules.tree import Breach

HEADER_COMMENT_MAX = 12
SOURCE_FOLDERS = ("protocol/", "registry/", "resolver/", "admin-cli/")

LEFT_OVER = re.compile(r"\b(FIXME|XXX|HACK|WIP)\b|\bTODO\b(?!\((perf|security|cleanup)\):)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|farm|home/[a-z]\w*)/")
# An indented line of a comment is an example or a drawing.
COMMENTED_OUT = re.compile(
    r"^\s*// {0,2}("
    r"(if|for|while|switch)\s*\(.*\)\s*\{?$"
    r"|(return\b [\w:*&(][^ ]*|[\w:<>*&.\->\[\]]+( [\w.:]+)?(\(.*\)| =\s*[^=].*));$"
    r"|#\s*include\b.*|\}\s*(else\b.*)?$)")

# What a program says before it has a log.
PROGRAMS = ("resolver/main.cpp", "admin-cli/main.cpp")
DEBUG_PRINT = "a left-over debug print"

# Pattern, folders, what to say.
FORBIDDEN = (
    (re.compile(r"\bstd::(ranges::)?views\b"), ("",), "clang 14 does not compile std::views"),
    (re.compile(r"\bthrow\b"), SOURCE_FOLDERS, "errors are values: nothing of ours throws"),
    (re.compile(r"\bstd::(cout|cerr|clog)\b"), SOURCE_FOLDERS, "no stream output"),
    (re.compile(r"(?<![\w])(std::)?printf\s*\("), SOURCE_FOLDERS, DEBUG_PRINT),
    (re.compile(r"(=|\breturn)\s*new\b|\bdelete\s+\w"), ("protocol/", "registry/", "admin-cli/"),
     "an owner is a std::unique_ptr or a member"),
    (re.compile(r"\bsleep_for\b|\busleep\s*\("), ("tests/",), "a test does not wait by the clock"),
)

TIDY_ITSELF = ("tests/tidy_rules/", "tests/tidy_test.py")


def check(tree):
    for path in tree.code:
        yield from _check_code(tree, path)
    for path in tree.scripts:
        yield from _check_script(tree, path)
    for path in tree.files:
        if not path.startswith(TIDY_ITSELF):
            yield from _check_lines(tree, path)


def _check_code(tree, path):
    if path.endswith(".h"):
        yield from _check_header_comment(path, tree.lines(path))
    for number, line in enumerate(tree.lines(path), 1):
        if COMMENTED_OUT.match(line):
            yield Breach(path, number, "commented-out code")
    for number, line in enumerate(without_comments(tree.read(path)).splitlines(), 1):
        for pattern, folders, reason in FORBIDDEN:
            if path in PROGRAMS and reason == DEBUG_PRINT:
                continue
            if path.startswith(folders) and pattern.search(line):
                yield Breach(path, number, reason)


def _check_header_comment(path, lines):
    count = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    if not 1 <= count <= HEADER_COMMENT_MAX:
        yield Breach(path, 1, f"a header begins with a comment of 1-{HEADER_COMMENT_MAX} lines")
    elif count == len(lines) or lines[count] != "#pragma once":
        yield Breach(path, count + 1, "#pragma once follows the header's comment")


def _check_script(tree, path):
    lines = tree.lines(path)
    if not lines or not lines[0].startswith("#!"):
        return
    if not os.access(tree.root / path, os.X_OK):
        yield Breach(path, 1, "a script has its run bit set")
    is_shell = lines[0].endswith("sh")
    if is_shell and not any(re.match(r"set -eu", line) for line in lines[:20]):
        yield Breach(path, 1, "a shell script begins with set -eu")


def _check_lines(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        if LEFT_OVER.search(line):
            yield Breach(path, number, "a left-over mark; TODO names its kind")
        if MACHINE_PATH.search(line):
            yield Breach(path, number, "a path of one machine")
