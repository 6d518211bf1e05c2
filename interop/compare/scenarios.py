# SPDX-License-Identifier: ISC
"""What happens to a pair of gateways, and what is measured of it.  Each is a lab of its own; many run at a time."""

import time

import packets
import strongswan
from lab import Failure, check, sleep, until
from meeting import PROPOSAL, meeting
from methods import LOSS, STRONGSWAN, expected_verdicts, settings
from paths import Path
from ruthere import Ruthere, wall
from traffic import Traffic

CAP = 45  # seconds: what takes longer is never, here
RATE, SIZE = 20, 200  # of the user's traffic: packets a second each way, octets of payload
SETTLED = 12  # seconds after which a keepalive has its pace, and more than anyone's worry time
INNER = {"us": "10.9.1.1", "gw": "10.9.2.1"}
US, GW = ("us", INNER["us"]), ("gw", INNER["gw"])
POLL = 0.1
DEATHS = ("dead", "tunnel-dead")


def bring(m, method, other, watched_by_other=False, calls_again=False, restarts=None):
    """
    Up, with a tunnel.  What was restarted waits, unless calls_again: somebody else is to notice.  Where it is to say INVALID-SPI it
    knows nobody's address: others are called at once.
    """
    roles = {node: "responder" if method.say and node == restarts else "initiator" for node in ("us", "gw")}
    if other == "strongSwan":
        child = dict(strongswan.CHILD, dpd_action="restart") if watched_by_other else strongswan.CHILD
        m.bring_peer(strongswan.Peer, child=child, **(STRONGSWAN if watched_by_other else {}))
    else:
        m.peer = Ruthere(m.lab, [m.link.reversed()], [PROPOSAL], role=roles["gw"], node="gw", file="gw", identity="fqdn:us.example",
                         **settings(method, INNER["gw"], INNER["us"], False, far=True))
    m.bring_us(role=roles["us"], **settings(method, INNER["us"], INNER["gw"], calls_again))
    if roles["us"] == "responder":
        m.peer.initiate()
    elif not calls_again:
        m.us.call()
    m.us.wait("ipsec-established", timeout=20)


def flowing(flow, since):
    """Seconds from then until what was sent after it arrived, or None."""
    try:
        return until(lambda: flow.flowing(since), CAP, "traffic", interval=POLL) - since
    except Failure as failure:
        check("interrupted" not in str(failure), str(failure))
        return None


def streams(m):
    """Both ends have something to say.  The first is the one that is looked at."""
    return [Traffic(m.lab, US, GW, RATE, SIZE, name="from-us"), Traffic(m.lab, GW, US, RATE, SIZE, name="from-gw")]


def settled(m, number, least=3):
    """Some seconds of two-way traffic; not the same for each sample, since keepalives have a rhythm."""
    flows = streams(m)
    sleep(least + 0.7 * number)
    check(flows[0].flowing(), "no traffic before anything happened")
    return flows


def peer_restarts(name, method, other, number):
    """Killed and started again at once: from then until traffic flows."""
    with meeting(name) as m:
        bring(m, method, other, restarts="gw")
        flows = settled(m, number)
        m.peer.process.kill()
        m.peer.start()
        return {"seconds": flowing(flows[0], time.time())}


def we_restart(name, method, other, number):
    """The same with us.  If it is to be noticed by R-U-THERE, the other end must be the one that asks."""
    with meeting(name) as m:
        bring(m, method, other, watched_by_other="detect" in method.keepalive, restarts="us")
        flows = settled(m, number)
        m.us.process.kill()
        m.us.start()
        return {"seconds": flowing(flows[0], time.time())}


def noticed(us, since):
    """Our own verdict: that the peer is dead, or that nothing gets through the tunnel."""
    found = [wall(event) for what in (*DEATHS, "black-hole") for event in us.find(what, after=since)]
    return min(found, default=None)


def cut(name, method, other, number, matches):
    """Seconds until the verdict, and after the path was mended until traffic flows."""
    with meeting(name) as m:
        bring(m, method, other, calls_again=True)
        flows = settled(m, number)
        path, at = Path(m.lab, m.link.interface), time.time()
        matches(path)
        try:
            verdict = until(lambda: noticed(m.us, at), CAP, "a verdict", interval=POLL) - at
        except Failure as failure:
            check("interrupted" not in str(failure), str(failure))
            verdict = None
        path.mend()
        return {"seconds": verdict, "again": flowing(flows[0], time.time())}


def path_cut(name, method, other, number):
    return cut(name, method, other, number, Path.cut)


def esp_cut(name, method, other, number):
    """IKE gets through."""
    return cut(name, method, other, number, Path.drop_esp)


def count(name, method, other, seconds, busy):
    """What the method costs on the wire: IKE, single octets, and ESP that is not the user's."""
    with meeting(name) as m:
        bring(m, method, other, calls_again=True)
        flows = streams(m) if busy else []
        sleep(SETTLED)
        begun = time.time()
        sleep(seconds)
        over = time.time()
        records = [flow.stop() for flow in flows]
        m.us.end()
        m.tcpdump.end()
        found = [p for p in packets.read(m.path) if begun <= p.time < over]
        users = {p.octets for p in found if p.kind == "esp"} if busy else set()
        # All of the user's packets are of one size, and larger than a ping.
        largest = max(users, default=0)
        check(not busy or sum(p.octets == largest for p in found) >= 3 * RATE * seconds, "not the traffic that was to be")
        extra = [p for p in found if p.kind != "esp" or p.octets != largest]
        counts = {}
        for kind in ("ike", "esp", "keepalive"):
            of_kind = [p for p in extra if p.kind == kind]
            counts[kind] = {"datagrams": len(of_kind), "octets": sum(p.octets for p in of_kind)}
        check(not any(m.us.find(what) for what in DEATHS), "a death while all was well")
        return {"seconds": over - begun, "user": len(found) - len(extra), "counts": counts,
                "lost": sum(len(r.lost(before=over)) for r in records)}


def lossy(name, method, other, seconds):
    """Verdicts on a peer that lives, while a share of all datagrams is lost each way and nobody else talks."""
    with meeting(name) as m:
        bring(m, method, other, calls_again=True)
        plan = m.us.find("plan")[0] if "detect" in method.keepalive else None
        path = Path(m.lab, m.link.interface)
        path.lose(LOSS)
        begun = time.time()
        sleep(seconds)
        dropped = {node: path.dropped(node) for node in path.nodes}
        path.mend()
        m.us.process.end()
        return {"seconds": seconds, "dead": sum(len(m.us.find(what, after=begun)) for what in DEATHS),
                "black holes": len(m.us.find("black-hole", after=begun)),
                "dropped": dropped, "expected": expected_verdicts(method, seconds, plan)}
