# SPDX-License-Identifier: ISC
"""HASH_I, HASH_R, HASH(1), HASH(2), HASH(3), NAT-D and the signatures of one message: each recomputed, with what goes in."""
import ipaddress
from dataclasses import dataclass

from . import isakmp, keys, signatures
from .association import AUTHENTICATION, RSA
from .isakmp import HASH, NAT_D, SIG, Fault
from .rules import NAT_T_VENDOR_ID
from .transport import NAT_T_PORT


@dataclass
class Hash:
    kind: str
    section: str
    algorithm: str
    key: tuple  # name, value; None for a plain hash
    parts: list  # of (name, value)
    value: bytes
    payload: int  # index
    holds: bool


@dataclass
class Signature:
    signer: str
    signed: bytes
    encoded: bytes
    value: bytes  # as it was sent
    payload: int
    right: bytes


def index_of(record, kind):
    kinds = record.chain.kinds
    return kinds.index(kind) if kind in kinds else None


def hashes_of(record, secrets):
    """In the order in which values.json has them: that of the payloads."""
    association, name, head = record.association, record.name or "", record.head
    if not association.keyed and not record.chain.all(NAT_D):
        return
    if name[:2] in ("MM", "AM"):
        role = association.role(record.message.sender)
        proved = HASH in record.chain.kinds or SIG in record.chain.kinds
        if association.keyed and role in association_ids(record) and proved:
            phase_1(record, role)
        nat_detection(record, secrets)
    elif name[:2] == "QM":
        quick(record)
    elif name == "INFO*" or not name:
        body = after_hash(record)
        add(record, "HASH(1)", "RFC 2409 section 5.7", ("SKEYID_a", association.skeyid_a),
            [("M-ID", head.message_id), ("payloads", body)],
            keys.hash_1(association.hash, association.skeyid_a, head.message_id, body))


def association_ids(record):
    """The identities, with that of this very message."""
    known = dict(record.association.id_b)
    if record.payload(isakmp.ID) is not None:
        known[record.association.role(record.message.sender)] = record.payload(isakmp.ID)
    record.association.id_b = known
    return known


def after_hash(record):
    """All octets after the HASH payload, generic headers included, padding not."""
    index = index_of(record, HASH)
    return record.body[0 if index is None else record.chain.payloads[index].end:]


def add(record, kind, section, key, parts, value, fault_if_not=True):
    index = index_of(record, HASH)
    carried = None if index is None else record.chain.payloads[index].body
    holds = carried == value
    record.hashes.append(Hash(kind, section, "hmac-" + record.association.hash, key, parts, value, index, holds))
    if not holds and fault_if_not and (record.sound or not record.faults):  # else another fault may be the reason
        record.forged = True
        record.faults.append(Fault(section, "%s does not hold" % kind, ("RFC 2408 section 5.11",)))


def phase_1(record, role):
    association = record.association
    parts, value = association.authenticator(role)
    add(record, "HASH_" + role.upper(), "RFC 2409 section 5", ("SKEYID", association.skeyid), parts, value,
        fault_if_not=association.chosen[AUTHENTICATION] != RSA)


def quick(record):
    """RFC 2409 section 5.5.  The number of the message says which hash it is."""
    association, head = record.association, record.head
    exchange = association.exchanges.get(head.message_id)
    key = ("SKEYID_a", association.skeyid_a)
    body = after_hash(record)
    if record.name != "QM1" and len(exchange.quick.nonce if exchange.quick else ()) < int(record.name[2]) - 1:
        record.faults.append(Fault("RFC 2409 section 5.5", "the nonces before it could not be read"))
        return
    if record.name == "QM1":
        add(record, "HASH(1)", "RFC 2409 section 5.5", key, [("M-ID", head.message_id), ("payloads", body)],
            keys.hash_1(association.hash, association.skeyid_a, head.message_id, body))
    elif record.name == "QM2":
        ni_b = exchange.quick.nonce["i"]
        add(record, "HASH(2)", "RFC 2409 section 5.5", key, [("M-ID", head.message_id), ("Ni_b", ni_b), ("payloads", body)],
            keys.hash_2(association.hash, association.skeyid_a, head.message_id, ni_b, body))
    elif record.name == "QM3":
        ni_b, nr_b = exchange.quick.nonce["i"], exchange.quick.nonce["r"]
        add(record, "HASH(3)", "RFC 2409 section 5.5", key,
            [("0", b"\0"), ("M-ID", head.message_id), ("Ni_b", ni_b), ("Nr_b", nr_b)],
            keys.hash_3(association.hash, association.skeyid_a, head.message_id, ni_b, nr_b))


def nat_detection(record, secrets):
    """RFC 3947 section 3.2: the first is of the other end, as the sender sees it, the next of its own."""
    association, message = record.association, record.message
    seen = [("NAT-D destination", message.destination), ("NAT-D source", message.source)]
    indexes = [index for index, kind in enumerate(record.chain.kinds) if kind == NAT_D]
    if len(indexes) not in (0, 2):
        record.faults.append(Fault("RFC 3947 section 3.2", "%d NAT-D payloads" % len(indexes)))
        return
    if indexes and not association.announced(NAT_T_VENDOR_ID):
        record.faults.append(Fault("RFC 3947 section 3.1", "NAT-D, and not both sides have sent the vendor ID"))
    own, port = secrets.endpoint(message.sender)
    if message.marked:
        port = NAT_T_PORT  # RFC 3947 section 4: both sides have changed to it
    for (kind, end), index in zip(seen, indexes):
        address = ipaddress.ip_address(end["address"]).packed
        value = keys.nat_d(association.hash, record.head.cky_i, record.head.cky_r, address, end["port"])
        parts = [("CKY-I", record.head.cky_i), ("CKY-R", record.head.cky_r), ("IP", address), ("port", end["port"].to_bytes(2, "big"))]
        carried = record.chain.payloads[index].body
        record.hashes.append(Hash(kind, "RFC 3947 section 3.2", association.hash, None, parts, value, index, carried == value))
        meant = value if kind == "NAT-D destination" else keys.nat_d(
            association.hash, record.head.cky_i, record.head.cky_r, own, port)
        if carried != meant:
            record.faults.append(Fault("RFC 3947 section 3.2", "%s is of neither address" % kind))


def signature_of(record, secrets):
    """RFC 2409 section 5.1."""
    association = record.association
    index = index_of(record, SIG)
    if index is None or not record.hashes or association.chosen[AUTHENTICATION] != RSA:
        return
    signed = record.hashes[0]
    n, e, d = secrets.rsa(record.message.sender)
    size = (n.bit_length() + 7) // 8
    block = signatures.encoded(signed.value, size)
    value = signatures.power(block, d, n)
    carried = record.chain.payloads[index].body
    record.signature = Signature(record.message.sender, signed.value, block, carried, index, value)
    signed.holds = signatures.verifies(n, e, signed.value, carried)
    if not signed.holds or carried != value:
        record.forged = True
        record.faults.append(Fault("RFC 2409 section 5.1", "the signature does not verify", ("RFC 2408 section 5.12",)))
