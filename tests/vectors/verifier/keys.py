# SPDX-License-Identifier: ISC
"""The keys, IVs and hashes of RFC 2409, each a line or two, in the order of the RFC."""
import hashlib
import hmac

# RFC 2409 Appendix A, attribute 2, and RFC 4868 section 2 for the numbers from 4 on.
HASHES = {1: "md5", 2: "sha1", 4: "sha256", 5: "sha384", 6: "sha512"}


def digest(name, data):
    return hashlib.new(name, data).digest()


def prf(name, key, data):
    """RFC 2409 section 4: without a negotiated prf, the HMAC version (RFC 2104) of the negotiated hash, not truncated."""
    return hmac.new(key, data, name).digest()


# ---- section 5 ---------------------------------------------------------------------------------------------------------

def skeyid_psk(name, psk, ni_b, nr_b):
    return prf(name, psk, ni_b + nr_b)


def skeyid_signature(name, ni_b, nr_b, g_xy):
    return prf(name, ni_b + nr_b, g_xy)


def skeyid_d(name, skeyid, g_xy, cky_i, cky_r):
    return prf(name, skeyid, g_xy + cky_i + cky_r + b"\0")


def skeyid_a(name, skeyid, d, g_xy, cky_i, cky_r):
    return prf(name, skeyid, d + g_xy + cky_i + cky_r + b"\1")


def skeyid_e(name, skeyid, a, g_xy, cky_i, cky_r):
    return prf(name, skeyid, a + g_xy + cky_i + cky_r + b"\2")


def hash_i(name, skeyid, g_xi, g_xr, cky_i, cky_r, sai_b, idii_b):
    return prf(name, skeyid, g_xi + g_xr + cky_i + cky_r + sai_b + idii_b)


def hash_r(name, skeyid, g_xi, g_xr, cky_i, cky_r, sai_b, idir_b):
    return prf(name, skeyid, g_xr + g_xi + cky_r + cky_i + sai_b + idir_b)


# ---- Appendix B --------------------------------------------------------------------------------------------------------

def expanded(name, e, length):
    """Ka, or None where SKEYID_e is long enough: K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), ...; whole blocks."""
    if len(e) >= length:
        return None
    block = ka = prf(name, e, b"\0")
    while len(ka) < length:
        block = prf(name, e, block)
        ka += block
    return ka


def cipher_key(name, e, length):
    ka = expanded(name, e, length)
    return (e if ka is None else ka)[:length]


def phase_1_iv(name, g_xi, g_xr, block):
    return digest(name, g_xi + g_xr)[:block]


def phase_2_iv(name, last_phase_1_block, message_id, block):
    """For Quick Mode (section 5.5) and for Informational exchanges (section 5.7), each with a message ID of its own."""
    return digest(name, last_phase_1_block + message_id)[:block]


# ---- sections 5.5 and 5.7 ----------------------------------------------------------------------------------------------

def hash_1(name, a, message_id, rest):
    return prf(name, a, message_id + rest)


def hash_2(name, a, message_id, ni_b, rest):
    return prf(name, a, message_id + ni_b + rest)


def hash_3(name, a, message_id, ni_b, nr_b):
    return prf(name, a, b"\0" + message_id + ni_b + nr_b)


def keymat(name, d, g_qm_xy, protocol, spi, ni_b, nr_b, length):
    """K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b), Kn = prf(SKEYID_d, Kn-1 | the same)."""
    seed = g_qm_xy + bytes([protocol]) + spi + ni_b + nr_b
    block = material = prf(name, d, seed)
    while len(material) < length:
        block = prf(name, d, block + seed)
        material += block
    return material[:length]


# ---- RFC 3947 section 3.2 ----------------------------------------------------------------------------------------------

def nat_d(name, cky_i, cky_r, address, port):
    return digest(name, cky_i + cky_r + address + port.to_bytes(2, "big"))
