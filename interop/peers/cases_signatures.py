# SPDX-License-Identifier: ISC
"""Phase 1 with certificates, in Main Mode and in Aggressive Mode; and Aggressive Mode with a secret."""

import libreswan
import pki
import ruthere
import strongswan
import wire
from lab import check, sleep, until
from meeting import PROPOSAL, meeting

ROLES = ("initiator", "responder")
PRE_SHARED_KEY, RSA, ECDSA_256 = 1, 3, 9  # authentication methods (RFC 2409 appendix A, RFC 4754)
ECDSA_PROPOSAL = "aes128-sha256-ecp256"


def phase_1(name, kind, role, method, proposal=PROPOSAL, aggressive=False, peer=None, us=None,
            identity="fqdn:gw.example"):
    """
    Established with this peer in this role and by this method, and one R-U-THERE answered.  `peer` and `us` are further
    settings of theirs.  The meeting, all that was on the wire, and the event.
    """
    with meeting(name) as m:
        m.bring_peer(kind, [proposal], **(peer or {}))
        settings = dict(us or {})
        if aggressive:
            settings["peer"] = ruthere.AGGRESSIVE_SECRET if method == PRE_SHARED_KEY else ruthere.AGGRESSIVE
        m.bring_us([proposal], role=role, keepalive=ruthere.EXPLICIT, identity=identity, **settings)
        if role == "responder":
            m.peer.initiate()
        event = m.established(role)
        m.us.wait("alive")
        messages = m.end()
        exchange = wire.AGGRESSIVE_MODE if aggressive else wire.MAIN_MODE
        used = {w.exchange for w in messages} & set(wire.PHASE_1)
        check(used == {exchange}, "capture: Phase 1 by exchange type %s" % sorted(used))
        responder = m.link.theirs if role == "initiator" else m.link.ours
        chosen = [w.authentication[0] for w in messages if w.source == responder and w.authentication]
        check(chosen and chosen[0] == method, "capture: authentication method %s was chosen" % chosen[:1])
        check(wire.chosen_suite(messages, responder) == wire.SUITES[proposal], "capture: another transform was chosen")
        m.check_numbers(messages, 1)
        return m, messages, event


# ---- certificates that are believed ----------------------------------------------------------------------------------


def in_fragments(m, messages, source, least=2):
    """The protected message of Phase 1 from here came in fragments, which were put together there."""
    numbers = wire.fragments(messages, source)
    check(len(numbers) >= least and numbers[:least] == list(range(1, least + 1)),
          "capture: fragments from %s are %s" % (source, numbers))
    return len(numbers)


def rsa_strongswan(name):
    """
    strongSwan's fifth message goes in fragments of its own kind, with the certificate request in it; our chain with an
    intermediate authority always does, since it says that it takes them.
    """
    peer, us = {"certificate": "gw"}, {"credentials": ruthere.signatures()}
    m, messages, _ = phase_1(name + "/initiator", strongswan.Peer, "initiator", RSA, peer=peer, us=us)
    ours = [in_fragments(m, messages, m.link.ours)]
    m, messages, _ = phase_1(name + "/responder", strongswan.Peer, "responder", RSA, peer=peer, us=us)
    ours.append(in_fragments(m, messages, m.link.ours))
    theirs = in_fragments(m, messages, m.link.theirs)
    check("gw.example" in wire.identities(messages, m.link.theirs), "capture: its ID cannot be read from its fragments")
    return "both roles; our chain in %d and %d fragments, its MM5 in %d" % (*ours, theirs)


def rsa_libreswan(name):
    peer, us = {"certificate": "gw", "words": ["--ikefrag-allow"]}, {"credentials": ruthere.signatures()}
    for role in ROLES:
        phase_1("%s/%s" % (name, role), libreswan.Peer, role, RSA, peer=peer, us=us)
    force = dict(peer, words=["--ikefrag-force"])
    m, messages, _ = phase_1(name + "/fragments", libreswan.Peer, "responder", RSA, peer=force, us=us)
    theirs = in_fragments(m, messages, m.link.theirs)
    return "both roles, and with its MM5 in %d fragments" % theirs


