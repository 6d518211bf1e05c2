# SPDX-License-Identifier: ISC
"""An ESP packet of an SA of Quick Mode (RFC 4303 section 2, tunnel mode): opened, and made once more from what was in it."""
import hashlib
import hmac
import ipaddress
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .ciphers import CIPHERS

# Transforms of ESP (RFC 2407 section 4.4.4) in CBC mode: the cipher of the same name in Phase 1 (RFC 2451, RFC 3602).
CBC = {3: CIPHERS[5], 12: CIPHERS[7]}
GCM, GCM_IV, GCM_ICV, SALT = 20, 8, 16, 4  # RFC 4106 sections 3.1, 4, 6
# Authentication algorithms: hash and octets of the ICV (RFC 2403, RFC 2404, RFC 4868 section 2.6).
ICV = {1: ("md5", 12), 2: ("sha1", 12), 5: ("sha256", 16)}
AUTHENTICATION = 5  # the attribute
NEXT_HEADER = {4: 4, 6: 41}  # by the IP version of what is inside
IPV4_ADDRESS, IPV4_SUBNET = 1, 4  # RFC 2407 section 4.6.2.1


def padding(length, block):
    """RFC 4303 section 2.4: 1, 2, 3, ..., so that pad length and next header end a block, and a word of four octets."""
    return bytes(range(1, 1 + -(length + 2) % max(block, 4)))


def icv(name, key, authenticated, length):
    """RFC 4303 section 2.8: over all before it, cut."""
    return hmac.new(key, authenticated, getattr(hashlib, name)).digest()[:length]


def nonce(key, iv):
    """RFC 4106 section 4: salt, then IV."""
    return key[-SALT:] + iv


class Combined:
    """AES-GCM."""
    block, iv_length, icv_length = 1, GCM_IV, GCM_ICV

    def __init__(self, key, _):
        self.key = key

    def seal(self, header, iv, plain):
        return header + iv + AESGCM(self.key[:-SALT]).encrypt(nonce(self.key, iv), plain, header)

    def open(self, header, iv, sealed):
        try:
            return AESGCM(self.key[:-SALT]).decrypt(nonce(self.key, iv), sealed, header)
        except InvalidTag:
            return None


class Separate:
    """A cipher in CBC mode, and HMAC."""
    def __init__(self, transform, authentication, key, authentication_key):
        self.cipher = CBC[transform]
        self.block = self.iv_length = self.cipher.block
        self.name, self.icv_length = ICV[authentication]
        self.key, self.authentication_key = key, authentication_key

    def seal(self, header, iv, plain):
        whole = header + iv + self.cipher.encrypt(self.key, iv, plain)
        return whole + icv(self.name, self.authentication_key, whole, self.icv_length)

    def open(self, header, iv, sealed):
        body = sealed[:-self.icv_length]
        right = icv(self.name, self.authentication_key, header + iv + body, self.icv_length)
        if not body or len(body) % self.block or sealed[-self.icv_length:] != right:
            return None
        return self.cipher.decrypt(self.key, iv, body)


def algorithms(quick, role):
    _, _, encryption_key, authentication_key = next(entry for entry in quick.keymat if entry[0] == role)
    if quick.transform.identifier == GCM:
        return Combined(encryption_key, authentication_key)
    return Separate(quick.transform.identifier, quick.transform.basic[AUTHENTICATION], encryption_key, authentication_key)


def within(address, identity):
    """Whether an address is that of an identity of Quick Mode, or in its subnet."""
    if identity[0] == IPV4_ADDRESS:
        return address == identity[4:]
    return identity[0] == IPV4_SUBNET and ipaddress.ip_address(address) in ipaddress.ip_network(
        "%s/%s" % (ipaddress.ip_address(identity[4:8]), ipaddress.ip_address(identity[8:12])))


def fits(quick, sender, inner):
    """A whole IPv4 packet with a right checksum, between the networks that were agreed on, in the right direction."""
    if len(inner) < 20 or inner[0] != 0x45 or int.from_bytes(inner[2:4], "big") != len(inner):
        return False
    total = sum(struct.unpack(">10H", inner[:20]))
    source, destination = quick.identities if sender == quick.parties["i"] else quick.identities[::-1]
    return total % 0xffff == 0 and within(inner[12:16], source) and within(inner[16:20], destination)


def sealed(quick, role, count, iv, inner):
    """(packet, octets of padding, next header) of the SA with that side's SPI, after so many others."""
    used = algorithms(quick, role)
    pad, following = padding(len(inner), used.block), NEXT_HEADER[inner[0] >> 4]
    header = quick.spi[role] + (count + 1).to_bytes(4, "big")
    return used.seal(header, iv, inner + pad + bytes([len(pad), following])), len(pad), following


def packet(quick, count, data):
    """What is to be said of it; count: packets before it with the same SPI.  None: there is no such SA, or it cannot be opened."""
    role = next((role for role in "ir" if quick.spi[role] == data[:4]), None)
    if role is None:
        return None
    sender = quick.parties["r" if role == "i" else "i"]
    used = algorithms(quick, role)
    iv = data[8:8 + used.iv_length]
    plain = used.open(data[:8], iv, data[8 + used.iv_length:])
    if plain is None or len(plain) < 2 + plain[-2]:
        return None
    inner = plain[:-2 - plain[-2]]
    if not fits(quick, sender, inner):
        return None
    again, pad, following = sealed(quick, role, count, iv, inner)
    return {"from": sender, "spi": quick.spi[role].hex(), "sequence": count + 1, "iv": iv.hex(), "next_header": following,
            "inner": inner.hex(), "padding": pad, "icv": again[-used.icv_length:].hex(), "packet": again.hex()}


def packets(quick, found):
    """found: the packets as they are said to have been sent, in hex."""
    counts, said = {}, []
    for text in found:
        data = bytes.fromhex(text)
        said.append(packet(quick, counts.get(data[:4], 0), data))
        counts[data[:4]] = counts.get(data[:4], 0) + 1
    return said
