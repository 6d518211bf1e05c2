# SPDX-License-Identifier: ISC
"""A negative set: its one message has one defect, the section named says so, mended it is right, and nothing else is wrong."""
from . import described, isakmp, names
from .compare import compare
from .isakmp import N
from .ledger import PAGE
from .mend import Mender
from .reader import Reader
from .rules import R_U_THERE, R_U_THERE_ACK


def check(verification):
    ledger, defect = verification.ledger, verification.defect
    record = verification.bad
    ledger.true("defect", "defect.message", PAGE, record is not None, "there is no such message")
    if record is None:
        return
    ledger.equal("defect", "defect.from", PAGE, defect["from"], record.message.sender)
    frames = {datagram["frame"]: datagram for datagram in verification.transport.datagrams}
    datagram = frames.get(defect["frame"])
    for name in ("message", "frame"):
        ledger.true("defect", "defect." + name, PAGE, datagram is not None and datagram["message"] == defect["message"],
                    "frame %d is not of message %d" % (defect["frame"], defect["message"]))
    verdicts(verification)
    answer(verification)
    goes_on(verification)
    described.check(verification)
    if datagram is not None and datagram["repeats"] is not None:
        repeated(verification, datagram)
        return
    faults = record.faults + [fault for number, fault in verification.transport.faults if number == defect["frame"]]
    if not faults and judged_by_the_receiver(verification):
        return
    ledger.true("defect", "defect.what", PAGE, len(faults) == 1,
                "one defect wanted: %s" % ("; ".join(map(str, faults)) or "nothing is wrong"))
    if len(faults) != 1:
        return
    sections = (faults[0].section,) + faults[0].also
    ledger.true("defect", "defect.section", sections[0], defect["section"] in BY_ITSELF or any(
        section == defect["section"] or section.startswith(defect["section"] + ".") for section in sections),
                "%s, but %s says: %s" % (defect["section"], " and ".join(sections), faults[0].what))
    if record.head is None:
        return  # nobody knows what it should have been
    mended = Mender(verification.before, record, verification.secrets, verification.shown.plaintext).mended()
    ledger.true("defect", "messages[%d].wire" % (defect["message"] - 1), sections[0], mended is not None,
                "no single correction makes it right: %s" % faults[0])
    if ledger.tell:
        ledger.tell("%s: %s; to be corrected: %s" % (ledger.name, faults[0], mended))
    verification.mended = mended


# Not what an RFC says, but the reference: it may refuse what nobody forbids.
BY_ITSELF = ("design limit", "local policy", "vendor extension")


def judged_by_the_receiver(verification):
    """Nothing is wrong with the message, but it is not what this receiver wants: an offer, or it is of another secret."""
    ledger, defect, record = verification.ledger, verification.defect, verification.bad
    answered = (defect["answer"] or {}).get("notify") or {}
    other = verification.secrets.parties[record.message.receiver].get("psk")
    if record.name in ("MM1", "AM1") and answered.get("number") == 14:
        return ledger.true("defect", "defect.section", "RFC 2408 section 5.4", defect["section"] in (
            "RFC 2408 section 5.4", "RFC 2408 section 5.5", "RFC 2408 section 5.6"), "NO-PROPOSAL-CHOSEN, by %s" % defect["section"])
    if other is not None:
        verification.secrets.psk = bytes.fromhex(other)
        reader = Reader(verification.secrets)
        for message in verification.transport.messages[:defect["message"] - 1]:
            reader.accept(reader.read(message))
        read = reader.read(record.message)
        path = "parties[%d].psk" % "AB".index(record.message.receiver)
        return ledger.true("defect", path, "RFC 2409 section 5.4", bool(read.chain and read.chain.faults),
                           "the message can be read with it")
    return False


def goes_on(verification):
    """An SA that was established still is: somebody asks over it after the defect, and is answered."""
    association = verification.original or (verification.keyed[0] if verification.keyed and verification.keyed[0].done else None)
    if association is None or not association.done:
        return
    asked = answered = False
    for record in verification.records:
        for payload in record.chain.all(N) if record.chain and record.message.frames[0] > verification.defect["frame"] else []:
            note = isakmp.notification(payload.body, [])
            asked |= note is not None and note.kind == R_U_THERE and record.association is association
            answered |= note is not None and note.kind == R_U_THERE_ACK and record.association is association
    verification.ledger.true("defect", "defect.message", PAGE, asked and answered or verification.is_sample,
                             "the SA does not go on after it")


def verdicts(verification):
    """The receiver finds fault with this one only; a repeat is another matter, and says so."""
    ledger, defect = verification.ledger, verification.defect
    for index, datagram in enumerate(verification.values["datagrams"]):
        if datagram["frame"] == defect["frame"]:
            ledger.equal("defect", "datagrams[%d].verdict" % index, PAGE, datagram["verdict"], defect["verdict"])


def answer(verification):
    """An answer comes from the other side, after the defect, and says what the set says; or there is none."""
    ledger, defect = verification.ledger, verification.defect
    later = [record for record in verification.records
             if record.message.frames[0] > defect["frame"] and record.message.sender != defect["from"]]
    notes = {}
    for record in later:
        for payload in record.chain.all(N) if record.chain else []:
            note = isakmp.notification(payload.body, [])
            if note is not None:
                notes[record.message.number] = note.kind
    if defect["answer"] is None:
        errors = {number: kind for number, kind in notes.items() if kind < 16384}
        ledger.true("defect", "defect.answer", "RFC 2408 section 5", not errors, "none, but errors are reported: %s" % errors)
        return
    number = defect["answer"]["message"]
    ledger.true("defect", "defect.answer.message", PAGE, number in [record.message.number for record in later],
                "message %d does not answer it" % number)
    if defect["answer"]["notify"] is not None:
        compare(ledger, "defect", "defect.answer.notify", defect["answer"]["notify"], names.numbered(names.NOTIFY, notes.get(number)))


def repeated(verification, datagram):
    """The defect is that it comes again: the first time nothing was wrong with it."""
    ledger, record = verification.ledger, verification.bad
    ledger.true("defect", "defect.what", "RFC 2408 section 3.1", not record.faults, "; ".join(map(str, record.faults)))
    ledger.true("defect", "defect.frame", "RFC 2408 section 3.1", datagram["frame"] != record.message.frames[0], "is the first time")
    verification.mended = "the repeat"
