# SPDX-License-Identifier: ISC
"""Clients and tools that come by: vpnc, ike-scan, and a strongSwan that wants what ruthere does not have."""

import subprocess
import time

import ruthere
import strongswan
import vpnc
import wire
from lab import check, sleep, until
from meeting import PROPOSAL, cookies, meeting
from ruthere import SECRET, wall

# ---- vpnc ------------------------------------------------------------------------------------------------------------

# What it protects: all there is, with an address of its own that it was not given.
ALL = dict(ruthere.TUNNEL, local='"0.0.0.0/0"', remote='"0.0.0.0/32"')
VPNC_IDENTITY = "user-fqdn:vpnc@gw.example"
LIVES = 120  # seconds of its keepalive to be seen
# When it sends what nobody answers, measured, also without ruthere: the last of them together with its Deletes.
UNANSWERED = [0, 10, 15, 20, 25, 30, 35]
SLACK = 1.5


def vpnc_lives_and_notices(name):
    """Two minutes of vpnc's own keepalive, then our process stops: it must notice."""
    with meeting(name) as m:
        m.peer = vpnc.Peer(m.lab, m.link, SECRET)
        m.bring_us(role="responder", identity=VPNC_IDENTITY, peer=ruthere.AGGRESSIVE_SECRET, tunnel=ALL)
        m.peer.initiate()
        event = m.established("responder", timeout=15)
        m.us.wait("ipsec-established", timeout=15)
        sleep(LIVES)
        check(m.peer.process.running, "vpnc has ended")
        check(not m.us.find("dead") and not m.us.find("deleted"), "the SA did not last")
        stopped = m.us.process.freeze()
        until(lambda: not m.peer.process.running, 60, "vpnc to notice")
        noticed = time.time() - stopped
        m.us.process.thaw()
        m.us.wait("deleted", after=stopped)
        messages = m.end()
        before = [w for w in messages if w.time < stopped]
        pairs = wire.pairs(before, m.link.theirs, m.link.ours)
        check(len(pairs) >= LIVES / 10 - 2, "capture: only %d R-U-THEREs of vpnc" % len(pairs))
        check([number for number, _, _ in pairs] == [e["number"] for e in m.us.find("answered") if wall(e) < stopped],
              "events and capture differ")

        after = [w for w in messages if w.time >= stopped and w.source == m.link.theirs]
        asked = wire.asks(after, m.link.theirs)
        check(len({number for number, _ in asked}) == 1, "capture: not one number that is asked again")
        times = [w.time - asked[0][1].time for _, w in asked]
        check(len(times) == len(UNANSWERED) and all(abs(a - b) < SLACK for a, b in zip(times, UNANSWERED)),
              "capture: asked at %s" % ", ".join("%.0f" % when for when in times))
        check(wire.deletes(after, m.link.theirs, event["cky_i"] + event["cky_r"]), "capture: no Delete of Phase 1")
        return "%d of its R-U-THEREs answered in %d s; noticed our stop after %.1f s: %d unanswered, then Deletes" % (
            len(pairs), LIVES, noticed, len(asked))


# ---- ike-scan --------------------------------------------------------------------------------------------------------

TRANSFORM = "--trans=(1=7,14=128,2=2,3=1,4=14)"  # aes128-sha1-modp2048 with a pre-shared key
AGGRESSIVE = ["-A", TRANSFORM, "--dhgroup=14", "--id=gw.example", "--idtype=2"]
# Each waits three seconds more for what comes unasked.
SCANS = {
    "main": [TRANSFORM, "--vendor=" + wire.VENDOR_ID, "--vendor=" + "0123456789abcdef" * 2],
    "unknown transforms": ["--trans=(1=4,2=3,3=1,4=7)"],
    "RSA encryption": ["--trans=(1=7,14=128,2=2,3=4,4=14)"],
    "aggressive": AGGRESSIVE,
}


# By how much the answer of Aggressive Mode may be longer than the question, where it is configured: HASH_R of SHA-1, a nonce.
MORE_IN_AGGRESSIVE = 24 + 16


