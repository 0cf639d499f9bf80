#!/usr/bin/env python3
"""The reader of examples: what it finds, what it takes for equal and what for different."""
import sys
import unittest

sys.dont_write_bytecode = True

from examples import examples_in, matches  # noqa: E402

DOCUMENT = """\
# Title

```console
$ one --two \\
    --three
first
second
$ four
```

<!-- not run: because -->
```sh
$ five
```

<!-- run as: six -->

```sh
$ seven
```

<!-- not run: a remark that another paragraph cuts off -->
Text.

```sh
$ eight
```

```cpp
$ no example
```
"""


class ExamplesTest(unittest.TestCase):
    def test_finds_commands_with_their_lines_output_and_remarks(self):
        found = [(e.line, e.command, e.expected, e.skipped) for e in examples_in(DOCUMENT)]
        self.assertEqual(found, [
            (4, "one --two \\\n    --three", ["first", "second"], ""),
            (8, "four", [], ""),
            (13, "five", [], "because"),
            (19, "six", [], ""),
            (26, "eight", [], ""),
        ])

    def test_equal_text_matches(self):
        self.assertTrue(matches(["a", "b"], "a\nb  \n"))

    def test_an_ellipsis_stands_for_text_or_lines(self):
        self.assertTrue(matches(["took … ms", "…", "end"], "took 5 ms\nx\ny\nend\n"))
        self.assertTrue(matches(["a", "…"], "a\n"))

    def test_any_other_difference_is_told(self):
        for expected, printed in ((["a"], "b\n"), (["a"], "a\nb\n"), (["a", "b"], "a\n"),
                                  (["a.c"], "abc\n"), (["took … ms"], "took 5 s\n"),
                                  (["a"], "")):
            self.assertFalse(matches(expected, printed), (expected, printed))


if __name__ == "__main__":
    unittest.main()
