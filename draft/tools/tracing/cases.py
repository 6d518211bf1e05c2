# SPDX-License-Identifier: ISC
"""Cases of the conformance suite that show requirements, and what the published reports say of them.

A case names what it shows beside its ID:

    .id = "rfc3706/5.2/question-in-clear", /* R5 */
"""

import collections
import json
import os
import re

from tracing.places import identifiers

Case = collections.namedtuple("Case", "identifier path level shows verdicts")  # verdicts: {"libreswan 4.10": "PASS"}

ENTRY = re.compile(r'\.id = "([^"]+)",\s*(?:/\*(.*?)\*/)?', re.DOTALL)
LEVEL = re.compile(r"\.level = CONFORM_(\w+)")


def parse(text, path=""):
    """The cases of one source, without verdicts.  What stands between two IDs belongs to the first."""
    entries = list(ENTRY.finditer(text))
    for entry, following in zip(entries, entries[1:] + [None]):
        level = LEVEL.search(text, entry.end(), following.start() if following else len(text))
        yield Case(entry.group(1), path, level.group(1) if level else "", tuple(identifiers(entry.group(2) or "")), {})


def reports(folder):
    """{"libreswan 4.10": {case: verdict}}, the reference first."""
    found = {}
    names = [name for name in sorted(os.listdir(folder)) if name.endswith(".json")] if os.path.isdir(folder) else []
    for name in sorted(names, key=lambda name: not name.startswith("ruthere")):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            report = json.load(file)
        device = "%s %s" % (report["device"]["name"], report["device"].get("version", ""))
        found[device.strip()] = {case["id"]: case["verdict"] for case in report["cases"]}
    return found


def find(root):
    """Every case, in the order of the sources."""
    published = reports(os.path.join(root, "interop", "matrix"))
    folder = os.path.join(root, "interop", "conform")
    found = []
    for name in sorted(os.listdir(folder)):
        if not re.match(r"cases_\w+\.c$", name):
            continue
        path = "interop/conform/" + name
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for case in parse(file.read(), path):
                found.append(case._replace(verdicts={device: verdicts[case.identifier] for device, verdicts in published.items()
                                                     if case.identifier in verdicts}))
    return found
