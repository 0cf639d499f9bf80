"""Just enough C++ to tell code from comments and to find where functions begin and end."""
import re

# Comments, raw strings, strings and characters, in the order in which they must be tried. A digit
# separator (262'144) is no character literal.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<separator>(?<=[0-9A-Fa-f])'(?=[0-9A-Fa-f]))
      | (?P<char>'(?:\\.|[^'\\\n])+')""",
    re.S | re.X)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_BODY = re.compile(r"(\)|\}|\b(const|noexcept|override|final|mutable|try)|->[^;{}]*|&)\s*$")


def without_comments(text):
    """The text with comments and the insides of literals blanked; line numbers stay."""
    return _TOKEN.sub(_blank, text)


def _blank(found):
    if found.lastgroup == "separator" or found.group("separator"):
        return found.group()
    lines = "\n" * found.group().count("\n")
    return lines if found.group("comment") else '""' + lines


def functions(text):
    """Gives (head, first line, lines) of each function that is not inside another one."""
    code = _DIRECTIVE.sub(lambda found: "\n" * found.group().count("\n"), without_comments(text))
    depth, body_depth, head, opened = 0, None, "", []
    line = first = 1
    for char in code:
        line += char == "\n"
        if char == "{":
            is_body = body_depth is None and _is_function_head(head)
            if is_body:
                body_depth, started = depth, (_name(head), first)
            opened.append(is_body or bool(_SCOPE.search(head)))
            depth += 1
        elif char == "}" and opened:
            depth -= 1
            ends_head = opened.pop()
            if depth == body_depth:
                yield (*started, line - started[1] + 1)
                body_depth = None
            head = "" if ends_head else head + "}"
            continue
        if char in ";" or (char == "{" and opened[-1]):
            head = ""
        elif head or not char.isspace():
            first = first if head else line
            head += char
    return


def _is_function_head(head):
    if "(" not in head or not _BODY.search(head) or _SCOPE.match(head.strip()):
        return False
    # `= {` and `= T(x){` are initialisers; a parameter's default stands inside the parentheses.
    return "=" not in re.sub(r"operator\s*\W+\(|\(.*\)", "", head, flags=re.S)


def _name(head):
    found = re.search(r"([\w:~]+|operator\s*\W+?)\s*\(", head)
    return found.group(1) if found else head.strip()[:40]
