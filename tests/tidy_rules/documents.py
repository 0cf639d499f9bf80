"""Every path that a document names exists; READMEs are there and have their size."""
import itertools
import re

from tidy_rules.tree import CODE_FOLDERS, Breach

README_MAX = 120
FOLDER_README = (15, 40)
TOP = (*CODE_FOLDERS, "docs", ".ci", ".githooks")
ROOT_README = ("README.md", "README.zh-CN.md")

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^\.?/?[\w.\-*{},/<>]+$")
COMMAND_PATH = re.compile(r"(?:^|\s)(?:\./)?((?:%s)/[\w./\-]+)" % "|".join(map(re.escape, TOP)))


def check(tree):
    for path in tree.documents:
        yield from _check_paths(tree, path)
    yield from _check_readmes(tree)


def _check_paths(tree, document):
    fenced = False
    for number, line in enumerate(tree.lines(document), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        named = _in_commands(line) if fenced else _in_prose(document, line)
        for path in named:
            if not _exists(tree, path):
                yield Breach(document, number, f"names {path}, which is not there")


def _in_commands(line):
    return COMMAND_PATH.findall(line) if line.lstrip().startswith("$ ") else []


def _in_prose(document, line):
    for target in LINK.findall(line):
        if "://" not in target and not target.startswith("mailto:"):
            yield _joined(document, target)
    for span in SPAN.findall(line):
        for word in span.split():
            path = word.removeprefix("./").rstrip("/")
            if PATH.match(word) and path.split("/")[0] in TOP and "<" not in path:
                yield path


def _joined(document, target):
    parts = document.split("/")[:-1]
    for part in target.rstrip("/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)


def _exists(tree, path):
    """Knows `*` and braces: `registry/lmdb.{h,cpp}`."""
    pieces = [piece.split(",") for piece in re.split(r"[{}]", path)]
    if len(pieces) % 2 == 0:
        return False
    literal = [[",".join(piece)] if i % 2 == 0 else piece for i, piece in enumerate(pieces)]
    return all(any(tree.root.glob(one)) for one in map("".join, itertools.product(*literal)))


def _check_readmes(tree):
    for path in ROOT_README:
        if not tree.is_file(path):
            yield Breach(path, 1, "is missing")
        elif len(tree.lines(path)) > README_MAX:
            yield Breach(path, README_MAX + 1, f"at most {README_MAX} lines")
    for folder in sorted(set(_folders(tree))):
        path = f"{folder}/README.md"
        if not tree.is_file(path):
            yield Breach(path, 1, "is missing")
        elif not FOLDER_README[0] <= len(tree.lines(path)) <= FOLDER_README[1]:
            yield Breach(path, 1, "has %d-%d lines" % FOLDER_README)


def _folders(tree):
    """The folders at the top, and under protocol/ each library's own."""
    for path in tree.files:
        parts = path.split("/")
        if len(parts) > 1 and not parts[0].startswith("."):
            yield parts[0]
        if len(parts) > 2 and parts[0] == "protocol":
            yield "/".join(parts[:2])
