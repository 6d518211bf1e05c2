# SPDX-License-Identifier: ISC
"""NAT traversal (RFC 3947, RFC 3948): said to be there, and really there, also when the router forgets its mappings."""

import time

import libreswan
import ruthere
import strongswan
import wire
from lab import check, sleep, until
from meeting import cookies, meeting
from ruthere import wall

FLOATED = 4500
ROLES = ("initiator", "responder")
# Who has the longer patience lets the other ask.
IMPATIENT = {"mode": '"periodic"', "worry": '"1s"', "retry": '"500ms"', "misses": '"16"'}
PATIENT = {"mode": '"periodic"', "worry": '"4s"', "retry": '"500ms"', "misses": '"8"'}
NEVER = {"mode": '"off"'}


def check_floated(m, messages, cky_i):
    """
    Of this SA two messages each way on port 500, and everything since, from the first that is protected, on 4500: at
    both ends, or at that one that is not behind a NAT.  (What we delete at the end a peer may begin anew, on port 500.)
    """
    messages = [w for w in messages if w.cky_i == cky_i]
    first = next(i for i, w in enumerate(messages) if w.encrypted)
    before, after = messages[:first], messages[first:]
    check(len(before) >= 4 and all(500 in (w.port, w.to) for w in before),
          "capture: Phase 1 does not begin on port 500")
    check(all(FLOATED in (w.port, w.to) for w in after), "capture: something protected is not on port 4500")
    if not m.router:
        check(all(w.port == w.to == FLOATED for w in after), "capture: not on port 4500 at both ends")
    check(all(20 in w.payloads for w in before[2:4]), "capture: no NAT-D")  # RFC 3947 section 3.2


# ---- no NAT, but said to be one --------------------------------------------------------------------------------------


def encapsulated(name, kind, role, peer, us):
    with meeting(name) as m:
        m.bring_peer(kind, **peer)
        m.bring_us(role=role, keepalive=ruthere.EXPLICIT, peer=us)
        if role == "responder":
            m.peer.initiate()
        event = m.established(role)
        m.us.wait("alive", count=2)
        messages = m.end()
        check_floated(m, messages, event["cky_i"])
        m.check_numbers(messages, 2)


def encapsulation(name, kind, peer):
    for role in ROLES:
        encapsulated("%s/theirs-%s" % (name, role), kind, role, peer, {})
        encapsulated("%s/ours-%s" % (name, role), kind, role, {}, {"encapsulate": "true"})
    return "all on port 4500 from MM5 on, as they wish it and as we do, both roles each"


def encapsulation_strongswan(name):
    return encapsulation(name, strongswan.Peer, {"connection": {"encap": "yes"}})


def encapsulation_libreswan(name):
    return encapsulation(name, libreswan.Peer, {"encapsulation": "yes"})


# ---- a NAT -----------------------------------------------------------------------------------------------------------


def hidden_port(m, messages, source):
    """Where the hidden one's latest protected message came from."""
    return [w.port for w in messages if w.source == source and w.encrypted and w.to == FLOATED][-1]


def survived(m, sa, since):
    """No death, the same SA at both ends."""
    check(not m.us.find("dead") and not m.us.find("deleted"), "a death for a mapping that changed")
    check(len(m.us.find("established")) == 1, "established more than once")
    heard = m.us.find("alive", after=since) + m.us.find("answered", after=since)
    check({cookies(event) for event in heard} == {sa}, "another SA")


def peer_hidden(name, kind, role_events, **peer):
    """
    The peer calls from behind a NAT.  We ask through its mapping; when that is gone nothing of ours gets in, until the
    peer asks from a new one: only that, authenticated, may move it.
    """
    with meeting(name, hidden="gw") as m:
        m.bring_peer(kind, **peer)
        m.bring_us(role="responder", keepalive=IMPATIENT, **role_events)
        m.peer.initiate()
        sa = cookies(m.established("responder"))
        m.us.wait("alive", count=2)
        before = hidden_port(m, m.decode(), m.link.theirs)
        m.router.rebind()
        rebound = time.time()
        moved = m.us.wait("moved", after=rebound, timeout=15)
        m.us.wait("answered", after=rebound)
        m.us.wait("alive", after=wall(moved), count=2)
        survived(m, sa, rebound)
        messages = m.end()
        check_floated(m, messages, sa[0])
        after = hidden_port(m, messages, m.link.theirs)
        check(after != before and before not in (500, FLOATED), "capture: the mapping did not change (%d)" % before)
        check([w for w in messages if w.source == m.link.ours and w.to == after],
              "capture: nothing of ours to the new port")
        return "port %d became %d: moved after %.1f s by its R-U-THERE" % (before, after, wall(moved) - rebound)


