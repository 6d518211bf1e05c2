# SPDX-License-Identifier: ISC
"""
Traffic through tunnels of ours: with strongSwan's own ESP and with ourselves, through a NAT, and while both phases are renewed.
Every packet has a number, so that it is known of each whether it arrived.
"""

import collections
import time

import packets
import ruthere
import strongswan
import wire
from cases_tunnels import spis
from lab import Lab, check, sleep, until
from meeting import PROPOSAL, meeting
from paths import Path
from ruthere import SECRET, TUNNEL, USERSPACE, Ruthere
from traffic import Traffic

ROLES = ("initiator", "responder")
CHILD = strongswan.CHILD
OURS, THEIRS = ("us", "10.9.1.1"), ("gw", "10.9.2.1")
OURS_6, THEIRS_6 = ("us", "fd00:9:1::1"), ("gw", "fd00:9:2::1")
RATE = 200
FAST = 500  # so that something is always on its way when a pair goes


def bring_both(m, role="initiator", keepalive=None, theirs=None, **settings):
    """strongSwan (theirs: of its settings) and ours, each with ESP of its own; the first pair, once both have it."""
    m.bring_peer(strongswan.Peer, child=CHILD, **(theirs or {}))
    settings.setdefault("tunnel", TUNNEL if role == "initiator" else dict(TUNNEL, begin="false"))
    m.bring_us(role=role, own=USERSPACE, keepalive=keepalive or ruthere.SILENT, **settings)
    if role == "responder":
        m.peer.initiate()
    m.established(role)
    pair = m.us.wait("ipsec-established")
    until(m.peer.tunnels, 5, "strongSwan's end of the tunnel")
    return pair


def both_ways(m, rate=RATE, size=100, ours=OURS, theirs=THEIRS):
    """Begun at each end."""
    return [Traffic(m.lab, ours, theirs, rate, size, name="from-us-%d" % size),
            Traffic(m.lab, theirs, ours, rate, size, name="from-gw-%d" % size)]


def check_whole(flows, least):
    """Nothing was lost, nothing came twice; how many packets that was, and the longest gap."""
    count, gap = 0, 0.0
    for flow in flows:
        flow.halt()
    for flow in flows:
        records = flow.stop()
        lost = records.lost()
        check(not lost, "of %d packets %d did not come back, %d of them not there: %s" % (
            len(records.begun()), len(lost), len(records.lost_there()), lost[:10]))
        check(not records.twice, "%d packets came twice: %s" % (len(records.twice), records.twice[:10]))
        check(len(records.back) >= least, "only %d packets" % len(records.back))
        count, gap = count + 2 * len(records.back), max(gap, records.gap())
    return count, gap


def consecutive(found, first=None):
    """Their sequence numbers, from `first` on."""
    numbers = [p.sequence for p in found]
    first = first or (numbers[0] if numbers else 1)
    return numbers == list(range(first, first + len(numbers)))


def check_esp(m, encapsulated, least, hole=(float("inf"), float("inf"))):
    """
    On the wire: ESP each way, all of one kind, and the numbers of each SA consecutive from 1 on (RFC 4303 section 3.3.3).
    In the hole a router that has no address may have dropped what it was to send on.
    """
    found = packets.of(packets.read(m.path), "esp")
    check(all(p.encapsulated == encapsulated for p in found), "capture: ESP that is %sin UDP" % ("not " * encapsulated))
    for source in (m.link.ours, m.link.theirs):
        check(len(packets.of(found, "esp", source)) >= least, "capture: %d packets of ESP from %s" % (
            len(packets.of(found, "esp", source)), source))
    for spi in {p.spi for p in found if p.source == m.link.ours}:
        ours = [p for p in found if p.spi == spi]
        check(consecutive([p for p in ours if p.time < hole[0]], 1) and consecutive([p for p in ours if p.time > hole[1]]),
              "capture: sequence numbers of %08x are not consecutive" % spi)
    return found


# ---- with strongSwan -------------------------------------------------------------------------------------------------


def one_role(name, role):
    with meeting(name) as m:
        pair = bring_both(m, role)
        small, large = both_ways(m), both_ways(m, rate=50, size=8000)  # in fragments, inside
        sleep(3)
        counts = [check_whole(flows, least)[0] for flows, least in ((small, 500), (large, 120))]
        m.end()
        found = check_esp(m, True, 1000)
        check({"%08x" % p.spi for p in found} == set(spis(pair)), "capture: other SPIs than those that were agreed")
        return sum(counts)


def traffic_strongswan(name):
    counts = [one_role("%s/%s" % (name, role), role) for role in ROLES]
    return "%d packets with us as initiator, %d as responder, large ones among them; none was lost" % tuple(counts)


