# SPDX-License-Identifier: ISC
"""
Reads the messages of a set one after the other, as both sides together would that tell everything they know.

What a message says is computed from its octets, from what was said before, and from the secrets; of values.json nothing else is
used.  The message with the defect of a negative set is read, too, but changes nothing that comes after it.
"""
import copy
from dataclasses import dataclass, field

from . import isakmp, rules
from .association import AUTHENTICATION, GROUP, Association
from .authenticators import hashes_of, signature_of
from .isakmp import ID, KE, N, NONCE, SA, VID, Fault
from .quick import QuickMode


@dataclass
class Record:
    """What is known of one message."""
    message: object  # of transport
    head: object
    name: str = None
    association: object = None
    iv: bytes = None
    iv_from: str = None
    ciphertext: bytes = None
    plaintext: bytes = None  # what follows the header, in the clear
    chain: object = None
    padding: int = 0
    hashes: list = field(default_factory=list)
    signature: object = None
    sound: bool = False  # all of it could be read, whether or not it is authentic
    forged: bool = False  # HASH or signature does not hold
    faults: list = field(default_factory=list)

    @property
    def body(self):
        """Without padding."""
        return self.plaintext[:len(self.plaintext) - self.padding]

    def payload(self, kind):
        return self.chain.one(kind) if self.chain is not None else None


