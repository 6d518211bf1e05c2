# SPDX-License-Identifier: ISC
"""
Whether every formula is really held against some set: each is replaced by a wrong one, as somebody might have read the RFC, and the
set named beside it must fail at the value named.  The mistake is the verifier's here, and the sets are right.
"""
import re

from . import association, captures, ciphers, esp, groups, keys, signatures
from .ledger import PAGE
from .mistakes import Uncached, replaced

prf, digest = keys.prf, keys.digest


def of_both_halves(group, private, peer):
    """x | y as the secret, as RFC 4753 once had it before its erratum: here the public value with itself."""
    secret = groups.GROUPS[group].secret(private, peer)
    return secret + secret if 19 <= group <= 21 else secret


def from_the_end(group, private, peer):
    """Curve25519 is little-endian: who turns it round has another secret."""
    secret = groups.GROUPS[group].secret(private, peer)
    return secret[::-1] if group == 31 else secret


def little_endian_exponent(group, private):
    return groups.GROUPS[group].public(private[::-1])


def with_digest_info(value, size):
    return encoded(bytes.fromhex("3021300906052b0e03021a05000414") + value, size)


encoded = signatures.encoded
MAIN, QUICK, RSA, NAT = "main-psk-aes128-sha1-modp2048", "quick-aes256-sha256-pfs-modp2048", "main-rsa-aes128-sha1-modp2048", "nat-t"

A_HASH, AN_IV = r"messages\[\d+\]\.hashes\[\d\]\.value", r"messages\[\d+\]\.protection\.iv"