def nat_strongswan(name):
    return peer_hidden(name, strongswan.Peer, {}, dpd_delay=3)


def nat_libreswan(name):
    """It asks only once it has an IPsec SA."""
    return peer_hidden(name, libreswan.Peer, {"tunnel": dict(ruthere.TUNNEL, begin="false")}, tunnel=libreswan.TUNNEL,
                       keepalive=(2, 30))


def nat_ours(name):
    """
    We call from behind a NAT.  strongSwan asks through our mapping; when that is gone we hear nothing, ask from a new
    one, and are answered there.
    """
    with meeting(name, hidden="us") as m:
        m.bring_peer(strongswan.Peer, dpd_delay=1)
        m.bring_us(keepalive=PATIENT)
        sa = cookies(m.established())
        m.us.wait("answered", count=2)
        before = hidden_port(m, m.decode(), m.link.ours)
        m.router.rebind()
        rebound = time.time()
        alive = m.us.wait("alive", after=rebound, timeout=15)
        m.us.wait("answered", after=wall(alive), count=2)
        survived(m, sa, rebound)
        check(m.peer.sas() == [sa], "strongSwan does not list the same SA")
        messages = m.end()
        check_floated(m, messages, sa[0])
        after = hidden_port(m, messages, m.link.ours)
        check(after != before and before not in (500, FLOATED), "capture: the mapping did not change (%d)" % before)
        pairs = wire.pairs([w for w in messages if w.time > wall(alive)], m.link.theirs, m.link.ours)
        return "port %d became %d: answered there after %.1f s; %d R-U-THEREs through the new mapping" % (
            before, after, wall(alive) - rebound, len(pairs))


# ---- keeping a mapping -----------------------------------------------------------------------------------------------


def nat_keepalives(name):
    """
    Single octets from whoever is behind the NAT, and from nobody else, while there is nothing else to send.  They are
    no life: a strongSwan of which nothing else gets through is dead.
    """
    with meeting(name + "/ours", hidden="us") as m:
        m.bring_peer(strongswan.Peer)
        m.bring_us(keepalive=NEVER)
        m.established()
        until(lambda: wire.nat_keepalives(m.path, m.link.ours), 30, "a NAT keepalive of ours", interval=1)
        spoken = [w.time for w in m.end() if w.source == m.link.ours]
        ours = wire.nat_keepalives(m.path, m.link.ours)
        before = max(when for when in spoken if when < ours[0].time)
        check(ours[0].time - before >= 15 and len(ours) <= 2,
              "capture: %d NAT keepalives of ours, the first after %.1f s" % (len(ours), ours[0].time - before))
        check(all(w.to == FLOATED for w in ours), "capture: a NAT keepalive that is not for port 4500")
        check(not wire.nat_keepalives(m.path, m.link.theirs), "capture: a NAT keepalive from who is not behind one")
    with meeting(name + "/theirs", hidden="gw") as m:
        m.bring_peer(strongswan.Peer)
        m.bring_us(role="responder", keepalive=dict(PATIENT, worry='"9s"', misses='"4"'))
        m.peer.initiate()
        m.established("responder")
        m.lab.filter("input", "udp dport 4500 udp length > 9")  # 8 of them are UDP's own
        silent = time.time()
        dead = m.us.wait("dead", timeout=20)
        m.end()
        theirs = [w for w in wire.nat_keepalives(m.path, m.link.theirs) if silent < w.time < wall(dead)]
        check(theirs, "capture: no NAT keepalive of strongSwan before the death")
        check(not wire.nat_keepalives(m.path, m.link.ours), "capture: a NAT keepalive from who is not behind one")
        return "ours after %.0f s of silence; dead in spite of %d of theirs" % (ours[0].time - before, len(theirs))
