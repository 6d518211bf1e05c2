# SPDX-License-Identifier: ISC
"""
The conformance suite against others, and against ourselves.

What it finds is held against the profile in interop/matrix, where every deviation has its reason: a case here passes if
there is nothing else.  The report of the run stays in build/interop/NAME/report, and interop/matrix/publish takes it from
there.
"""

import collections
import concurrent.futures
import functools
import glob
import json
import os
import subprocess

import libreswan
import ruthere
import strongswan
from lab import ROOT, WORK, check, run, tail, until
from meeting import PROPOSAL, meeting
from ruthere import PROGRAM, SECRET, Ruthere

MATRIX = os.path.join(ROOT, "interop", "matrix")
GOOD = ("PASS", "INFO", "SKIP")  # what is skipped says itself why
EXPLAINED = ("LENIENT", "UNSUPPORTED", "XFAIL")  # with its reason, in the profile
only = []  # beginnings of IDs, from the command line of interop/peers/run
# ruthere's side of a tunnel, and the other; libreswan.TUNNEL is the same from there.
OURS, THEIRS = libreswan.TUNNEL[1], libreswan.TUNNEL[0]
ANOTHER = "another.conform.example"  # whom some cases call as
PARTS = 8  # of a suite, at a time
PAUSE = 0.3  # seconds between two cases
SECOND_LOOKS = 6  # of a suite, at most
TUNNEL = ("--tunnel", "%s=%s" % (OURS, THEIRS), "--esp", "aes128-sha1")

# A device that has been brought up: what makes it call, and what else the suite should know of it.
Device = collections.namedtuple("Device", "calling words served")


def profile(name):
    return os.path.join(MATRIX, name + ".profile")


def secret_file(lab):
    path = os.path.join(lab.path, "secret")
    with open(path, "w") as file:
        os.chmod(path, 0o600)
        file.write(SECRET)
    return path


def not_explained(cases):
    """Those whose verdict nobody has given a reason for."""
    return [case for case in cases
            if case["verdict"] not in GOOD and not (case["verdict"] in EXPLAINED and "profile" in case)]


def described(case):
    return "%s %s (%s)" % (case["verdict"], case["id"], case["observed"])


def cases_of(path):
    with open(path) as file:
        return json.load(file)["cases"]


def judge(path):
    """A report as counts, and what of it nobody has explained."""
    cases = cases_of(path)
    return collections.Counter(case["verdict"] for case in cases), [described(case) for case in not_explained(cases)]


def base_words(lab, link):
    """What the command line says of any device here."""
    return [link.theirs, "--secret-file", secret_file(lab), "--proposal", PROPOSAL, "--identity", "fqdn:us.example",
            "--peer-identity", "fqdn:gw.example"]


def conform(lab, link, words, timeout, log="conform.out"):
    """Runs it to its end; the path of the report, and the exit status."""
    folder = os.path.join(lab.path, "report")
    process = lab.spawn("us", [
        PROGRAM, "conform", *base_words(lab, link), "--output", folder, *words], log)
    until(lambda: not process.running, timeout, lambda: "the suite to end: " + tail(process.log), interval=0.2)
    path = os.path.join(folder, "report.json")
    check(os.path.exists(path), "ruthere conform ended with status %d and without a report: %s" % (
        process.popen.returncode, tail(process.log)))
    return path, process.popen.returncode


def all_cases():
    """Their IDs, in order; only those that begin as the user said."""
    ids = [line.split()[0] for line in run([PROGRAM, "conform", "--list"]).splitlines()]
    return [id for id in ids if not only or id.startswith(tuple(only))]


def lengths(name):
    """How many seconds each case took when the results were published; {} where there are none yet."""
    lasted = {}
    for path in glob.glob(os.path.join(MATRIX, name + "-*.json")):
        with open(path) as file:
            lasted.update((case["id"], case["seconds"]) for case in json.load(file)["cases"])
    return lasted


def shares(ids, count, seconds):
    """
    All of them in so many heaps that take about equally long.  On the command line an ID stands for all that begin so,
    too: these go where it goes.
    """
    heads = [id for id in ids if not any(id != other and id.startswith(other) for other in ids)]
    weights = {head: sum(seconds.get(id, 1) + PAUSE for id in ids if id.startswith(head)) for head in heads}
    heaps = [[] for _ in range(min(count, len(heads)))]
    for head in sorted(heads, key=lambda head: -weights[head]):
        min(heaps, key=lambda heap: sum(weights[id] for id in heap)).append(head)
    return [sorted(heap, key=ids.index) for heap in heaps]


def merge(paths, ids, out):
    """One report of several on the same implementation, as if all had been one run."""
    reports = []
    for path in paths:
        with open(path) as file:
            reports.append(json.load(file))
    whole = reports[0]
    whole["device"]["vendor_ids"] = sorted({id for report in reports for id in report["device"].get("vendor_ids", [])})
    for name in ("case", "output"):
        whole["options"].pop(name, None)
    whole["seconds"] = round(sum(report["seconds"] for report in reports), 1)
    whole["cases"] = sorted((case for report in reports for case in report["cases"]),
                            key=lambda case: ids.index(case["id"]))
    check([case["id"] for case in whole["cases"]] == ids, "not every case has just one result")
    with open(out, "w") as file:
        json.dump(whole, file, indent=1)


