# SPDX-License-Identifier: ISC
"""What a picture of the state machine shows: which state leads to which other one, and by what."""

import collections

from pieces.transitions import STATES

# Of the peers that are watched; who asks nobody rests in IDLE, and what brings him back there is no news.
WATCHED = ("periodic", "on_demand")
# Only where asking is on demand.
ON_DEMAND = "*"

Edge = collections.namedtuple("Edge", "state next labels")  # labels: ("HINT spaced", "WANT_TO_SEND silent*")


def _label(row):
    words = row.input + (" " + row.condition if row.condition else "")
    return words if "periodic" in row.watches else words + ON_DEMAND


def edges(rows):
    """One for each pair of states, in the order of the states; the labels in that of the table."""
    labels = {}
    for row in rows:
        if row.state == row.next or not set(row.watches) & set(WATCHED):
            continue
        labels.setdefault((row.state, row.next), []).append(_label(row))
    order = {state: place for place, state in enumerate(STATES)}
    return [Edge(state, following, tuple(found)) for (state, following), found in
            sorted(labels.items(), key=lambda item: (order[item[0][0]], order[item[0][1]]))]
