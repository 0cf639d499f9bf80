"""Sizes of lines, files and functions."""
import ast

from tidy_rules.cpp import functions
from tidy_rules.tree import Breach

LINE_MAX = 100
FILE_MAX = 500
HEADER_MAX = 200
FUNCTION_MAX = 70


def check(tree):
    for path in sorted({*tree.code, *tree.scripts}):
        lines = tree.lines(path)
        limit = HEADER_MAX if path.endswith(".h") else FILE_MAX
        if len(lines) > limit:
            yield Breach(path, limit + 1, f"{len(lines)} lines, at most {limit}")
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_MAX:
                yield Breach(path, number, f"{len(line)} columns, at most {LINE_MAX}")
        for name, first, count in _functions(tree, path):
            if count > FUNCTION_MAX:
                yield Breach(path, first, f"{name} has {count} lines, at most {FUNCTION_MAX}")


def _functions(tree, path):
    text = tree.read(path)
    if path.endswith((".h", ".cpp")):
        yield from functions(text)
    elif text.startswith("#!/usr/bin/env python3") or path.endswith(".py"):
        yield from _python_functions(text)


def _python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1
