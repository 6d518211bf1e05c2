# SPDX-License-Identifier: ISC
"""Octets as RFCs print them."""

WIDTH = 69
GROUP = 8           # hex digits
LINE = 6 * GROUP    # hex digits on a line


def spaced(digits):
    return " ".join(digits[at:at + GROUP] for at in range(0, len(digits), GROUP))


def block(name, digits, column):
    """The lines of one value: its name, and from `column` on its octets in groups of four."""
    lines = [digits[at:at + LINE] for at in range(0, len(digits), LINE)] or [""]
    head = name.ljust(column - 1) + " "
    out = []
    if len(head) > column:  # a name that needs a line of its own
        out.append(name)
        head = " " * column
    for line in lines:
        out.append((head + spaced(line)).rstrip())
        head = " " * column
    if max(map(len, out)) > WIDTH:
        raise ValueError("too wide: %s" % name)
    return out


def figure(lines, anchor, title):
    return '~~~ test-vectors\n%s\n~~~\n{: #%s title="%s"}\n' % ("\n".join(lines), anchor, title)
