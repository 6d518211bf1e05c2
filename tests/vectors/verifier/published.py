# SPDX-License-Identifier: ISC
"""Values that others have published, to prove the primitives before anything of ours is judged by them."""
from collections import namedtuple


def octets(*text):
    return bytes.fromhex("".join(text).replace(" ", ""))


# RFC 2202 section 2 and 3, RFC 4231 section 4: hash, key, data, HMAC.
HMACS = (
    ("RFC 2202 section 2, 1", "md5", b"\x0b" * 16, b"Hi There", octets("9294727a3638bb1c13f48ef8158bfc9d")),
    ("RFC 2202 section 2, 2", "md5", b"Jefe", b"what do ya want for nothing?", octets("750c783e6ab0b503eaa86e310a5db738")),
    ("RFC 2202 section 3, 1", "sha1", b"\x0b" * 20, b"Hi There", octets("b617318655057264e28bc0b6fb378c8ef146be00")),
    ("RFC 2202 section 3, 2", "sha1", b"Jefe", b"what do ya want for nothing?",
     octets("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")),
    ("RFC 4231 section 4.2", "sha256", b"\x0b" * 20, b"Hi There",
     octets("b0344c61d8db38535ca8afceaf0bf12b 881dc200c9833da726e9376c2e32cff7")),
    ("RFC 4231 section 4.2", "sha384", b"\x0b" * 20, b"Hi There",
     octets("afd03944d84895626b0825f4ab46907f 15f9dadbe4101ec682aa034c7cebc59c faea9ea9076ede7f4af152e8b2fa9cb6")),
    ("RFC 4231 section 4.2", "sha512", b"\x0b" * 20, b"Hi There",
     octets("87aa7cdea5ef619d4ff0b4241a1d6cb0 2379f4e2ce4ec2787ad0b30545e17cde",
            "daa833b7d6b8a702038b274eaea3f4e4 be9d914eeb61f1702e696c203a126854")),
    # A key that is longer than the block of the hash, as two nonces may be.
    ("RFC 4231 section 4.7", "sha256", b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
     octets("60e431591ee0b67f0d8a26aacbf5b77f 8e0bc6213728c5140546040f0ee37f54")),
)

# Cipher (RFC 2409 Appendix A), key, IV, plaintext, ciphertext.
CBC = (
    ("RFC 3602 section 4, 1", 7, octets("06a9214036b8a15b512e03d534120006"), octets("3dafba429d9eb430b422da802c9fac41"),
     b"Single block msg", octets("e353779c1079aeb82708942dbe77181a")),
    ("RFC 3602 section 4, 2", 7, octets("c286696d887c9aa0611bbb3e2025a45a"), octets("562e17996d093d28ddb3ba695a2e6f58"),
     bytes(range(32)), octets("d296cd94c2cccf8a3a863028b5e1dc0a 7586602d253cfff91b8266bea6d61ab1")),
    # NIST SP 800-38A, F.2.3 and F.2.5: longer keys.
    ("SP 800-38A F.2.3", 7, octets("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"), bytes(range(16)),
     octets("6bc1bee22e409f96e93d7e117393172a"), octets("4f021db243bc633d7178183a9fa071e8")),
    ("SP 800-38A F.2.5", 7, octets("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4"), bytes(range(16)),
     octets("6bc1bee22e409f96e93d7e117393172a"), octets("f58c4c04d6e5f1ba779eabfb5f7bfbd6")),
    # FIPS 81 Table C1, in DES and in 3DES with the same key three times.
    ("FIPS 81 Table C1", 1, octets("0123456789abcdef"), octets("1234567890abcdef"), b"Now is the time for all ",
     octets("e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6")),
    ("FIPS 81 Table C1", 5, octets("0123456789abcdef") * 3, octets("1234567890abcdef"), b"Now is the time for all ",
     octets("e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6")),
)

# The last 128 bits before the 64 ones that end every prime, as the RFCs print them.
PRIMES = {1: "e485b576625e7ec6f44c42e9a63a3620", 2: "ae9f24117c4b1fe649286651ece65381",
          5: "670c354e4abc9804f1746c08ca237327", 14: "15d2261898fa051015728e5a8aacaa68",
          15: "43db5bfce0fd108e4b82d120a93ad2ca", 16: "86ffb7dc90a6c08f4df435c934063199",
          17: "12bf2d5b0b7474d6e694f91e6dcc4024", 18: "c81f56e880b96e7160c980dd98edd3df"}

Exchange = namedtuple("Exchange", "source group i r g_i g_r g_ir")

