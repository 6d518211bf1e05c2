# SPDX-License-Identifier: ISC
"""Death, recovery and loss: what happens to an SA when the peer, ruthere itself, or the network fails."""

import os
import time

import libreswan
import ruthere
import strongswan
import wire
from lab import Lab, check, sleep, until
from meeting import PROPOSAL, cookies, meeting
from ruthere import SECRET, Ruthere, wall

EARLY, LATE = 0.1, 0.5  # seconds that a death may come before or after its bound on a busy machine


def check_dead_in_time(m, since):
    """
    The death that followed `since`, when the peer fell silent: not later than the printed bound after that, and not
    before the peer had been silent for it, by its own account and by the capture.  The event, and the bound.
    """
    bound = m.us.find("plan")[0]["detect_s"]
    dead = m.us.wait("dead", timeout=bound + 10, after=since)
    check(bound - EARLY <= dead["silence_s"] <= bound + LATE, "dead after %.2f s of silence, not %.2f" % (
        dead["silence_s"], bound))
    check(wall(dead) - since <= bound + LATE, "dead %.2f s after the peer fell silent" % (wall(dead) - since))
    heard = [w.time for w in m.decode() if w.source == m.link.theirs and w.encrypted and w.time < wall(dead)]
    check(wall(dead) - heard[-1] >= bound - EARLY, "dead %.2f s after it was last heard on the wire" % (
        wall(dead) - heard[-1]))
    return dead, bound


# ---- the peer is frozen ----------------------------------------------------------------------------------------------


def frozen(name, kind):
    with meeting(name) as m:
        m.bring_peer(kind)
        m.bring_us()
        first = m.established()
        m.us.wait("alive", timeout=20)
        stopped = m.peer.process.freeze()
        dead, bound = check_dead_in_time(m, stopped)
        check(m.us.status()["established"] == 0, "status shows an SA with a dead peer")
        sleep(2.5)
        check(not m.us.find("established", after=wall(dead)), "established with a peer that is frozen")
        thawed = m.peer.process.thaw()
        again = m.established(timeout=90, after=thawed)
        check(cookies(again) != cookies(first), "the same SA again")
        m.us.wait("recovered", after=thawed)
        m.us.wait("alive", timeout=20, after=wall(again))
        messages = m.end()
        check([w for w in messages if w.source == m.link.ours and w.delete == [first["cky_i"] + first["cky_r"]]],
              "capture: no Delete for the dead SA")
        check(wire.sent_initial_contact([w for w in messages if w.cky_i == again["cky_i"]], m.link.ours),
              "capture: no INITIAL-CONTACT after a death")
        return "bound %.2f s; dead %.2f s after SIGSTOP, after %.2f s of silence; established %.2f s after SIGCONT" % (
            bound, wall(dead) - stopped, dead["silence_s"], wall(again) - thawed)


def frozen_strongswan(name):
    return frozen(name, strongswan.Peer)


def frozen_libreswan(name):
    return frozen(name, libreswan.Peer)


# ---- the peer loses its state ----------------------------------------------------------------------------------------


def restarted(name, kind):
    """It is back at once, but knows nothing, and says nothing: only silence tells."""
    with meeting(name) as m:
        m.bring_peer(kind)
        m.bring_us()
        first = m.established()
        m.us.wait("alive", timeout=20)
        killed = m.peer.process.kill()
        m.peer.start()
        back = time.time()
        dead, bound = check_dead_in_time(m, killed)
        recovered = m.us.wait("recovered", timeout=30, after=wall(dead))
        again = m.established(after=wall(dead))
        check(cookies(again) != cookies(first), "the same SA again")
        m.us.wait("alive", timeout=20, after=wall(again))
        m.end()
        return "bound %.2f s; dead %.2f s after SIGKILL; recovered %.2f s after the restart, %.2f s after the death" % (
            bound, wall(dead) - killed, wall(recovered) - back, wall(recovered) - wall(dead))


def restarted_strongswan(name):
    return restarted(name, strongswan.Peer)


def restarted_libreswan(name):
    return restarted(name, libreswan.Peer)


# ---- we lose our state -----------------------------------------------------------------------------------------------


def restart_us(name, unique):
    """SIGKILL and start again; how long that took to be established, and what SAs strongSwan has a second later."""
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, unique=unique)
        m.bring_us()
        old = cookies(m.established())
        check(m.peer.sas() == [old], "strongSwan does not list our SA")
        m.us.process.kill()
        check(m.peer.sas() == [old], "strongSwan has lost the SA too early")
        started = m.us.start()
        event = m.established()
        new = cookies(event)
        check(event["initial_contact"] is True, "we say that INITIAL-CONTACT was not sent")
        sleep(1)
        sas = m.peer.sas()
        messages = m.end()
        check(wire.sent_initial_contact([w for w in messages if w.cky_i == new[0]], m.link.ours),
              "capture: no INITIAL-CONTACT in the new SA")
        return wall(event) - started, old, new, sas


def initial_contact(name):
    took, _, new, sas = restart_us(name + "/obeyed", "no")
    check(sas == [new], "strongSwan lists %d SAs, not the new one alone" % len(sas))
    # With a strongSwan that ignores INITIAL-CONTACT the old SA stays: so it is this that made the difference.
    _, old, new, sas = restart_us(name + "/ignored", "never")
    check(sorted(sas) == sorted([old, new]), "the control does not show both SAs")
    return "established %.2f s after the restart; strongSwan lists the new SA alone, and both if told to ignore" % took


