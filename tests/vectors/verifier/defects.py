# SPDX-License-Identifier: ISC
"""Negative sets of its own, for the self-test: one message with one defect, which must be found, named and mended; and messages with
two, which must not pass for one."""
from . import isakmp, keys
from .isakmp import D, HASH, N
from .ledger import PAGE
from .maker import COOKIES, Maker, payloads
from .rules import R_U_THERE, R_U_THERE_ACK

QUESTION = (10).to_bytes(4, "big")  # the number that comes next


def sealed(maker, items, message_id=b"spoi", rehash=True, spoil=None, seal=None, value=None):
    """An Informational of B, `items` after HASH; `spoil` changes the plaintext after HASH was made, `seal` the whole datagram."""
    _, rest = payloads(*items)
    value = keys.hash_1(maker.name, maker.a, message_id, rest) if value is None else value
    first, octets = payloads((HASH, value), *items)
    if spoil:
        octets = spoil(octets)
        if rehash:
            end = 4 + len(value)
            octets = octets[:4] + keys.hash_1(maker.name, maker.a, message_id, octets[end:]) + octets[end:]
    maker.sealed("B", isakmp.INFORMATIONAL, message_id, keys.phase_2_iv(maker.name, maker.last_block, message_id, 16), first, octets)
    if seal:
        sender, wire = maker.datagrams[-1]
        maker.datagrams[-1] = (sender, seal(wire))


def at(offset, new):
    return lambda octets: octets[:offset] + new + octets[offset + len(new):]


def hash_of(maker, *items):
    return keys.hash_1(maker.name, maker.a, b"spoi", payloads(*items)[1])


def question(maker, kind=R_U_THERE, data=QUESTION, before=None):
    return maker.notification(kind, data) if before is None else before(maker.notification(kind, data))


AFTER_HASH = 24  # HASH with SHA-1

# What, how it is made, the section, and what had to be corrected.
ONE = (
    ("version", lambda m: sealed(m, [(N, question(m))], seal=at(17, b"\x20")), "RFC 2408 section 5.2", "the version"),
    ("flags", lambda m: sealed(m, [(N, question(m))], seal=at(19, b"\x81")), "RFC 2408 section 3.1", "the flags"),
    ("length", lambda m: sealed(m, [(N, question(m))], seal=at(27, b"\x5d")), "RFC 2408 section 5.1", "the length"),
    ("cookie", lambda m: sealed(m, [(N, question(m))], seal=at(8, b"\0\1")), "RFC 2408 section 5.2", "the cookies"),
    ("half a block", lambda m: sealed(m, [(N, question(m))], seal=lambda w: at(27, bytes([len(w) - 3]))(w)[:-3]),
     "RFC 2409 appendix B", None),
    ("RESERVED", lambda m: sealed(m, [(N, question(m))], spoil=at(AFTER_HASH + 1, b"\7")), "RFC 2408 section 5.3", "RESERVED"),
    ("payload length", lambda m: sealed(m, [(N, question(m))], spoil=at(AFTER_HASH + 2, b"\1")),
     "RFC 2408 section 3.2", "the payload's length"),
    ("too short", lambda m: sealed(m, [(N, question(m))], spoil=at(AFTER_HASH + 2, b"\0\3")),
     "RFC 2408 section 3.2", "the payload's length"),
    ("an octet lost", lambda m: sealed(m, [(N, question(m))], seal=lambda w: at(27, bytes([len(w) - 1]))(w)[:-1]),
     "RFC 2409 appendix B", "the last octet"),
    ("next payload", lambda m: sealed(m, [(N, question(m))], spoil=at(0, b"\x63")), "RFC 2408 section 5.3", "next payload"),
    ("HASH", lambda m: sealed(m, [(N, question(m))], value=bytes(20)), "RFC 2409 section 5.7", "nothing but"),
    ("HASH over other octets", lambda m: sealed(m, [(N, m.notification(40000, b"data"))], spoil=at(AFTER_HASH + 31, b"b"), rehash=False),
     "RFC 2409 section 5.7", "nothing but"),
    ("no HASH", lambda m: m.sealed("B", 5, b"spoi", keys.phase_2_iv(m.name, m.last_block, b"spoi", 16), *payloads((N, question(m)))),
     "RFC 2409 section 5.7", "HASH missing"),
    ("HASH is last", lambda m: m.sealed("B", 5, b"spoi", keys.phase_2_iv(m.name, m.last_block, b"spoi", 16),
                                        *payloads((N, question(m)), (HASH, hash_of(m, (N, question(m)))))),
     "RFC 2409 section 5.7", "the order"),
    ("two payloads", lambda m: sealed(m, [(N, question(m)), (D, m.notification(1, b""))]), "RFC 2409 section 5.7", "N too much"),
    ("in the clear", lambda m: m.clear("B", 5, (N, question(m))), "RFC 2409 section 5.7", "no protection"),
    ("DOI", lambda m: sealed(m, [(N, question(m, before=at(3, b"\2")))]), "RFC 3706 section 5.3", "the body of N"),
    ("protocol", lambda m: sealed(m, [(N, question(m, before=at(4, b"\3")))]), "RFC 3706 section 5.3", "the body of N"),
    ("SPI size", lambda m: sealed(m, [(N, question(m, before=lambda b: b[:5] + b"\x0f" + b[6:8] + b[9:]))]),
     "RFC 3706 section 5.3", "the body of N"),
    ("cookies swapped", lambda m: sealed(m, [(N, question(m, before=lambda b: b[:8] + COOKIES["r"] + COOKIES["i"] + b[24:]))]),
     "RFC 3706 section 5.3", "the body of N"),
    ("five octets", lambda m: sealed(m, [(N, question(m, data=QUESTION + b"\0"))]), "RFC 3706 section 5.3", "the body of N"),
    ("a jump", lambda m: sealed(m, [(N, question(m, data=b"\0\1\0\0"))]), "RFC 3706 section 6.2", "the body of N"),
    ("not asked", lambda m: sealed(m, [(N, question(m, kind=R_U_THERE_ACK, data=b"\0\1\0\0"))]), "RFC 3706 section 6.1", "the body of N"),
    ("a message ID again", lambda m: sealed(m, [(N, question(m))], message_id=b"\1\1\0A"), "RFC 2409 section 5.7", "the message ID"),
    ("padding", lambda m: sealed(m, [(N, question(m))], spoil=lambda o: o + b"\7", rehash=False), "RFC 2409 appendix B", "the padding"),
)

