# SPDX-License-Identifier: ISC
"""
Makes a set of its own, small and in the verifier's own terms, for the self-test: so that what the verifier notices is known
before there is a set of the generator's.  A session with a pre-shared key or RSA signatures, R-U-THERE, Quick Mode, Delete.
"""
import json
import struct

from . import association, captures, document, esp, isakmp, keys, names, pcap
from .ciphers import CIPHERS
from .isakmp import D, HASH, ID, KE, N, NONCE, SA, VID
from .reader import Reader
from .rules import DPD_VENDOR_ID, INITIAL_CONTACT, R_U_THERE, R_U_THERE_ACK
from .secrets_of import Secrets
from .transport import Transport

EPOCH = 1000000000
COOKIES = {"i": bytes(range(0x11, 0x19)), "r": bytes(range(0xa1, 0xa9))}
NONCES = {"i": bytes(range(16)), "r": bytes(range(16, 32))}
IDENTITIES = {"A": b"\2\0\0\0a.example", "B": b"\2\0\0\0b.example"}
ADDRESSES = {"A": "192.0.2.1", "B": "192.0.2.2"}


def payloads(*items):
    """Kind and body of each; the chain of RFC 2408 section 3.2, and the kind of the first."""
    octets = b""
    for index, (_, body) in enumerate(items):
        following = items[index + 1][0] if index + 1 < len(items) else 0
        octets += bytes([following, 0]) + (4 + len(body)).to_bytes(2, "big") + body
    return items[0][0], octets


def header(first, exchange, flags, message_id, length, cky_r):
    return COOKIES["i"] + cky_r + bytes([first, 0x10, exchange, flags]) + message_id + length.to_bytes(4, "big")


def sa_body(encryption, bits, digest, group):
    attributes = [(1, encryption), (2, digest), (3, 1), (4, group), (11, 1), (12, 3600)]
    if bits:
        attributes.insert(4, (14, bits))
    transform = b"\1\1\0\0" + b"".join(struct.pack(">HH", 0x8000 | kind, value) for kind, value in attributes)
    _, transforms = payloads((3, transform))
    _, proposals = payloads((2, b"\1\1\0\1" + transforms))
    return struct.pack(">II", 1, 1) + proposals


def esp_body(spi):
    attributes = [(1, 1), (2, 1800), (4, 1), (5, 2), (6, 256)]
    transform = b"\1\x0c\0\0" + b"".join(struct.pack(">HH", 0x8000 | kind, value) for kind, value in attributes)
    _, transforms = payloads((3, transform))
    _, proposals = payloads((2, b"\1\3\4\1" + spi + transforms))
    return struct.pack(">II", 1, 1) + proposals


