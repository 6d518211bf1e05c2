# SPDX-License-Identifier: ISC
"""What was on the wire, as tshark decodes it with the keys that ruthere exported."""

import collections
import glob
import os
import re

from lab import check, run

MAIN_MODE, AGGRESSIVE_MODE, INFORMATIONAL, TRANSACTION, QUICK_MODE = 2, 4, 5, 6, 32
FRAGMENT = 132  # the payload that others than RFCs have given IKE's own fragments
NO_PROPOSAL_CHOSEN, INITIAL_CONTACT, R_U_THERE, R_U_THERE_ACK = 14, 24578, 36136, 36137
VENDOR_ID = "afcad71368a1f1c96b8696fc77570100"  # RFC 3706 section 5.1, as deployed

FIELDS = {
    "time": "frame.time_epoch", "source": "ip.src", "source6": "ipv6.src", "port": "udp.srcport", "to": "udp.dstport",
    "octets": "udp.length", "payloads": "isakmp.typepayload", "fragment": "isakmp.frag.seq", "last": "isakmp.frag.last",
    "cky_i": "isakmp.ispi", "cky_r": "isakmp.rspi", "exchange": "isakmp.exchangetype",
    "encrypted": "isakmp.flag_e", "message_id": "isakmp.messageid", "notify": "isakmp.notify.msgtype",
    "asked": "isakmp.notify.data.dpd.are_you_there", "answered": "isakmp.notify.data.dpd.are_you_there_ack",
    "spi": "isakmp.spi", "delete": "isakmp.delete.spi", "fqdn": "isakmp.id.data.fqdn",
    "dn": "isakmp.id.data.der_asn1_dn", "authentication": "isakmp.ike.attr.authentication_method",
    "encryption": "isakmp.ike.attr.encryption_algorithm", "hash": "isakmp.ike.attr.hash_algorithm",
    "group": "isakmp.ike.attr.group_description", "bits": "isakmp.ike.attr.key_length",
    "vendor": "isakmp.vid_bytes", "data": "udp.payload",
}
Message = collections.namedtuple("Message", list(FIELDS))

# How a proposal looks in the transform that the responder chose (IANA's numbers): encryption, key bits, hash, group.
SUITES = {
    "aes128-sha1-modp2048": (7, 128, 2, 14),
    "aes256-sha256-modp2048": (7, 256, 4, 14),
    "aes128-sha256-ecp256": (7, 128, 4, 19),
    "aes128-sha256-x25519": (7, 128, 4, 31),
    "3des-md5-modp1024": (5, None, 1, 2),
}


def key_rows(directories):
    """Rows of every ikev1_decryption_table below these directories: {initiator cookie: key}."""
    rows = {}
    for directory in directories:
        for path in glob.glob(os.path.join(directory, "*ikev1_decryption_table*")):
            with open(path) as file:
                for cookie, key in re.findall(r'^"?([0-9a-f]{16})"?,\s*"?([0-9a-f]+)"?\s*$', file.read(), re.M):
                    rows[cookie] = key
    return rows


def _numbers(text):
    return [int(word, 0) for word in text.split("|") if word]


def _message(cells):
    """One row of tshark's as a Message: times and lengths as numbers, what can occur several times as lists."""
    row = dict(zip(FIELDS, cells))
    row["time"] = float(row["time"])
    row["source"] = row["source"] or row["source6"]
    # A last fragment comes with the message that it completes: what is said of either is said of both.
    row["encrypted"] = any(word in ("1", "True") for word in row["encrypted"].split("|"))
    for name in ("exchange", "message_id", "port", "to", "octets"):
        row[name] = int(row[name].split("|")[0] or "0", 0)
    for name in ("notify", "asked", "answered", "encryption", "hash", "group", "bits", "authentication", "payloads",
                 "fragment", "last"):
        row[name] = _numbers(row[name])
    for name in ("fqdn", "vendor", "spi", "delete"):
        row[name] = [word.replace(":", "") if name != "fqdn" else word for word in row[name].split("|") if word]
    return Message(**row)


