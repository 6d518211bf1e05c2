# SPDX-License-Identifier: ISC
"""What `serve` gives up once it runs, as the system tells it."""

import os
import shutil
import signal
import socket
import struct
import subprocess

from node import PROGRAM, check, need_root, until

NOBODY = 65534
CAP_SETPCAP, CAP_NET_BIND_SERVICE, VFS_CAP_REVISION_2 = 8, 10, 0x02000000  # linux/capability.h

# What an intruder tries, and the system call that this ends with; None: it is allowed.
DEEDS = {
    "run-a-shell": "execve", "make-a-process": "clone", "write-a-file": "openat", "truncate-a-file": "openat",
    "read-a-file": "openat", "remove-a-file": "unlink", "call-home": "socket", "sniff": "socket",
    "become-root": "setuid", "look-into-others": "ptrace", "signal-others": "kill", "run-memory": "mmap",
    "make-memory-run": "mprotect", "allow-dumps": "prctl", "silence-the-alarm": "rt_sigaction",
    "ask-who-we-are": None,
}
# Looking up names needs these two, so where a gateway has a name they are allowed.
WITH_NAMES = {"read-a-file": None}


def order(place, node, deed):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"INTRUDE " + deed.encode(), (place.addresses[node.name], place.port))


def _cannot_be_looked_into(node):
    """Not by its own user: the system gives the files of such a process (PR_SET_DUMPABLE) to root."""
    check(os.stat("/proc/%d/maps" % node.process.pid).st_uid == 0, "%s can be traced by its own user" % node.name)


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
        _cannot_be_looked_into(node)
        told = node.find("confined")[0]
        check(told["confined"] is True and told["user"] == "nobody" and told["calls"] > 0, "event: %s" % told)
        check(node.status()["confinement"]["user"] == "nobody", "status does not tell")
    a.alive()
    a.end()
    b.wait("deleted")
    b.end()
    return "user, groups, capabilities (all five sets), no-new-privileges, %d system calls, no core dumps" % told["calls"]


def _intrude(place, deeds, peer, preload="intruder.so", node=""):
    """Has each deed done in a node that was taken over: it must end there and then, and say of what."""
    for deed, call in deeds.items():
        a = place.watcher(gateway=peer, preload=preload, node=node)
        order(place, a, deed)
        if call is None:
            order(place, a, "nonsense")
            until(lambda: a.status()["counters"]["datagrams-in"] >= 2, 3, "the datagram after \"%s\"" % deed)
            a.end()
            continue
        status = a.ended()
        check(status == -signal.SIGSYS, "%s: ended with %d, not with SIGSYS: %s" % (deed, status, a.said()))
        # only how the name begins: another machine, or C library, may do the same with unlinkat or clone3
        check("confinement: the system call %s" % call in a.said(), "%s: it said: %s" % (deed, a.said()))
        until(lambda: not os.path.exists(a.socket), 3, "the control socket to be removed after SIGSYS")
    check(not os.path.exists(place.file("intruded")), "a file was written")
    return "%d deeds of an intruder: %d ended by SIGSYS, each with its system call named, %d harmless and allowed" % (
        len(deeds), sum(call is not None for call in deeds.values()), sum(call is None for call in deeds.values()))


def intruder(place):
    return _intrude(place, DEEDS, "b")


def intruder_names(place):
    """Where a gateway has a name, files can be read and sockets for UDP made, and nothing else."""
    return _intrude(place, dict(DEEDS, **WITH_NAMES), "localhost:%d" % (place.port + 1))


def intruder_net_admin(place):
    """CAP_NET_ADMIN, kept for the kernel's IPsec SAs, lets an intruder do nothing more of all this."""
    need_root()
    return _intrude(place, DEEDS, "b", "intruder.so:esp.so", "ipsec = xfrm")


def cannot_be_confined(place):
    """Rather not run than run with more than was said; the message names what to do."""
    need_root()
    for user, words in (("no-such-user", "there is no user"), ("root", "is root")):
        place.watched(node='user = "%s"' % user, started=False)
        node = place.nodes[-1]
        check(node.ended() == 1, "it runs as %s" % user)
        check(words in node.said() and "confine = no" in node.said(), "it says: " + node.said())
        check(not os.path.exists(node.socket), "its control socket stayed")
    return "it does not run as root or as nobody in particular: exit status 1, and what to do"


def as_the_configuration_says(place):
    """confine = no: said at the start and in the status."""
    need_root()
    b = place.watched(node="confine = no")
    status = b.proc_status()
    check(status["Uid"].split() == ["0"] * 4 and status["Seccomp"] == "0", "it is confined all the same")
    told = b.find("confined")[0]
    check(told["confined"] is False and "NOT confined" in told["text"], "event: %s" % told)
    text = subprocess.run([PROGRAM, "status", "--socket", b.socket], capture_output=True, text=True, check=True).stdout
    check("NOT confined, as the configuration says (confine = no): user root" in text, "status: " + text)
    b.end()
    return "only by name, and then it says so at the start and in the status"


def another_user(place):
    """The user of the configuration."""
    need_root()
    b = place.watched(node='user = "daemon"')
    check(b.proc_status()["Uid"].split() == ["1"] * 4, "it is not daemon")
    b.end()
    return "user = \"daemon\""


def ordinary_user(place):
    """Who is not root stays who he is, and the rest holds."""
    user = os.getuid() or NOBODY
    os.chmod(place.path, 0o777)
    a = place.watcher(user=user) if os.getuid() == 0 else place.watcher()
    status = a.proc_status()
    check(status["Uid"].split() == [str(user)] * 4, "users %s" % status["Uid"])
    _cannot_be_looked_into(a)
    check(int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", str(status))
    a.end()
    return "no capabilities, no new privileges, system calls restricted; the control socket is removed"


def file_capabilities(place):
    """Started by anybody, with a capability of the program's file for port 500: once that is open, it is dropped."""
    need_root()
    program = place.file("ruthere")
    shutil.copy(PROGRAM, program)
    permitted = 1 << CAP_NET_BIND_SERVICE | 1 << CAP_SETPCAP
    os.setxattr(program, "security.capability", struct.pack("<IIIII", VFS_CAP_REVISION_2 | 1, permitted, 0, 0, 0))
    os.chmod(place.path, 0o777)
    place.port = 500
    b = place.watched(user=NOBODY, program=program)
    status = b.proc_status()
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        check(int(status[name], 16) == 0, "%s is %s" % (name, status[name]))
    b.end()
    return "cap_net_bind_service and cap_setpcap used for port 500, then dropped from all five sets"


CASES = {
    "intruder": intruder,
    "intruder-names": intruder_names,
    "intruder-net-admin": intruder_net_admin,
    "cannot-be-confined": cannot_be_confined,
    "as-configured": as_the_configuration_says,
    "another-user": another_user,
    "ordinary-user": ordinary_user,
    "file-capabilities": file_capabilities,
    "root-becomes-nobody": root_becomes_nobody,
}