# ---- the network loses datagrams -------------------------------------------------------------------------------------

INFORMATIONAL = "@th,208,8 5"  # exchange type in the ISAKMP header: octet 18 of it, after the UDP header's 8


def lose_one(m, chain, match):
    """Loses the next Informational in this direction, and waits until an answer got through again."""
    m.lab.filter(chain, match + " " + INFORMATIONAL, count=1)
    until(lambda: m.lab.filtered()[chain] == 1, 30, "a datagram to lose", interval=0.1)
    lost = time.time()
    m.us.wait("alive", timeout=20, after=lost)
    m.lab.unfilter()


def loss(name):
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer)
        m.bring_us()
        sa = cookies(m.established())
        m.us.wait("alive", timeout=20)
        lose_one(m, "input", "udp sport 500")
        lose_one(m, "output", "udp dport 500")
        before = time.time()
        m.lab.filter("input", "udp sport 500 numgen random mod 100 < 20")
        m.lab.filter("output", "udp dport 500 numgen random mod 100 < 20")
        sleep(60)
        lost = m.lab.filtered()
        m.lab.unfilter()
        m.us.wait("alive", timeout=20, after=time.time())
        check(m.peer.sas() == [sa], "strongSwan does not list the same SA")
        check(not m.us.find("dead") and not m.us.find("deleted"), "a false death")
        check({cookies(e) for e in m.us.find("alive") + m.us.find("asked")} == {sa}, "not the same SA all the time")
        check(len(m.us.find("established")) == 1, "established more than once")
        messages, ours = m.end(), m.decode_ours()

        # The capture is of the peer's end, ruthere's of its own: what only one of them has was lost in between.
        def only(some, others):
            seen = {w.message_id for _, w in others}
            return [number for number, w in some if w.message_id not in seen and w.time < before]
        acks = only(wire.answers(messages, m.link.theirs), wire.answers(ours, m.link.theirs))
        asks = only(wire.asks(ours, m.link.ours), wire.asks(messages, m.link.ours))
        check(len(acks) == 1, "capture: not one ACK was lost but %d" % len(acks))
        check(len(asks) == 1, "capture: not one R-U-THERE was lost but %d" % len(asks))
        check(lost["input"] + lost["output"] > 0, "nothing was lost in a minute of 20 % loss")
        sent = len([1 for _, w in wire.asks(ours, m.link.ours) if w.time >= before])
        return "lost the ACK of %d and the R-U-THERE %d, then %d of %d R-U-THEREs and %d ACKs in a minute: no death" % (
            acks[0], asks[0], lost["output"], sent, lost["input"])


# ---- the next gateway ------------------------------------------------------------------------------------------------


def check_only_sa(us, peer, event, which):
    """Both ends list the SA of this event, and no other."""
    check(peer.sas() == [cookies(event)], "the %s gateway does not list our SA" % which)
    listed = [(sa["gateway"], cookies(sa)) for sa in us.status()["peers"][0]["sas"]]
    check(listed == [(event["gateway"], cookies(event))], "status does not show the SA with the %s gateway" % which)


def gateways(name):
    with Lab(name) as lab:
        links = [lab.link("gw1"), lab.link("gw2")]
        tcpdumps = [lab.capture(link, link.node + ".pcap") for link in links]
        one, two = (strongswan.Peer(lab, link, SECRET, [PROPOSAL]) for link in links)
        us = Ruthere(lab, links, [PROPOSAL], keepalive=ruthere.EXPLICIT, recovery={
            "attempts": '"1"', "attempt-timeout": '"2s"', "backoff-first": '"500ms"', "backoff-most": '"2s"',
            "hold-down": '"5s"'})
        first = us.wait("established", gateway=links[0].theirs)
        us.wait("alive")

        killed = one.process.kill()
        dead = us.wait("dead", timeout=15, after=killed)
        second = us.wait("established", timeout=30, after=killed, gateway=links[1].theirs)
        us.wait("alive", after=wall(second))
        check_only_sa(us, two, second, "second")

        # While the first stays away, trying it must not cost the second.
        us.wait("returning", timeout=15, after=wall(second))
        us.wait("failed", timeout=15, after=wall(second))
        us.wait("alive", after=time.time(), cky_i=second["cky_i"])

        one.start()
        back = time.time()
        third = us.wait("established", timeout=60, after=back, gateway=links[0].theirs)
        us.wait("alive", after=wall(third), cky_i=third["cky_i"])
        check_only_sa(us, one, third, "first")
        until(lambda: not two.sas(), 5, "the second gateway to be told that its SA is over")
        check(len(us.find("dead")) == 1, "more than one death")
        check(cookies(third) != cookies(first), "the same SA again")
        us.end()
        for link, tcpdump, sa in zip(links, tcpdumps, (third, second)):
            tcpdump.end()
            messages = wire.decode(os.path.join(lab.path, link.node + ".pcap"), wire.key_rows(us.folders))
            check(wire.sent_initial_contact([w for w in messages if w.cky_i == sa["cky_i"]], link.ours),
                  "capture: no INITIAL-CONTACT to %s" % link.node)
            check([w for w in messages if w.source == link.ours and w.delete == [sa["cky_i"] + sa["cky_r"]]],
                  "capture: no Delete to %s" % link.node)
        return "dead %.2f s after SIGKILL; on the second gateway %.2f s later; on the first %.2f s after its return" % (
            wall(dead) - killed, wall(second) - wall(dead), wall(third) - back)
