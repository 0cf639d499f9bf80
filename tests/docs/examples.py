"""Finds the examples of a document: fenced blocks `console` or `sh`, lines that begin with `$ `.

    <!-- not run: REASON -->       before a block: it is not run
    <!-- run as: COMMAND -->       before a block with one command: this one is run in its place

A command may go on over lines that end in a backslash. The lines below it are what it prints; `…`
stands for any text within a line, alone on a line for any lines. No line: only success counts.
"""
import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^```(console|sh)$")
NOT_RUN = re.compile(r"^<!-- not run: (.+) -->$")
RUN_AS = re.compile(r"^<!-- run as: (.+) -->$")


@dataclass
class Example:
    line: int
    command: str
    expected: list = field(default_factory=list)
    skipped: str = ""


def examples_in(text):
    found, lines, number, remark = [], text.splitlines(), 0, ""
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if FENCE.match(line):
            end = number + lines[number:].index("```")
            found += _with_remark(_of_block(lines[number:end], number + 1), remark)
            number, remark = end + 1, ""
        elif line:
            remark = line if NOT_RUN.match(line) or RUN_AS.match(line) else ""
    return found


def _of_block(lines, first):
    found, goes_on = [], False
    for offset, line in enumerate(lines):
        if goes_on:
            found[-1].command += "\n" + line
        elif line.startswith("$ "):
            found.append(Example(first + offset, line[2:]))
        elif found:
            found[-1].expected.append(line)
        goes_on = line.endswith("\\") and (goes_on or line.startswith("$ "))
    return found


def _with_remark(found, remark):
    skipped, run_as = NOT_RUN.match(remark), RUN_AS.match(remark)
    for example in found:
        example.skipped = skipped.group(1) if skipped else ""
        if run_as:
            example.command, example.expected = run_as.group(1), []
    return found


def matches(expected, printed):
    """Whether the printed lines are the expected ones, white space at line ends aside."""
    pattern = ""
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.rstrip().split("…"))) + "\n"
    text = "".join(line.rstrip() + "\n" for line in printed.splitlines())
    return re.fullmatch(pattern, text) is not None
