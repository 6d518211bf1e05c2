# SPDX-License-Identifier: ISC
"""
What traffic proves, and what comes of it when it stops: RFC 3706's own idea, a ping through the tunnel, and what ESP that
nobody can read and hints about it lead to.  Judged by what was on the wire and by our events.
"""

import os
import time

import forge
import packets
import ruthere
import strongswan
import wire
from cases_nat import FLOATED
from cases_traffic import CHILD, OURS, THEIRS, bring_both, bring_ours, check_whole
from lab import check, sleep, until
from meeting import PROPOSAL, cookies, meeting
from paths import Path
from ruthere import TUNNEL, USERSPACE, wall
from traffic import Traffic

WORRY, LATE = 2.0, 0.5  # seconds
STAGE = 2.2 * WORRY
ON_DEMAND = {"mode": '"on-demand"', "worry": '"%gs"' % WORRY, "retry": '"500ms"', "misses": '"6"'}
PING_ONLY = {"mode": '"ping"'}
INTERVAL, MISSES = 1, 3
PING = dict(TUNNEL, ping='"%s"' % THEIRS[1], **{
    "ping-from": '"%s"' % OURS[1], "ping-interval": '"%ds"' % INTERVAL, "ping-misses": '"%d"' % MISSES})
PATIENT = {"mode": '"periodic"', "worry": '"20s"', "retry": '"1s"', "misses": '"5"'}
QUICK_RECOVERY = {"attempt-timeout": '"3s"', "backoff-first": '"500ms"', "backoff-most": '"2s"'}


def asked(messages, m, after=0.0, before=float("inf")):
    """When R-U-THEREs of ours were on the wire."""
    return [w.time for _, w in wire.asks(messages, m.link.ours) if after <= w.time < before]


# ---- proof of life (R16 to R18, R23 to R25) --------------------------------------------------------------------------


def on_demand(name):
    """
    Idle; both ways; only towards us; only away from us.  The last makes us ask, and the first packet of all, because nothing has come for
    long.
    """
    with meeting(name) as m:
        bring_both(m, keepalive=ON_DEMAND)
        marks, streams = [time.time()], []
        sleep(STAGE)
        for source, target, echo in ((OURS, THEIRS, True), (THEIRS, OURS, False), (OURS, THEIRS, False)):
            marks.append(time.time())
            streams.append(Traffic(m.lab, source, target, 50, echo=echo, name="stream-%d" % len(marks)))
            sleep(STAGE)
            records = streams[-1].stop()
            check(not records.lost(), "a packet was lost: %s" % records.lost()[:10])
        over = time.time()
        sleep(1.5 * WORRY)
        messages = m.end()
        idle, both, inbound, outbound = (asked(messages, m, early, late) for early, late in zip(marks, [*marks[1:], over]))
        first = [min(p.time for p in packets.of(packets.read(m.path), "esp", m.link.ours, after=mark)) for mark in marks[1::2]]
        check(len(both) == 1 and 0 <= both[0] - first[0] <= LATE, "capture: %d R-U-THEREs under traffic both ways, not 1 at once" % len(both))
        for count, when in ((idle, "on an idle tunnel"), (inbound, "while ESP came in")):
            check(not count, "capture: %d R-U-THEREs %s" % (len(count), when))
        check(outbound, "capture: no R-U-THERE while nothing answered what left")
        check(outbound[0] - first[1] <= WORRY + LATE, "capture: the first R-U-THERE %.2f s after the first unanswered packet" % (
            outbound[0] - first[1]))
        check(len(outbound) <= 3, "capture: %d R-U-THEREs in %.0f s, though each was answered" % (len(outbound), STAGE))
        late = asked(messages, m, over + LATE)
        check(not late, "capture: %d R-U-THEREs when all was quiet again" % len(late))
        check(not m.us.find("dead"), "a false death")
        return "idle and inbound: none; both ways: one with the first packet; %.2f s after the first unanswered one, worry %.0f s" % (
            outbound[0] - first[1], WORRY)


