# SPDX-License-Identifier: ISC
"""
Takes messages apart as RFC 2408 section 3 draws them.

Nothing is refused here: what is wrong is noted as a Fault with the RFC and section that says so, because the negative vectors
must show exactly one.  A message that is right leaves none.
"""
from dataclasses import dataclass, field

SA, PROPOSAL, TRANSFORM, KE, ID, CERT, CR, HASH, SIG, NONCE, N, D, VID = range(1, 14)
NAT_D, NAT_OA = 20, 21  # RFC 3947 sections 3.2 and 5.2
FRAGMENT = 132
NAMES = {SA: "SA", PROPOSAL: "P", TRANSFORM: "T", KE: "KE", ID: "ID", CERT: "CERT", CR: "CR", HASH: "HASH", SIG: "SIG",
         NONCE: "NONCE", N: "N", D: "D", VID: "VID", NAT_D: "NAT-D", NAT_OA: "NAT-OA", FRAGMENT: "FRAGMENT"}

MAIN, AGGRESSIVE, INFORMATIONAL, QUICK = 2, 4, 5, 32
EXCHANGES = {MAIN: "MAIN", AGGRESSIVE: "AGGRESSIVE", INFORMATIONAL: "INFORMATIONAL", QUICK: "QUICK"}

ENCRYPTED, COMMIT, AUTHENTICATED = 1, 2, 4  # the flags, RFC 2408 section 3.1
HEADER = 28


@dataclass(frozen=True)
class Fault:
    section: str
    what: str
    also: tuple = ()  # other sections that say the same

    def __str__(self):
        return "%s (%s)" % (self.what, self.section)


@dataclass
class Header:
    cky_i: bytes
    cky_r: bytes
    next_payload: int
    version: int
    exchange: int
    flags: int
    message_id: bytes
    length: int

    @property
    def encrypted(self):
        return bool(self.flags & ENCRYPTED)


@dataclass
class Payload:
    kind: int
    offset: int  # of its generic header, from the first octet after the header of the message
    body: bytes  # what follows the generic header: the "_b" of RFC 2409

    @property
    def name(self):
        return NAMES.get(self.kind, "payload %d" % self.kind)

    @property
    def end(self):
        return self.offset + 4 + len(self.body)


@dataclass
class Chain:
    payloads: list
    rest: bytes  # after the last payload: padding, where the message is encrypted
    faults: list = field(default_factory=list)  # it cannot be followed
    odd: list = field(default_factory=list)  # it can, but nobody knows this payload

    def all(self, kind):
        return [payload for payload in self.payloads if payload.kind == kind]

    def one(self, kind):
        found = self.all(kind)
        return found[0].body if len(found) == 1 else None

    @property
    def kinds(self):
        return [payload.kind for payload in self.payloads]


def header(datagram):
    """RFC 2408 section 3.1; None when there is not even a whole header."""
    if len(datagram) < HEADER:
        return None
    return Header(datagram[:8], datagram[8:16], datagram[16], datagram[17], datagram[18], datagram[19], datagram[20:24],
                  int.from_bytes(datagram[24:28], "big"))


