# SPDX-License-Identifier: ISC
"""What each message must carry and may carry, one row for each; and what its payloads must say.

Each function returns Faults.  Of a message that is right there are none; of the message with the defect of a negative set there
must be one.
"""
from dataclasses import dataclass

from . import isakmp
from .association import AUTHENTICATION, ENCRYPTION, GROUP, HASH as HASH_ATTRIBUTE, KEY_LENGTH, LIFE_DURATION, LIFE_TYPE, PSK, RSA
from .ciphers import CIPHERS
from .groups import GROUPS
from .keys import digest
from .isakmp import CERT, CR, D, HASH, ID, KE, N, NAT_D, NAT_OA, NONCE, SA, SIG, VID, Fault

AUTH = -1  # HASH or SIG, as the proposal says


@dataclass(frozen=True)
class Row:
    section: str
    encrypted: bool
    first: tuple  # in this order, at the beginning
    must: tuple  # once each, anywhere
    may: tuple
    sender: str = ""  # role in the exchange; empty: either


ROWS = {
    # RFC 2409 section 5: the SA payload is before all others; the order of the rest is free.
    "MM1": Row("RFC 2409 section 5.4", False, (SA,), (), (VID,), "i"),
    "MM2": Row("RFC 2409 section 5.4", False, (SA,), (), (VID,), "r"),
    "MM3": Row("RFC 2409 section 5.4", False, (), (KE, NONCE), (VID, CR, NAT_D), "i"),
    "MM4": Row("RFC 2409 section 5.4", False, (), (KE, NONCE), (VID, CR, NAT_D), "r"),
    # RFC 2407 section 4.6.3: status notifications may ride along.
    "MM5": Row("RFC 2409 section 5.4", True, (), (ID, AUTH), (CERT, CR, N, VID), "i"),
    "MM6": Row("RFC 2409 section 5.4", True, (), (ID, AUTH), (CERT, CR, N, VID), "r"),
    "AM1": Row("RFC 2409 section 5.4", False, (SA,), (KE, NONCE, ID), (VID, CR), "i"),
    "AM2": Row("RFC 2409 section 5.4", False, (SA,), (KE, NONCE, ID, AUTH), (VID, CERT, CR, NAT_D), "r"),
    "AM3": Row("RFC 2409 section 5.4", None, (), (AUTH,), (VID, CERT, NAT_D), "i"),
    # RFC 2409 section 5.5: HASH is first, SA the next; the client identities are two or none.
    "QM1": Row("RFC 2409 section 5.5", True, (HASH, SA), (NONCE,), (KE, ID, NAT_OA, N), "i"),
    "QM2": Row("RFC 2409 section 5.5", True, (HASH, SA), (NONCE,), (KE, ID, NAT_OA, N), "r"),
    "QM3": Row("RFC 2409 section 5.5", True, (HASH,), (), (), "i"),
    "INFO*": Row("RFC 2409 section 5.7", True, (HASH,), (), (N, D)),
    "INFO": Row("RFC 2409 section 5.7", False, (), (), (N,)),
}

ONCE = {KE, NONCE, ID, HASH, SIG, SA}


