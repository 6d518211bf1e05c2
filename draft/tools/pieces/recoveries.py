# SPDX-License-Identifier: ISC
"""Methods of recovery, compared: draft/model/recoveries.txt, which a test measures and writes."""

COLUMNS = ("least", "half", "95", "most", "deleted", "phase_1", "questions")
METHODS = {
    "initial_contact": "INITIAL-CONTACT: it calls",
    "keepalive": "keepalive: it only answers",
    "keepalive_hint": "the same, INVALID-SPI a hint",
    "believed_invalid_spi": "INVALID-SPI believed",
}


class Malformed(Exception):
    """The file is not what make recoveries writes."""


def parse(text):
    """[(method, {column: text})]"""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        words = line.split()
        if len(words) != 1 + len(COLUMNS) or words[0] not in METHODS:
            raise Malformed("line %d: %s" % (number, line))
        rows.append((words[0], dict(zip(COLUMNS, words[1:]))))
    if [method for method, _ in rows] != list(METHODS):
        raise Malformed("not every method is there")
    return rows


def load(path):
    with open(path, encoding="utf-8") as file:
        return parse(file.read())


def render(rows):
    shown = ("half", "95", "most", "deleted", "phase_1", "questions")
    lines = ["| Method | Half, s | 95 %, s | Most, s | SAs lost | Phase 1 | Questions |", "|---|---|---|---|---|---|---|"]
    lines += ["| %s | %s |" % (METHODS[method], " | ".join(row[column] for column in shown)) for method, row in rows]
    return "\n".join(lines) + ("""
{: #recovery-figures title="Recovery from a restart, and an hour of forged INVALID-SPI"}

A peer restarts and knows nothing any more; the other one sends a packet a second through the tunnel. The first columns are the seconds from the restart until both share
an ISAKMP SA again: half of 200 restarts, 95 % of them, the longest. The last columns are what an hour of forged INVALID-SPI, one a second, costs a pair that is
well. 20 % of the datagrams are lost each way. These are two engines of the reference in virtual time.
""")
