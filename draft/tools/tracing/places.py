# SPDX-License-Identifier: ISC
"""Where requirements are named: in the comments of C sources, and in the strings of tests, which is what their invariants are called.
Each comes with the function, test, table or row of a table that it stands in or above.

Lines are not given: they change with every edit, and the table of the trace would be stale with them.
"""

import collections
import os
import re

Place = collections.namedtuple("Place", "path name")  # name: "may_be_asked", or "" for the head of the file

CODE = ("crypto", "ike", "keepalive", "interop")
TESTERS = ("interop/conform/", "interop/impair/")  # they hold others to it
TESTS = ("tests/unit", "tests/abuse", "tests/sim", "tests/support", "tests/limits")

IDENTIFIER = re.compile(r"\bR(\d+)\b(?:-R?(\d+)\b)?")
DEFINITION = re.compile(r"^(?:START_TEST\((\w+)\)|(?:[a-z][\w *]*[ *])?(\w+)\(|(?:static |const |extern )*"
                        r"(?:struct|enum|union) (\w+) \{|#define (\w+)|.*?(\w+)(?:\[\w*\])* = \{?)")


def identifiers(comment):
    """What a comment names: R5, R23, R24, and R5-R7, which is all three."""
    for match in IDENTIFIER.finditer(comment):
        first, last = int(match.group(1)), int(match.group(2) or match.group(1))
        for number in range(first, max(first, last) + 1):
            yield "R%d" % number


def split(text):
    """Per line (comment, code, strings): what of it is within comments; the rest without the contents of strings; and those."""
    lines, comment, code, strings, state = [], [], [], [], "code"
    at = 0
    while at < len(text):
        two, one = text[at:at + 2], text[at]
        if one == "\n":
            lines.append(("".join(comment), "".join(code), " ".join(strings)))
            comment, code, strings = [], [], []
            state = "code" if state == "line" else state
        elif state == "code" and two in ("/*", "//"):
            state = "block" if two == "/*" else "line"
            at += 1
        elif state == "block" and two == "*/":
            state = "code"
            at += 1
        elif state in ("block", "line"):
            comment.append(one)
        elif one in "\"'":
            end = re.compile(r"(?:\\.|[^\\%s\n])*%s" % (one, one)).match(text, at + 1)
            code.append(one * 2)
            strings.append(end.group(0) if end and one == '"' else "")
            at = end.end() - 1 if end else at
        else:
            code.append(one)
        at += 1
    lines.append(("".join(comment), "".join(code), " ".join(strings)))
    return lines


def _definition(code):
    match = DEFINITION.match(code) if code and not code[0].isspace() and code[0] not in "{}" else None
    return next((name for name in match.groups() if name), "") if match else ""


def _row(lines, at):
    """The function of a row {"what it is called", function} of a table, or nothing."""
    words = " ".join(code for _, code, _ in lines[at:at + 2])
    match = re.match(r'\s*\{(?:""\s*)+,\s*(\w+)', words)
    return match.group(1) if match else ""


class _Walk:
    """One source, line by line: what encloses the line, and what was named since the last that did."""

    def __init__(self):
        self.found = {}
        self._waiting = []
        self._inside, self._macro, self._opened = "", False, False

    def note(self, found, name=""):
        for identifier in found:
            if self._inside:
                self.found[(identifier, name or self._inside)] = None
            else:
                self._waiting.append(identifier)

    def enter(self, code):
        name = "" if self._inside else _definition(code)
        if name:
            self._inside, self._macro, self._opened = name, "#define" in code, code.startswith("START_TEST")
            waiting, self._waiting = self._waiting, []
            self.note(waiting)
        elif not self._inside and re.match(r"#(include|ifndef)", code):
            self.finish()

    def leave(self, code):
        code = code.rstrip()
        self._opened = self._opened or "{" in code
        ended = not code.endswith("\\") if self._macro else (
            code.startswith(("}", "END_TEST")) or (code.endswith(";") and (not self._opened or not code[0].isspace())))
        if self._inside and ended:
            self._inside = ""

    def finish(self):
        """What was named and stands above nothing is of the head of the file."""
        for identifier in self._waiting:
            self.found[(identifier, "")] = None
        self._waiting = []


def named(text, with_strings=False):
    """[(identifier, name)] of one source, in order, each pair once."""
    lines, walk = split(text), _Walk()
    for at, (comment, code, strings) in enumerate(lines):
        walk.enter(code)
        walk.note(identifiers(comment))
        # "R5, R40: what is shown": a string that begins with an ID is a name.
        if with_strings and re.match(r"R\d+[:,]", strings):
            walk.note(identifiers(strings.split(":")[0]), _row(lines, at))
        walk.leave(code)
    walk.finish()
    return list(walk.found)


def sources(root, folders):
    for folder in folders:
        for where, _, names in sorted(os.walk(os.path.join(root, folder))):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".def")):
                    yield os.path.relpath(os.path.join(where, name), root)


def find(root, folders, without=(), with_strings=False):
    """{identifier: [Place]}"""
    found = collections.defaultdict(list)
    for path in sources(root, folders):
        if path.startswith(without):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for identifier, name in named(file.read(), with_strings):
                found[identifier].append(Place(path, name))
    return dict(found)