def shape(name, kinds, method):
    """The payloads that there are, against the row."""
    row, faults = ROWS[name], []
    if name == "INFO" and HASH in kinds:
        return [Fault(row.section, "what is to be protected is in the clear", ("RFC 3706 section 5.2",))]
    auth = SIG if method == RSA else HASH
    must = [auth if kind == AUTH else kind for kind in row.must]
    for index, kind in enumerate(row.first):
        if index >= len(kinds) or kinds[index] != kind:
            faults.append(Fault(row.section, "%s must be payload %d of %s" % (isakmp.NAMES[kind], index + 1, name),
                                ("RFC 2409 section 5",)))
            return faults
    rest = list(kinds[len(row.first):])
    for kind in must:
        if kind in rest:
            rest.remove(kind)
        else:
            faults.append(Fault(row.section, "%s without %s" % (name, isakmp.NAMES[kind]), ("RFC 2409 section 5",)))
    for kind in sorted(set(rest), key=rest.index):
        if kind not in row.may and kind in isakmp.NAMES:  # another is a fault of the chain already
            faults.append(Fault(row.section, "%s with %s" % (name, isakmp.NAMES[kind]), ("RFC 2408 section 5.3",)))
    if name in ("QM1", "QM2") and rest.count(ID) not in (0, 2):
        faults.append(Fault("RFC 2409 section 5.5", "one client identity"))
    if name in ("QM1", "QM2") and rest.count(KE) > 1:
        faults.append(Fault("RFC 2409 section 5.5", "two KE"))
    told = sum(kind in row.may for kind in rest)
    if name in ("INFO*", "INFO") and told != 1 and len(rest) == told:
        faults.append(Fault(row.section, "%d payloads to be read" % told))
    return faults


# ---- Phase 1 -----------------------------------------------------------------------------------------------------------------

BASIC = {1, 2, 3, 4, 5, 11, 13, 14, 15}  # RFC 2409 Appendix A: the classes whose type is "B"


def phase_1_proposals(proposals, wire_attributes):
    """RFC 2409 section 5 and Appendix A: one proposal, ISAKMP, transforms KEY_IKE, no attribute twice."""
    faults = []
    if len(proposals) != 1:
        return [Fault("RFC 2409 section 5", "%d proposals in Phase 1" % len(proposals))]
    proposal = proposals[0]
    if proposal.protocol != 1:
        faults.append(Fault("RFC 2407 section 4.4.1", "protocol %d in Phase 1" % proposal.protocol))
    if len(proposal.spi) > 16:
        faults.append(Fault("RFC 2408 section 3.5", "an SPI of %d octets" % len(proposal.spi)))
    for transform in proposal.transforms:
        faults += phase_1_transform(transform)
    return faults


def phase_1_transform(transform):
    faults, basic = [], transform.basic
    if transform.identifier != 1:
        faults.append(Fault("RFC 2407 section 4.4.2", "transform %d in Phase 1" % transform.identifier))
    classes = [number for number, _ in transform.attributes]
    for number in (ENCRYPTION, HASH_ATTRIBUTE, AUTHENTICATION, GROUP):
        if classes.count(number) != 1:
            faults.append(Fault("RFC 2409 section 4", "attribute %d is there %d times" % (number, classes.count(number)),
                                ("RFC 2409 appendix A",)))
    if LIFE_DURATION in classes and (LIFE_TYPE not in classes or classes.index(LIFE_TYPE) > classes.index(LIFE_DURATION)):
        faults.append(Fault("RFC 2409 appendix A", "a duration without its type before it"))
    cipher = CIPHERS.get(basic.get(ENCRYPTION))
    if cipher is not None:
        try:
            cipher.key_length(basic.get(KEY_LENGTH))
        except ValueError as error:
            faults.append(Fault("RFC 2409 appendix A", str(error), ("RFC 3602 section 2.1",)))
    return faults


def chosen(offered, answered):
    """RFC 2409 section 5, RFC 2408 section 4.2: one transform of the offer comes back, as it was."""
    if len(answered) != 1 or len(answered[0].transforms) != 1:
        return [Fault("RFC 2408 section 4.2", "%d proposals are chosen" % len(answered), ("RFC 2408 section 5.4",))]
    for proposal in offered:
        if proposal.number == answered[0].number and proposal.protocol == answered[0].protocol and \
                answered[0].transforms[0] in proposal.transforms:
            return []
    return [Fault("RFC 2408 section 4.2", "what is chosen was not offered", ("RFC 2409 section 5", "RFC 2408 section 5.4"))]