def through_nat(name, hidden, asks, theirs, rate=50, silent=False):
    """
    Who is hidden calls.  Then the router forgets its mappings, and who is hidden asks why nothing comes any more; where
    IKE is silent, its next packet alone says where it is.
    """
    with meeting(name, hidden=hidden) as m:
        bring_both(m, "initiator" if hidden == "us" else "responder", keepalive=asks, theirs=theirs)
        flows = both_ways(m)
        sleep(2)
        count, _ = check_whole(flows, 300)
        flow = Traffic(m.lab, *((OURS, THEIRS) if hidden == "us" else (THEIRS, OURS)), rate)
        sleep(0.5)
        began = time.time()
        m.router.rebind()
        at = time.time()
        back = until(lambda: flow.flowing(at + 0.1), 10, "traffic through the new mapping") - at
        records = flow.stop()
        check(not records.lost(after=at + back), "lost after the mapping was there: %s" % records.lost(after=at + back)[:10])
        check(not m.us.find("dead") and len(m.us.find("established")) == 1, "a death for a mapping that changed")
        moved = m.us.find("moved", after=at)
        check(len(moved) == (hidden != "us"), "moved %d times" % len(moved))
        ended = time.time()
        messages = [w for w in m.end() if at < w.time < ended]
        check(not silent or not messages, "capture: %d messages of IKE" % len(messages))
        check_esp(m, True, 500, (began, at))
        return count, records.again(at) - at if silent else back, len(records.lost(after=at))


def traffic_nat(name):
    asks = {"mode": '"periodic"', "worry": '"1s"', "retry": '"500ms"', "misses": '"16"'}
    ours = through_nat(name + "/us", "us", asks, {})
    theirs = through_nat(name + "/gw", "gw", ruthere.SILENT, {"dpd_delay": 1})
    alone = through_nat(name + "/gw-silent", "gw", ruthere.SILENT, {}, rate=5, silent=True)
    return ("%d packets with us behind a NAT, %d with strongSwan: none was lost; the mapping changes: again after %.1f s, %.1f s; "
            "strongSwan sends 5 packets a second and nothing of IKE: after %.2f s, %d lost") % (
        ours[0], theirs[0] + alone[0], ours[1], theirs[1], alone[1], alone[2])


# ---- while keys are renewed ------------------------------------------------------------------------------------------


LIFETIME = 15  # seconds, of a Phase 1 that strongSwan offers; we renew it a twentieth earlier than it would


def traffic_renewed(name):
    """
    Both phases, by us and by strongSwan, under two streams that must not notice.  strongSwan begins, and its lifetime makes us
    renew what it has renewed.
    """
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, child=CHILD, connection={"rekey_time": "%ds" % LIFETIME, "over_time": "0s", "rand_time": "0s"})
        m.bring_us(own=USERSPACE, keepalive=ruthere.SILENT, tunnel=TUNNEL, recovery={"connect-at-start": "false"})
        m.peer.initiate()
        m.established("responder")
        m.us.wait("ipsec-established")
        until(m.peer.tunnels, 5, "strongSwan's end of the tunnel")
        flows = both_ways(m, FAST)
        sleep(0.5)
        for event, order in (
                ("ipsec-established", m.us.renew_tunnel),
                ("ipsec-established", lambda: m.peer.swanctl("--rekey", "--child", "tunnel")),
                ("established", lambda: m.peer.swanctl("--rekey", "--ike", "ruthere", "--reauth"))):
            at = time.time()
            order()
            m.us.wait(event, after=at)
            sleep(1)
        m.us.wait("established", timeout=LIFETIME, after=at, role="initiator")
        at = time.time()
        m.us.renew_tunnel()  # under the SA that is there now
        m.us.wait("ipsec-established", after=at)
        sleep(1)
        count, gap = check_whole(flows, FAST * LIFETIME)
        messages = m.end()
        check(not m.us.find("dead") and not m.us.find("ipsec-failed"), "a death, or a Quick Mode that failed")
        begun = {source: {w.cky_i for w in messages if w.exchange == wire.MAIN_MODE and w.source == source and
                          w.cky_r == "0" * 16} for source in (m.link.ours, m.link.theirs)}
        check(len(begun[m.link.ours]) == 1 and len(begun[m.link.theirs]) >= 2,
              "capture: %d Phase 1s of ours and %d of strongSwan's began" % tuple(len(found) for found in begun.values()))
        spoken = {p.spi for p in check_esp(m, True, 1000)}
        check(len(spoken) == 8, "capture: %d SPIs were used, not 8" % len(spoken))
        return "%d Phase 1s and 4 Quick Modes under %d packets: none was lost, longest gap %.0f ms" % (
            sum(len(found) for found in begun.values()), count, 1e3 * gap)


MOST = 1500  # packets that a pair of ours may carry, each way