# ---- ping through the tunnel -----------------------------------------------------------------------------------------


def again(m, flow, after, timeout=20):
    """Seconds from `after` until what was sent since then arrived."""
    return until(lambda: flow.flowing(after), timeout, "traffic again", interval=0.1) - after


def ping_alone(name):
    """The path is cut: dead by the ping alone, and without any R-U-THERE; it is mended: all is back."""
    with meeting(name) as m:
        bring_both(m, keepalive=PING_ONLY, tunnel=PING, recovery=QUICK_RECOVERY)
        sleep(2.5 * INTERVAL)
        check(not m.us.find("dead"), "dead though it answers")
        path = Path(m.lab, m.link.interface)
        flow = Traffic(m.lab, OURS, THEIRS, 20)
        sleep(1)
        path.cut()
        cut = time.time()
        dead = m.us.wait("tunnel-dead", timeout=INTERVAL * (MISSES + 2) + 5, after=cut)
        took = wall(dead) - cut
        check(INTERVAL * (MISSES - 1) <= took <= INTERVAL * (MISSES + 1) + LATE, "dead %.2f s after the cut" % took)
        path.mend()
        back = again(m, flow, time.time())
        flow.stop()
        established = m.us.find("established", after=cut)
        check(established, "no new Phase 1")
        messages = m.end()
        check(not asked(messages, m), "capture: an R-U-THERE, though only pings were wanted")
        check(wire.sent_initial_contact([w for w in messages if w.cky_i == established[-1]["cky_i"]], m.link.ours),
              "capture: no INITIAL-CONTACT after a death")
        return "dead %.2f s after the cut, %d pings of %d s; traffic %.2f s after it was mended; no R-U-THERE" % (
            took, MISSES, INTERVAL, back)


def black_hole(name):
    """ESP is lost while IKE answers: the ping notices what R-U-THERE cannot."""
    with meeting(name) as m:
        bring_both(m, keepalive=ruthere.EXPLICIT, tunnel=PING, recovery=QUICK_RECOVERY)
        flow = Traffic(m.lab, OURS, THEIRS, 20)
        sleep(1)
        path = Path(m.lab, m.link.interface)
        path.drop_esp()
        cut = time.time()
        dead = m.us.wait("black-hole", timeout=INTERVAL * (MISSES + 2) + 5, after=cut)
        anew = m.us.wait("ipsec-established", after=wall(dead))
        path.mend()
        mended = time.time()
        back = again(m, flow, mended)
        flow.stop()
        messages = m.end()
        answers = [w for _, w in wire.answers(messages, m.link.theirs) if cut + LATE < w.time < wall(dead)]
        check(answers, "capture: no R-U-THERE was answered while ESP was lost")
        check(wall(dead) - cut <= INTERVAL * (MISSES + 1) + LATE, "dead %.2f s after ESP was lost" % (wall(dead) - cut))
        return "%d R-U-THEREs answered while ESP was lost; reported after %.2f s, renegotiated %.2f s later, traffic %.2f s after the mend" % (
            len(answers), wall(dead) - cut, wall(anew) - wall(dead), back)


# ---- an SPI that we do not know --------------------------------------------------------------------------------------