def ecdsa(name):
    for role in ROLES:
        phase_1("%s/%s" % (name, role), strongswan.Peer, role, ECDSA_256, ECDSA_PROPOSAL,
                peer={"certificate": "gw-ecdsa"}, us={"credentials": ruthere.signatures("us-ecdsa", "ecdsa")})
    return "ECDSA with P-256, both roles"


def distinguished_name(name):
    """Who it is is the subject of a certificate, at both ends."""
    them, we = pki.subject("gw"), pki.subject("us")
    for role in ROLES:
        m, messages, _ = phase_1(
            "%s/%s" % (name, role), strongswan.Peer, role, RSA,
            peer={"certificate": "gw", "identity": them, "remote": we},
            us={"credentials": ruthere.signatures(), "peer": {"local-identity": '"der-dn:%s"' % we}},
            identity="der-dn:" + them)
        for address in (m.link.ours, m.link.theirs):
            check(any(w.dn for w in messages if w.source == address), "capture: no DER_ASN1_DN from " + address)
    return "DER_ASN1_DN at both ends, both roles"


# ---- certificates that are not ---------------------------------------------------------------------------------------

REFUSED = {
    "gw-revoked": "CERTIFICATE_REVOKED",
    "gw-expired": "CERTIFICATE_EXPIRED",
    "gw-foreign": "CERTIFICATE_UNTRUSTED",
    "gw-other": "CERTIFICATE_OTHER_NAME",
}


def refused_certificate(name, certificate, role):
    # strongSwan would rather not say who it is than say what its certificate does not.
    kind = libreswan.Peer if REFUSED[certificate] == "CERTIFICATE_OTHER_NAME" else strongswan.Peer
    with meeting(name) as m:
        m.bring_peer(kind, certificate=certificate)
        m.bring_us(role=role, credentials=ruthere.signatures(), recovery={"attempt-timeout": '"3s"'})
        if role == "responder":
            m.peer.initiate()
        verdict = REFUSED[certificate]
        event = until(lambda: m.us.find("refused", verdict=verdict) or m.us.find("failed", verdict=verdict), 10,
                      lambda: "%s; last came: %s" % (verdict, m.us.last()))[0]
        check(event["section"] and event["sentence"], "the event does not say why")
        sleep(0.3)
        check(not m.us.find("established"), "%s: established all the same" % certificate)
        m.us.end()


def refused_certificates(name):
    for certificate in REFUSED:
        for role in ROLES:
            refused_certificate("%s/%s-%s" % (name, certificate, role), certificate, role)
    return ", ".join(verdict for verdict in REFUSED.values()) + ", both roles each"


# ---- Aggressive Mode -------------------------------------------------------------------------------------------------


def aggressive_secret(name, kind, peer):
    for role in ROLES:
        phase_1("%s/%s" % (name, role), kind, role, PRE_SHARED_KEY, aggressive=True, peer=peer)


def aggressive_signatures(name, kind, peer):
    for role in ROLES:
        phase_1("%s/rsa-%s" % (name, role), kind, role, RSA, aggressive=True, peer=dict(peer, certificate="gw"),
                us={"credentials": ruthere.signatures()})


def aggressive_strongswan(name):
    peer = {"connection": {"aggressive": "yes"}}
    aggressive_secret(name, strongswan.Peer, peer)
    aggressive_signatures(name, strongswan.Peer, peer)
    return "with a secret and with RSA signatures, both roles each"


def aggressive_libreswan(name):
    peer = {"words": ["--aggressive", "--ikefrag-allow"]}
    aggressive_secret(name, libreswan.Peer, peer)
    aggressive_signatures(name, libreswan.Peer, peer)
    return "with a secret and with RSA signatures, both roles each"
