# SPDX-License-Identifier: ISC
"""Quick Mode, and what keepalive and recovery make of it; libreswan asks at last."""

import time

import libreswan
import ruthere
import strongswan
import wire
from cases_life import check_dead_in_time
from lab import check, sleep, until
from meeting import cookies, meeting
from ruthere import TUNNEL, wall

ROLES = ("initiator", "responder")
WAIT = dict(TUNNEL, begin="false")  # the peer begins its Quick Mode
CHILD = strongswan.CHILD


def spis(event):
    """Of a pair: ours (what it sends to) and its own, in hex as peers and captures have them."""
    return event["spi_in"][2:], event["spi_out"][2:]


def check_installed(m, event):
    """strongSwan lists just this pair: its inbound is our outbound."""
    until(lambda: m.peer.tunnels() == [spis(event)[::-1]], 5, lambda: "strongSwan to list %s alone; it lists %s" % (
        spis(event), m.peer.tunnels()))


PEER_DELETED = "the peer deleted it"


def held(us):
    """The pairs that are established and not deleted: our inbound SPIs."""
    return {e["spi_in"] for e in us.find("ipsec-established")} - {e["spi_in"] for e in us.find("ipsec-deleted")}


def quick_modes(messages, initiator):
    """Message IDs of the Quick Modes that began here and went through, in order."""
    order = []
    for w in messages:
        if w.exchange == wire.QUICK_MODE and w.encrypted and w.source == initiator and w.message_id not in order:
            order.append(w.message_id)
    return [number for number in order
            if len([w for w in messages if w.message_id == number and w.source == initiator]) >= 2
            and any(w.message_id == number and w.source != initiator for w in messages)]


# ---- strongSwan ------------------------------------------------------------------------------------------------------


def strongswan_asks(name):
    """It begins, and renews its tunnel every few seconds; it asks, and is answered; it deletes, and we see that."""
    with meeting(name) as m:
        child = dict(CHILD, rekey_time="5s", life_time="30s", rand_time="0s")
        m.bring_peer(strongswan.Peer, child=child, dpd_delay=1)
        m.bring_us(role="responder", keepalive=ruthere.SILENT, tunnel=WAIT)
        m.peer.initiate()
        m.established("responder")
        first = m.us.wait("ipsec-established")
        check_installed(m, first)
        second = m.us.wait("ipsec-established", timeout=15, count=2)
        check(spis(first) != spis(second), "renewed with the same SPIs")
        m.us.wait("ipsec-deleted", timeout=15, spi_in=first["spi_in"])
        m.us.wait("answered", count=3)
        over = time.time()
        m.peer.terminate()
        gone = m.us.wait("ipsec-deleted", after=over, why=PEER_DELETED)
        until(lambda: not held(m.us), 3, lambda: "the end of " + ", ".join(held(m.us)))
        check(m.us.status()["established"] == 1, "Phase 1 went with the tunnel")
        m.us.wait("answered", after=wall(gone))
        messages = m.end()
        begun = quick_modes(messages, m.link.theirs)
        check(len(begun) >= 2, "capture: %d Quick Modes of strongSwan went through" % len(begun))
        check(wire.deletes(messages, m.link.theirs, spis(gone)[1]), "capture: no Delete of the last pair")
        pairs = wire.pairs(messages, m.link.theirs, m.link.ours)
        return "%d Quick Modes of its own, %d R-U-THEREs answered, its Delete obeyed" % (len(begun), len(pairs))


def we_ask(name):
    """We begin, and renew on request; we ask, and are answered; we close, and it sees that."""
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, child=CHILD)
        m.bring_us(keepalive=ruthere.EXPLICIT, tunnel=TUNNEL)
        m.established()
        first = m.us.wait("ipsec-established")
        check_installed(m, first)
        m.us.wait("alive", count=3)
        m.us.renew_tunnel()
        second = m.us.wait("ipsec-established", count=2)
        check(spis(first) != spis(second), "renewed with the same SPIs")
        check(m.us.status()["established"] == 1, "a second Phase 1 for a tunnel that is renewed")
        m.us.wait("alive", after=wall(second), count=3)
        m.us.close()
        until(lambda: not m.peer.sas() and not m.peer.tunnels(), 5, "strongSwan to be told that all is over")
        messages = m.end()
        begun = quick_modes(messages, m.link.ours)
        check(len(begun) == 2, "capture: %d Quick Modes of ours went through, not 2" % len(begun))
        check(wire.deletes(messages, m.link.ours, spis(second)[0]), "capture: no Delete of the last pair")
        pairs = wire.pairs(messages, m.link.ours, m.link.theirs)
        return "2 Quick Modes of ours, %d R-U-THEREs answered" % len(pairs)