def scan(m, more=0):
    """
    What each scan got: {its name: (what it sent, what came)}.  All at once, told apart by their ports.  What came is not larger
    than what was sent, with Aggressive Mode by at most `more` octets.
    """
    ports = dict(zip(SCANS, range(40001, 40001 + len(SCANS))))
    running = [m.lab.spawn(m.link.node, [
        "ike-scan", "--sport=%d" % ports[name], "--retry=1", "--showbackoff=3", "-M", *words, m.link.ours],
        "ike-scan.out") for name, words in SCANS.items()]
    for process in running:
        until(lambda: not process.running, 20, "ike-scan")
        check(process.popen.returncode == 0, "ike-scan failed")
    status = m.us.status()
    check(status["established"] == 0 and not m.us.find("established"), "a scan left an SA")
    messages, found = m.end(), {}
    for name, port in ports.items():
        sent, came = ([w for w in messages if port == getattr(w, end)] for end in ("port", "to"))
        check(len(sent) == 1 and len(came) <= 1, "capture: %s: %d datagrams for %d" % (name, len(came), len(sent)))
        check(came, "capture: %s: no answer" % name)
        most = sent[0].octets + (more if name == "aggressive" else 0)
        check(came[0].octets <= most, "capture: %s: %d octets for %d" % (name, came[0].octets, sent[0].octets))
        found[name] = (sent[0], came[0])
    return found


def told(found, name):
    """The notification that was the answer."""
    message = found[name][1]
    check(message.exchange == wire.INFORMATIONAL and message.notify, "capture: %s: not a notification" % name)
    return message.notify[0]


def scans(name):
    with meeting(name) as m:
        m.bring_us(role="responder", words=["--messages"])
        found = scan(m)
        check(m.us.find("message", match=lambda e: "VID(01234567" in e["line"]), "an unknown vendor ID is not named")
        answer = found["main"][1]
        check(answer.exchange == wire.MAIN_MODE and wire.chosen_suite([answer], m.link.ours) == wire.SUITES[PROPOSAL],
              "capture: no handshake")
        check(wire.VENDOR_ID in answer.vendor, "capture: no vendor ID")
        for refused in ("unknown transforms", "RSA encryption"):
            check(told(found, refused) == wire.NO_PROPOSAL_CHOSEN, "capture: %s: notification %d" % (
                refused, told(found, refused)))
        return "a datagram for a datagram, never larger; Aggressive Mode: notification %d; no SA left" % told(
            found, "aggressive")


def scans_aggressive(name):
    """Where Aggressive Mode with a secret is configured by its name, it is there; all else as for any other scan."""
    with meeting(name) as m:
        m.bring_us(role="responder", peer=ruthere.AGGRESSIVE_SECRET)
        asked, answer = scan(m, MORE_IN_AGGRESSIVE)["aggressive"]
        check(answer.exchange == wire.AGGRESSIVE_MODE and 8 in answer.payloads, "capture: no Aggressive Mode handshake")
        return "the handshake with HASH_R: %d octets for %d" % (answer.octets, asked.octets)


# ---- what ruthere does not have --------------------------------------------------------------------------------------


def xauth_offered(name):
    """A client that insists on XAUTH is told that there is none, and we are told what it wants."""
    user = {"auth": "xauth", "xauth_id": "joe"}
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, connection={"local-2": user})
        m.bring_us(role="responder")
        m.peer.initiate()
        offers = m.us.wait("offers")
        check("xauth" in offers["text"].lower(), "what it offers is said to be: " + offers["text"])
        check(not m.us.find("established"), "established with XAUTH")
        messages = m.end()
        told_it = [w for w in messages if w.source == m.link.ours and wire.NO_PROPOSAL_CHOSEN in w.notify]
        check(told_it, "capture: it was not told NO-PROPOSAL-CHOSEN")
        return offers["text"]


def transaction(name):
    """
    A client that asks for an address (Mode Config) gets none; the SA stays.  strongSwan answers nothing while it waits
    for one, so that only it knows for how long: nobody asks anything here.
    """
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, connection={"vips": "0.0.0.0"})
        m.bring_us(role="responder", keepalive=ruthere.SILENT)
        m.peer.initiate()
        event = m.established("responder")
        refused = m.us.wait("refused", verdict="TRANSACTION_IGNORED")
        sleep(5)  # and it asks again
        check(m.peer.sas() == [cookies(event)], "strongSwan does not list the SA")
        check(m.us.status()["established"] == 1 and not m.us.find("deleted"), "the SA did not stay")
        messages = m.end()
        came = [w for w in messages if w.exchange == wire.TRANSACTION and w.source == m.link.theirs]
        check(len(came) >= 2, "capture: %d Transaction exchanges" % len(came))
        check(not [w for w in messages if w.exchange == wire.TRANSACTION and w.source == m.link.ours],
              "capture: we take part in a Transaction exchange")
        return "%d Transactions: %s; the SA stays" % (len(came), refused["verdict"])
