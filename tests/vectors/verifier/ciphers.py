# SPDX-License-Identifier: ISC
"""The ciphers of Phase 1 in CBC mode, by their numbers in RFC 2409 Appendix A, and the padding of RFC 2409 Appendix B."""
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class Cbc:
    def __init__(self, name, algorithm, block, key_lengths):
        self.name = name
        self.algorithm = algorithm
        self.block = block
        self.key_lengths = key_lengths  # in octets; with more than one the Key Length attribute (14) says which

    def key_length(self, attribute_bits):
        """From the Key Length attribute, which must be there where lengths vary, and must not where not (Appendix A)."""
        if len(self.key_lengths) == 1:
            if attribute_bits is not None:
                raise ValueError("%s has no Key Length attribute (RFC 2409 Appendix A)" % self.name)
            return self.key_lengths[0]
        if attribute_bits is None or attribute_bits // 8 not in self.key_lengths or attribute_bits % 8:
            raise ValueError("Key Length %s with %s (RFC 3602 section 2)" % (attribute_bits, self.name))
        return attribute_bits // 8

    def pad(self, plaintext):
        """RFC 2409 Appendix B: with octets of 0x00 up to the block, and not with a whole block of them."""
        return plaintext + bytes(-len(plaintext) % self.block)

    def encrypt(self, key, iv, padded):
        context = Cipher(self.algorithm(key), modes.CBC(iv)).encryptor()
        return context.update(padded) + context.finalize()

    def decrypt(self, key, iv, ciphertext):
        context = Cipher(self.algorithm(key), modes.CBC(iv)).decryptor()
        return context.update(ciphertext) + context.finalize()


CIPHERS = {
    1: Cbc("DES-CBC", algorithms.TripleDES, 8, (8,)),  # a key of eight octets is used three times over: single DES
    5: Cbc("3DES-CBC", algorithms.TripleDES, 8, (24,)),  # RFC 2451; RFC 2409 Appendix B: the first 24 octets, EDE
    7: Cbc("AES-CBC", algorithms.AES, 16, (16, 24, 32)),  # RFC 3602
    8: Cbc("CAMELLIA-CBC", algorithms.Camellia, 16, (16, 24, 32)),  # RFC 4312
}
