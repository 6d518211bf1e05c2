# SPDX-License-Identifier: ISC
"""The implementation status in the form of RFC 7942, from the published reports of the conformance suite (interop/matrix)."""

import collections
import json
import os
import re

Known = collections.namedtuple("Known", "organization description licence contact")

# What RFC 7942 asks for and no report can tell.
KNOWN = {
    "ruthere": Known("The ruthere Project", "The reference implementation of this document: an IKEv1 initiator and responder with the "
                     "keepalive, its tests, a model, a simulator and a conformance suite. Written to be read and measured against, not as a VPN.",
                     "ISC", "The author of this document."),
    "strongSwan": Known("The strongSwan Project", "An IPsec implementation for many operating systems, widely deployed. What was examined is its "
                        "IKEv1 as Debian 12 ships it; its authors have taken no part in this document.",
                        "GPLv2 or later", "https://www.strongswan.org/"),
    "libreswan": Known("The Libreswan Project", "An IPsec implementation for Linux and BSD, widely deployed. What was examined is its IKEv1 as "
                       "Debian 12 ships it; its authors have taken no part in this document.", "GPLv2 or later", "https://libreswan.org/"),
}
COUNTED = ("PASS", "LENIENT", "XFAIL", "INFO", "UNSUPPORTED", "SKIP", "FAIL", "XPASS", "INCONCLUSIVE")
WORDS = {"XFAIL": "FAIL"}  # the profile expects it; to the reader of a draft it is what it is
DEVIATIONS = ("XFAIL", "FAIL", "LENIENT")
POLICIES = ("rfc3706/", "rfc2407/4.6.3.3/", "rfc2408/5.2/")
# As it was configured for the suite: no policy.
CONFIGURED = ("rfc3706/5.5/question-interval", "rfc3706/5.4/death-schedule")


def load(folder):
    """Every report, the reference first and the others by name."""
    reports = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                reports.append(json.load(file))
    return sorted(reports, key=lambda report: (report["device"]["name"] != "ruthere", report["device"]["name"].lower()))


def title(report):
    return "%s %s" % (report["device"]["name"], report["device"]["version"])


def _counts(report):
    counts = collections.Counter(WORDS.get(case["verdict"], case["verdict"]) for case in report["cases"])
    return ", ".join("%d %s" % (counts[word], word) for word in COUNTED if counts[word])


def _deviations(report):
    for case in report["cases"]:
        if case["verdict"] in DEVIATIONS:
            reason = case.get("profile", {}).get("reason") or case["observed"]
            # In small letters: what the suite asks for is no requirement of the draft.
            asked = "%s, %s" % (case["level"].lower(), WORDS.get(case["verdict"], case["verdict"]).lower())
            yield "%s (%s):\n: %s\n" % (case["id"], asked, _plain(reason))


def _plain(text):
    """Words that kramdown would take for markup stay words, and key words of other documents are none of this one's."""
    text = re.sub(r"\b(MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL)( NOT)?\b", lambda match: match.group(0).lower(), text)
    return text.replace("*", "\\*").replace("_", "\\_").replace("|", "\\|").replace("<", "&lt;")


def _section(report):
    device = report["device"]
    known = KNOWN[device["name"]]
    lines = ["## %s {#status-%s}" % (title(report), device["name"].lower()), ""]
    for term, text in (("Organization", known.organization), ("Description", known.description),
                       ("Coverage", "%d cases of the conformance suite of the reference: %s." % (len(report["cases"]), _counts(report))),
                       ("Version compatibility", "RFC 3706, version 1.0 of the keepalive."),
                       ("Licensing", known.licence), ("Contact", known.contact), ("Date", report["started"][:10])):
        lines += ["%s:" % term, ": %s" % _plain(text), ""]
    found = list(_deviations(report))
    if found:
        lines += ["Where it differs from what the suite asks for, with the reason as far as it is known:", ""] + found
    return "\n".join(lines)


def _value(case):
    """"retry=new-number": new number."""
    value = case.get("value") or case["verdict"]
    return (value.split("=", 1)[-1] if value.count("=") == 1 else value).replace("-", " ")


def _policies(reports):
    """What is left to an implementation and is not the same in all."""
    others = [{case["id"]: case for case in report["cases"]} for report in reports]
    rows = []
    for case in reports[0]["cases"]:
        if not case["id"].startswith(POLICIES) or case["id"] in CONFIGURED or case["level"] != "INFO":
            continue
        if not all(case["id"] in other for other in others):
            continue
        values = [_value(other[case["id"]]) for other in others]
        if len(set(values)) > 1:
            rows.append([case["title"]] + values)
    return rows


def render(reports):
    text = "\n".join(_section(report) for report in reports)
    text += "\n## Where They Differ {#status-policies}\n\n"
    text += "This is what the documents leave open, or say otherwise than it is done, and in which the implementations are not alike.\n\n"
    text += "| Question | %s |\n|%s\n" % (" | ".join(title(report) for report in reports), "---|" * (len(reports) + 1))
    text += "".join("| %s |\n" % " | ".join(_plain(cell) for cell in row) for row in _policies(reports))
    return text + '{: #policies title="What implementations do where they may choose"}\n'