def faults_of_header(datagram):
    """RFC 2408 section 5.2, in its order, and section 3.1 for what is sent."""
    head = header(datagram)
    if head is None:
        return [Fault("RFC 2408 section 3.1", "%d octets are no ISAKMP header" % len(datagram), ("RFC 2408 section 5.1",))]
    faults = []
    if head.cky_i == bytes(8):
        faults.append(Fault("RFC 2408 section 3.1", "the initiator's cookie is zero"))
    if head.next_payload not in NAMES or head.next_payload in (PROPOSAL, TRANSFORM):
        faults.append(Fault("RFC 2408 section 5.2", "next payload %d in the header" % head.next_payload))
    if head.version != 0x10:
        faults.append(Fault("RFC 2408 section 5.2", "version %d.%d" % (head.version >> 4, head.version & 15)))
    if head.exchange not in EXCHANGES:
        faults.append(Fault("RFC 2408 section 5.2", "exchange type %d" % head.exchange))
    if head.flags & ~(ENCRYPTED | COMMIT | AUTHENTICATED):
        faults.append(Fault("RFC 2408 section 3.1", "flags 0x%02x" % head.flags))
    if head.length != len(datagram):
        faults.append(Fault("RFC 2408 section 5.1", "length %d in the header of %d octets" % (head.length, len(datagram))))
    phase_1 = head.exchange in (MAIN, AGGRESSIVE)
    if phase_1 and head.message_id != bytes(4):
        faults.append(Fault("RFC 2408 section 3.1", "message ID %s in Phase 1" % head.message_id.hex()))
    if not phase_1 and head.encrypted and head.message_id == bytes(4):
        faults.append(Fault("RFC 2408 section 3.1", "message ID 0 after Phase 1", ("RFC 2408 section 5.2", "RFC 2409 section 5.7")))
    return faults


# What is drawn in section 3.2 is checked in the processing of messages and of payloads.
PROCESSING = ("RFC 2408 section 5.3", "RFC 2408 section 5.1")


def chain(octets, first, allowed=None):
    """The payloads from the first one on, as far as the chain holds (RFC 2408 section 3.2)."""
    payloads, faults, odd, at, kind = [], [], [], 0, first
    while kind != 0:
        name = NAMES.get(kind, "payload %d" % kind)
        if kind not in (allowed or NAMES) or (allowed is None and kind in (PROPOSAL, TRANSFORM)):
            fault = Fault("RFC 2408 section 5.3", "%s at octet %d has no place here" % (name, at))
            if allowed is not None:
                faults.append(fault)
                break
            odd.append(fault)
        if len(octets) - at < 4:
            faults.append(Fault("RFC 2408 section 3.2", "%s at octet %d: nothing is left for it" % (name, at), PROCESSING))
            break
        length = int.from_bytes(octets[at + 2:at + 4], "big")
        if length < 4 or length > len(octets) - at:
            faults.append(Fault("RFC 2408 section 3.2", "%s at octet %d: length %d, %d octets are left" % (
                name, at, length, len(octets) - at), PROCESSING))
            break
        if octets[at + 1] != 0:
            faults.append(Fault("RFC 2408 section 5.3", "%s at octet %d: RESERVED is %d" % (name, at, octets[at + 1])))
        payloads.append(Payload(kind, at, octets[at + 4:at + length]))
        kind = octets[at]
        at += length
    return Chain(payloads, octets[at:], faults, odd)


# ---- the payloads ------------------------------------------------------------------------------------------------------

@dataclass
class Transform:
    number: int
    identifier: int
    attributes: list  # of (type, value), the value as the octets that it has; basic ones have two
    basic: dict  # type -> number, of the basic ones and of those that are short enough

    def __eq__(self, other):
        return (self.number, self.identifier, self.attributes) == (other.number, other.identifier, other.attributes)


@dataclass
class Proposal:
    number: int
    protocol: int
    spi: bytes
    transforms: list


def attributes(octets, faults):
    """RFC 2408 section 3.3."""
    found, at = [], 0
    while at < len(octets):
        if len(octets) - at < 4:
            faults.append(Fault("RFC 2408 section 3.3", "%d octets left for an attribute" % (len(octets) - at)))
            break
        kind, size = int.from_bytes(octets[at:at + 2], "big"), int.from_bytes(octets[at + 2:at + 4], "big")
        if kind & 0x8000:
            found.append((kind & 0x7fff, octets[at + 2:at + 4]))
            at += 4
            continue
        if size == 0 or size > len(octets) - at - 4:
            faults.append(Fault("RFC 2408 section 3.3", "length %d of attribute %d" % (size, kind)))
            break
        found.append((kind, octets[at + 4:at + 4 + size]))
        at += 4 + size
    return found


