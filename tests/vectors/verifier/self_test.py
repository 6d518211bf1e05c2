# SPDX-License-Identifier: ISC
"""Proves the primitives by what others have published, and the parsers by messages that are wrong."""
import json

from . import isakmp, keys, pcap, published, signatures
from .ciphers import CIPHERS
from .groups import GROUPS, Modp


def primitives(ledger):
    for source, name, key, data, wanted in published.HMACS:
        ledger.equal("hmac", name, source, keys.prf(name, key, data), wanted)
    for source, number, key, iv, plaintext, ciphertext in published.CBC:
        cipher = CIPHERS[number]
        ledger.equal("cbc", cipher.name + " encrypts", source, cipher.encrypt(key, iv, plaintext), ciphertext)
        ledger.equal("cbc", cipher.name + " decrypts", source, cipher.decrypt(key, iv, ciphertext), plaintext)
    for cipher in CIPHERS.values():
        lengths = [len(cipher.pad(bytes(n))) for n in (1, cipher.block - 1, cipher.block, cipher.block + 1)]
        ledger.equal("cbc", cipher.name + " pads", "RFC 2409 appendix B", lengths, [cipher.block] * 3 + [2 * cipher.block])


def groups(ledger):
    for number, tail in published.PRIMES.items():
        prime = GROUPS[number].prime
        ledger.equal("groups", "prime of group %d" % number, "RFC 3526", prime.to_bytes(prime.bit_length() // 8, "big")[-24:],
                     bytes.fromhex(tail) + b"\xff" * 8)
        # Fermat, of the prime and of (p-1)/2: 2 is a square of all of these primes, so 2^((p-1)/2) = 1.
        if GROUPS[number].bits <= 4096:
            ledger.equal("groups", "2 in group %d" % number, "RFC 3526 section 8", pow(2, (prime - 1) // 2, prime), 1)
    for exchange in published.EXCHANGES:
        group, name = GROUPS[exchange.group], "group %d" % exchange.group
        ledger.equal("groups", name + " g^i", exchange.source, group.public(exchange.i), exchange.g_i)
        ledger.equal("groups", name + " g^r", exchange.source, group.public(exchange.r), exchange.g_r)
        ledger.equal("groups", name + " g^ir", exchange.source, group.secret(exchange.i, exchange.g_r), exchange.g_ir)
        ledger.equal("groups", name + " g^ri", exchange.source, group.secret(exchange.r, exchange.g_i), exchange.g_ir)
    for number, group in GROUPS.items():
        if isinstance(group, Modp):
            ledger.equal("groups", "leading zeros in group %d" % number, "RFC 2409 section 5", group.public(b"\1"),
                         bytes(group.public_length - 1) + b"\2")
        bad = bytes(group.public_length - 1) + b"\1" if number != 31 else bytes(32)
        try:
            group.secret(b"\7" * 32, bad)
            refused = False
        except ValueError:
            refused = True
        ledger.true("groups", "group %d refuses what is no public value" % number, "RFC 2408 section 5.7", refused, "taken")


def schedules(ledger):
    for s in published.SCHEDULES:
        skeyid = keys.skeyid_psk("sha1", s.psk, s.ni, s.nr) if s.psk is not None else \
            keys.skeyid_signature("sha1", s.ni, s.nr, s.g_xy)
        d = keys.skeyid_d("sha1", skeyid, s.g_xy, s.cky_i, s.cky_r)
        a = keys.skeyid_a("sha1", skeyid, d, s.g_xy, s.cky_i, s.cky_r)
        e = keys.skeyid_e("sha1", skeyid, a, s.g_xy, s.cky_i, s.cky_r)
        for name, found, wanted in (("SKEYID", skeyid, s.skeyid), ("SKEYID_d", d, s.d), ("SKEYID_a", a, s.a), ("SKEYID_e", e, s.e)):
            ledger.equal("schedule", name, s.source, found, wanted)


def suites(ledger, path):
    """The worked suites of another program, from SKEYID to the datagrams of R-U-THERE and its ACK."""
    with open(path, encoding="ascii") as file:
        cases = json.load(file)
    for case in cases:
        suite(ledger, case)


def suite(ledger, case):
    hexes = {name: bytes.fromhex(value) for name, value in case.items()
             if isinstance(value, str) and name not in ("name", "hash", "cipher")}
    name, cipher, length = case["hash"], CIPHERS[7 if case["cipher"].startswith("aes") else 5], int(case["cipher"][-3:]) // 8

    def equal(what, section, found, wanted=None):
        ledger.equal("suites", "%s %s" % (case["name"], what), section, found, hexes[what] if wanted is None else wanted)

    cookies = hexes["cky_i"], hexes["cky_r"]
    skeyid = keys.skeyid_psk(name, hexes["psk"], hexes["ni"], hexes["nr"])
    d = keys.skeyid_d(name, skeyid, hexes["g_xy"], *cookies)
    a = keys.skeyid_a(name, skeyid, d, hexes["g_xy"], *cookies)
    e = keys.skeyid_e(name, skeyid, a, hexes["g_xy"], *cookies)
    equal("skeyid", "RFC 2409 section 5", skeyid)
    equal("skeyid_d", "RFC 2409 section 5", d)
    equal("skeyid_a", "RFC 2409 section 5", a)
    equal("skeyid_e", "RFC 2409 section 5", e)
    ledger.equal("suites", case["name"] + " Ka", "RFC 2409 appendix B", keys.expanded(name, e, length), hexes.get("ka"))
    key = keys.cipher_key(name, e, length)
    equal("enc_key", "RFC 2409 appendix B", key)
    public = hexes["g_xi"], hexes["g_xr"]
    equal("hash_i", "RFC 2409 section 5", keys.hash_i(name, skeyid, *public, *cookies, hexes["sai_b"], hexes["idii_b"]))
    equal("hash_r", "RFC 2409 section 5", keys.hash_r(name, skeyid, *public, *cookies, hexes["sai_b"], hexes["idir_b"]))
    iv = keys.phase_1_iv(name, *public, cipher.block)
    equal("iv_phase1", "RFC 2409 appendix B", iv)
    faults = []
    isakmp.security_association(hexes["sai_b"], faults)
    ledger.none("suites", case["name"] + " sai_b", faults)
    for what, authenticator in (("mm5_with_initial_contact", "hash_i"), ("mm6", "hash_r")):
        datagram = hexes[what]
        plaintext = cipher.decrypt(key, iv, datagram[28:])
        parsed = isakmp.chain(plaintext, datagram[16])
        ledger.none("suites", case["name"] + " " + what, isakmp.faults_of_header(datagram) + parsed.faults)
        equal(authenticator, "RFC 2409 section 5", parsed.one(isakmp.HASH))
        again = cipher.encrypt(key, iv, cipher.pad(plaintext[:len(plaintext) - len(parsed.rest)]))
        equal(what, "RFC 2409 appendix B", datagram[:28] + again)
        iv = datagram[-cipher.block:]
    equal("last_phase1_block", "RFC 2409 appendix B", iv)
    for what in ("r_u_there", "r_u_there_ack"):
        worked = case[what]
        datagram, message_id = bytes.fromhex(worked["packet"]), bytes.fromhex(worked["message_id"])
        message_iv = keys.phase_2_iv(name, iv, message_id, cipher.block)
        equal(what + " iv", "RFC 2409 section 5.7", message_iv, bytes.fromhex(worked["iv"]))
        plaintext = cipher.decrypt(key, message_iv, datagram[28:])
        parsed = isakmp.chain(plaintext, datagram[16])
        body = plaintext[:len(plaintext) - len(parsed.rest)]
        ledger.none("suites", case["name"] + " " + what, isakmp.faults_of_header(datagram) + parsed.faults)
        equal(what + " plaintext", "RFC 3706 section 5.3", body, bytes.fromhex(worked["plaintext"]))
        value = keys.hash_1(name, a, message_id, body[parsed.payloads[0].end:])
        equal(what + " hash1", "RFC 2409 section 5.7", value, bytes.fromhex(worked["hash1"]))
        equal(what + " HASH", "RFC 2409 section 5.7", parsed.one(isakmp.HASH), value)


# ---- what the parsers must refuse --------------------------------------------------------------------------------------

COOKIES = bytes(range(1, 17))
R_U_THERE = bytes.fromhex("00000020" "00000001" "0110" "8d28") + COOKIES + bytes(4)
GOOD = COOKIES + bytes([isakmp.N, 0x10, isakmp.INFORMATIONAL, 0]) + b"\1\2\3\4" + (28 + 32).to_bytes(4, "big") + R_U_THERE

# Where, what is put there, and the section that must be named.
WRONG_HEADERS = ((0, bytes(8), "RFC 2408 section 3.1"), (16, b"\x63", "RFC 2408 section 5.2"), (17, b"\x20", "RFC 2408 section 5.2"),
                 (17, b"\x11", "RFC 2408 section 5.2"), (18, b"\x09", "RFC 2408 section 5.2"), (19, b"\x08", "RFC 2408 section 3.1"),
                 (27, b"\x3d", "RFC 2408 section 5.1"), (18, b"\x02", "RFC 2408 section 3.1"))
WRONG_CHAINS = ((1, b"\x01", "RFC 2408 section 5.3"), (2, b"\0\x03", "RFC 2408 section 3.2"), (2, b"\0\x21", "RFC 2408 section 3.2"),
                (0, b"\x0d", "RFC 2408 section 3.2"))


def put(octets, at, new):
    return octets[:at] + new + octets[at + len(new):]


def parsers(ledger):
    ledger.none("parsers", "a header that is right", isakmp.faults_of_header(GOOD))
    for at, new, section in WRONG_HEADERS:
        found = [fault.section for fault in isakmp.faults_of_header(put(GOOD, at, new))]
        ledger.equal("parsers", "header, octet %d is %s" % (at, new.hex()), section, found, [section])
    ledger.equal("parsers", "27 octets", "RFC 2408 section 3.1", [f.section for f in isakmp.faults_of_header(GOOD[:27])],
                 ["RFC 2408 section 3.1"])
    ledger.none("parsers", "a chain that is right", isakmp.chain(R_U_THERE, isakmp.N).faults)
    for at, new, section in WRONG_CHAINS:
        found = [fault.section for fault in isakmp.chain(put(R_U_THERE, at, new), isakmp.N).faults]
        ledger.equal("parsers", "chain, octet %d is %s" % (at, new.hex()), section, found, [section])
    short, faults = R_U_THERE[4:], []
    ledger.equal("parsers", "notification", "RFC 2408 section 3.14", isakmp.notification(short, faults).data, bytes(4))
    ledger.equal("parsers", "notification that is right", "RFC 2408 section 3.14", faults, [])
    isakmp.notification(put(short, 5, b"\x16"), faults)
    ledger.equal("parsers", "notification with too long an SPI", "RFC 2408 section 3.14", len(faults), 1)


def captures(ledger):
    """The same datagram on three links and in both byte orders; and each of these with an octet changed that is checked."""
    payload = b"\x55" * 5
    segment = (500).to_bytes(2, "big") + (4500).to_bytes(2, "big") + (13).to_bytes(2, "big") + bytes(2) + payload
    ends = bytes([192, 0, 2, 1]) + bytes([192, 0, 2, 2])
    checksum = pcap.internet_checksum(ends + b"\0\x11\0\x0d" + segment)
    segment = put(segment, 6, checksum.to_bytes(2, "big"))
    ip = bytes.fromhex("45000021" "00000000" "40110000") + ends
    ip = put(ip, 10, pcap.internet_checksum(ip).to_bytes(2, "big"))
    for link, before in ((101, b""), (1, bytes(12) + b"\x08\0"), (113, bytes(16))):
        for order, magic in (("little", b"\xd4\xc3\xb2\xa1"), ("big", b"\xa1\xb2\xc3\xd4")):
            def number(value, size):
                return value.to_bytes(size, order)
            frame = before + ip + segment
            capture = magic + number(2, 2) + number(4, 2) + bytes(8) + number(65535, 4) + number(link, 4) + \
                number(7, 4) + number(8, 4) + number(len(frame), 4) * 2 + frame
            name = "link %d, %s-endian" % (link, order)
            found = pcap.read(capture)
            ledger.equal("captures", name, "pcap", found, [pcap.Datagram(7, 8000, ends[:4], 500, ends[4:], 4500, payload)])
            start = 40 + len(before)
            for at in (0, start, start + 9, start + 12, start + 20, start + 25, start + 30, len(capture) - 1):
                try:
                    pcap.read(put(capture, at, bytes([capture[at] ^ 0x10])))
                    noticed = False
                except pcap.CaptureError:
                    noticed = True
                ledger.true("captures", "%s, octet %d spoilt" % (name, at), "RFC 1071", noticed, "not noticed")


def rsa(ledger):
    """RFC 2409 section 5.1 wants no DigestInfo in the block: what has one must not pass."""
    n, e, d = signatures.sample()
    size = (n.bit_length() + 7) // 8
    value = bytes(range(20))
    signed = pow(int.from_bytes(signatures.encoded(value, size), "big"), d, n).to_bytes(size, "big")
    ledger.true("signatures", "the bare hash", "RFC 2409 section 5.1", signatures.verifies(n, e, value, signed), "refused")
    info = bytes.fromhex("3021300906052b0e03021a05000414")
    with_info = pow(int.from_bytes(signatures.encoded(info + value, size), "big"), d, n).to_bytes(size, "big")
    for name, other in (("with DigestInfo", with_info), ("another", put(signed, 9, bytes([signed[9] ^ 1]))), ("cut", signed[1:])):
        ledger.true("signatures", name, "RFC 2409 section 5.1", not signatures.verifies(n, e, value, other), "taken")


def run(ledger, suites_path):
    primitives(ledger)
    groups(ledger)
    schedules(ledger)
    suites(ledger, suites_path)
    parsers(ledger)
    captures(ledger)
    rsa(ledger)