def traffic_lifetime(name):
    """A pair is renewed before it has carried what it may, as often as that takes."""
    with meeting(name) as m:
        bring_both(m, tunnel=dict(TUNNEL, packets='"%d"' % MOST))
        flows = both_ways(m, FAST / 2)
        sleep(6)
        count, _ = check_whole(flows, FAST)
        m.end()
        found = check_esp(m, True, 1000)
        carried = collections.Counter(p.spi for p in found)
        check(len(carried) >= 6 and max(carried.values()) <= MOST, "capture: %s packets by SPI" % sorted(carried.values()))
        return "%d packets, none lost, over %d pairs that may carry %d each way and carried %d at most" % (
            count, len(carried) / 2, MOST, max(carried.values()))


# ---- with ourselves --------------------------------------------------------------------------------------------------

NET_6 = {"local": '"fd00:9:1::/64"', "remote": '"fd00:9:2::/64"', "proposals": '{"aes128gcm16"}'}


def other_end(tunnel):
    return dict(tunnel, local=tunnel["remote"], remote=tunnel["local"], begin="false")


def bring_ours(m, tunnels, keepalive=None, peer=None, own=None, recovery=None):
    """A second of ours in the peer's place, which waits; both have an address of each family inside."""
    addresses = '{"10.9.%d.1/32", "fd00:9:%d::1/128"}'
    them = Ruthere(m.lab, [m.link.reversed()], [PROPOSAL], role="responder", node="gw", file="gw", identity="fqdn:us.example",
                   keepalive=keepalive or ruthere.SILENT, peer=peer, recovery=recovery,
                   own=dict(USERSPACE, **{"tun-addresses": addresses % (2, 2)}, **(own or {})),
                   tunnels={name: other_end(tunnel) for name, tunnel in tunnels.items()})
    m.bring_us(keepalive=keepalive or ruthere.SILENT, peer=peer, recovery=recovery,
               own=dict(USERSPACE, **{"tun-addresses": addresses % (1, 1)}), tunnels=tunnels)
    m.established()
    for end in (m.us, them):
        end.wait("ipsec-established", count=len(tunnels))
    return them


def one_ours(name, ipv6, encapsulate):
    with meeting(name, ipv6) as m:
        them = bring_ours(m, {"net": TUNNEL, "net-6": NET_6}, peer={"encapsulate": "true"} if encapsulate else None)
        flows = both_ways(m) + both_ways(m, ours=OURS_6, theirs=THEIRS_6, size=101)
        sleep(1.5)
        count, _ = check_whole(flows, 200)
        m.end()
        them.end()
        check_esp(m, encapsulate, 1000)
        return count


def traffic_ours(name):
    counts = [one_ours("%s/%s-%s" % (name, "udp" if encapsulate else "raw", "ipv6" if ipv6 else "ipv4"), ipv6, encapsulate)
              for encapsulate in (False, True) for ipv6 in (False, True)]
    return "IPv4 and IPv6 inside of both: %d and %d packets over protocol 50, %d and %d over UDP; none was lost" % tuple(counts)


# ---- without ourselves -----------------------------------------------------------------------------------------------


def lab_traffic(name):
    """strongSwan with strongSwan: whatever fails beside this one is ours.  What is lost on purpose is missed, and nothing else."""
    with Lab(name) as lab:
        link = lab.link("gw")
        other = dict(CHILD, local_ts=CHILD["remote_ts"], remote_ts=CHILD["local_ts"])
        them = strongswan.Peer(lab, link, SECRET, [PROPOSAL], child=CHILD)
        us = strongswan.Peer(lab, link.reversed(), SECRET, [PROPOSAL], identity="us.example", remote="gw.example", child=other)
        us.initiate()
        until(lambda: us.tunnels() and them.tunnels(), 10, "a tunnel between two strongSwans")
        flow, path = Traffic(lab, OURS, THEIRS, RATE), Path(lab, link.interface)
        sleep(1)
        begun = time.time()
        path.drop_esp(["gw"])
        sleep(0.5)
        dropped = path.dropped("gw")
        path.mend()
        mended = time.time()
        sleep(1)
        records = flow.stop()
        lost = records.lost()
        check(not records.lost(before=begun - 0.1) and not records.lost(after=mended + 0.1), "lost before or after: %s" % lost[:10])
        check(lost == list(range(lost[0], lost[-1] + 1)), "what was lost is not one piece: %s" % lost[:10])
        check(dropped <= len(lost) <= dropped + 0.1 * RATE, "%d were lost, though %d were dropped" % (len(lost), dropped))
        check(mended - begun <= records.gap() + 0.2 and records.again(mended) < mended + 0.1, "a gap of %.3f s for an outage of %.3f s" % (
            records.gap(), mended - begun))
        return "%d packets, %d of them lost on purpose, in one gap of %.2f s" % (len(records.begun()), len(lost), records.gap())
