# SPDX-License-Identifier: ISC
"""What each negative set says is wrong, word for word as something that can be computed.  A set that is not here is a failure."""
from . import isakmp, keys, rules
from .association import GROUP, HASH
from .isakmp import D, KE, N, NONCE, SA, SIG
from .groups import GROUPS


class Scene:
    """The defect's message, taken apart in the words of the table below."""

    def __init__(self, verification):
        self.record = record = verification.shown or verification.bad
        self.verification = verification
        self.head, self.chain, self.association = record.head, record.chain, record.association
        self.wire = record.message.wire
        self.cookies = None if self.association is None else self.association.cky_i + self.association.cky_r

    def body(self, kind):
        return self.record.payload(kind)

    @property
    def hash(self):
        return self.body(isakmp.HASH)

    @property
    def right_hash(self):
        return self.record.hashes[0].value

    @property
    def after_hash(self):
        return self.record.body[self.chain.payloads[0].end:]

    @property
    def note(self):
        return isakmp.notification(self.body(N), [])

    @property
    def number(self):
        return int.from_bytes(self.note.data, "big")

    @property
    def sa(self):
        """DOI and situation, and the transforms."""
        proposals = isakmp.security_association(self.body(SA), [])
        return self.body(SA)[:4], self.body(SA)[4:8], [transform for proposal in proposals for transform in proposal.transforms]

    @property
    def public(self):
        return int.from_bytes(self.body(KE), "big")

    @property
    def group(self):
        return GROUPS[self.association.chosen[GROUP]]

    def keyed(self, key, data):
        return keys.prf(self.association.hash, key, data)

    def generic(self, offset):
        """Next payload, RESERVED and length of the payload at an offset of the plaintext."""
        octets = self.record.plaintext[offset:offset + 4]
        return octets[0], octets[1], int.from_bytes(octets[2:4], "big")

    @property
    def second(self):
        """The generic header after HASH, and how much is left from there."""
        end = self.generic(0)[2]
        return self.generic(end), len(self.record.plaintext) - end

    def asked(self, party):
        numbers = self.verification.before.numbers
        return next((asked for (association, name), asked in numbers.items()
                     if name == party and association.cky_i + association.cky_r == self.cookies), [])

    def knows(self, cky_i, cky_r):
        return any((one.cky_i, one.cky_r) == (cky_i, cky_r) for one in self.verification.reader.associations)


def one_bit(a, b):
    return len(a) == len(b) and bin(int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).count("1") == 1


def question(s):
    return s.note.kind == rules.R_U_THERE and s.head.message_id != bytes(4)


