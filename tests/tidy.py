#!/usr/bin/env python3
"""Checks the rules of the tree that no compiler checks; prints each breach and ends with 1 if any.

    tests/tidy.py [ROOT]

The rules: who includes whom, sizes, header comments, left-overs, documents. tests/tidy_test.py
shows that each of them can fail.
"""
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from tidy_rules import documents, includes, sizes, text  # noqa: E402
from tidy_rules.tree import Tree  # noqa: E402

RULES = (includes.check, sizes.check, text.check, documents.check)


def breaches_of(root):
    tree = Tree(Path(root).resolve())
    return sorted(breach for rule in RULES for breach in rule(tree))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    breaches = breaches_of(root)
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
