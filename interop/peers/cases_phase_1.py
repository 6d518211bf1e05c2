# SPDX-License-Identifier: ISC
"""Phase 1: suites both ways round, the exchange of R-U-THEREs, and clear answers where there can be no SA."""

import libreswan
import nat
import ruthere
import strongswan
import wire
from lab import Lab, check, sleep, until
from meeting import PROPOSAL, meeting

SUITES = list(wire.SUITES)
LIBRESWAN_SUITES = [suite for suite in SUITES if not suite.endswith("modp1024")]


def lab_plain(name):
    with Lab(name) as lab:
        link = lab.link("gw")
        libreswan.Peer(lab, link, ruthere.SECRET, [PROPOSAL])
        charon = strongswan.Peer(lab, link.reversed(), ruthere.SECRET, [PROPOSAL], identity="us.example",
                                 remote="gw.example")
        charon.initiate()
        until(charon.sas, 10, "an SA between strongSwan and libreswan")


def lab_hidden(name):
    with Lab(name) as lab:
        router = nat.Router(lab, hidden="gw")
        pluto = libreswan.Peer(lab, router.link, ruthere.SECRET, [PROPOSAL], certificate="gw", tunnel=libreswan.TUNNEL)
        child = dict(strongswan.CHILD, local_ts=libreswan.TUNNEL[1], remote_ts=libreswan.TUNNEL[0])
        charon = strongswan.Peer(lab, router.link.reversed(), ruthere.SECRET, [PROPOSAL], identity="us.example",
                                 remote="gw.example", certificate="us", child=child)
        pluto.initiate()
        until(charon.tunnels, 10, "a tunnel between strongSwan and libreswan")


def lab_itself(name):
    """The two peers meet each other, without ruthere: whatever fails beside this one is ours."""
    lab_plain(name + "/plain")
    lab_hidden(name + "/hidden")
    return "strongSwan and libreswan meet without us: plainly; with certificates, a tunnel and a NAT in between"


# ---- suites ----------------------------------------------------------------------------------------------------------


def one_suite(name, kind, suite, role, ipv6=False):
    """Established with what was proposed, in both captures and events; milliseconds that Phase 1 took us."""
    with meeting("%s/%s-%s" % (name, suite, role), ipv6) as m:
        m.bring_peer(kind, [suite])
        m.bring_us([suite], role=role, keepalive=ruthere.EXPLICIT)
        if role == "responder":
            m.peer.initiate()
        event = m.established(role)
        check(event["proposal"] == suite, "established with %s" % event["proposal"])
        m.us.wait("alive")
        begun = m.us.wait("connecting", role=role)
        messages = m.end()

        ours, theirs = m.link.ours, m.link.theirs
        initiator, responder = (ours, theirs) if role == "initiator" else (theirs, ours)
        check(wire.chosen_suite(messages, responder) == wire.SUITES[suite], "capture: another transform was chosen")
        for address, identity in ((ours, "us.example"), (theirs, "gw.example")):
            check(identity in wire.identities(messages, address), "capture: %s is not in its ID" % identity)
            check(wire.offered_vendor(messages, address), "capture: %s sent no vendor ID" % identity)
        contact = wire.sent_initial_contact(messages, initiator)
        check(contact, "capture: no INITIAL-CONTACT from the initiator")
        check(contact[0].spi == [contact[0].cky_i + contact[0].cky_r], "capture: INITIAL-CONTACT for other cookies")
        m.check_numbers(messages, 1)
        return 1000 * (event["t"] - begun["t"])


def all_suites(name, kind, suites, ipv6=False):
    times = {}
    for suite in suites:
        for role in ("initiator", "responder"):
            times[suite, role] = one_suite(name, kind, suite, role, ipv6)
    return "%d suites both ways; Phase 1 in %s ms" % (len(suites), ", ".join(
        "%s %.0f/%.0f" % (suite, times[suite, "initiator"], times[suite, "responder"]) for suite in suites))


def suites_strongswan(name):
    return all_suites(name, strongswan.Peer, SUITES)


def suites_libreswan(name):
    return all_suites(name, libreswan.Peer, LIBRESWAN_SUITES)


def suites_ipv6(name):
    return all_suites(name, strongswan.Peer, [PROPOSAL], ipv6=True)


# ---- R-U-THERE and its ACK -------------------------------------------------------------------------------------------


