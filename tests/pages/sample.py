#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""
Reports made by hand, for the tests of the page: every verdict, values, profiles, lost messages, annotated octets, two
implementations of which one was run twice.  Equal seeds give equal reports.  Their messages are real: exchange.json is the
beginning of a capture of `ruthere demo`.  The verdicts are invented, and so are the implementations.

sample.py DIRECTORY [CASES [DEVICES]]: writes them there, as many cases as that, and says what they are called.
"""
import json
import os
import random
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VERDICTS = ["PASS", "LENIENT", "FAIL", "UNSUPPORTED", "INCONCLUSIVE", "SKIP", "INFO", "XFAIL", "XPASS"]
LEVELS = ["MUST", "SHOULD", "MAY", "ROBUST", "INFO"]

# id, title, level, role, requirement, expected
CASES = [
    ("rfc3706/5.1/vendor-id-present", "The vendor ID of DPD is announced", "MUST", "responder",
     "An implementation that supports DPD sends its vendor ID in Phase 1.", "a VENDOR ID payload of 16 octets: DPD 1.0"),
    ("rfc3706/5.1/vendor-id-twice", "A vendor ID that comes twice counts once", "ROBUST", "responder",
     "A repeated vendor ID is no error.", "Phase 1 comes up, and R-U-THERE is answered"),
    ("rfc3706/5.2/notify-doi", "R-U-THERE-ACK names the IPsec DOI", "MUST", "responder",
     "The DOI field of the notify payload is that of IPsec, 1.", "an R-U-THERE-ACK with DOI 1"),
    ("rfc3706/5.2/spi-is-cookies", "The SPI is the pair of cookies", "SHOULD", "responder",
     "The SPI field is the initiator's cookie followed by the responder's.", "an SPI of 16 octets: CKY-I, CKY-R"),
    ("rfc3706/5.2/spi-of-17", "An SPI of 17 octets does no harm", "ROBUST", "responder",
     "A notify payload whose SPI is longer than the cookies is refused or ignored.", "the SA still answers R-U-THERE"),
    ("rfc3706/5.3/ack-echoes-number", "The ACK carries the number of the question", "MUST", "responder",
     "R-U-THERE-ACK has the sequence number of the R-U-THERE that it answers.", "an R-U-THERE-ACK with the number 955376619"),
    ("rfc3706/5.3/ack-under-the-same-sa", "The ACK comes under the SA of the question", "MUST", "responder",
     "The answer is protected by the Phase 1 SA that the question came under.", "an R-U-THERE-ACK under the same cookies"),
    ("rfc3706/5.5.1/retry-number", "Which number a repeated question has", "INFO", "initiator",
     "A question that was not answered is asked again.", "either the same number or the next"),
    ("rfc3706/5.5.1/questions-until-death", "How many questions before death", "INFO", "initiator",
     "After some questions without an answer the peer is declared dead.", "a number of questions, and then silence"),
    ("rfc3706/5.5.2/delete-at-death", "Whether a Delete is sent at death", "INFO", "initiator",
     "An implementation may send Delete when it gives its peer up.", "either"),
    ("rfc3706/6/old-number-is-no-proof", "An ACK with an old number proves nothing", "MUST", "initiator",
     "The sequence number guards against replays: an ACK of another number is no proof of life.",
     "the device goes on asking"),
    ("rfc3706/6.2/first-number-random", "The first number is not to be guessed", "SHOULD", "initiator",
     "The first sequence number is chosen at random.", "two SAs begin with different numbers"),
    ("rfc3706/6.2/first-number-top-bit", "The first number has its top bit clear", "MAY", "initiator",
     "The top bit of the first number is set to 0.", "a number below 2147483648"),
    ("rfc2409/5.7/hash-covers-message-id", "HASH(1) covers the message ID", "MUST", "responder",
     "HASH(1) is prf(SKEYID_a, M-ID | N/D).", "no answer, and the SA lives"),
    ("rfc2409/5.7/cleartext-question", "A question in the clear is not answered", "MUST", "responder",
     "Informational exchanges under an SA are protected.", "no answer, and the SA lives"),
    ("rfc2409/b/iv-of-phase-1", "The IV is of the message ID too", "MUST", "responder",
     "The IV of an Informational is the hash of the last block of Phase 1 and the message ID.", "no answer"),
    ("rfc2407/4.6.3.3/initial-contact-drops-old-sa", "INITIAL-CONTACT drops older SAs", "SHOULD", "responder",
     "After INITIAL-CONTACT all other SAs with the sender are gone.", "the older SA is silent, the newer answers"),
    ("rfc2408/3.15/delete-of-this-sa", "A Delete of this SA ends it", "MUST", "responder",
     "Delete tells that the sender has no such SA any more.", "no answer under the SA"),
    ("rfc2408/5.10/unknown-notify", "A notify of an unknown type is ignored", "ROBUST", "responder",
     "What is not known is not acted upon.", "the SA still answers R-U-THERE"),
    ("robust/3.1/length-zero", "A header with length 0 does no harm", "ROBUST", "responder",
     "The length field of the header is not trusted.", "new SAs can be made"),
    ("robust/3.14/notify-of-8-octets", "A notify that ends within its SPI", "ROBUST", "responder",
     "Lengths within a payload are held against the payload's own.", "the SA still answers R-U-THERE"),
]
DEVICES = [("strongSwan", "5.9.8", "192.0.2.10:500", "192.0.2.1:500"), ("libreswan", "4.10", "[2001:db8::10]:4500", "[2001:db8::1]:4500"),
           ("racoon", "0.8.2", "192.0.2.30:500", "192.0.2.1:500"), ("isakmpd", "", "192.0.2.40:500", "192.0.2.1:500")]
VALUES = {"rfc3706/5.5.1/retry-number": ["retry=same-number", "retry=next-number"],
          "rfc3706/5.5.1/questions-until-death": ["questions=5", "questions=3"],
          "rfc3706/5.5.2/delete-at-death": ["delete=sent", "delete=none"]}
LONG = "rfc3706/5.1/vendor-id-present"  # a case of many messages
OBSERVED = {
    "PASS": "as expected", "LENIENT": "the answer came, with an SPI of 0 octets",
    "FAIL": "an R-U-THERE-ACK with the number 955376620 in answer to 955376619",
    "UNSUPPORTED": "no vendor ID of DPD in any message of Phase 1",
    "INCONCLUSIVE": "Phase 1 did not come up for the sanity conversation afterwards",
    "SKIP": "nobody can make the device call us", "INFO": "seen over three SAs",
    "XFAIL": "the question was answered a fourth time", "XPASS": "the question was not answered a second time",
}
TYPES = {1: "SA", 4: "KE", 5: "ID", 8: "HASH", 10: "NONCE", 11: "NOTIFY", 12: "DELETE", 13: "VENDOR ID"}


def section(identifier):
    document, number, slug = identifier.split("/")
    if slug.startswith("delete"):
        return "RFC 2408 sections 4.8, 3.15, RFC 2409 section 5.7"
    if document == "robust":
        return "RFC 2408 section " + number
    return "RFC %s %s %s" % (document[3:], "appendix" if number.isalpha() else "section", number.upper())


def fields(plain, wrong=None):
    """The message octet by octet, down to the notify."""
    out = []

    def field(offset, length, depth, name, value, where="", bad=False):
        entry = {"offset": offset, "length": length, "depth": depth, "name": name, "value": value}
        if where:
            entry["section"] = where
        if bad:
            entry["wrong"] = True
        out.append(entry)

    field(0, 28, 0, "ISAKMP header", "", "RFC 2408 section 3.1")
    field(0, 8, 1, "initiator cookie", plain[0:8].hex())
    field(8, 8, 1, "responder cookie", plain[8:16].hex())
    field(16, 1, 1, "next payload", "%s (%d)" % (TYPES.get(plain[16], "?"), plain[16]))
    field(17, 1, 1, "version", "1.0")
    field(18, 1, 1, "exchange type", "INFORMATIONAL (5)" if plain[18] == 5 else "%d" % plain[18])
    field(19, 1, 1, "flags", "0x%02x" % plain[19])
    field(20, 4, 1, "message ID", plain[20:24].hex())
    field(24, 4, 1, "length", "%d" % struct.unpack(">I", plain[24:28]))
    kind, at = plain[16], 28
    while kind and at + 4 <= len(plain):
        length = struct.unpack(">H", plain[at + 2:at + 4])[0]
        field(at, length, 0, TYPES.get(kind, "payload %d" % kind), "", "RFC 2408 section 3.14" if kind == 11 else "RFC 2408 section 3.2")
        field(at, 1, 1, "next payload", "%s (%d)" % (TYPES.get(plain[at], "none"), plain[at]))
        field(at + 1, 1, 1, "reserved", "%d" % plain[at + 1])
        field(at + 2, 2, 1, "payload length", "%d" % length)
        if kind == 11:
            spi = plain[at + 9]
            field(at + 4, 4, 1, "DOI", "IPSEC (1)")
            field(at + 8, 1, 1, "protocol", "ISAKMP (1)")
            field(at + 9, 1, 1, "SPI size", "%d" % spi, "RFC 3706 section 5.2")
            field(at + 10, 2, 1, "notify type", "%d" % struct.unpack(">H", plain[at + 10:at + 12]), "RFC 3706 section 5.2")
            field(at + 12, spi, 1, "SPI", plain[at + 12:at + 12 + spi].hex())
            number = plain[at + 12 + spi:at + length]
            field(at + 12 + spi, len(number), 1, "sequence number",
                  str(int.from_bytes(number, "big")) if not wrong else wrong, "RFC 3706 section 5.3", bool(wrong))
        elif length > 4:
            field(at + 4, length - 4, 1, "data", plain[at + 4:at + length].hex()[:64])
        kind, at = plain[at], at + max(length, 4)
    return out


def exchange():
    with open(os.path.join(HERE, "exchange.json"), encoding="utf-8") as file:
        return json.load(file)


def messages(chance, tester, device, long):
    """Some of the beginning of the capture, and which of them decides."""
    count = chance.choice([9, 11, 17])
    picked = [dict(message) for message in exchange()["messages"][:count]]
    if long:  # the questions again and again
        picked += [dict(picked[7 + i % 2], at=3 + i / 100) for i in range(180)]
    for message in picked:
        ours = message["from"] == "tester"
        message["source"], message["destination"] = (tester, device) if ours else (device, tester)
        if "plain" in message and "HASH N" in message["line"]:
            message["hash"] = "holds"
    if count == 17:
        picked[13]["lost"] = picked[14]["lost"] = True
    deciding = 100 if long else 8 if count < 17 else 12
    return picked, deciding


def case(chance, of, verdict, who, changed, tester, device):
    identifier, title, level, role, requirement, expected = of
    seen, deciding = messages(chance, tester, device, identifier == LONG)
    base = "/".join(identifier.split("/")[:2] + [identifier.split("/")[2].rstrip("0123456789").rstrip("-")])
    made = {
        "id": identifier, "version": 1, "title": title, "level": level, "role": role, "section": section(identifier),
        "requirement": requirement, "expected": expected, "verdict": verdict, "observed": OBSERVED[verdict],
        "seconds": round(chance.uniform(0.2, 7), 3), "messages": [] if verdict == "SKIP" else seen,
        "keys": [] if verdict == "SKIP" else [dict(exchange()["keys"], skeyid_a="5f" * 32, last_block="a7" * 16)],
        "command": "ruthere conform %s --case %s" % (device.rsplit(":", 1)[0].strip("[]"), identifier),
    }
    if verdict == "INFO":
        made["value"] = VALUES.get(base, ["value=a", "value=b"])[(who + changed) % 2]
        made["observed"] = "%s, seen over three SAs" % made["value"].split("=")[1]
    if verdict in ("XFAIL", "XPASS"):
        made["profile"] = {"verdict": "FAIL", "found": "FAIL" if verdict == "XFAIL" else "PASS",
                           "reason": "answers repeated questions without a bound; told to its authors"}
    if verdict not in ("SKIP", "PASS") or chance.random() < 0.7:
        if made["messages"]:
            made["deciding"] = deciding
            message = made["messages"][deciding]
            message["fields"] = fields(bytes.fromhex(message["plain"]),
                                       "955376620, where 955376619 was asked" if verdict == "FAIL" else None)
    return made


def verdict_of(chance, of, index, who):
    if of[2] == "INFO":
        return "INFO" if chance.random() < 0.9 else "SKIP"
    if who == 0 and index < 7:  # so that all of them are there
        return [verdict for verdict in VERDICTS if verdict not in ("INFO", "XPASS")][index]
    if who == 0 and index == 10:
        return "XPASS"
    return chance.choices(["PASS", "LENIENT", "FAIL", "UNSUPPORTED", "INCONCLUSIVE", "SKIP", "XFAIL"],
                          [70, 8, 5, 3, 2, 5, 4])[0]


def report(seed, who, run, cases):
    name, version, device, tester = DEVICES[who]
    chance = random.Random(seed * 100 + who)
    again = random.Random(seed * 1000 + who * 10 + run)
    made = []
    for index in range(cases):
        of = CASES[index % len(CASES)]
        if index >= len(CASES):
            of = ("%s-%d" % (of[0], index // len(CASES) + 1), "%s (%d)" % (of[1], index // len(CASES) + 1)) + of[2:]
        verdict = verdict_of(chance, of, index, who)
        changed = run > 1 and again.random() < 0.12
        if changed and verdict not in ("INFO", "SKIP"):
            verdict = "FAIL" if verdict == "PASS" else "PASS"
        made.append(case(random.Random(seed + index), of, verdict, who, int(changed), tester, device))
    about = {"name": name, "address": device, "vendor_ids": ["DPD 1.0", "RFC 3947", "882fe56d6fd20dbc2251613b2ebe5beb"],
             "profile": "%s-%s" % (name.lower(), version or "head")}
    if version:
        about["version"] = version
    return {
        "schema": "ruthere-conform-report-1", "tool": {"name": "ruthere", "version": "0.1.0"},
        "started": "2026-11-%02dT09:%02d:00Z" % (23 + run, 10 * who), "seconds": round(sum(of["seconds"] for of in made), 3),
        "device": about, "options": {"patience": "2s", "worry": "30s", "exchange": "main"}, "cases": made,
    }


def reports(cases=len(CASES), devices=2, seed=3706):
    """[(file name, report)]: the first implementation twice, the older run last."""
    made = [("%s.json" % DEVICES[who][0].lower(), report(seed, who, 2, cases)) for who in range(devices)]
    return made + [("%s-before.json" % DEVICES[0][0].lower(), report(seed, 0, 1, cases))]


HOSTILE = ["</script><script>window.broken = 1</script>", "<img src=x onerror=\"window.broken = 2\">", "<!--<script>",
           "\"'><svg onload=window.broken=3>", "javascript:window.broken=4", "x" * 10000,
           "\u202etxt.exe\u202c \u2066abc\u2069", "a\u0000b".replace("\u0000", "\u0001"), "line\nbreak\ttab\u2028\u2029",
           "]]>&amp;&#0;", "' onmouseover='window.broken=5", "\U0001f600 \ufeff \ufffe", "__proto__"]


def hostile(seed=3706):
    """Every text that a stranger may choose is one that wants to be more than that."""
    made = report(seed, 0, 2, 24)
    texts = iter(HOSTILE * 1000)
    for name in ("name", "version", "address", "profile"):
        made["device"][name] = next(texts)
    made["device"]["vendor_ids"] = HOSTILE
    made["options"] = {text: text for text in HOSTILE}
    made["tool"] = {"name": next(texts), "version": next(texts)}
    for of in made["cases"]:
        for name in ("title", "section", "requirement", "expected", "observed", "command"):
            of[name] = next(texts)
        if "value" in of:
            of["value"] = next(texts)
        if "profile" in of:
            of["profile"]["reason"] = next(texts)
        for message in of["messages"]:
            for name in ("line", "source", "destination"):
                message[name] = next(texts)
            for field in message.get("fields", []):
                for name in ("name", "value", "section"):
                    field[name] = next(texts)
    return made


def main():
    directory = sys.argv[1]
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else len(CASES)
    devices = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    os.makedirs(directory, exist_ok=True)
    for name, made in reports(cases, devices) + [("hostile.json", hostile())]:
        path = os.path.join(directory, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(made, file)
        print(path)


if __name__ == "__main__":
    main()
