# SPDX-License-Identifier: ISC
"""A negative set: its one message has one defect, the section named says so, mended it is right, and nothing else is wrong."""
from dataclasses import replace

from . import isakmp
from .isakmp import N
from .mend import Mender


def check(verification):
    ledger, defect = verification.ledger, verification.defect
    record = verification.bad
    ledger.true("defect", "defect.message", "README", record is not None, "there is no such message")
    if record is None:
        return
    ledger.equal("defect", "defect.from", "README", defect["from"], record.message.sender)
    frames = {datagram["frame"]: datagram for datagram in verification.transport.datagrams}
    datagram = frames.get(defect["frame"])
    ledger.true("defect", "defect.frame", "README", datagram is not None and datagram["message"] == defect["message"],
                "is no frame of the message")
    verdicts(verification)
    answer(verification)
    if datagram is not None and datagram["repeats"] is not None:
        repeated(verification, datagram)
        return
    faults = record.faults + [fault for number, fault in verification.transport.faults if number == defect["frame"]]
    ledger.true("defect", "defect.what", "README", len(faults) == 1,
                "one defect wanted: %s" % ("; ".join(map(str, faults)) or "nothing is wrong"))
    if len(faults) != 1:
        return
    sections = (faults[0].section,) + faults[0].also
    ledger.true("defect", "defect.section", sections[0], defect["section"] in sections,
                "%s, but %s says: %s" % (defect["section"], " and ".join(sections), faults[0].what))
    mended = Mender(verification.before, record, verification.secrets, record.plaintext).mended()
    ledger.true("defect", "messages[%d].wire" % (defect["message"] - 1), sections[0], mended is not None,
                "no single correction makes it right: %s" % faults[0])
    verification.mended = mended


def verdicts(verification):
    """The receiver finds fault with this one only; a repeat is another matter, and says so."""
    ledger, defect = verification.ledger, verification.defect
    for index, datagram in enumerate(verification.values["datagrams"]):
        if datagram["frame"] == defect["frame"]:
            ledger.equal("defect", "datagrams[%d].verdict" % index, "README", datagram["verdict"], defect["verdict"])


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
    ledger.true("defect", "defect.answer.message", "README", number in [record.message.number for record in later],
                "message %d does not answer it" % number)
    if defect["answer"]["notify"] is not None:
        ledger.equal("defect", "defect.answer.notify.number", "RFC 2408 section 3.14.1", defect["answer"]["notify"]["number"],
                     notes.get(number))


def repeated(verification, datagram):
    """The defect is that it comes again: the first time nothing was wrong with it."""
    ledger, record = verification.ledger, verification.bad
    ledger.true("defect", "defect.what", "RFC 2408 section 3.1", not record.faults, "; ".join(map(str, record.faults)))
    ledger.true("defect", "defect.frame", "RFC 2408 section 3.1", datagram["frame"] != record.message.frames[0], "is the first time")
    verification.mended = "the repeat"
