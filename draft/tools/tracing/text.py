# SPDX-License-Identifier: ISC
"""The trace as Markdown, for whoever reads the repository."""

from tracing.judge import cases_of

SHORT = {"PASS": "pass", "XFAIL": "fail", "FAIL": "fail", "LENIENT": "lenient", "INFO": "info", "SKIP": "skip", "UNSUPPORTED": "unsupported",
         "XPASS": "pass", "INCONCLUSIVE": "inconclusive"}
NOTES = (("rfc3706", "RFC 3706, section"), ("from", "from"), ("clarification", "clarification"))


def counts(trace):
    """What the table comes to: (words, how many)."""
    met = [one for one in trace.requirements if not one.excuse]
    part = [one for one in trace.requirements if one.excuse and not one.is_excused]
    with_cases = [one for one in trace.requirements if cases_of(trace, one.identifier)]
    return (("requirements", len(trace.requirements)), ("met", len(met)), ("met in part", len(part)),
            ("not met", len(trace.requirements) - len(met) - len(part)), ("shown by a case of the suite", len(with_cases)))


def devices(trace):
    """Whose verdicts there are, in the order of the reports."""
    return list(dict.fromkeys(device for case in trace.cases for device in case.verdicts))


def excuse(one):
    """("met in part", why not in whole)"""
    return ("not met", one.excuse) if one.is_excused else ("met in part", one.excuse[len("in part"):].lstrip(", "))


def _places(title, places):
    if not places:
        return []
    return ["- %s: %s" % (title, "; ".join("`%s`%s" % (place.path, " " + place.name if place.name else "") for place in places))]


def _notes(one):
    said = ["%s %s" % (title, one.notes[key]) for key, title in NOTES if key in one.notes and one.notes[key] != "no"]
    return ["- source: " + "; ".join(said)] if said else []


def _one(trace, one):
    lines = ["### %s %s" % (one.identifier, one.level), "",
             "> " + one.sentence, ""]
    lines += _notes(one)
    if one.excuse:
        lines.append("- **%s**: %s" % excuse(one))
    lines += _places("code", trace.code.get(one.identifier, [])) + _places("tests", trace.tests.get(one.identifier, []))
    for case in cases_of(trace, one.identifier):
        verdicts = ", ".join("%s %s" % (device, SHORT.get(verdict, verdict)) for device, verdict in case.verdicts.items())
        lines.append("- case `%s` (%s): %s" % (case.identifier, case.level, verdicts or "not published"))
    return lines + [""]


def render(trace, title):
    lines = ["# %s: requirements, code, tests, cases, verdicts" % title, "",
             "Written by `make trace` from `requirements`, the draft, the sources and the published reports; do not edit. The same as a page: "
             "[trace.html](trace.html).", "", "; ".join("%d %s" % (number, words) for words, number in counts(trace)) + ".", ""]
    section = None
    for one in ordered(trace):
        if one.section != section:
            section = one.section
            lines += ["## %s" % trace.anchors.get(section, section), ""]
        lines += _one(trace, one)
    return "\n".join(lines)


def ordered(trace):
    """In the order of the draft."""
    place = {sentence.text: sentence.line for sentence in trace.sentences}
    return sorted(trace.requirements, key=lambda one: (place.get(one.sentence, 0), one.number))