def identity(body):
    """RFC 2407 section 4.6.2: protocol and port are 0 and 0, or 17 and 500."""
    faults = []
    if len(body) < 5:
        return [Fault("RFC 2407 section 4.6.2", "an identity with nothing in it")]
    protocol, port = body[1], int.from_bytes(body[2:4], "big")
    if (protocol, port) not in ((0, 0), (17, 500)):
        faults.append(Fault("RFC 2407 section 4.6.2", "protocol %d and port %d in Phase 1" % (protocol, port)))
    sizes = {1: 4, 4: 8, 5: 16, 6: 32, 7: 8, 8: 32}
    if body[0] in sizes and len(body) - 4 != sizes[body[0]]:
        faults.append(Fault("RFC 2407 section 4.6.2.1", "%d octets of identity type %d" % (len(body) - 4, body[0])))
    if not 1 <= body[0] <= 11:
        faults.append(Fault("RFC 2407 section 4.6.2.1", "identity type %d" % body[0]))
    return faults


def nonce(body):
    if not 8 <= len(body) <= 256:
        return [Fault("RFC 2409 section 5", "a nonce of %d octets" % len(body))]
    return []


def public_value(group, body):
    if group not in GROUPS:
        return []
    if len(body) != GROUPS[group].public_length:
        return [Fault("RFC 2409 section 5", "a public value of %d octets in group %d" % (len(body), group), ("RFC 2408 section 5.7",))]
    try:
        GROUPS[group].secret(b"\x09" * 32, body)
    except ValueError as error:
        return [Fault("RFC 2408 section 5.7", str(error), ("RFC 2409 section 5",))]
    return []


# ---- what is said under protection -------------------------------------------------------------------------------------------

INITIAL_CONTACT, R_U_THERE, R_U_THERE_ACK = 24578, 36136, 36137
DPD_VENDOR_ID = bytes.fromhex("afcad71368a1f1c96b8696fc77570100")  # RFC 3706 section 5.1
NAT_T_VENDOR_ID = digest("md5", b"RFC 3947")  # RFC 3947 section 3.1
FRAGMENTATION_VENDOR_ID = digest("md5", b"FRAGMENTATION")  # MS-IKEE section 3.3.4.1


def notification(note, cookies):
    """Those of RFC 2407 section 4.6.3 and RFC 3706 section 5.3 that are about the Phase 1 SA itself."""
    faults = []
    if note.kind not in (INITIAL_CONTACT, R_U_THERE, R_U_THERE_ACK):
        return faults
    section = "RFC 2407 section 4.6.3.3" if note.kind == INITIAL_CONTACT else "RFC 3706 section 5.3"
    if note.doi != 1:
        faults.append(Fault(section, "DOI %d" % note.doi))
    if note.protocol != 1:
        faults.append(Fault(section, "protocol %d" % note.protocol))
    if len(note.spi) != 16:
        faults.append(Fault(section, "an SPI of %d octets" % len(note.spi)))
    elif note.spi != cookies:
        faults.append(Fault(section, "the SPI is not CKY-I | CKY-R", ("RFC 3706 section 6.1",)))
    size = 0 if note.kind == INITIAL_CONTACT else 4
    if len(note.data) != size:
        faults.append(Fault(section, "%d octets of data" % len(note.data)))
    return faults


def deletion(gone, cookies):
    """RFC 2408 section 3.15, RFC 2407 section 4.6.1 for the DOI."""
    faults = []
    if gone.doi != 1:
        faults.append(Fault("RFC 2408 section 3.15", "DOI %d" % gone.doi))
    wanted = {1: 16, 2: 4, 3: 4}.get(gone.protocol)
    if wanted is None or gone.spi_size != wanted:
        faults.append(Fault("RFC 2408 section 3.15", "SPIs of %d octets with protocol %d" % (gone.spi_size, gone.protocol)))
    if not gone.spis:
        faults.append(Fault("RFC 2408 section 3.15", "no SPI"))
    if gone.protocol == 1 and any(spi != cookies for spi in gone.spis):
        faults.append(Fault("RFC 2408 section 3.15", "the SPI is not CKY-I | CKY-R", ("RFC 2408 section 5.15",)))
    return faults
