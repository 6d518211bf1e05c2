# SPDX-License-Identifier: ISC
"""One Quick Mode: RFC 2409 section 5.5, with the attributes of RFC 2407 section 4.5 and the keys of ESP."""
from . import isakmp, keys
from .association import DiffieHellman
from .isakmp import ID, KE, NONCE, SA

# RFC 2407 section 4.5: the attributes of Phase 2.
LIFE_TYPE, LIFE_DURATION, GROUP, ENCAPSULATION, AUTHENTICATION, KEY_LENGTH = range(1, 7)
ESP = 3

# Transforms of ESP (RFC 2407 section 4.4.4): octets of key, or by the Key Length attribute.
ENCRYPTION_KEYS = {2: 8, 3: 24, 11: 0, 12: None, 20: None}
# Octets of salt behind the key, and no authentication algorithm beside it (RFC 4106 sections 4 and 8).
SALTS = {20: 4}
# Authentication algorithms (RFC 2407 section 4.5, RFC 4868 section 2): octets of key.
AUTHENTICATION_KEYS = {1: 16, 2: 20, 5: 32, 6: 48, 7: 64}


class QuickMode:
    def __init__(self, association, initiator, responder, message_id):
        self.association = association
        self.parties = {"i": initiator, "r": responder}
        self.message_id = message_id
        self.nonce, self.ke, self.offers, self.identities = {}, {}, {}, [None, None]
        self.dh = None
        self.complete = False
        self.keymat = []

    def learn(self, record, count, secrets):
        role = {1: "i", 2: "r"}.get(count)
        if role is None:
            self.complete = True
            return
        self.nonce[role] = record.payload(NONCE)
        self.offers[role] = isakmp.security_association(record.payload(SA), [])
        if record.payload(KE) is not None:
            self.ke[role] = record.payload(KE)
        if role == "i":
            bodies = [payload.body for payload in record.chain.all(ID)]
            self.identities = bodies if len(bodies) == 2 else [None, None]
        else:
            self._agree(secrets)

    def _agree(self, secrets):
        """The responder has chosen: SPIs, keys."""
        if "i" not in self.offers or not self.offers["r"]:
            return
        chosen = self.offers["r"][0]
        offered = next(proposal for proposal in self.offers["i"] if proposal.number == chosen.number)
        self.protocol, self.transform = chosen.protocol, chosen.transforms[0]
        self.spi = {"i": offered.spi, "r": chosen.spi}
        basic = self.transform.basic
        self.group = basic.get(GROUP)
        if len(self.ke) == 2:
            private = secrets.quick_private(self)
            if private is None:
                return
            self.dh = DiffieHellman(self.group, *private)
        self.lifetime = phase_2_lifetime(self.transform.attributes)
        fixed = ENCRYPTION_KEYS[self.transform.identifier]
        self.key_bits = basic[KEY_LENGTH] if fixed is None else 8 * fixed
        self.encryption_length = self.key_bits // 8 + SALTS.get(self.transform.identifier, 0)
        self.authentication_length = \
            0 if self.transform.identifier in SALTS else AUTHENTICATION_KEYS[basic[AUTHENTICATION]]
        self.keymat = [self._keymat("i"), self._keymat("r")]

    def _keymat(self, role):
        """For the SA with that side's SPI, which is that side's inbound one."""
        association = self.association
        length = self.encryption_length + self.authentication_length
        block = len(keys.prf(association.hash, b"", b""))
        whole = keys.keymat(association.hash, association.skeyid_d, self.dh.g_xy if self.dh else b"", self.protocol,
                            self.spi[role], self.nonce["i"], self.nonce["r"], -(-length // block) * block)
        return role, [whole[at:at + block] for at in range(0, len(whole), block)], whole[:self.encryption_length], \
            whole[self.encryption_length:length]


def phase_2_lifetime(attributes):
    kind = None
    for number, value in attributes:
        if number == LIFE_TYPE:
            kind = int.from_bytes(value, "big")
        elif number == LIFE_DURATION and kind == 1:
            return int.from_bytes(value, "big")
    return 28800  # RFC 2407 section 4.5
