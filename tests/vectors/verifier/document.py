# SPDX-License-Identifier: ISC
"""What values.json must say, made from what was computed: the same names, the same order, every leaf."""
from . import esp, isakmp, names, rules
from .association import AUTHENTICATION, ENCRYPTION, GROUP, HASH
from .names import numbered


def octets(value):
    return None if value is None else value.hex()


# ---- Phase 1 -----------------------------------------------------------------------------------------------------------------

def diffie_hellman(dh):
    return {"group": numbered(names.GROUPS, dh.group), "private_i": octets(dh.private_i), "public_i": octets(dh.public_i),
            "private_r": octets(dh.private_r), "public_r": octets(dh.public_r), "g_xy": octets(dh.g_xy),
            "g_xy_length": len(dh.g_xy)}


def association(one, records, id_b):
    """`records` are the messages of its Phase 1, `id_b` the identities that were sent."""
    block = len(one.skeyid)
    ka = one.ka or b""
    chosen = one.chosen
    hashes = {digest.kind: digest.value for record in records for digest in record.hashes}
    signed = {record.signature.signer: record.signature.right for record in records if record.signature}
    return {
        "sa": one.number, "exchange": numbered(names.EXCHANGES, one.exchange),
        "initiator": one.parties["i"], "responder": one.parties["r"], "cky_i": octets(one.cky_i), "cky_r": octets(one.cky_r),
        "proposal": {
            "encryption": numbered(names.ENCRYPTION, chosen[ENCRYPTION]), "key_bits": 8 * one.key_length,
            "hash": numbered(names.HASHES, chosen[HASH]),
            "authentication": numbered(names.AUTHENTICATION, chosen[AUTHENTICATION]),
            "group": numbered(names.GROUPS, chosen[GROUP]), "lifetime_seconds": one.lifetime},
        "sai_b": octets(one.sai_b), "idii_b": octets(id_b.get("i")), "idir_b": octets(id_b.get("r")),
        "ni_b": octets(one.nonce["i"]), "nr_b": octets(one.nonce["r"]), "dh": diffie_hellman(one.dh),
        "skeyid": octets(one.skeyid), "skeyid_d": octets(one.skeyid_d), "skeyid_a": octets(one.skeyid_a),
        "skeyid_e": octets(one.skeyid_e),
        "key": {
            "length": one.key_length,
            "case": "expanded" if one.ka else "exact" if block == one.key_length else "cut",
            "k": [octets(ka[at:at + block]) for at in range(0, len(ka), block)], "key": octets(one.key)},
        "initial_iv": octets(one.initial_iv), "last_block": octets(one.last_block) if one.done else None,
        "hash_i": octets(hashes.get("HASH_I")), "hash_r": octets(hashes.get("HASH_R")),
        "sig_i": octets(signed.get(one.parties["i"])), "sig_r": octets(signed.get(one.parties["r"]))}


# ---- Phase 2 -----------------------------------------------------------------------------------------------------------------

def quick_mode(quick, packets=()):
    """`packets`: its ESP packets, in hex; what else is said of them is computed from these."""
    basic = quick.transform.basic
    return {
        "sa": quick.association.number, "initiator": quick.parties["i"], "message_id": octets(quick.message_id),
        "protocol": numbered(names.PROTOCOLS, quick.protocol),
        "transform": {
            "encryption": numbered(names.ESP, quick.transform.identifier), "key_bits": quick.key_bits,
            "authentication": numbered(names.ESP_AUTHENTICATION, basic[5]) if 5 in basic else None,
            "encapsulation": numbered(names.ENCAPSULATION, basic[4]),
            "group": None if quick.group is None else numbered(names.GROUPS, quick.group),
            "lifetime_seconds": quick.lifetime},
        "ni_b": octets(quick.nonce["i"]), "nr_b": octets(quick.nonce["r"]),
        "dh": diffie_hellman(quick.dh) if quick.dh else None,
        "id_ci": octets(quick.identities[0]), "id_cr": octets(quick.identities[1]),
        "spi_i": octets(quick.spi["i"]), "spi_r": octets(quick.spi["r"]),
        "keymat": [{"spi": octets(quick.spi[role]), "receiver": quick.parties[role], "k": [octets(k) for k in blocks],
                    "encryption_key": octets(encryption), "authentication_key": octets(authentication)}
                   for role, blocks, encryption, authentication in quick.keymat],
        "esp": esp.packets(quick, packets)}


# ---- messages ----------------------------------------------------------------------------------------------------------------

def payload(one):
    entry = {"type": numbered(names.PAYLOADS, one.kind), "body": octets(one.body)}
    if one.kind == isakmp.N:
        note = isakmp.notification(one.body, [])
        if note is not None:
            entry["notify"] = {"doi": note.doi, "protocol": note.protocol, "spi": octets(note.spi),
                               "type": numbered(names.NOTIFY, note.kind), "data": octets(note.data)}
            if note.kind in (rules.R_U_THERE, rules.R_U_THERE_ACK) and len(note.data) == 4:
                entry["notify"]["sequence"] = int.from_bytes(note.data, "big")
    elif one.kind == isakmp.D:
        gone = isakmp.deletion(one.body, [])
        if gone is not None:
            entry["delete"] = {"doi": gone.doi, "protocol": gone.protocol, "spis": [octets(spi) for spi in gone.spis]}
    return entry


def digest(one):
    return {"kind": one.kind, "algorithm": one.algorithm,
            "key": None if one.key is None else {"name": one.key[0], "value": octets(one.key[1])},
            "input": [{"name": name, "value": octets(value)} for name, value in one.parts],
            "value": octets(one.value), "payload": one.payload, "holds": one.holds}


def signature(one):
    return {"signer": one.signer, "signed": octets(one.signed), "encoded": octets(one.encoded), "value": octets(one.value),
            "payload": one.payload}


def protection(record):
    return {"iv": octets(record.iv), "iv_from": record.iv_from, "plaintext": octets(record.plaintext), "padding": record.padding,
            "ciphertext": octets(record.ciphertext),
            "last_block": octets(record.ciphertext[-record.association.cipher.block:])}


# Of a datagram that is too short for one.
NO_HEADER = isakmp.Header(bytes(8), bytes(8), 0, 0, 0, 0, bytes(4), 0)


def message(record):
    one, head = record.message, record.head or NO_HEADER
    readable = record.chain is not None and not record.chain.faults
    entry = {
        "number": one.number, "time_us": one.time_us, "from": one.sender, "to": one.receiver, "source": one.source,
        "destination": one.destination, "frames": one.frames,
        "sa": record.association.number if record.association else None,
        "cky_i": octets(head.cky_i), "cky_r": octets(head.cky_r), "exchange": numbered(names.EXCHANGES, head.exchange),
        "flags": head.flags, "message_id": octets(head.message_id), "wire": octets(one.wire),
        "protection": protection(record) if record.ciphertext is not None else None, "readable": readable,
        "payloads": [payload(each) for each in record.chain.payloads] if readable else [],
        "hashes": [digest(each) for each in record.hashes],
        "signature": signature(record.signature) if record.signature else None}
    if record.name is not None:
        entry["name"] = record.name
    return entry
