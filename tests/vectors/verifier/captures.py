# SPDX-License-Identifier: ISC
"""The three other files of a set: wire.pcap, its twin in the clear, and Wireshark's table of keys."""
import csv
from dataclasses import replace

from . import isakmp, pcap
from .transport import MARKER, NAT_T_PORT


def in_the_clear(record):
    """The message decrypted: no encryption flag, no padding, the length that it then has."""
    wire = record.message.wire
    if record.ciphertext is None or record.chain is None or record.chain.faults:
        return wire
    body = record.body
    return wire[:19] + bytes([wire[19] & ~isakmp.ENCRYPTED]) + wire[20:24] + (isakmp.HEADER + len(body)).to_bytes(4, "big") + body


def plain_frames(frames, datagrams, records, completing):
    """What plain.pcap must hold.  A fragment stays as it is, but for the one that made the message whole."""
    by_number = {record.message.number: record for record in records}
    for frame, datagram in zip(frames, datagrams):
        record = by_number.get(datagram["message"])
        clear = None
        if record is not None and (datagram["what"] == "message" or datagram["frame"] in completing):
            clear = in_the_clear(record)
        if clear is None:
            yield frame
        else:
            marked = NAT_T_PORT in (frame.source_port, frame.destination_port)
            yield replace(frame, payload=(MARKER if marked else b"") + clear)


def check_plain(ledger, octets, wanted):
    try:
        found = pcap.read(octets)
    except pcap.CaptureError as error:
        ledger.true("plain.pcap", "plain.pcap", "pcap", False, str(error))
        return
    ledger.equal("plain.pcap", "plain.pcap", "pcap", len(found), len(wanted))
    for number, (frame, computed) in enumerate(zip(found, wanted), 1):
        for name in ("seconds", "nanoseconds", "source", "source_port", "destination", "destination_port", "payload"):
            ledger.equal("plain.pcap", "plain.pcap frame %d %s" % (number, name), "RFC 2409 appendix B",
                         getattr(frame, name), getattr(computed, name))


def check_table(ledger, text, associations):
    """One row for each SA: the initiator's cookie and the key, in hex."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if row and not row[0].startswith("#")]
    wanted = [[one.cky_i.hex(), one.key.hex()] for one in associations]
    ledger.equal("key table", "ikev1_decryption_table", "RFC 2409 appendix B", len(rows), len(wanted))
    for number, (row, computed) in enumerate(zip(rows, wanted), 1):
        ledger.equal("key table", "ikev1_decryption_table row %d" % number, "RFC 2409 appendix B", row, computed)
