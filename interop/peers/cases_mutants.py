# SPDX-License-Identifier: ISC
"""
The conformance suite against ourselves with every impairment, over real sockets: each must be noticed.

tests/matrix/matrix.txt says which cases notice what in virtual time, and the published results how long they take and what a
sound device is like.  Of the cases that notice an impairment the two quickest are run here, so that all is done in half a
minute; the first that notices it is enough.
"""

import collections
import concurrent.futures
import contextlib
import glob
import json
import os
import re
import time

from cases_conform import MATRIX, base_words, ruthere_device
from lab import ROOT, Failure, Lab, check, tail, until
from ruthere import PROGRAM

TABLE = os.path.join(ROOT, "tests", "matrix", "matrix.txt")
WORKERS = 16
TRIED = 2  # cases for each impairment
ATTEMPTS = 3
# Where the quickest is slow with the impairment: it waits for half-open SAs to be forgotten.
BETTER = {"refuses-after-three": "robust/5.1/first-repeated"}
LONGEST = 30  # seconds for one impairment
CLARITY = "FvLU"  # which sign of a case is the clearest

Sign = collections.namedtuple("Sign", "case letter")


def sound_results():
    """Of ourselves as published: {case: (seconds, verdict, value)}."""
    paths = glob.glob(os.path.join(MATRIX, "ruthere-*.json"))
    check(len(paths) == 1, "there are no published results of ourselves; please: interop/matrix/publish")
    with open(paths[0]) as file:
        return {case["id"]: (case["seconds"], case["verdict"], case.get("value", "")) for case in json.load(file)["cases"]}


def signs():
    """{impairment: [Sign]}, the best to be tried first."""
    check(os.path.exists(TABLE), "tests/matrix/matrix.txt is not there; please: make mutants-written")
    sound, found = sound_results(), collections.defaultdict(list)
    with open(TABLE) as file:
        for line in file:
            case, *words = line.split()
            for name, letter in (word.split(":") for word in words if ":" in word):
                if case in sound:
                    found[name].append(Sign(case, letter))
    for name in found:
        found[name].sort(key=lambda sign: (
            sign.case != BETTER.get(name), round(sound[sign.case][0]), CLARITY.find(sign.letter), sign.case))
    return found


def impairments():
    """Every name that there is."""
    with open(os.path.join(ROOT, "interop", "impair", "impairments.def")) as file:
        return re.findall(r'^IMPAIRMENT\(\w+,\s*"([a-z0-9-]+)"', file.read(), re.M)


def read(path):
    """What TAP says of each case so far: {case: (verdict, value)}."""
    results = {}
    with open(path, errors="replace") as file:
        text = file.read()
    for block in re.split(r"^(?=ok |not ok )", text, flags=re.M)[1:]:
        head = re.match(r"(?:not )?ok \d+ - (\S+)( # SKIP)?[^\n]*\n", block)
        if not head or re.search(r"\n  ---\n(?!.*\n  \.\.\.\n)", "\n" + block, re.S):
            continue  # still being written
        verdict = re.search(r'^  verdict: "(\w+)"', block, re.M)
        value = re.search(r'^  value: "(.*)"', block, re.M)
        results[head[1]] = ("SKIP" if head[2] else verdict[1] if verdict else "PASS", value[1] if value else "")
    return results


def notice(lab, link, name, attempt, tried, sound):
    """Which of the cases noticed it, or None; and all that they said."""
    stem = "%s-%d" % (name, attempt)
    device = ruthere_device(lab, link, ["--impair", name], stem)
    # A device that is dead is waited for in five times the patience; one that calls must have time to send again.
    patience = "2s" if any("/call-" in sign.case for sign in tried) else "500ms"
    process = lab.spawn("us", [
        PROGRAM, "conform", *base_words(lab, link), "--call", device.calling, *device.words, "--patience", patience, "--tap",
        *(word for sign in tried for word in ("--case", sign.case))], stem + ".tap")
    results = {}

    def noticed():
        results.update(read(process.log))
        for case, result in results.items():
            if case in sound and result != sound[case][1:] and result[0] != "INCONCLUSIVE":
                return case
        return None

    def over():
        return noticed() or not process.running

    with contextlib.suppress(Failure):  # who has seen nothing until then sees nothing
        until(over, LONGEST, "a sign of it", interval=0.05)
    found = noticed()
    if found is None and not results and "Phase 1" in tail(process.log, 20):
        found = "the sanity conversation before the first case"
    process.kill()
    device.served.process.kill()
    return found, results


def work(lab_name, jobs, sound):
    """One device after the other; {impairment: what is wrong}."""
    missed = {}
    with Lab(lab_name) as lab:
        link = lab.link("gw")
        for name, tried in jobs:
            # More than once: an impairment that looks at the question before may see the one behind it, when both are read at once.
            for attempt in range(ATTEMPTS):
                found, results = notice(lab, link, name, attempt, tried, sound)
                if found:
                    break
            if found is None:
                missed[name] = "; ".join("%s is %s" % (sign.case, " ".join(results.get(sign.case, ("not run",))).strip())
                                         for sign in tried)
    return missed


def conform_mutants(name):
    sound, known, names = sound_results(), signs(), impairments()
    unknown = [one for one in names if one not in known]
    check(not unknown, "no case in tests/matrix/matrix.txt notices %s" % ", ".join(unknown[:5]))
    jobs = [(one, known[one][:TRIED]) for one in names]
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        missed = {}
        for part in pool.map(lambda number: work("%s/%d" % (name, number), jobs[number::WORKERS], sound), range(WORKERS)):
            missed.update(part)
    check(not missed, "%d of %d impairments are not noticed: %s" % (
        len(missed), len(names), ", ".join("%s (%s)" % pair for pair in list(missed.items())[:3])))
    return "%d impairments, each noticed; %.0f ms each" % (
        len(names), 1000 * (time.monotonic() - begun) * WORKERS / len(names))