class Maker:
    def __init__(self, encryption=7, bits=128, digest=2, group=1, private=(b"\x0b" * 24, b"\x07" * 24), psk=b"sample"):
        self.cipher, self.name, self.group = CIPHERS[encryption], keys.HASHES[digest], group
        self.psk, self.private = psk, dict(zip("ir", private))
        self.sai_b = sa_body(encryption, bits, digest, group)
        self.key_length = self.cipher.key_length(bits)
        self.datagrams = []
        self.public = {role: association.public_value.__wrapped__(group, self.private[role]) for role in "ir"}

    # ---- datagrams -------------------------------------------------------------------------------------------------------

    def send(self, sender, wire):
        self.datagrams.append((sender, wire))

    def clear(self, sender, exchange, *items, cky_r=None):
        first, octets = payloads(*items)
        self.send(sender, header(first, exchange, 0, bytes(4), 28 + len(octets), COOKIES["r"] if cky_r is None else cky_r) + octets)

    def sealed(self, sender, exchange, message_id, iv, first, octets):
        ciphertext = self.cipher.encrypt(self.key, iv, self.cipher.pad(octets))
        self.send(sender, header(first, exchange, 1, message_id, 28 + len(ciphertext), COOKIES["r"]) + ciphertext)
        return ciphertext[-self.cipher.block:]

    # ---- the session -----------------------------------------------------------------------------------------------------

    def phase_1(self):
        zero = bytes(8)
        self.clear("A", isakmp.MAIN, (SA, self.sai_b), (VID, DPD_VENDOR_ID), cky_r=zero)
        self.clear("B", isakmp.MAIN, (SA, self.sai_b), (VID, DPD_VENDOR_ID))
        self.clear("A", isakmp.MAIN, (KE, self.public["i"]), (NONCE, NONCES["i"]))
        self.clear("B", isakmp.MAIN, (KE, self.public["r"]), (NONCE, NONCES["r"]))
        h, cookies = self.name, (COOKIES["i"], COOKIES["r"])
        g_xy = association.shared_secret.__wrapped__(self.group, self.private["i"], self.public["r"])
        skeyid = keys.skeyid_psk(h, self.psk, NONCES["i"], NONCES["r"])
        self.d = keys.skeyid_d(h, skeyid, g_xy, *cookies)
        self.a = keys.skeyid_a(h, skeyid, self.d, g_xy, *cookies)
        self.key = keys.cipher_key(h, keys.skeyid_e(h, skeyid, self.a, g_xy, *cookies), self.key_length)
        public = self.public["i"], self.public["r"]
        iv = keys.phase_1_iv(h, *public, self.cipher.block)
        hash_i = keys.hash_i(h, skeyid, *public, *cookies, self.sai_b, IDENTITIES["A"])
        hash_r = keys.hash_r(h, skeyid, *public, *cookies, self.sai_b, IDENTITIES["B"])
        contact = self.notification(INITIAL_CONTACT, b"")
        iv = self.sealed("A", isakmp.MAIN, bytes(4), iv, *payloads((ID, IDENTITIES["A"]), (HASH, hash_i), (N, contact)))
        self.last_block = self.sealed("B", isakmp.MAIN, bytes(4), iv, *payloads((ID, IDENTITIES["B"]), (HASH, hash_r)))

    def notification(self, kind, data):
        return struct.pack(">IBBH", 1, 1, 16, kind) + COOKIES["i"] + COOKIES["r"] + data

    def informational(self, sender, message_id, kind, body):
        _, rest = payloads((kind, body))
        value = keys.hash_1(self.name, self.a, message_id, rest)
        first, octets = payloads((HASH, value), (kind, body))
        iv = keys.phase_2_iv(self.name, self.last_block, message_id, self.cipher.block)
        self.sealed(sender, isakmp.INFORMATIONAL, message_id, iv, first, octets)

    def questions(self):
        for turn in range(3):
            for asking, answering, number in (("A", "B", 0x00ffffff), ("B", "A", 7)):
                data = (number + turn).to_bytes(4, "big")
                mark = bytes([turn, ord(asking)])
                self.informational(asking, b"\1\1" + mark, N, self.notification(R_U_THERE, data))
                self.informational(answering, b"\2\2" + mark, N, self.notification(R_U_THERE_ACK, data))

    def quick(self):
        h, message_id = self.name, b"quik"
        iv = keys.phase_2_iv(h, self.last_block, message_id, self.cipher.block)
        for sender, nonce, spi in (("A", b"a" * 20, b"spiA"), ("B", b"b" * 20, b"spiB")):
            items = (SA, esp_body(spi)), (NONCE, nonce), (ID, b"\1\0\0\0\x0a\1\0\1"), (ID, b"\1\0\0\0\x0a\2\0\1")
            _, rest = payloads(*items)
            value = keys.hash_1(h, self.a, message_id, rest) if sender == "A" else keys.hash_2(h, self.a, message_id, b"a" * 20, rest)
            iv = self.sealed(sender, isakmp.QUICK, message_id, iv, *payloads((HASH, value), *items))
        value = keys.hash_3(h, self.a, message_id, b"a" * 20, b"b" * 20)
        self.sealed("A", isakmp.QUICK, message_id, iv, *payloads((HASH, value)))

    def delete(self):
        self.informational("A", b"gone", D, struct.pack(">IBBH", 1, 1, 16, 1) + COOKIES["i"] + COOKIES["r"])

    # ---- the files -------------------------------------------------------------------------------------------------------

    def contents(self, defect=None):
        """The whole session; or with a defect all that was sent so far, of which its message is one."""
        if defect is None:
            self.phase_1()
            self.questions()
            self.quick()
            self.delete()
        frames = []
        for number, (sender, wire) in enumerate(self.datagrams):
            ends = [bytes(map(int, ADDRESSES[name].split("."))) for name in (sender, "AB".replace(sender, ""))]
            frames.append(pcap.Datagram(EPOCH + number, 5000, ends[0], 500, ends[1], 500, wire))
        values, plain = self.values(frames, defect)
        table = "".join("%s,%s\n" % (one["cky_i"], one["key"]["key"]) for one in values["sas"])
        return {"values.json": json.dumps(values).encode(), "wire.pcap": capture(frames), "plain.pcap": capture(plain),
                "ikev1_decryption_table": table.encode()}

    def values(self, frames, defect):
        """As the generator would write it; here the verifier's own reading of the session is the source."""
        parties = [{"name": name, "address": ADDRESSES[name], "port": 500, "identity": names.identity(IDENTITIES[name]),
                    "id_b": IDENTITIES[name].hex()} for name in "AB"]
        cookies = {"cky_i": COOKIES["i"].hex(), "cky_r": COOKIES["r"].hex()}
        private = {"private_i": self.private["i"].hex(), "private_r": self.private["r"].hex()}
        values = {"format": 1, "set": "sample", "kind": "positive", "description": "made by the verifier",
                  "sections": ["RFC 2409 section 5.4"], "epoch": EPOCH, "parties": parties,
                  "authentication": {"method": names.numbered(names.AUTHENTICATION, 1), "psk": self.psk.hex(), "authorities": []},
                  "sas": [{**cookies, "dh": private}], "quick_modes": []}
        transport = Transport(frames, parties, EPOCH)
        reader = Reader(Secrets(values))
        records = []
        for message in transport.messages:
            if defect is not None and message.number == defect["message"]:
                records.append(reader.copy().read(message))
                continue
            record = reader.read(message)
            if record.faults:
                raise AssertionError("the sample is not what its own formulas say: %s" % record.faults)
            reader.accept(record)
            records.append(record)
        one = reader.associations[0]
        one.number = 1
        if defect is not None:
            values.update({"kind": "negative", "defect": defect})
            bad = records[defect["message"] - 1]
            if bad.association:
                bad.association.number = 1
        values["sas"] = [document.association(one, reader.records, one.id_b)]
        values["quick_modes"] = [document.quick_mode(exchange.quick, through(exchange.quick)) for exchange in one.exchanges.values() if exchange.quick]
        values["datagrams"] = [{**datagram, "delivered": True, "verdict": "ACCEPTED"} for datagram in transport.datagrams]
        values["messages"] = [document.message(record) for record in records]
        return values, list(captures.plain_frames(frames, transport.datagrams, records, set()))


