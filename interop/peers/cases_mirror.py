# SPDX-License-Identifier: ISC
"""
A dead peer in whose place a mirror stands: whoever has no keys must not pass for alive.  What is known of strongSwan and
libreswan is in interop/findings; where it is so no longer, a case here fails, and the finding is out of date.
"""

import os
import time

import libreswan
import ruthere
import strongswan
import wire
from cases_conform import ruthere_device
from lab import ROOT, check, sleep
from meeting import meeting
from ruthere import TUNNEL, wall

MIRROR = os.path.join(ROOT, "interop", "peers", "mirror")


def stand_in(m):
    """Ruthere is gone, and a mirror is at its address; the wall clock."""
    gone = m.us.process.kill()
    m.lab.spawn("us", [MIRROR, m.link.ours], "mirror.out")
    return gone


def mirrored(name, kind, timeout, ours, **settings):
    """How the daemon, whose own timeout is so long, fares with the mirror for three times as long and without it."""
    with meeting(name) as m:
        m.bring_peer(kind, **settings)
        m.bring_us(keepalive=ruthere.SILENT, tunnel=ours)
        m.established()
        if ours:
            m.us.wait("ipsec-established")
        sleep(1)
        gone = stand_in(m)
        sleep(3 * timeout)
        until = time.time()
        m.tcpdump.end()
        messages = [w for w in m.decode() if w.time > gone]
        asked = [w.time for _, w in wire.asks(messages, m.link.theirs)]
        check(asked and until - asked[-1] < timeout / 2, "given up in spite of the mirror: the finding is out of date")
        answered = len(wire.answers(messages, m.link.theirs))
        check(not [w for w in messages if w.source == m.link.ours and w.encrypted
                   and w.data not in [x.data for x in messages if x.source == m.link.theirs]],
              "the mirror has said something of its own")
        return ("with a timeout of %d s and nobody but a mirror it asked %d times in %d s, answered itself %d times, and "
                "gave nobody up" % (timeout, len(asked), 3 * timeout, answered))


def mirror_strongswan(name):
    return mirrored(name, strongswan.Peer, 9, None, dpd_delay=2, dpd_timeout=9)


def mirror_libreswan(name):
    return mirrored(name, libreswan.Peer, 12, TUNNEL, tunnel=libreswan.TUNNEL, keepalive=(3, 12), words=["--dontrekey"])


def mirror_ruthere(name):
    """Ourselves: dead in time, whatever the mirror says."""
    with meeting(name) as m:
        device = ruthere_device(m.lab, m.link)
        m.bring_us(keepalive=ruthere.SILENT)
        m.established()
        gone = stand_in(m)
        dead = device.served.wait("dead", timeout=15, after=gone)
        return "dead %.2f s after it was replaced by a mirror" % (wall(dead) - gone)
