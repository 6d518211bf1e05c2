# SPDX-License-Identifier: ISC
"""What `serve` gives up once it runs, as the system tells it."""

import os

from node import check, need_root

NOBODY = 65534


def root_becomes_nobody(place):
    """Started by root: another user, no group of root's, no capability in any set, a list of system calls."""
    need_root()
    a, b = place.pair()
    for node in (a, b):
        status = node.proc_status()
        check(status["Uid"].split() == [str(NOBODY)] * 4, "users %s" % status["Uid"])
        check(status["Gid"].split() == [str(NOBODY)] * 4, "groups %s" % status["Gid"])
        check(not status["Groups"].split(), "supplementary groups %s" % status["Groups"])
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            check(int(status[name], 16) == 0, "%s is %s" % (name, status[name]))
        check(status["NoNewPrivs"] == "1", "new privileges are possible")
        check(status["Seccomp"] == "2", "system calls are not restricted")
        core = [line.split()[4:6] for line in node.proc("limits").splitlines() if line.startswith("Max core file")]
        check(core == [["0", "0"]], "core dumps may have %s octets" % core)
        told = node.find("confined")[0]
        check(told["confined"] is True and told["user"] == "nobody" and told["calls"] > 0, "event: %s" % told)
        check(node.status()["confinement"]["user"] == "nobody", "status does not tell")
    a.alive()
    a.end()
    b.wait("deleted")
    b.end()
    return "user, groups, capabilities (all five sets), no-new-privileges, %d system calls, no core dumps" % told["calls"]


CASES = {
    "root-becomes-nobody": root_becomes_nobody,
}
