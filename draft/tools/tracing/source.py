# SPDX-License-Identifier: ISC
"""The normative sentences of the draft's source: every line with a BCP 14 keyword in capitals, and the section that it stands in."""

import collections
import re

KEYWORD = re.compile(r"\b(MUST NOT|MUST|REQUIRED|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|MAY|OPTIONAL)\b")
LEVEL = {"REQUIRED": "MUST", "SHALL": "MUST", "SHALL NOT": "MUST NOT", "RECOMMENDED": "SHOULD", "NOT RECOMMENDED": "SHOULD NOT",
         "OPTIONAL": "MAY"}
HEADING = re.compile(r"^#+ .*?(?:\{: ?#([\w.-]+)[^}]*\}|\{#([\w.-]+)[^}]*\})?\s*$")
FENCE = re.compile(r"^(~~~+|```+)")
MARKER = re.compile(r"^(?:[-*:] +|\d+\. +)+")

Sentence = collections.namedtuple("Sentence", "line section levels text")


def _body(lines):
    """(number, line) of what is text: no front matter, no figures, no comments, no markup of blocks."""
    fence = None
    begun = "--- abstract" not in [line.strip() for line in lines]
    for number, line in enumerate(lines, 1):
        begun = begun or line.strip() == "--- abstract"
        match = FENCE.match(line)
        if fence is not None:
            if match and match.group(1).startswith(fence) and line.strip() == match.group(1):
                fence = None
        elif match:
            fence = match.group(1)
        elif begun and not re.match(r"^(\{::|\{:|\*\[|<!--)", line):
            yield number, line


def sentences(text):
    """In the order of the source.  `section` is the anchor of the heading that is nearest above, "" if it has none."""
    found, section = [], ""
    for number, line in _body(text.splitlines()):
        if line.startswith("#"):
            match = HEADING.match(line)
            section = (match.group(1) or match.group(2) or "") if match else ""
        levels = tuple(LEVEL.get(word, word) for word in KEYWORD.findall(line))
        if levels:
            found.append(Sentence(number, section, levels, MARKER.sub("", line.strip())))
    return found


def anchors(text):
    """{anchor: title} of every heading."""
    found = {}
    for _, line in _body(text.splitlines()):
        match = HEADING.match(line) if line.startswith("#") else None
        if match and (match.group(1) or match.group(2)):
            found[match.group(1) or match.group(2)] = re.sub(r"\s*\{.*\}\s*$", "", line.lstrip("#").strip())
    return found
