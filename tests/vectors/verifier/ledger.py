# SPDX-License-Identifier: ISC
"""What was checked, and what failed: counted per set and class of checks."""
from dataclasses import dataclass, field

PAGE = "interop/vectors/README.md"  # for what no RFC says

@dataclass
class Failure:
    name: str  # the value, as a path into values.json, or the capture and the packet
    section: str
    detail: str

    def __str__(self):
        return "%s: %s (%s)" % (self.name, self.detail, self.section)


@dataclass
class Tally:
    passed: int = 0
    failures: list = field(default_factory=list)


def shown(value):
    if isinstance(value, (bytes, bytearray)):
        text = value.hex()
        return "%d octets %s" % (len(value), text if len(text) <= 80 else text[:40] + ".." + text[-40:])
    return repr(value)


class Ledger:
    """Of one set.  Nothing is raised for what is wrong: all of it is to be seen."""

    def __init__(self, name, tell=None):
        self.name = name
        self.tell = tell  # called with a line per check, or None
        self.classes = {}

    def _note(self, kind, name, section, detail):
        tally = self.classes.setdefault(kind, Tally())
        if detail is None:
            tally.passed += 1
        else:
            tally.failures.append(Failure(name, section, detail))
        if self.tell:
            self.tell("%s %s: %s (%s): %s" % (self.name, kind, name, section, detail or "as computed"))
        return detail is None

    def passes(self, kind, count):
        self.classes.setdefault(kind, Tally()).passed += count

    def equal(self, kind, name, section, found, wanted):
        """What stands in the set, against what was computed."""
        same = type(found) is type(wanted) and found == wanted
        return self._note(kind, name, section, None if same else "%s, but computed: %s" % (shown(found), shown(wanted)))

    def true(self, kind, name, section, holds, otherwise):
        return self._note(kind, name, section, None if holds else otherwise)

    def none(self, kind, name, faults):
        """No faults of form, as the parser notes them."""
        if not faults:
            return self._note(kind, name, "RFC 2408 section 3", None)
        for fault in faults:
            self._note(kind, name, fault.section, fault.what)
        return False

    @property
    def passed(self):
        return sum(tally.passed for tally in self.classes.values())

    @property
    def failures(self):
        return [failure for tally in self.classes.values() for failure in tally.failures]

    def lines(self):
        for kind, tally in self.classes.items():
            yield "%-44s %-12s %5d as computed%s" % (
                self.name, kind, tally.passed, ", %d WRONG" % len(tally.failures) if tally.failures else "")
            for failure in tally.failures:
                yield "    %s" % failure
