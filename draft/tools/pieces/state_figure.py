# SPDX-License-Identifier: ISC
"""The state machine as a figure of characters, for the draft."""

from pieces.state_graph import edges
from pieces.state_layout import layout

WIDTH = 69
BOX = 11       # columns of a state's box
STEP = 2       # from lane to lane
LEAD = "-- "   # between the box and the labels


class TooWide(Exception):
    """A label that does not fit beside the lanes."""


def _lane_column(lanes, place):
    return WIDTH - 1 - STEP * (len(lanes) - 1 - place)


def _put(canvas, row, column, text):
    if column < 0 or column + len(text) > WIDTH:
        raise TooWide(text)
    canvas[row][column:column + len(text)] = text


def _horizontal(canvas, row, first, last):
    """What is crossed stays as it is: lanes are drawn before."""
    for column in range(first, last):
        if canvas[row][column] == " ":
            canvas[row][column] = "-"
    canvas[row][last] = "+"


def _draw_block(canvas, block, columns):
    border = "+" + "-" * (BOX - 2) + "+"
    _put(canvas, block.first, 0, border)
    _put(canvas, block.last, 0, border)
    for row in range(block.first + 1, block.last):
        _put(canvas, row, 0, "|" + " " * (BOX - 2) + "|")
    _put(canvas, block.entry, 1, block.state.center(BOX - 2))
    if block.state in columns:
        _put(canvas, block.entry, BOX, "<")
        _horizontal(canvas, block.entry, BOX + 1, columns[block.state])
    for leaving in block.exits:
        for row, line in enumerate(leaving.lines, leaving.row - len(leaving.lines) + 1):
            _put(canvas, row, BOX + len(LEAD), line)
        _put(canvas, leaving.row, BOX, LEAD)
        _horizontal(canvas, leaving.row, BOX + len(LEAD) + len(leaving.lines[-1]) + 1, columns[leaving.next])


def draw(rows):
    """The lines of the figure, none wider than WIDTH."""
    found = edges(rows)
    targets = len({edge.next for edge in found})
    room = WIDTH - STEP * (targets - 1) - 1 - BOX - len(LEAD) - 2
    plan = layout(found, room)
    for line in (line for block in plan.blocks for leaving in block.exits for line in leaving.lines):
        if len(line) > room:
            raise TooWide(line)
    canvas = [[" "] * WIDTH for _ in range(plan.rows)]
    columns = {lane.state: _lane_column(plan.lanes, lane.place) for lane in plan.lanes}
    for lane in plan.lanes:
        for row in range(lane.first, lane.last + 1):
            canvas[row][columns[lane.state]] = "|"
    for block in plan.blocks:
        _draw_block(canvas, block, columns)
    return ["".join(row).rstrip() for row in canvas]


def render(rows):
    return "~~~ ascii-art\n%s\n~~~\n{: #state-figure title=\"The state machine of a watched peer\"}\n" % "\n".join(draw(rows))
