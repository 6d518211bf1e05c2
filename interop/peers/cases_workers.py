# SPDX-License-Identifier: ISC
"""
Several workers on the same ports: an SA stays with its worker whatever happens to its datagrams on the way, and what comes
to one worker is obeyed by all.
"""

import os
import time

import strongswan
import wire
from cases_nat import IMPATIENT
from lab import check, until
from meeting import PROPOSAL, cookies, meeting
from ruthere import EXPLICIT, Ruthere, wall

WORKERS = 2
DEATHS = 3
ROUNDS = 16  # until both workers were met: every Phase 1 has a new cookie, so in vain once in some thirty thousand runs


def worker_of(cookie, workers=WORKERS):
    """As ike/cookie.h has it, written once more."""
    halves = int(cookie[:8], 16) ^ int(cookie[8:], 16)
    halves ^= halves >> 16
    return ((halves * 0x9E3779B1 & 0xFFFFFFFF) >> 16) % workers


def check_steering(us, messages, theirs):
    """
    Every message in a worker's capture has a cookie of that worker's, and what reached us of the peer's is in one of them.
    `messages`: all that was on the wire.
    """
    keys, captured = wire.key_rows(us.folders), 0
    for number, part in enumerate(us.parts(us.folder)):
        own = wire.decode(os.path.join(part, "wire.pcap"), keys)  # nothing where no cookie has led there
        for message in own:
            check(worker_of(message.cky_i) == number, "capture: %s at worker %d" % (message.cky_i, number))
        captured += sum(message.source == theirs for message in own)
    came = sum(message.source == theirs for message in messages)
    check(captured, "the workers have captured nothing")
    check(captured == came, "%d of the peer's messages on the wire, %d in the workers' captures" % (came, captured))
    return came


def in_use(us):
    """The SAs that status lists, those left out that a newer one has superseded."""
    return [sa for peer in us.status()["peers"] for sa in peer["sas"] if not sa["superseded"]]


def no_death(us):
    check(not us.find("dead"), "a death though nobody has died: " + us.last())


# ---- NAT -------------------------------------------------------------------------------------------------------------


def workers_nat(name):
    """
    strongSwan calls from behind a NAT, our first answer is lost, it floats to port 4500, the router forgets its mapping:
    all with one worker.  It is restarted until both workers had one of its SAs.
    """
    with meeting(name, hidden="gw") as m:
        m.bring_peer(strongswan.Peer, dpd_delay=3)
        m.bring_us(role="responder", keepalive=IMPATIENT, workers=WORKERS)
        met, first = set(), True
        for turn in range(ROUNDS):
            begun = time.time()
            if first:
                m.lab.filter("output", "udp sport 500", count=1)
            else:
                m.peer.process.kill()
                m.peer.start()
            m.peer.initiate()
            event = m.us.wait("established", after=begun, timeout=20)
            first = False
            if event["worker"] not in met:
                stays_at_home(m, event)
            met.add(event["worker"])
            if len(met) == WORKERS:
                break
        check(len(met) == WORKERS, "%d times the same worker" % ROUNDS)
        check(m.lab.filtered()["output"] == 1, "nothing was lost")
        check([sa["cky_i"] for sa in in_use(m.us)] == [event["cky_i"]], "status lists other SAs than the last")
        no_death(m.us)
        messages = m.end()
        for event in m.us.find("established"):
            ports = {w.to for w in messages if w.cky_i == event["cky_i"] and w.source == m.link.theirs}
            check(ports == {500, 4500}, "capture: an SA did not float")
        lost = m.us.find("established")[0]["cky_i"]
        repeats = sum(w.cky_i == lost and w.source == m.link.theirs and w.cky_r == "0" * 16 for w in messages)
        check(repeats >= 2, "capture: the first message was not repeated")
        came = check_steering(m.us, messages, m.link.theirs)
        return "%d SAs at %d workers, %d datagrams of the peer: each SA's at its own, over float, repeat and rebinding" % (
            turn + 1, WORKERS, came)


def stays_at_home(m, event):
    """It answers us, its mapping goes, and it comes back from another port, to the same worker."""
    m.us.wait("alive", after=wall(event))
    m.router.rebind()
    rebound = time.time()
    moved = m.us.wait("moved", after=rebound, timeout=15)
    alive = m.us.wait("alive", after=wall(moved))
    check(cookies(alive) == cookies(event), "another SA")
    check({moved["worker"], alive["worker"]} == {event["worker"]}, "another worker")


# ---- a party that comes anew -----------------------------------------------------------------------------------------


def workers_contact(name):
    """A peer is killed and restarted: its INITIAL-CONTACT, at whichever worker, deletes what the other has."""
    with meeting(name) as m:
        m.bring_us(role="responder", keepalive=EXPLICIT, workers=WORKERS)
        them = Ruthere(m.lab, [m.link.reversed()], [PROPOSAL], identity="fqdn:us.example", node="gw",
                       keepalive=EXPLICIT, recovery={"connect-at-start": "true"})
        worker, moves = m.us.wait("established")["worker"], 0
        for _ in range(ROUNDS):
            them.process.kill()
            begun = them.start()
            event = m.us.wait("established", after=begun)
            moves += event["worker"] != worker
            worker = event["worker"]
            until(lambda: [sa["cky_i"] for sa in in_use(m.us)] == [event["cky_i"]], 2,
                  "status to list the new SA alone")
            if moves == 2:
                break
        check(moves == 2, "it never came to the other worker and back")
        until(lambda: m.us.status()["established"] == 1, 2, "the older SAs to go")
        m.us.wait("alive", after=wall(event), count=3)
        no_death(m.us)
        them.end()
        check_steering(m.us, m.end(), m.link.theirs)
        return "%d restarts, to the other worker and back: never more than one SA, and no death" % (them.runs - 1)


def workers_both_call(name):
    """
    Both ends call, at once and again after a death: one SA stays, at one worker, which alone looks after the peer.
    """
    with meeting(name) as m:
        m.bring_us(keepalive=EXPLICIT, workers=WORKERS)
        them = Ruthere(m.lab, [m.link.reversed()], [PROPOSAL], identity="fqdn:us.example", node="gw",
                       keepalive=EXPLICIT, recovery={"connect-at-start": "true"})
        for _ in range(DEATHS):
            sa = agreed(m, them)
            killed = them.process.kill()
            dead = m.us.wait("dead", after=killed, timeout=10)
            check(dead["worker"] == sa["worker"], "another worker than the SA's has found it dead")
            recovering = m.us.wait("recovering", after=killed)
            them.start()
            callers = {event["worker"] for event in m.us.find("recovering", after=killed)}
            check(callers == {recovering["worker"]} == {sa["worker"]}, "another worker recovers")
        agreed(m, them)
        them.end()
        check_steering(m.us, m.end(), m.link.theirs)
        return "%d deaths, each found and recovered from by the worker that had the SA" % len(m.us.find("dead"))


def agreed(m, them):
    """Both ends have the same one SA in use, and it lives; ours."""
    def same():
        ours, theirs = in_use(m.us), in_use(them)
        return ours[0] if [sa["cky_i"] for sa in ours] == [sa["cky_i"] for sa in theirs] and len(ours) == 1 else None
    sa = until(same, 20, "one SA at both ends", interval=0.1)
    m.us.wait("alive", after=time.time(), count=3)
    again = until(same, 5, "that one SA")
    looks_after = m.us.status()["peers"][0]["worker"]
    check(looks_after == again["worker"], "worker %s has the SA, worker %s looks after the peer" % (
        again["worker"], looks_after))
    return again
