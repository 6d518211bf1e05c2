# SPDX-License-Identifier: ISC
"""The ladder of an exchange, from what `ruthere decode --json` says of a capture."""

import collections
import re
import textwrap

WIDTH = 69
EDGE = 4  # columns left and right of the two life lines

Step = collections.namedtuple("Step", "seconds from_initiator name payloads message_id encrypted remark")

LINE = re.compile(r"^(\S+?)(\*?)(?: ([0-9a-f]{8}))?(?: \[ (.*) \])?  ")


def steps(messages, most=None):
    """The messages of the capture's first SA; times from the first."""
    found, begun = [], None
    for message in messages:
        match = LINE.match(message.get("line", ""))
        if message.get("what") != "message" or message.get("sa") != 1 or match is None:
            continue
        begun = message["time"] if begun is None else begun
        exchange, star, message_id, payloads = match.groups()
        name = message.get("kind", exchange).rstrip("*")
        remark = "again" if re.search(r"packet \d+ again", message["line"]) else ""
        found.append(Step(message["time"] - begun, message["from"] == "initiator", "INFORMATIONAL" if name == "INFO" else name,
                          _payloads(payloads or ""), message_id or "", bool(star), remark))
    return found[:most]


def _payloads(text):
    """Split at spaces that are not within parentheses."""
    return tuple(re.findall(r"[^\s(]+(?:\([^)]*\))?", text))


def label(step):
    """HDR, with * where what follows is encrypted, as RFC 2409 writes it."""
    return ", ".join(("HDR*" if step.encrypted else "HDR",) + step.payloads)


def render_lines(found, initiator="initiator", responder="responder"):
    inside = WIDTH - 2 * EDGE - 2
    lines = [("  %s" % initiator).ljust(WIDTH - len(responder) - 2) + responder]
    bar = " " * EDGE + "|%s|"
    for step in found:
        head = "%s%s" % (step.name, " " + step.message_id if step.message_id else "")
        time = "%.3f s%s" % (step.seconds, ", " + step.remark if step.remark else "")
        lines.append(bar % (" " * inside))
        lines.append(bar % (" " + head + time.rjust(inside - 2 - len(head)) + " "))
        for text in textwrap.wrap(label(step), inside - 4, break_long_words=False, break_on_hyphens=False):
            lines.append(bar % ("   " + text).ljust(inside))
        arrow = "-" * (inside - 1) + ">" if step.from_initiator else "<" + "-" * (inside - 1)
        lines.append(bar % arrow)
    lines.append(bar % (" " * inside))
    if max(map(len, lines)) > WIDTH:
        raise ValueError("too wide: " + max(lines, key=len))
    return lines


def render(found, anchor, title):
    return '~~~ ascii-art\n%s\n~~~\n{: #%s title="%s"}\n' % ("\n".join(render_lines(found)), anchor, title)
