# SPDX-License-Identifier: ISC
"""Verifies one set: everything in it is computed anew from its capture and its secrets, and held against what it says."""
import ipaddress
import json
import os
import re

from . import captures, document, isakmp, negative, pcap, rules, signatures
from .compare import compare
from .isakmp import CERT, N, notification
from .ledger import PAGE
from .reader import Reader
from .secrets_of import Secrets
from .transport import Transport

FILES = ("values.json", "wire.pcap", "plain.pcap", "ikev1_decryption_table")


def load(ledger, folder):
    """The four files, as octets; None if one is missing, or if there is another."""
    try:
        there = sorted(os.listdir(folder))
    except OSError as error:
        there = [str(error)]
    if not ledger.true("files", folder, PAGE, there == sorted(FILES), "there is %s, wanted %s" % (", ".join(there), ", ".join(FILES))):
        return None
    contents = {}
    for name in FILES:
        with open(os.path.join(folder, name), "rb") as file:
            contents[name] = file.read()
    return contents


def verify(ledger, contents, schema):
    try:
        values = json.loads(contents["values.json"].decode("utf-8"))
    except ValueError as error:
        ledger.true("schema", "values.json", "RFC 8259", False, str(error))
        return None
    faults = schema.faults(values) if schema else []
    for path, what in faults:
        ledger.true("schema", path, "interop/vectors/values.schema.json", False, what)
    ledger.true("schema", "values.json", "interop/vectors/values.schema.json", not faults, "is not of its schema")
    try:
        frames = pcap.read(contents["wire.pcap"])
        ledger.true("wire.pcap", "wire.pcap", "pcap", True, "")
    except pcap.CaptureError as error:
        ledger.true("wire.pcap", "wire.pcap", "pcap", False, str(error))
        return None
    verification = None
    try:
        verification = Verification(ledger, contents, values, frames)
        verification.run()
    except Exception as error:  # what is spoilt enough to stop the computation is a failure like another
        where = error.__traceback__
        while where.tb_next:
            where = where.tb_next
        ledger.true("computed", "values.json", "all", False, "%s: %s (%s:%d)" % (
            type(error).__name__, error, os.path.basename(where.tb_frame.f_code.co_filename), where.tb_lineno))
    return verification


