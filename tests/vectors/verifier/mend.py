# SPDX-License-Identifier: ISC
"""
Mends the one message of a negative set that has a defect: of all single corrections that the RFCs suggest for such a message,
one must make it right.  If none does, more than one thing is wrong, or not what the set says.

A correction changes one field, one payload or the order of two.  HASH or signature are then made anew only if what was sent held
over what was sent; else a wrong HASH would hide behind the other defect.
"""
import struct
from dataclasses import replace

from . import isakmp, keys, rules
from .isakmp import D, HASH, ID, KE, N, NONCE, SA, SIG
from .maker import payloads

NEXT, VERSION, EXCHANGE, FLAGS = 16, 17, 18, 19  # octets of the header


def put(octets, at, new):
    return octets[:at] + new + octets[at + len(new):]


class Mender:
    """`reader` is as it was before the message; each attempt is read by a copy of it."""

    def __init__(self, reader, record, secrets, plaintext):
        self.reader, self.record, self.secrets = reader, record, secrets
        self.message = record.message
        self.plaintext = plaintext  # what follows the header, in the clear; with padding
        self.header = record.message.wire[:isakmp.HEADER]

    # ---- attempts ----------------------------------------------------------------------------------------------------------

    def mended(self):
        """What had to be corrected, or None."""
        for what, header, octets in self.corrections():
            if self.holds(header, octets):
                return what
        return None

    def unchanged(self, header, octets):
        return header == self.header and octets == self.plaintext

    def holds(self, header, octets):
        record = self.read(header, octets)
        if record is None or (record.association is None and self.record.association is not None):
            return False
        if not record.faults:
            return True
        if not record.sound or not record.forged or len(record.faults) > 1:
            return False
        if not self.unchanged(header, octets) and not self.authentic_as_sent(record):
            return False
        again = self.authenticated(record)
        if again is None:
            return False
        record = self.read(header, again)
        return record is not None and not record.faults

    def read(self, header, octets):
        """The message as it would be with these octets, encrypted if its header says so."""
        reader = self.reader.copy()
        probe = replace(self.message, wire=header + octets)
        head = isakmp.header(probe.wire)
        sealed = self.record.head.encrypted and self.record.association is None  # nobody could decrypt it as it was
        if head.encrypted and not sealed:
            association = reader.association_of(probe, head)
            if association is None or not association.keyed:
                return None
            chain = isakmp.chain(octets, head.next_payload)
            if not chain.faults and not chain.rest.strip(b"\0"):
                octets = octets[:len(octets) - len(chain.rest)]
            octets = association.cipher.pad(octets)
            octets = association.cipher.encrypt(association.key, association.iv(head)[0], octets)
            wrong_length = len(self.message.wire) != self.record.head.length
            header = header if wrong_length else put(header, 24, (isakmp.HEADER + len(octets)).to_bytes(4, "big"))
        elif len(octets) != len(self.plaintext):
            header = put(header, 24, (isakmp.HEADER + len(octets)).to_bytes(4, "big"))
        return reader.read(replace(self.message, wire=header + octets))

    def authentic_as_sent(self, record):
        """Whether the HASH that was sent is one over what was sent, spoilt octets and all (RFC 2409 sections 5.5 and 5.7)."""
        if record.name not in ("INFO*", "QM1", "QM2"):
            return True
        if len(self.plaintext) < 4 or self.header[NEXT] != HASH:
            return True  # it is the HASH payload itself that is not where it should be
        end = int.from_bytes(self.plaintext[2:4], "big")
        sent, association = self.plaintext[4:end], record.association
        middle = record.hashes[0].parts[1:-1] if record.hashes else []
        for padding in range(association.cipher.block):
            rest = self.plaintext[end:len(self.plaintext) - padding]
            value = keys.prf(association.hash, association.skeyid_a, self.record.head.message_id +
                             b"".join(part for _, part in middle) + rest)
            if value == sent:
                return True
        return False

    def authenticated(self, record):
        """The octets with the HASH or the signature that they should have."""
        items = [(payload.kind, payload.body) for payload in record.chain.payloads]
        for index, (kind, _) in enumerate(items):
            if kind == SIG and record.signature:
                items[index] = (kind, record.signature.right)
            elif kind == HASH and record.hashes:
                items[index] = (kind, record.hashes[0].value)
        return payloads(*items)[1]

    # ---- corrections -------------------------------------------------------------------------------------------------------

    def corrections(self):
        """(what, header, octets after it), the more likely first."""
        header, octets = self.header, self.plaintext
        association = self.record.association
        if self.record.head.encrypted and association is not None and association.keyed and len(octets) % association.cipher.block:
            yield from self.whole_blocks(association)
            return
        yield "nothing but HASH, signature or IV", header, octets
        for what, other in self.headers():
            yield what, other, octets
        chain = isakmp.chain(octets, header[NEXT])
        if not chain.faults:
            yield "the padding", header, octets[:len(octets) - len(chain.rest)]
        for what, other in self.generic_headers(chain):
            yield what, header, other
        if not chain.faults:
            items = [(payload.kind, payload.body) for payload in chain.payloads]
            for what, others in self.items(items):
                if others:
                    first, other = payloads(*others)
                    yield what, put(header, NEXT, bytes([first])), other
        yield from self.protected(chain)

    def whole_blocks(self, association):
        """The end was left in the clear, or the last octet was lost."""
        octets, block = self.plaintext, association.cipher.block
        whole = len(octets) // block * block
        iv = association.iv(self.record.head)[0]
        yield "the end encrypted", self.header, association.cipher.decrypt(association.key, iv, octets[:whole]) + octets[whole:]
        if len(octets) % block == block - 1:
            for last in range(256):
                yield "the last octet", self.header, association.cipher.decrypt(association.key, iv, octets + bytes([last]))

    def headers(self):
        header, total = self.header, len(self.message.wire)
        yield "the version", put(header, VERSION, b"\x10")
        yield "the flags", put(header, FLAGS, bytes([header[FLAGS] & 1]))
        yield "the length", put(header, 24, total.to_bytes(4, "big"))
        for exchange in isakmp.EXCHANGES:
            yield "the exchange type", put(header, EXCHANGE, bytes([exchange]))
        yield "the message ID", put(header, 20, bytes(4))
        yield "the message ID", put(header, 20, b"\x7e\x57\xab\x1e")
        for kind in isakmp.NAMES:
            yield "the next payload of the header", put(header, NEXT, bytes([kind]))
        for association in self.reader.associations:
            yield "the cookies", association.cky_i + association.cky_r + header[16:]
        yield "the responder's cookie", header[:8] + bytes(8) + header[16:]
        yield "the initiator's cookie", b"\x7e" * 8 + header[8:]

    def generic_headers(self, chain):
        """As far as the chain goes, and where it breaks."""
        octets = self.plaintext
        places = [payload.offset for payload in chain.payloads]
        places.append(chain.payloads[-1].end if chain.payloads else 0)
        for at in places:
            if at + 4 > len(octets):
                continue
            yield "RESERVED at octet %d" % at, put(octets, at + 1, b"\0")
            if not chain.faults and not chain.odd:
                continue
            for kind in (0, *isakmp.NAMES):
                yield "next payload at octet %d" % at, put(octets, at, bytes([kind]))
            for length in range(4, len(octets) - at + 1):
                yield "the payload's length at octet %d" % at, put(octets, at + 2, length.to_bytes(2, "big"))
        # RESERVED2 and the like, inside of SA.
        for at in range(len(octets)) if SA in chain.kinds or self.header[NEXT] == SA else ():
            if octets[at]:
                yield "octet %d" % at, put(octets, at, b"\0")

    def items(self, items):
        """Payloads: one too many, one missing, two exchanged, or one that does not say what it must."""
        for index, (kind, body) in enumerate(items):
            rest = items[:index] + items[index + 1:]
            yield "%s too much" % isakmp.NAMES.get(kind, kind), rest
            yield "all %s too much" % isakmp.NAMES.get(kind, kind), [item for item in items if item[0] != kind]
            for other in self.better(kind, body):
                yield "the body of %s" % isakmp.NAMES.get(kind, kind), items[:index] + [(kind, other)] + items[index + 1:]
            for to in range(len(items)):
                if to != index:
                    yield "the order", rest[:to] + [(kind, body)] + rest[to:]
        for kind in (HASH, NONCE, KE, ID, SA, D, N):
            for body in self.better(kind, None):
                for at in range(len(items) + 1):
                    yield "%s missing" % isakmp.NAMES[kind], items[:at] + [(kind, body)] + items[at:]

    def better(self, kind, body):
        """What such a payload should say."""
        association, sender = self.record.association, self.message.sender
        if kind == HASH and association is not None and association.keyed:
            yield bytes(len(keys.digest(association.hash, b"")))  # made anew afterwards
        elif kind == SIG and "rsa" in self.secrets.parties[sender]:
            yield bytes((self.secrets.rsa(sender)[0].bit_length() + 7) // 8)
        elif kind == NONCE:
            yield bytes(range(16))
        elif kind == ID:
            yield bytes.fromhex(self.secrets.parties[sender]["id_b"])
            if body:
                yield body[:1] + bytes(3) + body[4:]
        elif kind == KE and association is not None and association.chosen:
            yield rules.GROUPS[association.chosen[rules.GROUP]].public(b"\x09" * 32)
        elif kind in (N, D) and association is not None:
            yield from self.notices(kind, body, association.cky_i + association.cky_r)
        elif kind == SA and association is not None and association.offer:
            yield from self.choices(association.sai_b)
        elif kind == SA and body:
            yield b"\0\0\0\1\0\0\0\1" + body[8:]

    def notices(self, kind, body, cookies):
        if kind == D:
            yield struct.pack(">IBBH", 1, 1, 16, 1) + cookies
            return
        asked = self.reader.numbers
        own = asked.get((self.record.association, self.message.sender), [0])
        other = asked.get((self.record.association, self.message.receiver), [])
        yield struct.pack(">IBBH", 1, 1, 16, rules.INITIAL_CONTACT) + cookies
        for note, number in [(rules.R_U_THERE, own[-1] + 1)] + [(rules.R_U_THERE_ACK, number) for number in other]:
            yield struct.pack(">IBBH", 1, 1, 16, note) + cookies + (number & 0xffffffff).to_bytes(4, "big")

    @staticmethod
    def choices(sai_b):
        """One of the transforms that were offered."""
        for proposal in isakmp.chain(sai_b[8:], isakmp.PROPOSAL, (isakmp.PROPOSAL,)).payloads:
            spi = proposal.body[2]
            for transform in isakmp.chain(proposal.body[4 + spi:], isakmp.TRANSFORM, (isakmp.TRANSFORM,)).payloads:
                _, one = payloads((isakmp.TRANSFORM, transform.body))
                _, chosen = payloads((isakmp.PROPOSAL, proposal.body[:3] + b"\1" + proposal.body[4:4 + spi] + one))
                yield sai_b[:8] + chosen

    def protected(self, chain):
        """In the clear where it must be encrypted: with HASH before it, a message ID, and the flag."""
        association = self.record.association
        if self.record.head.encrypted or chain.faults or association is None or not association.keyed:
            return
        items = [(payload.kind, payload.body) for payload in chain.payloads if payload.kind != HASH]
        if items:
            _, octets = payloads((HASH, bytes(len(keys.digest(association.hash, b"")))), *items)
            header = put(put(self.header, NEXT, bytes([HASH])), FLAGS, b"\1")
            message_id = header[20:24] if header[20:24] != bytes(4) else b"\x7e\x57\xab\x1e"
            yield "no protection", put(header, 20, message_id), octets
