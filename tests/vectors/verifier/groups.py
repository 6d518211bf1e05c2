# SPDX-License-Identifier: ISC
"""Diffie-Hellman: the groups of RFC 2409 section 6, RFC 3526, RFC 5903 and RFC 8031, by their numbers in the IANA registry."""
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def pi_times_two_to_the(bits):
    """[2^bits pi], by Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239)."""
    guard = 64
    one = 1 << (bits + guard)

    def arctan_of_one_over(x):
        term = one // x
        total, n, sign = term, 1, -1
        while term:
            term //= x * x
            n += 2
            total += sign * (term // n)
            sign = -sign
        return total

    return (16 * arctan_of_one_over(5) - 4 * arctan_of_one_over(239)) >> guard


def schroeppel_prime(bits, addend):
    """2^bits - 2^(bits-64) - 1 + 2^64 * ([2^(bits-130) pi] + addend): every prime of RFC 2409 section 6 and of RFC 3526."""
    return 2 ** bits - 2 ** (bits - 64) - 1 + 2 ** 64 * (pi_times_two_to_the(bits - 130) + addend)


class Modp:
    """Generator 2.  A public value and the shared secret are as long as the prime, with zero octets in front where needed:
    RFC 2409 section 5 says so of the public value, and everybody does so with the secret that goes into SKEYID."""

    def __init__(self, bits, addend):
        self.bits = bits
        self.addend = addend
        self.public_length = self.secret_length = bits // 8
        self._prime = None

    @property
    def prime(self):
        if self._prime is None:
            self._prime = schroeppel_prime(self.bits, self.addend)
        return self._prime

    def public(self, private):
        return pow(2, int.from_bytes(private, "big"), self.prime).to_bytes(self.public_length, "big")

    def secret(self, private, peer):
        base = int.from_bytes(peer, "big")
        if len(peer) != self.public_length or not 1 < base < self.prime - 1:
            raise ValueError("not a public value of this group")
        return pow(base, int.from_bytes(private, "big"), self.prime).to_bytes(self.secret_length, "big")


class Ecp:
    """RFC 5903 section 7: a public value is x | y, each as long as the field's prime; the shared secret is x alone."""

    def __init__(self, curve):
        self.curve = curve
        self.coordinate = (curve.key_size + 7) // 8
        self.public_length, self.secret_length = 2 * self.coordinate, self.coordinate

    def _key(self, private):
        return ec.derive_private_key(int.from_bytes(private, "big"), self.curve)

    def public(self, private):
        point = self._key(private).public_key().public_numbers()
        return point.x.to_bytes(self.coordinate, "big") + point.y.to_bytes(self.coordinate, "big")

    def secret(self, private, peer):
        if len(peer) != self.public_length:
            raise ValueError("not a public value of this group")
        x, y = (int.from_bytes(half, "big") for half in (peer[:self.coordinate], peer[self.coordinate:]))
        try:
            point = ec.EllipticCurvePublicNumbers(x, y, self.curve).public_key()
        except ValueError:
            raise ValueError("not a point of this curve") from None
        shared = int.from_bytes(self._key(private).exchange(ec.ECDH(), point), "big")
        return shared.to_bytes(self.secret_length, "big")


class X25519:
    """RFC 8031 section 3.1: the 32 octets of RFC 7748 as they are, for the public value and for the secret."""
    public_length = secret_length = 32

    def public(self, private):
        key = x25519.X25519PrivateKey.from_private_bytes(private).public_key()
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def secret(self, private, peer):
        """RFC 7748 section 6.1: a secret of zeros is refused."""
        try:
            return x25519.X25519PrivateKey.from_private_bytes(private).exchange(x25519.X25519PublicKey.from_public_bytes(peer))
        except ValueError:
            raise ValueError("not a public value of this group") from None


GROUPS = {
    1: Modp(768, 149686),  # RFC 2409 section 6.1
    2: Modp(1024, 129093),  # RFC 2409 section 6.2
    5: Modp(1536, 741804),  # RFC 3526 section 2
    14: Modp(2048, 124476),  # RFC 3526 section 3
    15: Modp(3072, 1690314),  # RFC 3526 section 4
    16: Modp(4096, 240904),  # RFC 3526 section 5
    17: Modp(6144, 929484),  # RFC 3526 section 6
    18: Modp(8192, 4743158),  # RFC 3526 section 7
    19: Ecp(ec.SECP256R1()),  # RFC 5903 section 3.1
    20: Ecp(ec.SECP384R1()),  # RFC 5903 section 3.2
    21: Ecp(ec.SECP521R1()),  # RFC 5903 section 3.3
    31: X25519(),  # RFC 8031 section 2, with IKEv1 too
}