# What is read wrongly, where, by what it is replaced, in which set, and what must be named there.
FORMULAS = (
    ("SKEYID of Nr | Ni", keys, "skeyid_psk", lambda h, psk, ni, nr: prf(h, psk, nr + ni), MAIN, r"sas\[0\]\.skeyid"),
    ("SKEYID with key and data exchanged", keys, "skeyid_psk", lambda h, psk, ni, nr: prf(h, ni + nr, psk), MAIN, r"sas\[0\]\.skeyid"),
    ("SKEYID with signatures keyed by g^xy", keys, "skeyid_signature", lambda h, ni, nr, g: prf(h, g, ni + nr), RSA, r"sas\[0\]\.skeyid"),
    ("SKEYID_d without its zero", keys, "skeyid_d", lambda h, s, g, i, r: prf(h, s, g + i + r), MAIN, r"sas\[0\]\.skeyid_d"),
    ("SKEYID_a without SKEYID_d", keys, "skeyid_a", lambda h, s, d, g, i, r: prf(h, s, g + i + r + b"\1"), MAIN, r"sas\[0\]\.skeyid_a"),
    ("SKEYID_e with a 1", keys, "skeyid_e", lambda h, s, a, g, i, r: prf(h, s, a + g + i + r + b"\1"), MAIN, r"sas\[0\]\.skeyid_e"),
    ("HASH_I without SAi_b", keys, "hash_i", lambda h, s, gi, gr, i, r, sa, idb: prf(h, s, gi + gr + i + r + idb), MAIN,
     r"sas\[0\]\.hash_i"),
    ("HASH_R without IDir_b", keys, "hash_r", lambda h, s, gi, gr, i, r, sa, idb: prf(h, s, gr + gi + r + i + sa), MAIN,
     r"sas\[0\]\.hash_r"),
    ("HASH_R with the initiator's order", keys, "hash_r", lambda h, s, gi, gr, i, r, sa, idb: prf(h, s, gi + gr + i + r + sa + idb), RSA,
     r"sas\[0\]\.hash_r"),
    ("the first IV of g^xr | g^xi", keys, "phase_1_iv", lambda h, gi, gr, block: digest(h, gr + gi)[:block], MAIN, r"sas\[0\]\.initial_iv"),
    ("a later IV with the message ID first", keys, "phase_2_iv", lambda h, last, mid, block: digest(h, mid + last)[:block], MAIN,
     AN_IV),
    ("the key not expanded but filled up", keys, "expanded", lambda h, e, length: None if len(e) >= length else e + e,
     "main-psk-aes256-sha1-modp4096", r"sas\[0\]\.key\.k"),
    ("K1 of a 1", keys, "expanded", lambda h, e, length: None if len(e) >= length else prf(h, e, b"\1") + prf(h, e, prf(h, e, b"\1")),
     "main-psk-3des-md5-modp1024", r"sas\[0\]\.key\.k"),
    ("the key from the end of SKEYID_e", keys, "cipher_key", lambda h, e, length: e[-length:], MAIN, r"sas\[0\]\.key\.key"),
    ("the prf cut to 96 bits", keys, "prf", lambda h, key, data: prf(h, key, data)[:12], MAIN, r"sas\[0\]\.skeyid"),
    ("IVs by HMAC", keys, "digest", lambda h, data: prf(h, b"", data), MAIN, r"sas\[0\]\.initial_iv"),
    ("HASH(1) without the message ID", keys, "hash_1", lambda h, a, mid, rest: prf(h, a, rest), MAIN, A_HASH),
    ("HASH(2) without Ni_b", keys, "hash_2", lambda h, a, mid, ni, rest: prf(h, a, mid + rest), QUICK, A_HASH),
    ("HASH(3) with the message ID first", keys, "hash_3", lambda h, a, mid, ni, nr: prf(h, a, mid + b"\0" + ni + nr), QUICK,
     A_HASH),
    ("KEYMAT without g(qm)^xy", keys, "keymat", lambda h, d, g, *rest: keymat(h, d, b"", *rest), QUICK,
     r"quick_modes\[0\]\.keymat\[0\]\.k\[0\]"),
    ("KEYMAT without Kn-1", keys, "keymat", lambda h, d, g, p, spi, ni, nr, n: b"".join(
        prf(h, d, g + bytes([p]) + spi + ni + nr) for _ in range(n // len(prf(h, b"", b"")))), "quick-aes128-sha1",
     r"quick_modes\[0\]\.keymat\[0\]\.k\[1\]"),
    ("NAT-D without the port", keys, "nat_d", lambda h, i, r, address, port: digest(h, i + r + address), NAT,
     A_HASH),
    ("NAT-D of the cookies exchanged", keys, "nat_d", lambda h, i, r, address, port: digest(
        h, r + i + address + port.to_bytes(2, "big")), NAT, A_HASH),
    ("leading zeros of g^xy dropped", association, "shared_secret", Uncached(lambda group, private, peer: groups.GROUPS[group].secret(
        private, peer).lstrip(b"\0")), "leading-zero-g-xy-modp1024", r"sas\[0\]\.dh\.g_xy"),
    ("the same, Curve25519", association, "shared_secret", Uncached(lambda group, private, peer: groups.GROUPS[group].secret(
        private, peer).lstrip(b"\0")), "leading-zero-g-xy-x25519", r"sas\[0\]\.dh\.g_xy"),
    ("more than x of a curve", association, "shared_secret", Uncached(of_both_halves), "main-psk-aes192-sha384-ecp384",
     r"sas\[0\]\.dh\.g_xy"),
    ("Curve25519 turned round", association, "shared_secret", Uncached(from_the_end), "main-psk-aes256-sha256-x25519",
     r"sas\[0\]\.dh\.g_xy"),
    ("exponents turned round", association, "public_value", Uncached(little_endian_exponent), MAIN, r"sas\[0\]\.dh\.public_i"),
    ("leading zeros of a public value dropped", association, "public_value", Uncached(
        lambda group, private: groups.GROUPS[group].public(private).lstrip(b"\0")), "leading-zero-public-i", r"sas\[0\]\.dh\.public_i"),
    ("signatures with DigestInfo", signatures, "encoded", with_digest_info, RSA, r"messages\[\d+\]\.signature\.encoded"),
    ("padding with a length at the end", ciphers.Cbc, "pad", lambda self, text: text + bytes(-(len(text) + 1) % self.block) + bytes(
        [-(len(text) + 1) % self.block]), MAIN, r"messages\[\d+\]\.protection\.ciphertext"),
    ("ESP padded with zeros", esp, "padding", lambda length, block: bytes(-(length + 2) % block), "quick-aes128-sha1",
     r"quick_modes\[0\]\.esp\[0\]\.packet"),
    ("ESP padded to the block of the cipher alone", esp, "padding", lambda length, block: bytes(range(1, 1 + -(length + 2) % block)),
     "quick-aes128gcm16", r"quick_modes\[0\]\.esp\[0\]\.padding"),
    ("the ICV without the header", esp, "icv", lambda h, key, data, length: prf(h, key, data[8:])[:length], "quick-3des-md5",
     r"quick_modes\[0\]\.esp\[0\]"),
    ("the ICV not cut to its half", esp, "ICV", {5: ("sha256", 12)}, "quick-aes256-sha256-pfs-modp2048", r"quick_modes\[0\]\.esp\[0\]"),
    ("the salt behind the IV", esp, "nonce", lambda key, iv: iv + key[-4:], "quick-aes128gcm16", r"quick_modes\[0\]\.esp\[0\]"),
    ("plain.pcap with padding", captures, "in_the_clear", lambda record: record.message.wire if record.ciphertext is None else
     record.message.wire[:28] + record.plaintext, MAIN, r"plain\.pcap"),
)
keymat = keys.keymat


def run(ledger, sets, verify):
    known = {name for name, one in vars(keys).items() if callable(one)}
    ledger.equal("formulas", "all of keys.py", "keys.py", sorted({name for _, module, name, *_ in FORMULAS if module is keys}), sorted(known))
    for what, module, name, wrong, place, leaf in FORMULAS:
        if not ledger.true("formulas", "%s: %s" % (what, place), PAGE, place in sets, "there is no such set"):
            continue
        with replaced(module, **{name: wrong}):
            failures = verify(place, sets[place])
        ledger.true("formulas", what, PAGE, any(re.match(leaf, failure.name) for failure in failures),
                    "%s does not fail at %s: %s" % (place, leaf, "; ".join(map(str, failures[:3])) or "it does not fail"))
