# SPDX-License-Identifier: ISC
"""
From datagrams to messages: the non-ESP marker (RFC 3948 section 2.2), NAT keepalives (section 2.3), fragments, repeats.

Everything is made from the capture; from values.json come only the parties' addresses and the clock's beginning.
"""
import ipaddress
from dataclasses import dataclass, field

from . import isakmp

MARKER = bytes(4)
NAT_T_PORT = 4500


@dataclass
class Message:
    """A whole message as it was sent, the first time."""
    number: int
    sender: str
    receiver: str
    source: dict
    destination: dict
    time_us: int
    frames: list
    wire: bytes = b""
    marked: bool = False  # with the marker before it


@dataclass
class Assembly:
    message: Message
    parts: dict = field(default_factory=dict)  # number -> data
    last: int = 0

    def whole(self):
        return self.last and sorted(self.parts) == list(range(1, self.last + 1))


def endpoint(address, port):
    return {"address": str(ipaddress.ip_address(address)), "port": port}


class Transport:
    """Reads a capture; datagrams as values.json describes them (what it alone can know is left out), and messages."""

    def __init__(self, frames, parties, epoch):
        self.names = {ipaddress.ip_address(party["address"]).packed: party["name"] for party in parties}
        self.epoch = epoch
        self.datagrams, self.messages, self.faults = [], [], []
        self._seen = {}  # (sender, octets) -> (frame, message)
        self._assemblies = {}  # (sender, cookies, fragment ID) -> Assembly
        for number, frame in enumerate(frames, 1):
            self._take(number, frame)

    def _sender(self, frame):
        """Who sent it: behind a NAT only one end of it has an address that a party knows as its own."""
        sender, receiver = self.names.get(frame.source), self.names.get(frame.destination)
        if sender is None and receiver is not None:
            sender = "AB".replace(receiver, "")
        return sender

    def _take(self, number, frame):
        sender = self._sender(frame)
        octets = frame.payload
        entry = {
            "frame": number, "time_us": (frame.seconds - self.epoch) * 1000000 + frame.nanoseconds // 1000, "from": sender,
            "source": endpoint(frame.source, frame.source_port),
            "destination": endpoint(frame.destination, frame.destination_port),
            "what": "message", "octets": octets.hex(), "message": None, "repeats": None}
        self.datagrams.append(entry)
        if sender is None:
            self.faults.append((number, isakmp.Fault("RFC 3947 section 4", "neither end is a party's")))
        if NAT_T_PORT in (frame.source_port, frame.destination_port):
            if octets == b"\xff":  # RFC 3948 section 2.3
                entry["what"] = "nat-keepalive"
                return
            if octets[:4] != MARKER:
                self.faults.append((number, isakmp.Fault("RFC 3948 section 2.2", "no non-ESP marker on port 4500")))
            octets = octets[4:]
        head = isakmp.header(octets)
        if head is not None and head.next_payload == isakmp.FRAGMENT:
            entry["what"] = "fragment"
        marked = octets is not frame.payload
        known = self._seen.get((sender, frame.payload))
        if known is not None:
            entry["repeats"], entry["message"] = known[0], known[1].number
            if entry["what"] == "fragment":
                self._fragment(entry, octets, head, marked, known[1])
            return
        if entry["what"] == "fragment":
            message = self._fragment(entry, octets, head, marked, None)
        else:
            message = self._message(entry, marked)
            message.wire = octets
        entry["message"] = message.number
        self._seen[sender, frame.payload] = (number, message)

    def _message(self, entry, marked):
        sender = entry["from"] or "?"
        message = Message(len(self.messages) + 1, sender, "AB".replace(sender, ""), entry["source"], entry["destination"],
                          entry["time_us"], [entry["frame"]], marked=marked)
        self.messages.append(message)
        return message

    def _fragment(self, entry, octets, head, marked, known):
        """The private extension (MS-IKEE sections 2.2.3.1 and 3.1.5.1): data goes together in the order of its numbers."""
        number = entry["frame"]
        faults = isakmp.faults_of_header(octets)
        parsed = isakmp.chain(octets[isakmp.HEADER:], head.next_payload)
        faults += parsed.faults
        piece = isakmp.fragment(parsed.payloads[0].body, faults) if parsed.payloads else None
        if len(parsed.payloads) != 1 or parsed.rest:
            faults.append(isakmp.Fault("MS-IKEE section 2.2.3.1", "a fragment must be alone in its message"))
        self.faults += [(number, fault) for fault in faults]
        if piece is None:
            return known or self._message(entry, marked)
        entry["fragment"] = {"id": piece.identifier, "number": piece.number, "last": piece.last, "data": piece.data.hex()}
        if known is not None:
            return known
        key = (entry["from"], head.cky_i, piece.identifier)
        assembly = self._assemblies.get(key)
        if assembly is None:
            assembly = self._assemblies[key] = Assembly(self._message(entry, marked))
        else:
            assembly.message.frames.append(number)
        if piece.number in assembly.parts or piece.number == 0 or (assembly.last and piece.number > assembly.last):
            self.faults.append((number, isakmp.Fault("MS-IKEE section 2.2.3.1", "fragment number %d" % piece.number)))
        assembly.parts[piece.number] = piece.data
        if piece.last:
            assembly.last = piece.number
        if assembly.whole():
            assembly.message.wire = b"".join(assembly.parts[n] for n in sorted(assembly.parts))
            inner = isakmp.header(assembly.message.wire)
            if inner is None or (inner.cky_i, inner.cky_r, inner.exchange, inner.message_id) != (
                    head.cky_i, head.cky_r, head.exchange, head.message_id):
                self.faults.append((number, isakmp.Fault("MS-IKEE section 3.3.6.1", "the whole has another header")))
        return assembly.message