def decode(path, keys, display="isakmp"):
    """
    Every ISAKMP message of a capture, in order; protected ones readable as far as `keys` (see key_rows) reach.  Not
    what an ICMP error quotes.
    """
    argv = ["tshark", "-n", "-r", path, "-Y", "%s && !icmp" % display, "-T", "fields", "-E", "separator=/t",
            "-E", "aggregator=|", "-E", "occurrence=a"]
    for field in FIELDS.values():
        argv += ["-e", field]
    for cookie, key in keys.items():
        argv += ["-o", "uat:ikev1_decryption_table:%s,%s" % (cookie, key)]
    # tshark speaks its mind on running as root, on standard error.
    return [_message(line.split("\t")) for line in run(argv, timeout=120).splitlines()]


def nat_keepalives(path, source):
    """The single octets (RFC 3948 section 2.3) from this address."""
    return [m for m in decode(path, {}, "udpencap.nat_keepalive") if m.source == source]


def asks(messages, source):
    """R-U-THEREs from this address: [(number, message)]."""
    return [(m.asked[0], m) for m in messages if m.source == source and R_U_THERE in m.notify and m.asked]


def answers(messages, source):
    return [(m.answered[0], m) for m in messages if m.source == source and R_U_THERE_ACK in m.notify and m.answered]


def pairs(messages, asker, answerer):
    """
    R-U-THEREs of `asker` with the ACKs of equal number that followed within the same SA: [(number, asked, answered)].
    Every one must have been answered, by a protected Informational with the SA's cookies and a message ID of its own.
    """
    found, replies = [], answers(messages, answerer)
    for number, asked in asks(messages, asker):
        fitting = [r for r in replies if r[0] == number and r[1].time >= asked.time and r[1].cky_i == asked.cky_i]
        check(fitting, "capture: R-U-THERE %d of %s was not answered" % (number, asker))
        replies.remove(fitting[0])
        found.append((number, asked, fitting[0][1]))
    both = [message for pair in found for message in pair[1:]]
    for m in both:
        check(m.exchange == INFORMATIONAL and m.encrypted, "capture: a keepalive that is not protected")
        check(m.spi == [m.cky_i + m.cky_r], "capture: a keepalive's SPI is not the cookies")
    used = {m.message_id for m in both}
    check(0 not in used and len(used) == len(both), "capture: a message ID is zero or was used twice")
    return found


PHASE_1 = (MAIN_MODE, AGGRESSIVE_MODE)


def chosen_suite(messages, responder):
    """The transform in the responder's first message of Phase 1: (encryption, bits, hash, group)."""
    for m in messages:
        if m.source == responder and m.exchange in PHASE_1 and m.encryption:
            return m.encryption[0], (m.bits or [None])[0], m.hash[0], m.group[0]
    return None


def offered_vendor(messages, source):
    return any(VENDOR_ID in m.vendor for m in messages if m.source == source and m.exchange in PHASE_1)


def identities(messages, source):
    """
    Identities in protected Main Mode messages from this address: empty if they could not be decrypted.  In Aggressive
    Mode they are for everyone to read.
    """
    return [name for m in messages if m.source == source and (
        m.exchange == AGGRESSIVE_MODE or m.exchange == MAIN_MODE and m.encrypted) for name in m.fqdn]


def sent_initial_contact(messages, source):
    return [m for m in messages if m.source == source and m.encrypted and INITIAL_CONTACT in m.notify]


def fragments(messages, source):
    """IKE fragments from this address: their numbers, in order."""
    return [m.fragment[0] for m in messages if m.source == source and m.fragment]


def deletes(messages, source, spi):
    """Protected Deletes of this SPI (hex; of an ISAKMP SA both cookies) from this address."""
    return [m for m in messages if m.source == source and m.encrypted and spi in m.delete]