TWO = (
    ("version and flags", lambda m: sealed(m, [(N, question(m))], seal=lambda w: at(17, b"\x20")(at(19, b"\x81")(w)))),
    ("HASH and version", lambda m: sealed(m, [(N, question(m))], value=bytes(20), seal=at(17, b"\x20"))),
    ("HASH and RESERVED", lambda m: sealed(m, [(N, question(m))], value=bytes(20), spoil=at(AFTER_HASH + 1, b"\7"), rehash=False)),
    ("HASH and payload length", lambda m: sealed(m, [(N, question(m))], value=bytes(20), spoil=at(AFTER_HASH + 2, b"\1"), rehash=False)),
    ("DOI and protocol", lambda m: sealed(m, [(N, question(m, before=at(3, b"\2\3")))])),
    ("jump and DOI", lambda m: sealed(m, [(N, question(m, data=b"\0\1\0\0", before=at(3, b"\2")))])),
)


def sample(make, section):
    maker = Maker()
    maker.phase_1()
    maker.questions()
    make(maker)
    number = len(maker.datagrams)
    maker.delete()
    return maker.contents({
        "message": number, "frame": number, "from": "B", "what": "one thing", "verdict": "ACCEPTED", "sentence": "-", "section": section,
        "answer": None})


def run(ledger, verification_of):
    """verification_of(contents) -> failures, what was mended."""
    for name, make, section, corrected in ONE:
        failures, mended = verification_of(sample(make, section))
        if corrected is None:
            wanted = [failure for failure in failures if not failure.detail.startswith("no single correction")]
            ledger.true("defects", name, section, not wanted, "; ".join(map(str, wanted[:3])))
            continue
        ledger.true("defects", name, section, not failures, "; ".join(map(str, failures[:3])))
        ledger.true("defects", name + " mended", section, mended is not None and mended.startswith(corrected), "mended by %s" % mended)
        failures, _ = verification_of(sample(make, "RFC 2409 section 9"))
        ledger.true("defects", name + " with another section", section, [f.name for f in failures] == ["defect.section"],
                    "; ".join(map(str, failures[:3])) or "not noticed")
    for name, make in TWO:
        failures, mended = verification_of(sample(make, "RFC 2408 section 5.2"))
        ledger.true("defects", name, PAGE, any(f.name in ("defect.what", "messages[18].wire") for f in failures),
                    "two defects pass for one: mended by %s" % mended)