def tunnel_strongswan(name):
    return "%s; %s" % (strongswan_asks(name + "/theirs"), we_ask(name + "/ours"))


# ---- libreswan -------------------------------------------------------------------------------------------------------

DELAY, TIMEOUT = 2, 6


def libreswan_asks(name, role, **peer):
    """
    It asks every two seconds and is answered; then our process is stopped: within its timeout it deletes, and calls
    anew.  When we run again, that gets through.
    """
    with meeting(name) as m:
        m.bring_peer(libreswan.Peer, tunnel=libreswan.TUNNEL, keepalive=(DELAY, TIMEOUT), **peer)
        m.bring_us(role=role, keepalive=ruthere.SILENT, tunnel=TUNNEL if role == "initiator" else WAIT,
                   recovery={"on-death": '"clear"'})
        if role == "responder":
            m.peer.initiate()
        first = m.established(role)
        m.us.wait("ipsec-established")
        m.us.wait("answered", timeout=15, count=4)
        stopped = m.us.process.freeze()

        def noticed():
            return [w for w in m.decode() if w.source == m.link.theirs and w.time > stopped
                    and w.exchange == wire.MAIN_MODE and w.cky_i != first["cky_i"]]
        anew = until(noticed, TIMEOUT + 2 * DELAY + 5, "a new Main Mode of libreswan", interval=0.3)[0]
        m.us.process.thaw()
        again = m.us.wait("established", role="responder", timeout=30, after=stopped) if role == "responder" else None
        messages = m.end()
        pairs = wire.pairs([w for w in messages if w.time < stopped], m.link.theirs, m.link.ours)
        check(len(pairs) >= 4, "capture: only %d R-U-THEREs of libreswan" % len(pairs))
        check([number for number, _, _ in pairs] == [e["number"] for e in m.us.find("answered") if wall(e) < stopped],
              "events and capture differ")
        check(anew.time - stopped <= TIMEOUT + DELAY + 1, "capture: it calls anew %.1f s after our stop" % (
            anew.time - stopped))
        check([w for w in messages if w.source == m.link.theirs and w.delete and stopped < w.time <= anew.time + 1],
              "capture: no Delete of what died")
        return "%d of its R-U-THEREs answered; it calls anew %.1f s after our stop%s" % (
            len(pairs), anew.time - stopped, ", and gets through" if again else "")


def libreswan_dies(name):
    """It is stopped: dead within the bound, and everything comes back when it does, Quick Mode included."""
    with meeting(name) as m:
        m.bring_peer(libreswan.Peer, tunnel=libreswan.TUNNEL)
        m.bring_us(keepalive=ruthere.EXPLICIT, tunnel=TUNNEL)
        first = m.established()
        pair = m.us.wait("ipsec-established")
        m.us.wait("alive", count=2)
        stopped = m.peer.process.freeze()
        dead, bound = check_dead_in_time(m, stopped)
        m.us.wait("ipsec-deleted", after=stopped, spi_in=pair["spi_in"])
        thawed = m.peer.process.thaw()
        again = m.established(timeout=60, after=thawed)
        check(cookies(again) != cookies(first), "the same SA again")
        tunnel = m.us.wait("ipsec-established", after=wall(again))
        check(spis(tunnel) != spis(pair), "the same pair again")
        m.us.wait("alive", after=wall(tunnel), count=2)
        messages = m.end()
        check(len(quick_modes([w for w in messages if w.cky_i == again["cky_i"]], m.link.ours)) == 1,
              "capture: not one Quick Mode after the recovery")
        return "dead %.2f s after SIGSTOP (bound %.2f s); tunnel again %.2f s after SIGCONT" % (
            wall(dead) - stopped, bound, wall(tunnel) - thawed)


def tunnel_libreswan(name):
    return "; ".join(libreswan_asks("%s/%s" % (name, role), role) for role in ("responder", "initiator"))


def death_libreswan(name):
    return libreswan_dies(name)
