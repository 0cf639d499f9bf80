#!/usr/bin/env python3
"""Shows that tests/tidy.py can fail: a small tree keeps every rule, then breaks one at a time."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from tidy import breaches_of  # noqa: E402
from tidy_rules.cpp import functions  # noqa: E402

HEADER = "// What it is.\n#pragma once\n\n"
README = "".join(f"line {i}\n" for i in range(20))
FOLDERS = ("protocol", "protocol/core", "registry", "resolver", "tests")
GOOD = {
    "README.md": "See [the store](registry/README.md) and `protocol/core/{a,b}.h`.\n",
    "README.zh-CN.md": "x\n",
    "protocol/core/a.h": HEADER + "int a();\n",
    "protocol/core/b.h": HEADER + "// Keeps the order; gives (or not) what it has;\nint b();\n",
    "registry/store.cpp": '#include "protocol/core/a.h"\n\nint a() {\n    return 262\'144;\n}\n',
    "resolver/main.cpp": '#include "registry/store.h"\nvoid f() { std::printf("x"); }\n',
    "registry/store.h": HEADER,
    "tests/run.sh": "#!/usr/bin/env bash\nset -eu\n",
    **{f"{folder}/README.md": README for folder in FOLDERS},
}

# What is added to the good tree, and where a breach must be told with which words.
BROKEN = (
    ({"protocol/core/c.cpp": '#include "registry/store.h"\n'}, "protocol/core/c.cpp:1: ", "depend"),
    ({"registry/c.cpp": '#include "resolver/x.h"\n', "resolver/x.h": HEADER}, "registry/c.cpp:1: ",
     "depend"),
    ({"resolver/c.cpp": '#include "store.h"\n'}, "resolver/c.cpp:1: ", "not a path"),
    ({"resolver/c.cpp": "#include <lmdb.h>\n"}, "resolver/c.cpp:1: ", "registry/lmdb"),
    ({"registry/c.cpp": "#include <openssl/evp.h>\n"}, "registry/c.cpp:1: ", "crypto"),
    ({"registry/c.cpp": "#include <uv.h>\n"}, "registry/c.cpp:1: ", "resolver/uv"),
    ({"registry/c.cpp": "int x;\n" * 501}, "registry/c.cpp:501: ", "at most 500"),
    ({"registry/c.h": HEADER + "int x;\n" * 198}, "registry/c.h:201: ", "at most 200"),
    ({"registry/c.cpp": "//" + "x" * 99 + "\n"}, "registry/c.cpp:1: ", "101 columns"),
    ({"registry/c.cpp": "void f() {\n" + "    g();\n" * 69 + "}\n"}, "registry/c.cpp:1: ", "f has"),
    ({"tests/c.py": "def f():\n" + "    g()\n" * 70}, "tests/c.py:1: ", "f has 71"),
    ({"registry/c.h": "#pragma once\n"}, "registry/c.h:1: ", "begins with a comment"),
    ({"registry/c.h": "// x\n" * 13 + "#pragma once\n"}, "registry/c.h:1: ", "begins with a"),
    ({"registry/c.h": "// x\n\n#pragma once\n"}, "registry/c.h:2: ", "pragma once follows"),
    ({"registry/c.cpp": "int f() {\n    // return g();\n}\n"}, "registry/c.cpp:2: ", "commented"),
    ({"registry/c.cpp": "// count = other.count;\n"}, "registry/c.cpp:1: ", "commented-out"),
    ({"registry/c.cpp": "// table.clear();\n"}, "registry/c.cpp:1: ", "commented-out"),
    ({"registry/c.cpp": "// if (done) {\n"}, "registry/c.cpp:1: ", "commented-out"),
    ({"registry/c.cpp": "// FIX" "ME later\n"}, "registry/c.cpp:1: ", "left-over"),
    ({"docs.md": "TO" "DO write\n"}, "docs.md:1: ", "left-over"),
    ({"docs.md": "cd /wo" "rk/tree\n"}, "docs.md:1: ", "one machine"),
    ({"registry/c.cpp": "auto x = std::views::all;\n"}, "registry/c.cpp:1: ", "clang 14"),
    ({"registry/c.cpp": "void f() { throw 1; }\n"}, "registry/c.cpp:1: ", "nothing of ours throws"),
    ({"registry/c.cpp": "void f() { std::cerr << 1; }\n"}, "registry/c.cpp:1: ", "stream"),
    ({"registry/c.cpp": 'void f() { printf("x"); }\n'}, "registry/c.cpp:1: ", "debug print"),
    ({"registry/c.cpp": "auto* f = new Thing(1);\n"}, "registry/c.cpp:1: ", "an owner"),
    ({"tests/c_test.cpp": "std::this_thread::sleep_for(x);\n"}, "tests/c_test.cpp:1: ", "clock"),
    ({"tests/c.sh": "#!/bin/sh\necho\n"}, "tests/c.sh:1: ", "set -eu"),
    ({"README.md": "`registry/gone.h`\n"}, "README.md:1: ", "registry/gone.h"),
    ({"README.md": "`registry/store.{h,gone}`\n"}, "README.md:1: ", "gone"),
    ({"README.md": "[x](docs/gone.md)\n"}, "README.md:1: ", "docs/gone.md"),
    ({"README.md": "```sh\n$ ./tests/gone.sh\n```\n"}, "README.md:2: ", "tests/gone.sh"),
    ({"README.md": "x\n" * 121}, "README.md:121: ", "at most 120"),
    ({"registry/README.md": "x\n"}, "registry/README.md:1: ", "15-40"),
    ({"bench/x.txt": "x\n"}, "bench/README.md:1: ", "missing"),
)


def breaches_with(changes):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**GOOD, **changes}.items():
            full = Path(folder, path)
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_text(text)
            full.chmod(0o755 if text.startswith("#!") else 0o644)
        return [str(breach) for breach in breaches_of(folder)]


class TidyTest(unittest.TestCase):
    def test_a_tree_that_keeps_the_rules_has_no_breach(self):
        self.assertEqual(breaches_with({}), [])

    def test_each_broken_rule_is_told_once_with_its_place(self):
        for changes, place, words in BROKEN:
            with self.subTest(changes=str(changes)[:60]):
                told = breaches_with(changes)
                self.assertEqual(len(told), 1, told)
                self.assertTrue(told[0].startswith(place), told)
                self.assertIn(words, told[0])

    def test_a_script_without_run_bit_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "run.sh").write_text("#!/bin/sh\nset -eu\n")
            self.assertTrue(any("run bit" in str(b) for b in breaches_of(folder)))


class FunctionsTest(unittest.TestCase):
    def found(self, text):
        return [(name, first, count) for name, first, count in functions(text)]

    def test_finds_members_constructors_operators_and_tests(self):
        text = ("namespace a {\nclass B : public C {\n    B(int x) : x_(x), y_{x} {\n    }\n"
                "    int f() const {\n        if (x) {\n        }\n        return 1;\n    }\n};\n"
                "bool operator==(X a, X b) {\n    return true;\n}\n}\nTEST(A, B) {\n}\n")
        self.assertEqual(self.found(text), [("B", 3, 2), ("f", 5, 5), ("operator==", 11, 3),
                                            ("TEST", 15, 2)])

    def test_tables_literals_and_directives_are_no_functions(self):
        text = ('#define X(a) {\nconst int t[] = {\n    f(1),\n};\nauto s = "} {";\nchar c=\'{\';\n'
                'auto r = R"x(void f() {)x";\nstruct S {\n    int v = 0;\n};\n')
        self.assertEqual(self.found(text), [])


if __name__ == "__main__":
    unittest.main()
