# SPDX-License-Identifier: ISC
"""The table of transitions that the tests write: draft/model/transitions.txt."""

import collections

STATES = ("DOWN", "IDLE", "ALIVE", "ASKING", "SUSPECT", "DEAD")
WATCHES = ("periodic", "on_demand", "off", "not_asked")

Transition = collections.namedtuple("Transition", "state input condition watches next actions")


class Malformed(Exception):
    """The file is not what make transitions writes."""


def parse(text):
    """Every transition, in the order of the file.  A condition or an action that is "-" there is empty here."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        words = line.split()
        if len(words) < 6 or words[0] not in STATES or words[4] not in STATES:
            raise Malformed("line %d: %s" % (number, line))
        watches = WATCHES if words[3] == "any" else tuple(words[3].split(","))
        if not set(watches) <= set(WATCHES):
            raise Malformed("line %d: %s" % (number, words[3]))
        rows.append(Transition(words[0], words[1], "" if words[2] == "-" else words[2], watches, words[4],
                               tuple(word for word in words[5:] if word != "-")))
    if {row.state for row in rows} != set(STATES):
        raise Malformed("not every state has transitions")
    return rows


def load(path):
    with open(path, encoding="utf-8") as file:
        return parse(file.read())
