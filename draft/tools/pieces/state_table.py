# SPDX-License-Identifier: ISC
"""The state machine as tables: one for each state, for kramdown-rfc."""

from pieces.transitions import STATES, WATCHES

LETTERS = dict(zip(WATCHES, "PDON"))


def _key(row):
    """What has to be the same for two inputs to share a line."""
    return row.condition, row.watches, row.next, row.actions


def _lines(rows):
    """Inputs without a condition that lead to the same share a line."""
    lines, shared = [], {}
    for row in rows:
        if row.condition == "" and _key(row) in shared:
            shared[_key(row)][0].append(row.input)
            continue
        line = ([row.input], row)
        if row.condition == "":
            shared[_key(row)] = line
        lines.append(line)
    return lines


def _table(state, rows):
    text = ["| Input | Condition | Who | Next | Actions |", "|---|---|---|---|---|"]
    for inputs, row in _lines(rows):
        who = "".join(LETTERS[watch] for watch in row.watches)
        text.append("| %s | %s | %s | %s | %s |" % (", ".join(inputs), row.condition or "-", who, row.next,
                                                    ", ".join(row.actions) or "-"))
    text.append('{: #state-%s title="Transitions from %s"}' % (state.lower(), state))
    return "\n".join(text)


def render(rows):
    return "\n\n".join(_table(state, [row for row in rows if row.state == state]) for state in STATES) + "\n"
