# SPDX-License-Identifier: ISC
"""
The benchmarks, small and over real sockets, so that they do not rot.  Judged is what was counted: who answered, who was found
dead and is back.  What it cost is not looked at: a busy machine must not fail here.
"""

import json
import os
import subprocess

import bench
from lab import Lab, check, run, tail
from ruthere import PROGRAM

FLEET = 200
SAS = 1000
EXCHANGES = 5000
OF_PEER = 20
DETECT = 10  # seconds
AWAY = 12  # longer than that, so that all are found dead


class Figures:
    """What `ruthere bench --json` has written."""

    def __init__(self, path):
        with open(path) as file:
            whole = json.load(file)
        self.quantities = {(q["benchmark"], q["name"]): q for q in whole["quantities"]}
        self.notes = {}
        for note in whole["notes"]:
            self.notes.setdefault(note["benchmark"], []).append(note["text"])

    def value(self, room, name):
        check((room, name) in self.quantities, "no figure \"%s\" of %s" % (name, room))
        return self.quantities[room, name]["median"]

    def check_complete(self, room, names):
        """All of these are there and more than nothing, and nothing was lost, which a note would say."""
        for name in names:
            check(self.value(room, name) > 0, "\"%s\" is %s" % (name, self.value(room, name)))
        check(room not in self.notes, "; ".join(self.notes.get(room, [])))


def die(lab, path):
    """A fleet that dies and returns; begun, and not waited for."""
    return lab.spawn("us", [PROGRAM, "bench", "death", "--sas", str(FLEET), "--detect", str(DETECT), "--away", str(AWAY),
                            "--json", path], "death.out")


def check_death(process, path):
    try:
        status = process.popen.wait(180)
    except subprocess.TimeoutExpired:
        status = None
    check(status == 0, "ruthere bench death ended with %s: %s" % (status, tail(process.log)))
    figures = Figures(path)
    check(figures.value("death", "found dead") == FLEET, "%d of %d were found dead" % (
        figures.value("death", "found dead"), FLEET))
    check(figures.value("death", "dead before they were") == 0, "%d were found dead while they lived" %
          figures.value("death", "dead before they were"))
    check(figures.notes["death"] == ["%d SAs" % FLEET], "; ".join(figures.notes["death"]))
    figures.value("death", "all are back after")


def benchmarks(name):
    """A death; a node that is asked; strongSwan, asked and called."""
    with Lab(name) as lab:
        death_path, path = (os.path.join(lab.path, file) for file in ("death.json", "figures.json"))
        death = die(lab, death_path)
        run(["ip", "netns", "exec", lab.namespace("us"), PROGRAM, "bench", "answered", "--sas", str(SAS), "--rounds", "1",
             "--exchanges", str(EXCHANGES), "--json", path], timeout=120)
        Figures(path).check_complete("answered", ["1,000 SAs", "floor: cryptography", "floor: system calls"])
        link = lab.link("gw")
        peer = bench.Charon(lab, link)
        proposal = bench.GROUPS["modp2048"]
        bench.measure(lab, link, peer, "charon", "answered", proposal, path, "--sas", str(OF_PEER), "--rounds", "1",
                      "--exchanges", "400", timeout=120)
        Figures(path).check_complete("answered", ["charon, %d SAs" % OF_PEER, "%d SAs" % OF_PEER])
        bench.measure(lab, link, peer, "charon", "handshake", proposal, path, "--rounds", "1", "--exchanges", "20",
                      timeout=120)
        Figures(path).check_complete("handshake", ["charon, modp2048", "two bare operations, modp2048"])
        check_death(death, death_path)
        return "%d of %d R-U-THEREs of %d SAs answered, 400 of 400 by strongSwan; 36 handshakes with it; %d died and returned" % (
            EXCHANGES, EXCHANGES, SAS, FLEET)
