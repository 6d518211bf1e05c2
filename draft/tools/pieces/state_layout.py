# SPDX-License-Identifier: ISC
"""Where everything of the picture of the state machine goes, in rows and lanes; what draws it decides what those are.

The states stand one below the other.  To the right of them runs one lane for each state, down to which come all transitions that
lead there: they leave their state in a row that has their labels, turn into the lane, and enter their next state from it.
"""

import collections
import itertools
import textwrap

from pieces.transitions import STATES

Exit = collections.namedtuple("Exit", "row lines next")  # the row is that of the last of the lines
Block = collections.namedtuple("Block", "state first last entry exits")  # rows of its borders, of its name, of what leaves it
Lane = collections.namedtuple("Lane", "state place first last")  # place: 0 is next to the states
Layout = collections.namedtuple("Layout", "blocks lanes rows")


def _blocks(edges, columns):
    blocks, row = [], 0
    for state in STATES:
        first, entry, exits = row, row + 1, []
        row = entry
        for edge in edges:
            if edge.state == state:
                lines = textwrap.wrap(", ".join(label.replace(" ", "\0") for label in edge.labels), columns, break_long_words=False)
                row += len(lines)
                exits.append(Exit(row, tuple(line.replace("\0", " ") for line in lines), edge.next))
        row += 1
        blocks.append(Block(state, first, row, entry, tuple(exits)))
        row += 1
    return tuple(blocks), row


def _spans(blocks):
    """The rows between which each lane runs."""
    rows = collections.defaultdict(list)
    for block in blocks:
        for leaving in block.exits:
            rows[leaving.next].append(leaving.row)
    for block in blocks:
        if block.state in rows:
            rows[block.state].append(block.entry)
    return {state: (min(found), max(found)) for state, found in rows.items()}


def _crossings(order, spans, blocks):
    place = {state: index for index, state in enumerate(order)}
    horizontals = [(leaving.row, leaving.next) for block in blocks for leaving in block.exits]
    horizontals += [(block.entry, block.state) for block in blocks if block.state in spans]
    return sum(spans[other][0] <= row <= spans[other][1]
               for row, state in horizontals for other in order if place[other] < place[state])


def layout(edges, columns):
    """`columns` is what a line of labels has room for.  The order of the lanes is the first that has the fewest crossings."""
    blocks, rows = _blocks(edges, columns)
    spans = _spans(blocks)
    states = [state for state in STATES if state in spans]
    order = min(itertools.permutations(states), key=lambda some: _crossings(some, spans, blocks))
    lanes = tuple(Lane(state, place, *spans[state]) for place, state in enumerate(order))
    return Layout(blocks, lanes, rows)
