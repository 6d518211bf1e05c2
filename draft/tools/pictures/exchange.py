# SPDX-License-Identifier: ISC
"""The ladder of an exchange as a picture."""

import textwrap

from pieces.ladder import label
from pictures.svg import Picture

LEFT, RIGHT, WIDTH = 90, 670, 760
LINE, GAP, TOP = 18, 14, 70
COLUMNS = 66


def _lines(step):
    return textwrap.wrap(label(step), COLUMNS, break_long_words=False, break_on_hyphens=False)


def _height(found):
    return sum(LINE * (1 + len(_lines(step))) + GAP for step in found)


def render(found, title, source):
    bottom = TOP + 20 + _height(found)
    picture = Picture(WIDTH, bottom + 66, title, "%d messages between initiator and responder, as decoded from a capture." % len(found))
    picture.text(20, 28, title, "title")
    picture.text(LEFT, 56, "initiator", "strong", "middle")
    picture.text(RIGHT, 56, "responder", "strong", "middle")
    picture.path([(LEFT, TOP - 4), (LEFT, bottom + 8)], "faint")
    picture.path([(RIGHT, TOP - 4), (RIGHT, bottom + 8)], "faint")
    y = TOP
    for step in found:
        y += LINE
        # An Informational has a colour of its own: it is what the keepalive is made of.
        series = 2 if step.name.startswith("INFO") else 0
        picture.text(LEFT + 12, y, "%s%s%s" % (step.name, " " + step.message_id if step.message_id else "",
                                                ", again" if step.remark else ""), "strong")
        picture.text(RIGHT - 12, y, "%.3f s" % step.seconds, "small", "end")
        for text in _lines(step):
            y += LINE
            picture.text(LEFT + 12, y, text)
        y += GAP - 6
        picture.path([(LEFT, y), (RIGHT, y)], "curve s%d" % series)
        picture.head(RIGHT if step.from_initiator else LEFT, y, step.from_initiator, "f%d" % series)
        y += 6
    picture.text(20, picture.height - 32, "* what follows the header is encrypted", "small")
    picture.text(20, picture.height - 14, "Made by ruthere decode from %s" % source, "small")
    return str(picture)
