# SPDX-License-Identifier: ISC
"""draft/requirements: every requirement of the draft, with its ID.

    # a comment
    R5 MUST messages
        The sentence, on one line, word for word as it stands in the source of the draft.
        rfc3706: 5.2, MUST
        clarification: C3
        from: RFC 2409 section 5.7
        not met: reason

A record ends where the next begins, or at an empty line.  All but the sentence is optional.
"""

import re

LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
KEYS = ("rfc3706", "clarification", "from", "not met")
HEAD = re.compile(r"^(R\d+) (%s) ([\w.-]+)$" % "|".join(sorted(LEVELS, key=len, reverse=True)))
KEY = re.compile(r"^([a-z][a-z0-9 ]*): (.+)$")


class Requirement:
    def __init__(self, identifier, level, section):
        self.identifier, self.level, self.section = identifier, level, section
        self.sentence = ""
        self.notes = {}

    @property
    def number(self):
        return int(self.identifier[1:])

    @property
    def excuse(self):
        return self.notes.get("not met", "")

    @property
    def is_excused(self):
        """Not met at all.  What is met in part has code and tests like any other."""
        return bool(self.excuse) and not self.excuse.startswith("in part")


class _Reader:
    def __init__(self):
        self.found, self.faults = [], []
        self._open = None

    def _fault(self, number, words):
        self.faults.append("draft/requirements:%d: %s" % (number, words))

    def head(self, number, line):
        match = HEAD.match(line)
        if match is None:
            self._fault(number, "neither `R1 MUST section` nor indented: %s" % line)
            self._open = None
            return
        self._open = Requirement(*match.groups())
        self.found.append(self._open)

    def body(self, number, line):
        if self._open is None:
            self._fault(number, "belongs to no requirement: %s" % line)
            return
        if not self._open.sentence:
            self._open.sentence = line
            return
        match = KEY.match(line)
        if match is None or match.group(1) not in KEYS:
            self._fault(number, "neither of %s: %s" % (", ".join(KEYS), line))
        elif match.group(1) in self._open.notes:
            self._fault(number, "%s is said twice of %s" % (match.group(1), self._open.identifier))
        else:
            self._open.notes[match.group(1)] = match.group(2)

    def end(self):
        self._open = None


def parse(text):
    """(requirements, faults of form)"""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            reader.end()
        elif line.startswith((" ", "\t")):
            reader.body(number, line.strip())
        else:
            reader.head(number, line.rstrip())
    faults = reader.faults + ["draft/requirements: %s has no sentence" % found.identifier for found in reader.found if not found.sentence]
    return reader.found, faults
