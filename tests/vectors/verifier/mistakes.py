# SPDX-License-Identifier: ISC
"""
Mistakes that stacks make, made on purpose: the verifier's own formulas are replaced while a sample is made, so the sample is
consistent in itself and wrong from the first value that the mistake reaches.  Then it is verified with the right formulas.
"""
import contextlib
import hashlib
import hmac

from . import association, keys
from .groups import GROUPS
from .maker import Maker


@contextlib.contextmanager
def replaced(module, **others):
    kept = {name: getattr(module, name) for name in others}
    try:
        for name, other in others.items():
            setattr(module, name, other)
        yield
    finally:
        for name, function in kept.items():
            setattr(module, name, function)


def private_with_leading_zero(group):
    """Private values whose shared secret begins with a zero octet, found by trying."""
    fixed = b"\x0b" * 24
    public = GROUPS[group].public(fixed)
    for n in range(1, 1 << 16):
        private = b"\x05" * 22 + n.to_bytes(2, "big")
        if GROUPS[group].secret(private, public)[0] == 0:
            return fixed, private
    raise AssertionError("one in 256 should have done")


def without_leading_zeros(group, private, peer):
    return GROUPS[group].secret(private, peer).lstrip(b"\0")


def over_the_padding(name, a, message_id, rest):
    before = 4 + hashlib.new(name).digest_size
    return keys.prf(name, a, message_id + rest + bytes(-(before + len(rest)) % 16))


def key_cut_to_the_block(name, key, data):
    return hmac.new(key[:hashlib.new(name).block_size], data, name).digest()


def skeyid_e_first(name, e, length):
    if len(e) >= length:
        return None
    block = ka = e
    while len(ka) < length:
        block = hmac.new(e, b"\0" if block == e else block, name).digest()
        ka += block
    return ka


def no_message_id(name, last, message_id, block):
    return last


def as_the_initiator(name, skeyid, g_xi, g_xr, cky_i, cky_r, sai_b, id_b):
    return keys.prf(name, skeyid, g_xi + g_xr + cky_i + cky_r + sai_b + id_b)


def unpadded_public(group, private):
    return GROUPS[group].public(private).lstrip(b"\0")


def swapped_cookies(name, skeyid, g_xy, cky_i, cky_r):
    return keys.prf(name, skeyid, g_xy + cky_r + cky_i + b"\0")


def without_protocol(name, d, g_qm_xy, protocol, spi, ni_b, nr_b, length):
    seed = g_qm_xy + spi + ni_b + nr_b
    block = material = keys.prf(name, d, seed)
    while len(material) < length:
        block = keys.prf(name, d, block + seed)
        material += block
    return material[:length]


def hmac_iv(name, g_xi, g_xr, block):
    return keys.prf(name, b"", g_xi + g_xr)[:block]


def without_zero(name, a, message_id, ni_b, nr_b):
    return keys.prf(name, a, message_id + ni_b + nr_b)


def samples():
    """Name, where, what is replaced, the sample's arguments, and the first value that must be named."""
    zero = private_with_leading_zero(1)
    return (
        ("leading-zero", association, {"shared_secret": Uncached(without_leading_zeros)}, {"private": zero}, "sas[0].dh.g_xy"),
        ("padding", keys, {"hash_1": over_the_padding}, {}, "messages[6].hashes[0].value"),
        ("prf-key", keys, {"prf": key_cut_to_the_block}, {"psk": b"long " * 20}, "sas[0].skeyid"),
        ("key-expansion", keys, {"expanded": skeyid_e_first}, {"bits": 256}, "sas[0].key.key"),
        ("message-iv", keys, {"phase_2_iv": no_message_id}, {}, "messages[6].protection.iv"),
        ("hash-order", keys, {"hash_r": as_the_initiator}, {}, "sas[0].hash_r"),
        ("cookies swapped in SKEYID_d", keys, {"skeyid_d": swapped_cookies}, {}, "sas[0].skeyid_d"),
        ("KEYMAT without the protocol", keys, {"keymat": without_protocol}, {}, "quick_modes[0].keymat[0].k[0]"),
        ("the first IV by HMAC", keys, {"phase_1_iv": hmac_iv}, {}, "sas[0].initial_iv"),
        ("HASH(3) without its zero", keys, {"hash_3": without_zero}, {}, "messages[20].hashes[0].value"),
    )


class Uncached:
    """In the place of a cached function."""

    def __init__(self, function):
        self.function = self.__wrapped__ = function

    def __call__(self, *arguments):
        return self.function(*arguments)


def run(ledger, verify):
    """verify(contents) says what failed; nothing may fail for a sample without a mistake."""
    for arguments in ({}, {"bits": 256}, {"encryption": 5, "bits": None, "digest": 1}, {"digest": 4, "bits": 256, "group": 2},
                      {"digest": 6, "bits": 192}, {"private": private_with_leading_zero(1)}, {"psk": b"long " * 20}):
        failures = verify(Maker(**arguments).contents())
        ledger.true("samples", "without a mistake: %s" % arguments, "all", not failures, "; ".join(map(str, failures[:3])))
    for name, module, others, arguments, first in samples():
        with replaced(module, **others):
            contents = Maker(**arguments).contents()
        failures = verify(contents)
        ledger.true("mistakes", name, "all", any(failure.name == first for failure in failures),
                    "%s is not named; %s" % (first, "; ".join(map(str, failures[:3])) or "nothing is"))