def said(counts):
    return ", ".join("%d %s" % (count, verdict) for verdict, count in counts.most_common())


def part(name, bring, words, timeout):
    """Some of the cases against a device of their own."""
    with meeting(name) as m:
        device = bring(m)
        path, status = conform(m.lab, m.link, ["--call", device.calling, *device.words, *words], timeout)
        m.tcpdump.end()
        return path, status


def second_look(name, bring, paths, timeout):
    """
    What nobody has explained may be the doing of nine other daemons on the same processors, or of what the case before had left; so it
    is asked once more, alone, and only what is found twice counts.  What was found once, as the line of the case says it; the report
    on the second look.
    """
    once = [case for path in paths for case in not_explained(cases_of(path))]
    if not once or len(once) > SECOND_LOOKS:
        return [], None
    ids = {case["id"] for case in once}
    again, _ = part(name + "/again", bring, [word for id in sorted(ids) for word in ("--case", id)], timeout)
    for path in [again, *paths]:  # an ID on the command line brings along what begins so
        with open(path) as file:
            report = json.load(file)
        report["cases"] = [case for case in report["cases"] if (case["id"] in ids) == (path == again)]
        with open(path, "w") as file:
            json.dump(report, file)
    return [described(case) for case in once], again


def whole_suite(name, bring, parts=PARTS, timeout=420):
    """
    Every case, on several devices at a time, since most of the time is spent on waiting for their timers.
    """
    ids = all_cases()
    with concurrent.futures.ThreadPoolExecutor(parts) as pool:
        done = list(pool.map(
            lambda share: part("%s/%d" % (name, share[0]), bring,
                               [word for id in share[1] for word in ("--case", id)], timeout),
            enumerate(shares(ids, parts, lengths(name.split("-")[1])))))
    report = os.path.join(WORK, name, "report.json")
    paths = [path for path, _ in done]
    twice, path = second_look(name, bring, paths, timeout)
    merge(paths + [path] * bool(twice), ids, report)
    counts, bad = judge(report)
    check(not bad, "%d not explained: %s" % (len(bad), ", ".join(bad[:4])))
    for path, status in done:
        check(status == 0 or twice, "ruthere conform ended with status %d for %s" % (status, path))
    return "%d cases: %s%s" % (sum(counts.values()), said(counts),
                               "; at first, and not again: " + ", ".join(twice) if twice else "")


# ---- the peers -------------------------------------------------------------------------------------------------------


def strongswan_device(m):
    """On port 500 and without a tunnel, so that nothing floats; it asks after 2 s, and gives up after 9."""
    peer = m.bring_peer(strongswan.Peer, dpd_delay=2, dpd_timeout=9, strangers=True)
    return Device(peer.calling, ["--profile", profile("strongswan-5.9.8")], peer)


def libreswan_device(m):
    """It asks only where it has a tunnel: after 3 s, and gives up after 12."""
    # Once it was told to call it would otherwise do so for ever.
    peer = m.bring_peer(libreswan.Peer, tunnel=libreswan.TUNNEL, keepalive=(3, 12), stranger=ANOTHER,
                        words=["--dontrekey", "--keyingtries", "1"])
    return Device(peer.calling, ["--profile", profile("libreswan-4.10"), *TUNNEL], peer)


def conform_strongswan(name):
    return whole_suite(name, strongswan_device)


def conform_libreswan(name):
    return whole_suite(name, libreswan_device, parts=10)


# ---- ourselves -------------------------------------------------------------------------------------------------------


@functools.lru_cache
def version():
    return run([PROGRAM, "--version"]).split()[1]


def ruthere_device(lab, link, words=(), name="ruthere"):
    """Another process (`name` is its files'), which asks after 1 s and gives up 3 s later; it has no gateway to call by itself."""
    back = link.reversed()
    served = Ruthere(
        lab, [back], [PROPOSAL], node=link.node, identity=None, words=words, file=name,
        keepalive={"mode": '"periodic"', "worry": '"1s"', "retry": '"500ms"', "misses": '"6"'},
        recovery={"connect-at-start": "false", "attempt-timeout": '"30s"'}, tunnel=dict(
            local='"%s"' % THEIRS, remote='"%s"' % OURS, proposals='{"aes128-sha1"}', begin="false"))
    return Device(served.calling, ["--name", "ruthere", "--version", version(), "--worry", "3s", "--death", "8s", *TUNNEL],
                  served)


def conform_ruthere(name):
    return whole_suite(name, lambda m: ruthere_device(m.lab, m.link))


# ---- what is published -----------------------------------------------------------------------------------------------


def published(_):
    """interop/matrix is of the cases that there are."""
    done = subprocess.run([os.path.join(MATRIX, "check")], stdout=subprocess.PIPE, text=True, check=False)
    check(done.returncode == 0, done.stdout.strip().replace("\n", "; "))
    return "the published results are of the cases that there are, each deviation with its reason"