def unknown_spi(name):
    """
    We are killed and started again, and would call nobody by ourselves: nothing happens until strongSwan, which has not noticed, sends
    ESP.
    """
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, child=CHILD)
        m.bring_us(own=USERSPACE, keepalive=ruthere.SILENT, tunnel=TUNNEL, recovery={"connect-at-start": "false"})
        m.peer.initiate()
        old = cookies(m.established("responder"))
        m.us.wait("ipsec-established")
        flow = Traffic(m.lab, THEIRS, OURS, 50, name="before")
        until(flow.flowing, 5, "traffic")
        flow.stop()
        m.us.process.kill()
        m.us.start()
        started = time.time()
        sleep(1)
        sends = time.time()
        flow = Traffic(m.lab, THEIRS, OURS, 50)
        anew = m.us.wait("established", timeout=5, role="initiator")
        back = again(m, flow, sends, 10)
        until(lambda: m.peer.sas() == [cookies(anew)], 5, "strongSwan to list the new SA alone")
        flow.stop()
        messages = m.end()
        check(not [w for w in messages if w.source == m.link.ours and started < w.time < sends], "capture: we called before any ESP came")
        first = packets.of(packets.read(m.path), "esp", m.link.theirs, after=sends)[0].time
        calls = {w.cky_i: w.time for w in reversed(messages) if w.source == m.link.ours and w.exchange == wire.MAIN_MODE and
                 w.time > sends and w.cky_r == "0" * 16}
        check(list(calls) == [anew["cky_i"]], "capture: %d calls of ours" % len(calls))
        check(wall(anew) - first <= 1, "Phase 1 %.2f s after the first ESP that we do not know" % (wall(anew) - first))
        check(cookies(anew) != old and wire.sent_initial_contact([w for w in messages if w.cky_i == anew["cky_i"]], m.link.ours),
              "capture: no INITIAL-CONTACT in the new SA")
        return "called %.0f ms after the first ESP that we did not know, Phase 1 after %.0f ms, traffic after %.0f ms" % (
            1e3 * (calls[anew["cky_i"]] - first), 1e3 * (wall(anew) - first), 1e3 * back)


def one_caller(name, remembers):
    """strongSwan has called us from behind a NAT; we are killed and started again.  Seconds until traffic, or None."""
    with meeting(name, hidden="gw") as m:
        file = {"peers-file": '"%s"' % os.path.join(m.lab.path, "peers")} if remembers else {}
        m.bring_peer(strongswan.Peer, child=CHILD)
        m.bring_us(role="responder", own=dict(USERSPACE, **file), keepalive=ruthere.SILENT, tunnel=TUNNEL)
        m.peer.initiate()
        m.established("responder")
        m.us.wait("ipsec-established")
        flow = Traffic(m.lab, THEIRS, OURS, 50)
        until(flow.flowing, 5, "traffic")
        sleep(1)
        m.us.process.kill()
        m.us.start()
        started = time.time()
        back = again(m, flow, started, 5) if remembers else sleep(2)
        flow.stop()
        messages = m.end()
        calls = {w.cky_i for w in messages if w.source == m.link.ours and w.exchange == wire.MAIN_MODE and w.cky_r == "0" * 16}
        check(len(calls) == remembers, "capture: %d calls of ours" % len(calls))
        check(packets.of(packets.read(m.path), "esp", m.link.theirs, after=started), "capture: no ESP after the restart")
        return back


def unknown_spi_of_caller(name):
    """Whose address nobody has configured: it is called where it was remembered, and otherwise not."""
    one_caller(name + "/forgotten", False)
    return "traffic %.0f ms after our restart, to a caller behind a NAT that was remembered; one that was not is not called" % (
        1e3 * one_caller(name + "/remembered", True))


def hint(name):
    """INVALID-SPI in strongSwan's name, unprotected: we ask sooner, and that is all."""
    with meeting(name) as m:
        pair = bring_both(m, keepalive=PATIENT)
        sleep(1)
        forged = time.time()
        forge.send(m.lab, "gw", (m.link.theirs, FLOATED), (m.link.ours, FLOATED), forge.invalid_spi(int(pair["spi_out"], 16)))
        told = wall(m.us.wait("hint", after=forged))
        m.us.wait("alive", after=forged)
        forge.send(m.lab, "gw", (m.link.theirs, FLOATED), (m.link.ours, FLOATED),  # and no more for many than the budget gives
                   *(forge.invalid_spi(int(pair["spi_out"], 16)) for _ in range(20)))
        flows = [Traffic(m.lab, OURS, THEIRS, 100)]
        sleep(1.5)
        check_whole(flows, 100)
        messages = m.end()
        questions = asked(messages, m, forged)
        check(questions and questions[0] - told <= LATE, "capture: no R-U-THERE for the hint")
        check(len(questions) <= 3, "capture: %d R-U-THEREs for 21 hints" % len(questions))
        check(not asked(messages, m, before=forged), "capture: an R-U-THERE before the hint")
        check(not m.us.find("dead") and len(m.us.find("ipsec-established")) == 1, "a hint had more effect than a question")
        return "asked %.0f ms after an INVALID-SPI that was forged, %d times for 21; nothing was deleted" % (
            1e3 * max(questions[0] - told, 0), len(questions))