DESCRIBED = {
    # The header
    "datagram-27-octets": lambda s: len(s.wire) == 27,
    "version-1-1": lambda s: s.head.version == 0x11,
    "version-2-0": lambda s: s.head.version == 0x20,
    "exchange-unknown": lambda s: s.head.exchange == 99,
    "flag-unknown": lambda s: s.head.flags == 0x81,
    "length-long": lambda s: s.head.length == len(s.wire) + 4,
    "length-short": lambda s: s.head.length == len(s.wire) - 4,
    "message-id-0": lambda s: s.head.message_id == bytes(4) and s.head.exchange == isakmp.INFORMATIONAL,
    "initiator-cookie-0": lambda s: s.head.cky_i == bytes(8),
    "cookies-unknown": lambda s: not s.knows(s.head.cky_i, s.head.cky_r) and s.head.cky_i != bytes(8) != s.head.cky_r,
    # The payloads
    "payload-reserved": lambda s: s.second[0][1] == 1,
    "payload-unknown": lambda s: s.generic(0)[0] == 99,
    "payload-length-long": lambda s: s.second[0][2] > s.second[1],
    "payload-length-short": lambda s: s.second[0][2] < 4,
    "payloads-too-many": lambda s: len(s.chain.payloads) == 36 and s.chain.kinds.count(isakmp.VID) == 34,
    # Protection
    "in-the-clear": lambda s: not s.head.encrypted and s.chain.kinds == [N] and s.note.kind == rules.R_U_THERE,
    "in-the-clear-with-hash": lambda s: not s.head.encrypted and s.chain.kinds == [isakmp.HASH, N] and s.hash == s.keyed(
        s.association.skeyid_a, s.head.message_id + s.after_hash),
    "hash-missing": lambda s: s.chain.kinds == [N] and s.head.encrypted,
    "hash-not-first": lambda s: s.chain.kinds == [N, isakmp.HASH],
    "hash-wrong": lambda s: one_bit(s.hash, s.right_hash),
    "hash-short": lambda s: s.hash == s.right_hash[:-1],
    "hash-by-skeyid-d": lambda s: s.hash == s.keyed(s.association.skeyid_d, s.head.message_id + s.after_hash),
    "hash-without-message-id": lambda s: s.hash == s.keyed(s.association.skeyid_a, s.after_hash),
    "hash-over-padding": lambda s: s.record.padding and s.hash == s.keyed(
        s.association.skeyid_a, s.head.message_id + s.record.plaintext[s.chain.payloads[0].end:]),
    "iv-of-phase-1": lambda s: s.record.iv == s.association.last_block and question(s),
    "padding-block-more": lambda s: s.record.padding >= s.association.cipher.block,
    "padding-missing": lambda s: (len(s.wire) - isakmp.HEADER) % s.association.cipher.block != 0 and s.head.encrypted,
    "replay": lambda s: s.verification.transport.datagrams[s.verification.defect["frame"] - 1]["repeats"] is not None,
    # R-U-THERE and Delete
    "ack-unasked": lambda s: s.note.kind == rules.R_U_THERE_ACK and s.number not in s.asked(s.record.message.receiver),
    "cookies-swapped": lambda s: question(s) and s.note.spi == s.cookies[8:] + s.cookies[:8],
    "cookies-other": lambda s: question(s) and len(s.note.spi) == 16 and not s.knows(s.note.spi[:8], s.note.spi[8:])
    and s.note.spi != s.cookies[8:] + s.cookies[:8],
    "doi-2": lambda s: question(s) and s.note.doi == 2,
    "spi-size-0": lambda s: question(s) and s.note.spi == b"" and len(s.note.data) == 4,
    "spi-size-8": lambda s: question(s) and len(s.note.spi) == 8 and len(s.note.data) == 4,
    "number-of-3-octets": lambda s: question(s) and len(s.note.data) == 3,
    "number-of-8-octets": lambda s: question(s) and len(s.note.data) == 8,
    "number-old": lambda s: question(s) and s.number < s.asked(s.record.message.sender)[-1],
    "notify-too-short": lambda s: s.body(N)[5] > len(s.body(N)) - 8,
    "delete-of-other-sa": lambda s: not any(s.knows(spi[:8], spi[8:]) for spi in isakmp.deletion(s.body(D), []).spis),
    "delete-too-short": lambda s: s.body(D)[6:8] == b"\0\2" and len(s.body(D)) == 8 + 16,
    # Phase 1
    "mm1-doi": lambda s: s.sa[0] == b"\0\0\0\2",
    "mm1-situation": lambda s: s.sa[1] == b"\0\0\0\2",  # SIT_SECRECY, RFC 2407 section 4.2.2
    "mm1-no-proposal": lambda s: {transform.basic[HASH] for transform in s.sa[2]} == {1},
    "mm2-changed": lambda s: [transform.basic[HASH] for transform in s.sa[2]] == [1] and all(
        transform.basic[HASH] != 1 for proposal in s.association.offer for transform in proposal.transforms),
    "mm3-nonce-short": lambda s: len(s.body(NONCE)) == 7,
    "mm3-public-0": lambda s: s.public == 0 and len(s.body(KE)) == s.group.public_length,
    "mm3-public-1": lambda s: s.public == 1 and len(s.body(KE)) == s.group.public_length,
    "mm3-public-p-less-1": lambda s: s.public == s.group.prime - 1,
    "mm3-public-too-large": lambda s: s.public > s.group.prime and len(s.body(KE)) == s.group.public_length,
    "mm3-public-short": lambda s: len(s.body(KE)) == s.group.public_length - 1,
    "mm3-public-off-curve": lambda s: len(s.body(KE)) == s.group.public_length and hasattr(s.group, "curve"),
    "mm4-public-0-x25519": lambda s: s.body(KE) == bytes(32) and s.association.chosen[GROUP] == 31,
    "mm5-hash-wrong": lambda s: one_bit(s.hash, s.right_hash),
    "mm6-hash-wrong": lambda s: one_bit(s.hash, s.right_hash),
    "mm5-signature-wrong": lambda s: one_bit(s.body(SIG), s.record.signature.right),
    "mm5-secrets-differ": lambda s: s.verification.values["parties"][1].get("psk") not in (
        None, s.verification.values["authentication"]["psk"]),
}


def check(verification):
    name = verification.values["set"].removeprefix("negative-")
    if verification.is_sample:
        return
    described = DESCRIBED.get(name)
    if verification.ledger.true("defect", "set", "described.py", described is not None, "nobody has said here what %s must show" % name):
        verification.ledger.true("defect", "defect.what", "described.py", bool(described(Scene(verification))),
                                 "is not what the message shows: %s" % verification.defect["what"])