EXCHANGES = (
    Exchange(
        "RFC 5903 section 8.1", 19,
        octets("C88F01F5 10D9AC3F 70A292DA A2316DE5 44E9AAB8 AFE84049 C62A9C57 862D1433"),
        octets("C6EF9C5D 78AE012A 011164AC B397CE20 88685D8F 06BF9BE0 B283AB46 476BEE53"),
        octets("DAD0B653 94221CF9 B051E1FE CA5787D0 98DFE637 FC90B9EF 945D0C37 72581180",
               "5271A046 1CDB8252 D61F1C45 6FA3E59A B1F45B33 ACCF5F58 389E0577 B8990BB3"),
        octets("D12DFB52 89C8D4F8 1208B702 70398C34 2296970A 0BCCB74C 736FC755 4494BF63",
               "56FBF3CA 366CC23E 8157854C 13C58D6A AC23F046 ADA30F83 53E74F33 039872AB"),
        octets("D6840F6B 42F6EDAF D13116E0 E1256520 2FEF8E9E CE7DCE03 812464D0 4B9442DE")),
    Exchange(
        "RFC 5903 section 8.2", 20,
        octets("099F3C70 34D4A2C6 99884D73 A375A67F 7624EF7C 6B3C0F16 0647B674 14DCE655 E35B5380 41E649EE 3FAEF896 783AB194"),
        octets("41CB0779 B4BDB85D 47846725 FBEC3C94 30FAB46C C8DC5060 855CC9BD A0AA2942 E0308312 916B8ED2 960E4BD5 5A7448FC"),
        octets("667842D7 D180AC2C DE6F74F3 7551F557 55C7645C 20EF73E3 1634FE72 B4C55EE6 DE3AC808 ACB4BDB4 C88732AE E95F41AA",
               "9482ED1F C0EEB9CA FC498462 5CCFC23F 65032149 E0E144AD A0241815 35A0F38E EB9FCFF3 C2C947DA E69B4C63 4573A81C"),
        octets("E558DBEF 53EECDE3 D3FCCFC1 AEA08A89 A987475D 12FD950D 83CFA417 32BC509D 0D1AC43A 0336DEF9 6FDA41D0 774A3571",
               "DCFBEC7A ACF31964 72169E83 8430367F 66EEBE3C 6E70C416 DD5F0C68 759DD1FF F83FA401 42209DFF 5EAAD96D B9E6386C"),
        octets("11187331 C279962D 93D60424 3FD592CB 9D0A926F 422E4718 7521287E 7156C5C4 D6031355 69B9E9D0 9CF5D4A2 70F59746")),
    # All three begin with zero octets, because 521 bits do not fill 66 octets.
    Exchange(
        "RFC 5903 section 8.3", 21,
        octets("0037ADE9 319A89F4 DABDB3EF 411AACCC A5123C61 ACAB57B5 393DCE47 608172A0",
               "95AA85A3 0FE1C295 2C6771D9 37BA9777 F5957B26 39BAB072 462F68C2 7A57382D 4A52"),
        octets("0145BA99 A847AF43 793FDD0E 872E7CDF A16BE30F DC780F97 BCCC3F07 8380201E",
               "9C677D60 0B343757 A3BDBF2A 3163E4C2 F869CCA7 458AA4A4 EFFC311F 5CB15168 5EB9"),
        octets("0015417E 84DBF28C 0AD3C278 713349DC 7DF153C8 97A1891B D98BAB43 57C9ECBE",
               "E1E3BF42 E00B8E38 0AEAE57C 2D107564 94188594 2AF5A7F4 601723C4 195D176C ED3E",
               "017CAE20 B6641D2E EB695786 D8C94614 6239D099 E18E1D5A 514C739D 7CB4A10A",
               "D8A78801 5AC405D7 799DC75E 7B7D5B6C F2261A6A 7F150743 8BF01BEB 6CA3926F 9582"),
        octets("00D0B397 5AC4B799 F5BEA16D 5E13E9AF 971D5E9B 984C9F39 728B5E57 39735A21",
               "9B97C356 436ADC6E 95BB0352 F6BE64A6 C2912D4E F2D0433C ED2B6171 640012D9 460F",
               "015C6822 6383956E 3BD066E7 97B623C2 7CE0EAC2 F551A10C 2C724D98 52077B87",
               "220B6536 C5C408A1 D2AEBB8E 86D678AE 49CB5709 1F473229 6579AB44 FCD17F0F C56A"),
        octets("01144C7D 79AE6956 BC8EDB8E 7C787C45 21CB086F A64407F9 7894E5E6 B2D79B04",
               "D1427E73 CA4BAA24 0A347868 59810C06 B3C715A3 A8CC3151 F2BEE417 996D19F3 DDEA")),
    Exchange(
        "RFC 7748 section 6.1", 31,
        octets("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
        octets("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
        octets("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
        octets("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
        octets("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")),
)

Schedule = namedtuple("Schedule", "source psk ni nr cky_i cky_r g_xy skeyid d a e")

# Of NIST's validation of IKEv1 key derivation (ACVP), SHA-1: one with a pre-shared key, one with signatures.
SCHEDULES = (
    Schedule("ACVP, pre-shared key", octets("75"), octets("b9a2d0e922dc66dd"), octets("2130166863b5ddef"),
             octets("83d374c30b3b5082"), octets("5afc0da06c728029"),
             octets("739003ba2c11c982946c65e26acf661fbf8ebb78011a9fead79efa12fe3e71cc"),
             octets("62b04d112877e442fc3282fc37c076997718a0b9"), octets("369e5aad1bdb5faf6a3d929d500cdc236710a9ab"),
             octets("588e957d8d790d093b3a39f121473473af78e9bb"), octets("cd74b0c048219db81384d3fda8f6cda51e398a2b")),
    Schedule("ACVP, signature", None, octets("69a62284195f1680"), octets("80c94ba25c8abda5"),
             octets("8c3bcd3a69831d7f"), octets("d2d9a7ff4fbe95a7"),
             octets("8ba4cbc73c0187301dc19a975823854dbd641c597f637f8d053a83b9514673eb"),
             octets("707197817fb2d90cf54d1842606bdea59b9f4823"), octets("384be709a8a5e63c3ed160cfe3921c4b37d5b32d"),
             octets("48b327575abe3adba0f279849e289022a13e2b47"), octets("a4a415c8e0c38c0da847c356cc61c24df8025560")),
)
