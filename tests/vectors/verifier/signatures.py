# SPDX-License-Identifier: ISC
"""RSA signatures as RFC 2409 section 5.1 has them: PKCS #1 version 1.5 with the bare HASH, no name of the hash before it."""
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding


def encoded(value, size):
    """The block that is signed: 00 01 ff ... ff 00 value, at least eight of ff (PKCS #1, block type 01)."""
    if len(value) > size - 11:
        raise ValueError("%d octets do not fit into a block of %d" % (len(value), size))
    return b"\0\1" + b"\xff" * (size - 3 - len(value)) + b"\0" + value


@lru_cache(maxsize=None)
def power(octets, exponent, modulus):
    """Of a block, as long as the modulus."""
    return pow(int.from_bytes(octets, "big"), exponent, modulus).to_bytes((modulus.bit_length() + 7) // 8, "big")


@lru_cache(maxsize=None)
def is_prime(number):
    """Fermat's test, which no number fails that is one."""
    return pow(3, number - 1, number) == 1


def verifies(modulus, exponent, value, signature):
    size = (modulus.bit_length() + 7) // 8
    if len(signature) != size:
        return False
    return power(signature, exponent, modulus) == encoded(value, size)


@lru_cache(maxsize=None)
def certificate_key(der):
    """Modulus and exponent of a certificate; None if it is none."""
    try:
        numbers = x509.load_der_x509_certificate(der).public_key().public_numbers()
        return numbers.n, numbers.e
    except (ValueError, AttributeError):
        return None


@lru_cache(maxsize=None)
def issued_by(der, authority_der):
    """Whether the authority has signed the certificate (RFC 5280 section 6.1.3 (a) (1) and (4))."""
    try:
        certificate, authority = x509.load_der_x509_certificate(der), x509.load_der_x509_certificate(authority_der)
        if certificate.issuer != authority.subject:
            return False
        authority.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(),
                                      certificate.signature_hash_algorithm)
    except Exception:  # whatever it is that was wrong with it
        return False
    return True


def sample():
    """n, e, d of a key made of two Mersenne primes: for the self-test, and no secret of anybody."""
    p, q, e = 2 ** 521 - 1, 2 ** 607 - 1, 65537
    return p * q, e, pow(e, -1, (p - 1) * (q - 1))