def transforms(octets, faults):
    """RFC 2408 section 3.6."""
    inner = chain(octets, TRANSFORM if octets else 0, (TRANSFORM,))
    faults += inner.faults
    if inner.rest:
        faults.append(Fault("RFC 2408 section 3.6", "%d octets after the last transform" % len(inner.rest)))
    found = []
    for payload in inner.payloads:
        if len(payload.body) < 4:
            faults.append(Fault("RFC 2408 section 3.6", "a transform of %d octets" % (4 + len(payload.body))))
            continue
        if payload.body[2:4] != b"\0\0":
            faults.append(Fault("RFC 2408 section 3.6", "RESERVED2 is %s" % payload.body[2:4].hex()))
        values = attributes(payload.body[4:], faults)
        basic = {kind: int.from_bytes(value, "big") for kind, value in values if len(value) <= 8}
        found.append(Transform(payload.body[0], payload.body[1], values, basic))
    return found


def security_association(body, faults):
    """RFC 2408 section 3.4 with RFC 2407 section 4.6.1; the proposals in it."""
    if len(body) < 8:
        faults.append(Fault("RFC 2408 section 3.4", "an SA payload of %d octets" % (4 + len(body))))
        return []
    if body[:4] != b"\0\0\0\1":
        faults.append(Fault("RFC 2408 section 5.4", "DOI %d" % int.from_bytes(body[:4], "big"), ("RFC 2407 section 4.1",)))
    if body[4:8] != b"\0\0\0\1":
        faults.append(Fault("RFC 2407 section 4.2", "situation 0x%s" % body[4:8].hex()))
    outer = chain(body[8:], PROPOSAL, (PROPOSAL,))
    faults += outer.faults
    if outer.rest:
        faults.append(Fault("RFC 2408 section 3.5", "%d octets after the last proposal" % len(outer.rest)))
    found = []
    for payload in outer.payloads:
        b = payload.body
        if len(b) < 4 or len(b) < 4 + b[2]:
            faults.append(Fault("RFC 2408 section 3.5", "a proposal too short for its SPI"))
            continue
        inside = transforms(b[4 + b[2]:], faults)
        if len(inside) != b[3]:
            faults.append(Fault("RFC 2408 section 3.5", "%d transforms, the proposal says %d" % (len(inside), b[3])))
        found.append(Proposal(b[0], b[1], b[4:4 + b[2]], inside))
    return found


@dataclass
class Notification:
    doi: int
    protocol: int
    kind: int
    spi: bytes
    data: bytes


def notification(body, faults):
    """RFC 2408 section 3.14."""
    if len(body) < 8 or len(body) < 8 + body[5]:
        faults.append(Fault("RFC 2408 section 3.14", "a notification too short for its SPI"))
        return None
    return Notification(int.from_bytes(body[:4], "big"), body[4], int.from_bytes(body[6:8], "big"), body[8:8 + body[5]],
                        body[8 + body[5]:])


@dataclass
class Deletion:
    doi: int
    protocol: int
    spi_size: int
    spis: list


def deletion(body, faults):
    """RFC 2408 section 3.15."""
    if len(body) < 8 or len(body) != 8 + body[5] * int.from_bytes(body[6:8], "big"):
        faults.append(Fault("RFC 2408 section 3.15", "a Delete whose length is not that of its SPIs"))
        return None
    size, count = body[5], int.from_bytes(body[6:8], "big")
    return Deletion(int.from_bytes(body[:4], "big"), body[4], size, [body[8 + size * i:8 + size * (i + 1)] for i in range(count)])


@dataclass
class Fragment:
    identifier: int
    number: int
    last: bool
    data: bytes


def fragment(body, faults):
    """The private extension, as MS-IKEE section 2.2.3.1 draws it: fragment ID, number, flags, data."""
    if len(body) < 5:
        faults.append(Fault("MS-IKEE section 2.2.3.1", "a fragment with nothing in it"))
        return None
    if body[3] & ~1:
        faults.append(Fault("MS-IKEE section 2.2.3.1", "flags 0x%02x of a fragment" % body[3]))
    return Fragment(int.from_bytes(body[:2], "big"), body[2], bool(body[3] & 1), body[4:])
