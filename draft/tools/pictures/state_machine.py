# SPDX-License-Identifier: ISC
"""The state machine as a picture, from the same layout as the figure of the draft."""

from pieces.state_graph import edges
from pieces.state_layout import layout
from pictures.svg import Picture

COLUMNS = 58      # of a line of labels
ROW = 20          # pixels
CHARACTER = 7.9   # of the font, as wide as it may be
MARGIN, TOP = 20, 56
BOX = 92
STEP = 20         # from lane to lane
SERIES = {"DOWN": 5, "IDLE": 4, "ALIVE": 2, "ASKING": 0, "SUSPECT": 1, "DEAD": 3}


def _draw_block(picture, block, lane_of):
    right = MARGIN + BOX

    def at(row):
        return TOP + row * ROW

    picture.box(MARGIN, at(block.first) + ROW / 4, BOX, (block.last - block.first) * ROW - ROW / 4)
    picture.text(MARGIN + BOX / 2, at(block.entry) + 5, block.state, "strong", "middle")
    if block.state in lane_of:
        style = SERIES[block.state]
        picture.path([(right + 6, at(block.entry)), (lane_of[block.state], at(block.entry))], "curve s%d" % style)
        picture.head(right, at(block.entry), False, "f%d" % style)
    for leaving in block.exits:
        style = SERIES[leaving.next]
        for row, line in enumerate(leaving.lines, leaving.row - len(leaving.lines) + 1):
            picture.text(right + 18, at(row) + 4, line)
        begin = right + 18 + CHARACTER * len(leaving.lines[-1]) + 6
        picture.path([(right, at(leaving.row)), (right + 12, at(leaving.row))], "curve s%d" % style)
        picture.path([(begin, at(leaving.row)), (lane_of[leaving.next], at(leaving.row))], "curve s%d" % style)
        picture.dot(lane_of[leaving.next], at(leaving.row), "f%d" % style)


def render(rows):
    plan = layout(edges(rows), COLUMNS)
    first_lane = MARGIN + BOX + 18 + CHARACTER * COLUMNS + 16
    lane_of = {lane.state: first_lane + STEP * lane.place for lane in plan.lanes}
    picture = Picture(max(lane_of.values()) + MARGIN, TOP + plan.rows * ROW + 34, "The keepalive's state machine",
                      "Six states, DOWN, IDLE, ALIVE, ASKING, SUSPECT and DEAD, and what leads from one to another, as observed of keepalive_step.")
    picture.text(MARGIN, 30, "The state machine of a watched peer", "title")
    picture.text(MARGIN, 48, "a lane of each colour leads into the state of that colour", "small")
    for lane in plan.lanes:
        picture.path([(lane_of[lane.state], TOP + lane.first * ROW), (lane_of[lane.state], TOP + lane.last * ROW)],
                     "curve s%d" % SERIES[lane.state])
    for block in plan.blocks:
        _draw_block(picture, block, lane_of)
    picture.text(MARGIN, picture.height - 16, "* only where asking is on demand. Made from draft/model/transitions.txt.", "small")
    return str(picture)