class Reader:
    def __init__(self, secrets):
        self.secrets = secrets
        self.associations = []
        self.records = []
        self.numbers = {}  # (association, party) -> the sequence numbers that it asked with
        self.answered = {}  # the same -> those that it answered

    def copy(self):
        """One that can go on without this one noticing.  Secrets do not change, and messages that were read stay as they are."""
        other = Reader(self.secrets)
        other.associations, other.numbers, other.answered = copy.deepcopy((self.associations, self.numbers, self.answered))
        return other

    # ---- which SA ----------------------------------------------------------------------------------------------------------

    def _find(self, head):
        for association in reversed(self.associations):
            if association.cky_i == head.cky_i and head.cky_r in (association.cky_r, bytes(8)):
                return association
        return None

    def association_of(self, message, head):
        """The SA that the message belongs to; the first two messages make it."""
        for association in reversed(self.associations):
            if association.cky_i == head.cky_i and association.cky_r == head.cky_r:
                return association
        phase_1 = head.exchange in (isakmp.MAIN, isakmp.AGGRESSIVE)
        if phase_1 and head.cky_r == bytes(8):
            return Association(message.sender, message.receiver, head.exchange, head.cky_i)
        for association in reversed(self.associations):
            if phase_1 and association.cky_i == head.cky_i and association.cky_r == bytes(8) and \
                    message.sender == association.parties["r"] and association.count == 1:
                return association
        return self._find(head) if head.exchange == isakmp.INFORMATIONAL and not head.encrypted else None

    # ---- which message -------------------------------------------------------------------------------------------------------

    def _name(self, record):
        head, association = record.head, record.association
        if head.exchange == isakmp.INFORMATIONAL:
            return "INFO*" if head.encrypted else "INFO"
        if association is None or head.exchange not in isakmp.EXCHANGES:
            return None
        role = association.role(record.message.sender)
        if head.exchange in (isakmp.MAIN, isakmp.AGGRESSIVE):
            main = head.exchange == isakmp.MAIN
            step, last = association.count + 1, 6 if main else 3
            name = "%s%d" % ("MM" if main else "AM", step)
        else:
            exchange = association.exchanges.get(head.message_id)
            step, last = (exchange.count if exchange else 0) + 1, 3
            role = "i" if exchange is None or record.message.sender == exchange.initiator else "r"
            name = "QM%d" % step
        if step > last or rules.ROWS[name].sender != role:
            record.faults.append(Fault(rules.ROWS[name].section if step <= last else "RFC 2409 section 5.4",
                                       "message %d comes from the wrong side, or is one too many" % step))
            return None
        return name

    # ---- one message -----------------------------------------------------------------------------------------------------------

    def read(self, message, iv=None):
        """`iv` is there where the sender is known to have taken a wrong one."""
        record = Record(message, isakmp.header(message.wire))
        record.faults += isakmp.faults_of_header(message.wire)
        if record.head is None:
            return record
        head, octets = record.head, message.wire[isakmp.HEADER:]
        record.association = association = self.association_of(message, head)
        record.name = self._name(record)
        record.plaintext = octets
        if association is None and record.name != "INFO":
            if head.cky_i != bytes(8):  # else that is what is wrong
                record.faults.append(Fault("RFC 2408 section 5.2", "no SA has these cookies"))
            return record
        if head.encrypted and not self._decrypt(record, octets, iv):
            return record
        self._parse(record)
        if not record.chain.faults:
            self._meaning(record)
        return record

    def _decrypt(self, record, octets, iv):
        association, head = record.association, record.head
        if association is None or not association.keyed:
            record.faults.append(Fault("RFC 2409 section 5.4", "encrypted before there are keys"))
            return False
        if len(octets) == 0 or len(octets) % association.cipher.block:
            record.faults.append(Fault("RFC 2409 appendix B", "%d octets are no whole blocks" % len(octets)))
            return False
        record.iv, record.iv_from = association.iv(head) if iv is None else (iv, "wrong")
        record.ciphertext = octets
        record.plaintext = association.cipher.decrypt(association.key, record.iv, octets)
        return True

    def _parse(self, record):
        record.chain = chain = isakmp.chain(record.plaintext, record.head.next_payload)
        record.faults += chain.faults + chain.odd
        if chain.faults:
            return
        record.padding = len(chain.rest)
        if record.head.encrypted:
            # RFC 2409 appendix B: zeros, and no more than a block needs.
            if chain.rest.strip(b"\0") or len(chain.rest) >= record.association.cipher.block:
                record.faults.append(Fault("RFC 2409 appendix B", "padding %s" % chain.rest.hex()))
        elif chain.rest:
            record.faults.append(Fault("RFC 2408 section 5.1", "%d octets after the last payload" % len(chain.rest)))

    def _meaning(self, record):
        association, head, kinds = record.association, record.head, record.chain.kinds
        if record.name is None:
            if head.exchange not in isakmp.EXCHANGES:  # nothing is known of it but how it is protected
                self._authenticate(record)
            return
        row = rules.ROWS[record.name]
        if row.encrypted is not None and row.encrypted != head.encrypted:
            record.faults.append(Fault(row.section, "%s %s" % (record.name, "encrypted" if head.encrypted else "in the clear"),
                                       ("RFC 3706 section 5.2",)))
            return
        method = association.chosen[AUTHENTICATION] if association is not None and association.chosen else None
        if record.name == "AM2" or record.name == "MM2":
            method = self._method_of(record)
        misshapen = rules.shape(record.name, kinds, method)
        record.faults += misshapen
        if misshapen and record.name != "INFO*":
            return
        wrong = self._contents(record) if not misshapen else []
        record.faults += wrong
        if wrong and record.name[:2] in ("MM", "AM"):
            return
        record.sound = not misshapen
        self._authenticate(record)

    def _method_of(self, record):
        proposals = isakmp.security_association(record.payload(SA) or b"", [])
        return proposals[0].transforms[0].basic.get(AUTHENTICATION) if proposals and proposals[0].transforms else None

    # ---- contents ----------------------------------------------------------------------------------------------------------------

    def _contents(self, record):
        association, name, faults = record.association, record.name, []
        for payload in record.chain.payloads:
            if payload.kind == SA and name in ("MM1", "MM2", "AM1", "AM2"):
                proposals = isakmp.security_association(payload.body, faults)
                faults += rules.phase_1_proposals(proposals, payload.body) if not faults else []
                if name in ("MM2", "AM2") and not faults:
                    faults += rules.chosen(association.offer, proposals)
            elif payload.kind == SA:
                isakmp.security_association(payload.body, faults)
            elif payload.kind == NONCE:
                faults += rules.nonce(payload.body)
            elif payload.kind == KE and name[:2] in ("MM", "AM"):
                faults += rules.public_value(self._group(record), payload.body)
            elif payload.kind == ID and name[:2] in ("MM", "AM"):
                faults += rules.identity(payload.body)
            elif payload.kind == N:
                note = isakmp.notification(payload.body, faults)
                asks = note is not None and note.kind in (rules.R_U_THERE, rules.R_U_THERE_ACK)
                if name == "INFO" and note is not None and note.kind >= 16384 and not asks:
                    faults.append(Fault("RFC 2407 section 4.6.3", "a status notification in the clear", ("RFC 2409 section 5.7",)))
                if note is not None and association is not None:
                    faults += rules.notification(note, association.cky_i + association.cky_r)
                    faults += self._sequence(record, note)
            elif payload.kind == isakmp.D:
                gone = isakmp.deletion(payload.body, faults)
                if gone is not None and association is not None:
                    faults += rules.deletion(gone, association.cky_i + association.cky_r)
        if name == "INFO*" and record.head.message_id in association.exchanges:
            faults.append(Fault("RFC 2409 section 5.7", "this message ID has been used", ("RFC 2408 section 3.1",)))
        return faults

    def _group(self, record):
        if record.association.chosen:
            return record.association.chosen[GROUP]
        proposals = isakmp.security_association(record.payload(SA) or b"", [])
        return proposals[0].transforms[0].basic.get(GROUP) if proposals and proposals[0].transforms else None

    def _sequence(self, record, note):
        """RFC 3706 section 6.2: one number more each time, the first with its top bit clear; an ACK has that of a question."""
        association, sender = record.association, record.message.sender
        if note.kind not in (rules.R_U_THERE, rules.R_U_THERE_ACK) or len(note.data) != 4:
            return []
        if not record.head.encrypted:
            return [Fault("RFC 3706 section 5.2", "in the clear", ("RFC 2409 section 5.7",))]
        faults = []
        number = int.from_bytes(note.data, "big")
        if note.kind == rules.R_U_THERE:
            for role in "ir":
                if rules.DPD_VENDOR_ID not in association.vendor_ids[role]:
                    faults.append(Fault("RFC 3706 section 5.1", "asked, and %s has not sent the vendor ID" % association.parties[role]))
            asked = self.numbers.get((association, sender), [])
            if asked and number != asked[-1] + 1:
                faults.append(Fault("RFC 3706 section 6.2", "number %d after %d" % (number, asked[-1])))
            if not asked and number >> 31:
                faults.append(Fault("RFC 3706 section 6.2", "the first number is %d" % number))
            return faults
        asked = self.numbers.get((association, record.message.receiver), [])
        if number not in asked:
            faults.append(Fault("RFC 3706 section 6.1", "an ACK of %d, which nobody asked" % number, ("RFC 3706 section 5.3",)))
        return faults

    # ---- who says so -------------------------------------------------------------------------------------------------------

    def _authenticate(self, record):
        """HASH and SIG need the keys, and in Aggressive Mode the second message itself makes them."""
        association = record.association
        if association is None:
            return
        if record.name == "AM2":
            association = record.association = self._with(record)
        hashes_of(record, self.secrets)
        signature_of(record, self.secrets)

    def _with(self, record):
        """The SA as it is after this message, were it accepted: with keys."""
        self._learn(record)
        return record.association

    # ---- what follows ------------------------------------------------------------------------------------------------------

    def accept(self, record):
        """The message has been taken."""
        self.records.append(record)
        association, head, sender = record.association, record.head, record.message.sender
        if association is None:
            return
        if association not in self.associations:
            self.associations.append(association)
        if record.name is None or record.name == "INFO":
            return
        if record.sound:
            self._learn(record)
        if record.name[:2] in ("MM", "AM"):
            association.count += 1
            association.done = association.count == (6 if head.exchange == isakmp.MAIN else 3)
        association.advance(head, sender, record.ciphertext)
        if not record.sound:
            return
        if record.name[:2] == "QM":
            exchange = association.exchanges[head.message_id]
            exchange.quick = exchange.quick or QuickMode(association, sender, record.message.receiver, head.message_id)
            exchange.quick.learn(record, exchange.count, self.secrets)
        for payload in record.chain.all(N):
            note = isakmp.notification(payload.body, [])
            number = int.from_bytes(note.data, "big")
            if note.kind == rules.R_U_THERE:
                self.numbers.setdefault((association, sender), []).append(number)
            elif note.kind == rules.R_U_THERE_ACK:
                self.answered.setdefault((association, sender), []).append(number)

    def _learn(self, record):
        """Phase 1: what the message brings for the keys."""
        association, name = record.association, record.name
        if name[:2] not in ("MM", "AM"):
            return
        role = association.role(record.message.sender)
        if name in ("MM1", "AM1"):
            association.sai_b = record.payload(SA)
            association.offer = isakmp.security_association(association.sai_b, [])
        if name in ("MM2", "AM2"):
            association.cky_r = record.head.cky_r
            association.choose(isakmp.security_association(record.payload(SA), [])[0].transforms[0])
        association.vendor_ids[role] |= {payload.body for payload in record.chain.all(VID)}
        for kind, kept in ((KE, association.ke), (NONCE, association.nonce), (ID, association.id_b)):
            if record.payload(kind) is not None:
                kept[role] = record.payload(kind)
        if not association.keyed and association.chosen and len(association.ke) == 2:
            private = self.secrets.private(association)
            if private is not None:
                association.make_keys(*private, self.secrets.psk)
