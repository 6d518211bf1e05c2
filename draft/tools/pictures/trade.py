# SPDX-License-Identifier: ISC
"""Detection time against false deaths, as a picture, from `ruthere sim --frontier`."""

import math

from pieces.simulation import SERIES, by_bound, command, FRONTIER
from pictures.svg import DASHES, Picture

LEFT, RIGHT, TOP, BOTTOM = 84, 500, 64, 420
WIDTH, HEIGHT = 760, 492
LOW, HIGH = 1e-1, 1e6
NAMES = {"heartbeats-equal-messages": "heartbeats, equal cost", "ping-equal-messages": "ping, equal cost", "heartbeats": "heartbeats"}


def _x(bound, least, most):
    return LEFT + (RIGHT - LEFT) * (math.log(bound) - math.log(least)) / (math.log(most) - math.log(least))


def _y(rate):
    share = (math.log10(min(max(rate, LOW), HIGH)) - math.log10(LOW)) / (math.log10(HIGH) - math.log10(LOW))
    return BOTTOM - (BOTTOM - TOP) * share


def _axes(picture, bounds):
    for power in range(int(math.log10(LOW)), int(math.log10(HIGH)) + 1):
        y = _y(10.0 ** power)
        picture.path([(LEFT, y), (RIGHT, y)], "faint")
        picture.text(LEFT - 8, y + 4, "{:,}".format(10 ** power).replace(",", " ") if power >= 0 else "0.1", "small", "end")
    for bound in bounds:
        x = _x(bound, bounds[0], bounds[-1])
        picture.path([(x, TOP), (x, BOTTOM)], "faint")
        picture.text(x, BOTTOM + 18, "%d s" % bound, "small", "middle")
    picture.path([(LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)])
    picture.text((LEFT + RIGHT) / 2, BOTTOM + 38, "dead at the latest after so much silence", anchor="middle")
    picture.upwards(22, (TOP + BOTTOM) / 2, "false deaths a year, per peer")


def render(report):
    found = by_bound(report)
    bounds = sorted(found["derived"])
    picture = Picture(WIDTH, HEIGHT, "Detection time against false deaths",
                      "How often a living peer is declared dead, by the time within which a dead one is noticed, for six ways to do it.")
    picture.text(20, 28, "Detection time against false deaths", "title")
    picture.text(20, 46, "%g %% of the datagrams lost each way, each by itself; no other traffic" % (100 * report["network"]["loss"]), "small")
    _axes(picture, bounds)
    for series, (name, title) in enumerate(SERIES):
        points = [(_x(bound, bounds[0], bounds[-1]), _y(row["false_deaths"]["formula"])) for bound, row in sorted(found[name].items())]
        picture.path(points, "curve s%d" % series, DASHES[series])
        for x, y in points:
            picture.marker(x, y, series)
        y = TOP + 24 + 34 * series
        picture.path([(RIGHT + 20, y - 4), (RIGHT + 52, y - 4)], "curve s%d" % series, DASHES[series])
        picture.marker(RIGHT + 36, y - 4, series)
        picture.text(RIGHT + 60, y, NAMES.get(name, title))
    picture.text(20, HEIGHT - 14, "Equal cost: with no more messages than the derived plan. Made from %s." % command(FRONTIER).strip("`"), "small")
    return str(picture)
