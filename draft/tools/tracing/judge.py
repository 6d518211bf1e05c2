# SPDX-License-Identifier: ISC
"""What is wrong with the trace.  Every fault is a line that says what to do."""

import collections

# Of our own reports: the case has been run, and the reference does not do what it is there to do.
BROKEN = ("FAIL", "XFAIL", "XPASS", "LENIENT", "INCONCLUSIVE", "UNSUPPORTED")
REFERENCE = "ruthere"

# requirements: of requirements.py; sentences, anchors: of source.py; code, tests: {ID: [Place]}; cases: of cases.py
Trace = collections.namedtuple("Trace", "requirements sentences anchors code tests cases")


def in_places(places):
    """Those that are not only in the head of a file: there is a line beside them that obeys."""
    return [place for place in places if place.name]


def cases_of(trace, identifier):
    return [case for case in trace.cases if identifier in case.shows]


def _twice(trace):
    seen, sentences = set(), {}
    for one in trace.requirements:
        if one.identifier in seen:
            yield "%s: there are two of it in draft/requirements" % one.identifier
        seen.add(one.identifier)
        if one.sentence and one.sentence in sentences:
            yield "%s: has the sentence of %s" % (one.identifier, sentences[one.sentence])
        sentences.setdefault(one.sentence, one.identifier)


def _text(trace):
    """Records against the draft, and the draft against records."""
    known = {one.sentence for one in trace.requirements}
    by_sentence = collections.defaultdict(list)
    for sentence in trace.sentences:
        by_sentence[sentence.text].append(sentence)
        if sentence.text not in known:
            yield "line %d of the draft: a normative sentence without an ID: %s" % (sentence.line, sentence.text)
        if len(sentence.levels) > 1:
            yield "line %d of the draft: more than one keyword, so it cannot have one level: %s" % (sentence.line, sentence.text)
    for one in trace.requirements:
        found = by_sentence.get(one.sentence)
        if not found:
            yield "%s: its sentence is not in the draft, word for word, as a line with a keyword: %s" % (one.identifier, one.sentence)
            continue
        if len(found) > 1:
            yield "%s: its sentence stands in the draft %d times" % (one.identifier, len(found))
        if one.level not in found[0].levels:
            yield "%s: is %s in draft/requirements, and %s in the draft" % (one.identifier, one.level, ", ".join(found[0].levels))
        if one.section not in trace.anchors:
            yield "%s: there is no section #%s in the draft" % (one.identifier, one.section)
        elif found[0].section != one.section:
            yield "%s: is said to stand in #%s, and stands in #%s" % (one.identifier, one.section, found[0].section)


def _met(trace):
    for one in trace.requirements:
        if one.is_excused:
            continue
        if not in_places(trace.code.get(one.identifier, [])):
            head = "; the head of a file is not beside a line" if trace.code.get(one.identifier) else ""
            yield "%s: no code names it (crypto, ike, keepalive, interop)%s" % (one.identifier, head)
        if not in_places(trace.tests.get(one.identifier, [])) and not cases_of(trace, one.identifier):
            yield "%s: neither a test nor a case names it" % one.identifier


def _unknown(trace):
    known = {one.identifier for one in trace.requirements}
    for places in (trace.code, trace.tests):
        for identifier, found in sorted(places.items(), key=lambda item: int(item[0][1:])):
            if identifier not in known:
                for place in found:
                    yield "%s%s: names %s, which draft/requirements has not" % (place.path, ", " + place.name if place.name else "", identifier)
    for case in trace.cases:
        for identifier in case.shows:
            if identifier not in known:
                yield "%s, %s: names %s, which draft/requirements has not" % (case.path, case.identifier, identifier)


def _cases(trace):
    for case in trace.cases:
        if not case.shows:
            continue
        if case.level == "INFO":
            yield "%s: shows nothing (%s), since a case of level INFO cannot fail" % (case.identifier, ", ".join(case.shows))
        for device, verdict in case.verdicts.items():
            if device.startswith(REFERENCE) and verdict in BROKEN:
                yield "%s: %s is published as %s of the reference itself" % (", ".join(case.shows), case.identifier, verdict)


def faults(trace, faults_of_form=()):
    found = list(faults_of_form)
    for rule in (_twice, _text, _met, _unknown, _cases):
        found += rule(trace)
    return found