class Verification:
    def __init__(self, ledger, contents, values, frames):
        self.ledger, self.contents, self.values, self.frames = ledger, contents, values, frames
        self.secrets = Secrets(values)
        self.defect = values.get("defect")
        self.is_sample = values.get("set") == "sample"  # of the self-test: says and promises nothing else

    def run(self):
        for index, party in enumerate(self.values["parties"]):
            try:
                ipaddress.ip_address(party["address"])
            except ValueError as error:
                self.ledger.true("parties", "parties[%d].address" % index, PAGE, False, str(error))
                return
        self.transport = Transport(self.frames, self.values["parties"], self.values["epoch"])
        self.reader = Reader(self.secrets)
        self.records = []
        self.bad = self.shown = self.before = self.original = self.mended = self.wrong_iv = None
        for message in self.transport.messages:
            if self.defect is not None and message.number == self.defect["message"]:
                self.records.append(self.read_defect(message))
            else:
                self.records.append(self.reader.read(message))
                self.reader.accept(self.records[-1])
        self.number()
        self.texts()
        self.parties()
        self.datagrams()
        self.fragments()
        self.phase_1()
        self.quick_modes()
        self.messages()
        self.keepalive()
        self.files()
        if self.values["kind"] == "negative":
            negative.check(self)

    def read_defect(self, message):
        """By a copy of the reader: whatever it learns from it is to be forgotten."""
        repeat = self.defect["frame"] != message.frames[0] and self.transport.datagrams[self.defect["frame"] - 1]["repeats"]
        if repeat:
            self.bad = self.reader.read(message)
            self.reader.accept(self.bad)
            return self.bad  # nothing is wrong with it yet
        self.before = self.reader.copy()
        reader = self.reader.copy()
        self.bad = reader.read(message)
        protection = self.values["messages"][message.number - 1]["protection"]
        shown = self.bad
        if protection is not None and protection["iv_from"] == "wrong":
            self.wrong_iv = bytes.fromhex(protection["iv"])
            self.ledger.true("cipher", "messages[%d].protection.iv" % (message.number - 1), "RFC 2409 appendix B",
                             self.wrong_iv != self.bad.iv, "is the right one")
            shown = self.reader.copy().read(message, self.wrong_iv)
            shown.association = self.bad.association
        if self.bad.association in reader.associations:
            # The copy is as it was before; its number is given to it later.
            self.original = self.reader.associations[reader.associations.index(self.bad.association)]
        self.shown = shown
        return shown

    def number(self):
        """SAs are counted in the order of their first message; those that never got keys are not."""
        self.keyed = [one for one in self.reader.associations if one.keyed]
        for number, one in enumerate(self.keyed, 1):
            one.number = number
        if self.original is not None:
            self.bad.association.number = self.original.number

    # ---- what is in the set ------------------------------------------------------------------------------------------------

    def texts(self):
        ledger, values = self.ledger, self.values
        ledger.equal("set", "set", PAGE, values["set"], ledger.name)
        for index, section in enumerate(values["sections"]):
            known = re.fullmatch(r"RFC \d{4} (section \d+(\.\d+)*|appendix [A-Z])|vendor extension|design limit|local policy", section)
            ledger.true("set", "sections[%d]" % index, PAGE, bool(known), "%r is no section" % section)

    def parties(self):
        ledger, values = self.ledger, self.values
        ledger.equal("parties", "parties[].name", PAGE, [party["name"] for party in values["parties"]], ["A", "B"])
        authorities = [bytes.fromhex(one) for one in values["authentication"]["authorities"]]
        method = {one.chosen[rules.AUTHENTICATION] for one in self.keyed} or self.offered_methods()
        ledger.equal("parties", "authentication.method", "RFC 2409 appendix A",
                     [document.numbered(document.names.AUTHENTICATION, number) for number in sorted(method)],
                     [values["authentication"]["method"]])
        ledger.true("parties", "authentication.psk", "RFC 2409 section 5.4", (self.secrets.psk is not None) == (method == {rules.PSK}),
                    "a pre-shared key is there with another method, or is not")
        for number, one in enumerate(authorities):
            ledger.true("parties", "authentication.authorities[%d]" % number, "RFC 5280 section 6.1.1",
                        method == {rules.RSA} and signatures.issued_by(one, one), "is not needed, or has not signed itself")
        for index, party in enumerate(values["parties"]):
            path = "parties[%d]" % index
            self.own_address(path, party)
            for one in self.keyed:
                known = one.id_b.get(one.role(party["name"]))
                if known is not None:
                    ledger.equal("parties", path + ".id_b", "RFC 2407 section 4.6.2", bytes.fromhex(party["id_b"]), known)
            ledger.equal("parties", path + ".identity", "RFC 2407 section 4.6.2.1", party["identity"],
                         document.names.identity(bytes.fromhex(party["id_b"])))
            if method == {rules.RSA}:
                self.rsa_key(path, party, authorities)

    def offered_methods(self):
        """Where no SA came to be."""
        faults = []
        proposals = isakmp.security_association(self.records[0].payload(isakmp.SA) or b"", faults)
        return {transform.basic.get(rules.AUTHENTICATION) for proposal in proposals for transform in proposal.transforms}

    def own_address(self, path, party):
        """It sends from there, or else NAT-D told the other side that there is a NAT (RFC 3947 section 3.2)."""
        own = {"address": party["address"], "port": party["port"]}
        behind_nat = any(digest.kind == "NAT-D source" and not digest.holds for record in self.reader.records
                         for digest in record.hashes if record.message.sender == party["name"])
        for name in ("address", "port"):
            seen = any(datagram["from"] == party["name"] and datagram["source"][name] == own[name]
                       for datagram in self.transport.datagrams)
            self.ledger.true("parties", "%s.%s" % (path, name), "RFC 3947 section 3.2", seen or behind_nat, "nothing comes from it")

    def rsa_key(self, path, party, authorities):
        ledger, key = self.ledger, {name: int(value, 16) for name, value in party["rsa"].items()}
        section = "RFC 8017 section 3"
        for name, value in party["rsa"].items():
            ledger.true("parties", "%s.rsa.%s" % (path, name), section, not value.startswith("00"), "leading zeros")
        ledger.true("parties", path + ".rsa.modulus", section, key["prime_1"] * key["prime_2"] == key["modulus"],
                    "is not prime_1 * prime_2")
        for name in ("prime_1", "prime_2"):
            ledger.true("parties", "%s.rsa.%s" % (path, name), section, signatures.is_prime(key[name]), "is not prime")
            ledger.true("parties", "%s.rsa.private_exponent" % path, section,
                        key["private_exponent"] * key["public_exponent"] % (key[name] - 1) == 1, "does not undo public_exponent")
        chain = [bytes.fromhex(one) for one in party["certificates"]]
        ledger.equal("parties", path + ".certificates[0]", "RFC 2409 section 5.1", signatures.certificate_key(chain[0]),
                     (key["modulus"], key["public_exponent"]))
        issuers = chain[1:] + authorities
        for number, one in enumerate(chain):
            ledger.true("parties", "%s.certificates[%d]" % (path, number), "RFC 5280 section 6.1.3",
                        any(signatures.issued_by(one, other) for other in issuers), "nobody known here has signed it")

    def datagrams(self):
        ledger, found = self.ledger, self.values["datagrams"]
        ledger.equal("wire.pcap", "datagrams", PAGE, len(found), len(self.frames))
        for index, (datagram, computed) in enumerate(zip(found, self.transport.datagrams)):
            path = "datagrams[%d]" % index
            known = {name: value for name, value in datagram.items() if name not in ("delivered", "verdict")}
            compare(ledger, "wire.pcap", path, known, computed)
            quiet = not datagram["delivered"] or datagram["what"] == "nat-keepalive"
            ledger.equal("wire.pcap", path + ".verdict", PAGE, datagram["verdict"] is None, quiet)
        spoilt = self.defect["frame"] if self.defect else None
        for number, fault in self.transport.faults:
            if number != spoilt:
                ledger.true("form", "datagrams[%d].octets" % (number - 1), fault.section, False, fault.what)

    def fragments(self):
        """To whom they are sent has said that it can put them together (MS-IKEE section 3.3.4.1)."""
        for record in self.records:
            frames = [self.transport.datagrams[frame - 1] for frame in record.message.frames]
            if frames[0]["what"] == "fragment":
                to = record.association.role(record.message.receiver)
                self.ledger.true("fragments", "messages[%d].frames" % (record.message.number - 1), "MS-IKEE section 3.3.4.1",
                                 record.association.announced(rules.FRAGMENTATION_VENDOR_ID, to), "the receiver has not announced it")
                self.ledger.equal("fragments", "messages[%d].frames" % (record.message.number - 1), "MS-IKEE section 2.2.3.1",
                                  [frame["fragment"]["number"] for frame in frames], list(range(1, len(frames) + 1)))

    def phase_1(self):
        found = self.values["sas"]
        self.ledger.equal("phase 1", "sas", "RFC 2409 section 5", len(found), len(self.keyed))
        for index, (entry, one) in enumerate(zip(found, self.keyed)):
            records, id_b = [record for record in self.reader.records if record.association is one], one.id_b
            if self.original is one and (self.bad.name or "")[:2] in ("MM", "AM"):
                records, id_b = records + [self.bad], self.bad.association.id_b
            compare(self.ledger, "phase 1", "sas[%d]" % index, entry, document.association(one, records, id_b))
            self.exchanged("phase 1", "sas[%d].dh" % index, one)

    def exchanged(self, kind, path, one):
        """What was sent in KE is what the private values give, and both ways lead to the same secret."""
        self.ledger.equal(kind, path + ".public_i", "RFC 2409 section 5", one.ke["i"], one.dh.public_i)
        self.ledger.equal(kind, path + ".public_r", "RFC 2409 section 5", one.ke["r"], one.dh.public_r)
        self.ledger.equal(kind, path + ".g_xy", "RFC 2409 section 5", one.dh.g_yx, one.dh.g_xy)

    def quick_modes(self):
        done = [exchange.quick for one in self.keyed for exchange in one.exchanges.values() if exchange.quick and exchange.quick.keymat]
        found = self.values["quick_modes"]
        self.ledger.equal("quick mode", "quick_modes", "RFC 2409 section 5.5", len(found), len(done))
        for index, (entry, quick) in enumerate(zip(found, done)):
            packets = [one.get("packet", "") for one in entry.get("esp", ())]
            compare(self.ledger, "quick mode", "quick_modes[%d]" % index, entry, document.quick_mode(quick, packets))
            for role in quick.spi:
                sent = sum(packet.startswith(quick.spi[role].hex()) for packet in packets)
                self.ledger.true("quick mode", "quick_modes[%d].esp" % index, "RFC 4303 section 2", sent >= 3, "%d to %s" % (sent, role))
            if quick.dh:
                self.exchanged("quick mode", "quick_modes[%d].dh" % index, quick)

    def messages(self):
        found = self.values["messages"]
        self.ledger.equal("messages", "messages", PAGE, len(found), len(self.records))
        for index, (entry, record) in enumerate(zip(found, self.records)):
            path = "messages[%d]" % index
            if record is not self.shown:
                self.ledger.none("form", path + ".wire", record.faults)
                self.encrypt_again(path, record)
                self.certificates(path, record)
            compare(self.ledger, "messages", path, entry, document.message(record))

    def encrypt_again(self, path, record):
        """RFC 2409 appendix B: what was decrypted, padded and encrypted, is the ciphertext."""
        if record.ciphertext is None or record.chain is None:
            return
        association = record.association
        again = association.cipher.encrypt(association.key, record.iv, association.cipher.pad(record.body))
        self.ledger.equal("cipher", path + ".protection.ciphertext", "RFC 2409 appendix B", record.ciphertext, again)

    def certificates(self, path, record):
        """RFC 2408 section 3.9: encoding 4, and the certificate that the party has."""
        if record.chain is None:
            return
        own = self.secrets.parties[record.message.sender].get("certificates", [])
        for index, payload in enumerate(record.chain.payloads):
            if payload.kind == CERT:
                self.ledger.true("messages", "%s.payloads[%d].body" % (path, index), "RFC 2408 section 3.9",
                                 payload.body[:1] == b"\4" and payload.body[1:].hex() in own, "is no certificate of the sender")

    def keepalive(self):
        """RFC 3706: what the rules found is among the faults of the messages; here is what remains for a session."""
        for record in self.reader.records:
            for payload in record.chain.all(N) if record.chain else []:
                note = notification(payload.body, [])
                if note is None or note.kind not in (rules.R_U_THERE, rules.R_U_THERE_ACK):
                    continue
                path = "messages[%d]" % (record.message.number - 1)
                number = int.from_bytes(note.data, "big")
                self.ledger.true("keepalive", path + " notification", "RFC 3706 section 5.3",
                                 payload.body[:8] == bytes.fromhex("000000010110") + note.kind.to_bytes(2, "big") and
                                 note.spi == record.association.cky_i + record.association.cky_r, "is not as drawn")
                asked = self.reader.numbers.get((record.association, record.message.sender if note.kind == rules.R_U_THERE
                                                 else record.message.receiver), [])
                self.ledger.true("keepalive", path + " sequence", "RFC 3706 section 6.2",
                                 asked == list(range(asked[0], asked[0] + len(asked))) and number in asked, "number %d" % number)
        for (_, party), numbers in self.reader.answered.items():
            self.ledger.true("keepalive", "messages: numbers that %s answered" % party, "RFC 3706 section 6.2",
                             all(a < b for a, b in zip(numbers, numbers[1:])), "do not rise: %s" % numbers)

    def files(self):
        completing = {}
        for datagram in self.transport.datagrams:
            if datagram["what"] == "fragment" and datagram["repeats"] is None:
                completing[datagram["message"]] = datagram["frame"]
        wanted = list(captures.plain_frames(self.frames, self.transport.datagrams, self.records, set(completing.values())))
        captures.check_plain(self.ledger, self.contents["plain.pcap"], wanted)
        captures.check_table(self.ledger, self.contents["ikev1_decryption_table"].decode("utf-8"), self.keyed)