def ours_answered(name, kind):
    with meeting(name) as m:
        m.bring_peer(kind)
        m.bring_us(keepalive=ruthere.EXPLICIT)
        m.established()
        m.us.wait("alive", timeout=15, count=6)
        pairs = m.check_numbers(m.end(), 5)
        trips = [1000 * (reply.time - asked.time) for _, asked, reply in pairs]
        return "%d of ours answered and accepted, %.1f to %.1f ms on the wire" % (len(pairs), min(trips), max(trips))


def theirs_answered(name):
    """strongSwan asks every 2 s, and goes on to the next number only when it has accepted the ACK."""
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, dpd_delay=2, dpd_timeout=12)
        m.bring_us(keepalive=ruthere.SILENT)
        event = m.established()
        m.us.wait("answered", timeout=25, count=6)
        check(m.peer.sas() == [(event["cky_i"], event["cky_r"])], "strongSwan has lost the SA")
        pairs = wire.pairs(m.end(), m.link.theirs, m.link.ours)
        numbers = [number for number, _, _ in pairs]
        check(len(numbers) >= 5, "capture: only %d R-U-THEREs of strongSwan" % len(numbers))
        check(numbers == list(range(numbers[0], numbers[0] + len(numbers))), "strongSwan did not accept an ACK")
        check(numbers == [e["number"] for e in m.us.find("answered")], "events and capture differ")
        trips = [1000 * (reply.time - asked.time) for _, asked, reply in pairs]
        return "%d of theirs answered and accepted, after %.1f to %.1f ms" % (len(pairs), min(trips), max(trips))


def exchanges_strongswan(name):
    return "%s; %s" % (ours_answered(name + "/ours", strongswan.Peer), theirs_answered(name + "/theirs"))


def exchanges_libreswan(name):
    return ours_answered(name, libreswan.Peer)


# ---- clear answers ---------------------------------------------------------------------------------------------------


def refusal(name, role, expected, peer):
    """
    No SA comes up with a strongSwan that has other settings (`peer`), and an event says why: one of these names, with
    these words in it.  As initiator the attempt also ends when its time is over.
    """
    with meeting(name) as m:
        m.bring_peer(strongswan.Peer, **peer)
        m.bring_us(role=role, recovery={"attempt-timeout": '"3s"'})
        begun = m.us.find("started")[0]
        if role == "responder":
            m.peer.initiate()

        def said():
            names, words = expected
            return [event for event_name in names for event in m.us.find(event_name) if words in str(event)]
        event = until(said, 10, lambda: "a reason; last came: " + m.us.last())[0]
        if role == "initiator":
            m.us.wait("failed")
        else:
            sleep(1)
        check(not m.us.find("established"), "it was established all the same")
        m.end()
        shown = [event[key] for key in ("verdict", "sentence", "notify", "why", "text") if key in event]
        return "%s after %.1f s: %s" % (event["event"], event["t"] - begun["t"], ": ".join(shown))


SECRETS_DIFFER = ("refused", "failed"), "the secrets differ"


def wrong_secret_initiator(name):
    return refusal(name, "initiator", SECRETS_DIFFER, {"secret": "another-secret-than-theirs-0815"})


def wrong_secret_responder(name):
    return refusal(name, "responder", SECRETS_DIFFER, {"secret": "another-secret-than-theirs-0815"})


def wrong_identity(name):
    return refusal(name, "initiator", (("refused",), "WRONG_IDENTITY"), {"identity": "other.example"})


def no_proposal_initiator(name):
    return refusal(name, "initiator", (("peer-says",), "NO-PROPOSAL-CHOSEN"), {"proposals": ["aes256-sha256-ecp256"]})


def no_proposal_responder(name):
    """Both offers are shown."""
    both = "the peer offers aes256-sha256-ecp256; accepted here: " + PROPOSAL
    return refusal(name, "responder", (("offers",), both), {"proposals": ["aes256-sha256-ecp256"]})


def silent_peer(name):
    """Nobody at home: the attempt ends with that reason when its time is over, and the next one follows."""
    with meeting(name) as m:
        m.bring_us(recovery={"attempt-timeout": '"4s"'})
        begun = m.us.wait("connecting")
        event = m.us.wait("failed", timeout=10)
        check(event["why"] == "no answer", "the reason is said to be: " + event["why"])
        m.us.wait("connecting", timeout=10, count=2)
        messages = m.end()
        first = [w for w in messages if w.cky_i == messages[0].cky_i]
        check(len(first) >= 2, "capture: nothing was retransmitted")
        check(len({w.data for w in first}) == 1, "capture: a retransmission differs")
        check(len({w.cky_i for w in messages}) >= 2, "capture: no second attempt")
        return "failed after %.1f s and %d datagrams: %s" % (event["t"] - begun["t"], len(first), event["why"])
