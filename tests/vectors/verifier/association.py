# SPDX-License-Identifier: ISC
"""One Phase 1 SA, as it comes to be from its messages and from the secrets of both sides: RFC 2409 sections 5, 5.1, 5.4."""
from functools import lru_cache

from . import isakmp, keys
from .ciphers import CIPHERS
from .groups import GROUPS

# Attributes of Phase 1, RFC 2409 Appendix A.
ENCRYPTION, HASH, AUTHENTICATION, GROUP, LIFE_TYPE, LIFE_DURATION, KEY_LENGTH = 1, 2, 3, 4, 11, 12, 14
SECONDS = 1
PSK, RSA = 1, 3


@lru_cache(maxsize=None)
def public_value(group, private):
    return GROUPS[group].public(private)


@lru_cache(maxsize=None)
def shared_secret(group, private, peer):
    return GROUPS[group].secret(private, peer)


class DiffieHellman:
    """What the private values of both sides give; both sides' way to the secret."""

    def __init__(self, group, private_i, private_r):
        self.group = group
        self.private_i, self.private_r = private_i, private_r
        self.public_i, self.public_r = public_value(group, private_i), public_value(group, private_r)
        self.g_xy = self.secret(private_i, self.public_r)
        self.g_yx = self.secret(private_r, self.public_i)  # the other way to it: the same, or something is wrong

    def secret(self, private, peer):
        try:
            return shared_secret(self.group, private, peer)
        except ValueError:
            return b""


class Exchange:
    """What has passed under one message ID after Phase 1."""

    def __init__(self, initiator, kind):
        self.initiator = initiator
        self.kind = kind
        self.last_block = None
        self.count = 0
        self.quick = None


class Association:
    """Roles are "i" and "r": who sent the first message, and the other."""

    def __init__(self, sender, receiver, exchange, cky_i):
        self.parties = {"i": sender, "r": receiver}
        self.exchange = exchange
        self.cky_i, self.cky_r = cky_i, bytes(8)
        self.number = None  # in values.json, which does not count SAs without keys
        self.offer, self.chosen, self.sai_b = [], None, None
        self.ke, self.nonce, self.id_b = {}, {}, {}
        self.vendor_ids = {"i": set(), "r": set()}
        self.keyed = False
        self.count = 0  # of messages of Phase 1
        self.running_block = None  # the last ciphertext block of Phase 1 so far
        self.done = False
        self.exchanges = {}
        self.dh = None

    def announced(self, vendor_id, roles="ir"):
        """Whether the sides have sent such a vendor ID, with whatever after it."""
        return all(any(one.startswith(vendor_id) for one in self.vendor_ids[role]) for role in roles)

    def role(self, party):
        return "i" if party == self.parties["i"] else "r"

    # ---- negotiation -----------------------------------------------------------------------------------------------------

    def choose(self, transform):
        basic = transform.basic
        self.chosen = basic
        self.cipher = CIPHERS[basic[ENCRYPTION]]
        self.hash = keys.HASHES[basic[HASH]]
        self.key_length = self.cipher.key_length(basic.get(KEY_LENGTH))
        self.lifetime = lifetime(transform.attributes)

    # ---- keys ------------------------------------------------------------------------------------------------------------

    def make_keys(self, private_i, private_r, psk):
        h = self.hash
        self.dh = dh = DiffieHellman(self.chosen[GROUP], private_i, private_r)
        ni, nr, cookies = self.nonce["i"], self.nonce["r"], (self.cky_i, self.cky_r)
        if self.chosen[AUTHENTICATION] == RSA:
            self.skeyid = keys.skeyid_signature(h, ni, nr, dh.g_xy)
        else:
            self.skeyid = keys.skeyid_psk(h, psk, ni, nr)
        self.skeyid_d = keys.skeyid_d(h, self.skeyid, dh.g_xy, *cookies)
        self.skeyid_a = keys.skeyid_a(h, self.skeyid, self.skeyid_d, dh.g_xy, *cookies)
        self.skeyid_e = keys.skeyid_e(h, self.skeyid, self.skeyid_a, dh.g_xy, *cookies)
        self.ka = keys.expanded(h, self.skeyid_e, self.key_length)
        self.key = keys.cipher_key(h, self.skeyid_e, self.key_length)
        self.initial_iv = keys.phase_1_iv(h, dh.public_i, dh.public_r, self.cipher.block)
        self.keyed = True

    def authenticator(self, role):
        """HASH_I or HASH_R, with what goes in: RFC 2409 section 5."""
        dh = self.dh
        if role == "i":
            parts = [("g^xi", dh.public_i), ("g^xr", dh.public_r), ("CKY-I", self.cky_i), ("CKY-R", self.cky_r),
                     ("SAi_b", self.sai_b), ("IDii_b", self.id_b["i"])]
            value = keys.hash_i(self.hash, self.skeyid, dh.public_i, dh.public_r, self.cky_i, self.cky_r, self.sai_b, self.id_b["i"])
        else:
            parts = [("g^xr", dh.public_r), ("g^xi", dh.public_i), ("CKY-R", self.cky_r), ("CKY-I", self.cky_i),
                     ("SAi_b", self.sai_b), ("IDir_b", self.id_b["r"])]
            value = keys.hash_r(self.hash, self.skeyid, dh.public_i, dh.public_r, self.cky_i, self.cky_r, self.sai_b, self.id_b["r"])
        return parts, value

    @property
    def last_block(self):
        """Where the IVs of later exchanges begin: RFC 2409 sections 5.5 and 5.7.  An Aggressive Mode need not encrypt anything;
        then there is nothing but the initial IV."""
        return self.initial_iv if self.running_block is None else self.running_block

    # ---- IVs: RFC 2409 appendix B --------------------------------------------------------------------------------------------

    def iv(self, head):
        """The IV of the next message of this exchange, and which rule gave it."""
        if head.exchange in (isakmp.MAIN, isakmp.AGGRESSIVE):
            if self.running_block is None:
                return self.initial_iv, "initial"
            return self.running_block, "previous"
        exchange = self.exchanges.get(head.message_id)
        # An Informational exchange is one message: each begins anew.
        if exchange is not None and exchange.last_block is not None and head.exchange == isakmp.QUICK:
            return exchange.last_block, "previous"
        return keys.phase_2_iv(self.hash, self.last_block, head.message_id, self.cipher.block), "message-id"

    def advance(self, head, sender, ciphertext):
        """A message has been taken: the next IV of its exchange is its last block."""
        if head.exchange in (isakmp.MAIN, isakmp.AGGRESSIVE):
            if ciphertext is not None:
                self.running_block = ciphertext[-self.cipher.block:]
            return
        exchange = self.exchanges.setdefault(head.message_id, Exchange(sender, head.exchange))
        exchange.count += 1
        if ciphertext is not None:
            exchange.last_block = ciphertext[-self.cipher.block:]


def lifetime(attributes):
    """Seconds: the duration follows its type (RFC 2409 Appendix A, RFC 2407 section 4.5).  Default RFC 2407 section 4.5."""
    kind = None
    for number, value in attributes:
        if number == LIFE_TYPE:
            kind = int.from_bytes(value, "big")
        elif number == LIFE_DURATION and kind == SECONDS:
            return int.from_bytes(value, "big")
    return 28800