def through(quick):
    """Three packets each way, in hex."""
    for role, other in (("i", "r"), ("r", "i")):
        source, destination = (quick.identities["ir".index(one)][4:] for one in (other, role))
        for count in range(3):
            ip = struct.pack(">BBHIBBH", 0x45, 0, 20 + count, 0, 64, 253, 0) + source + destination
            inner = ip[:10] + pcap.internet_checksum(ip).to_bytes(2, "big") + ip[12:] + bytes(count)
            yield esp.sealed(quick, role, count, bytes([count]) * esp.algorithms(quick, role).iv_length, inner)[0].hex()


def capture(frames):
    """IPv4 without a link before it, and UDP without a checksum."""
    octets = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
    for frame in frames:
        segment = struct.pack(">HHHH", frame.source_port, frame.destination_port, 8 + len(frame.payload), 0) + frame.payload
        ip = struct.pack(">BBHIBBH", 0x45, 0, 20 + len(segment), 0, 64, 17, 0) + frame.source + frame.destination
        ip = ip[:10] + pcap.internet_checksum(ip).to_bytes(2, "big") + ip[12:]
        octets += struct.pack("<IIII", frame.seconds, frame.nanoseconds // 1000, len(ip + segment), len(ip + segment)) + ip + segment
    return octets