DETECT = 6.0  # seconds: worry and four questions
HINTED = {"mode": '"periodic"', "worry": '"4s"', "retry": '"500ms"', "misses": '"4"'}


def hint_of_ours(name):
    """
    A second of ours is killed and started again, where it knows nobody to call, but says INVALID-SPI.  We ask at once; the death
    comes when it would have come without (R89).
    """
    with meeting(name) as m:
        them = bring_ours(m, {"net": TUNNEL}, keepalive=HINTED, own={"say-invalid-spi": "true"}, recovery=QUICK_RECOVERY)
        flow = Traffic(m.lab, OURS, THEIRS, 20)
        until(flow.flowing, 5, "traffic")
        killed = them.process.kill()
        them.start()
        back = time.time()
        told = wall(m.us.wait("hint", after=killed, timeout=5, notify="INVALID-SPI"))
        dead = wall(m.us.wait("dead", timeout=DETECT + 5, after=back))
        took = again(m, flow, back)
        flow.stop()
        messages = m.end()
        them.end()
        questions = asked(messages, m, told - LATE)
        check(questions and questions[0] - told <= LATE, "capture: no R-U-THERE for the hint")
        check(DETECT - LATE <= dead - killed <= DETECT + 2 * LATE, "dead %.2f s after it was killed, not %.0f" % (dead - killed, DETECT))
        return "asked %.0f ms after the hint, dead %.1f s after it was killed, as without one; traffic %.1f s after its start" % (
            1e3 * max(questions[0] - told, 0), dead - killed, took)


# ---- ESP that is not what it says ------------------------------------------------------------------------------------

FLOOD = 1000  # of each kind


def hostile_esp(name):
    """
    In strongSwan's name: what was on the wire once more, changed in its last octet, cut short, and with an SPI that nobody has.  The
    traffic does not notice, nothing is negotiated, and hardly anything is answered.
    """
    with meeting(name) as m:
        bring_both(m)
        flows = [Traffic(m.lab, OURS, THEIRS, 200), Traffic(m.lab, THEIRS, OURS, 200, name="from-gw")]
        sleep(1)
        true = [p.data for p in packets.of(packets.read(m.path), "esp", m.link.theirs)][-100:]
        many = true * (FLOOD // len(true) + 1)
        begun = time.time()
        for forged in (many, [data[:-1] + bytes([data[-1] ^ 1]) for data in many], [data[:7 + i % 50] for i, data in enumerate(many)],
                       [os.urandom(4) + data[4:] for data in many]):
            forge.send(m.lab, "gw", (m.link.theirs, FLOATED), (m.link.ours, FLOATED), *forged[:FLOOD])
        over = time.time()
        sleep(1)
        count, _ = check_whole(flows, 200)
        messages = m.end()
        came = len(packets.of(packets.read(m.path), "esp", m.link.theirs, begun, over))
        check(came >= 3 * FLOOD, "only %d packets of ESP came" % came)  # what is cut to less than eight octets is none
        ours = [w for w in messages if w.source == m.link.ours and begun < w.time < over + 1]
        check(len(ours) <= 1, "capture: %d messages of ours for %d forged packets" % (len(ours), 4 * FLOOD))
        check(len(m.us.find("established")) == 1 and len(m.us.find("ipsec-established")) == 1, "something was negotiated")
        return "%d packets beside %d forged ones: none was lost, %d messages of ours" % (count, 4 * FLOOD, len(ours))
