# SPDX-License-Identifier: ISC
"""Every datagram of a capture and of what kind it is: what can be told without keys, of very many."""

import collections
import ipaddress
import struct

ETHERNET, IPV4, IPV6, UDP, ESP = 14, 0x0800, 0x86DD, 17, 50
KINDS = ("ike", "esp", "keepalive", "other")

# octets: of the IP packet.  spi, sequence: of ESP, else 0.  encapsulated: in UDP.  data: what is behind UDP, or behind IP.
Packet = collections.namedtuple("Packet", "time source target kind octets encapsulated spi sequence data")


def _udp(payload, ports):
    """What is in a UDP datagram: (kind, SPI, sequence number).  RFC 3948 section 2."""
    if 4500 not in ports:
        return ("ike" if 500 in ports else "other"), 0, 0
    if payload == b"\xff":
        return "keepalive", 0, 0
    if len(payload) >= 8 and payload[:4] != b"\0\0\0\0":
        return ("esp", *struct.unpack_from("!II", payload))
    return "ike", 0, 0


def _packet(at, frame):
    if len(frame) < ETHERNET + 20:
        return None
    kind, = struct.unpack_from("!H", frame, 12)
    packet = frame[ETHERNET:]
    if kind == IPV4:
        octets, = struct.unpack_from("!H", packet, 2)
        protocol, body = packet[9], packet[(packet[0] & 15) * 4:octets]
        source, target = packet[12:16], packet[16:20]
        first = not struct.unpack_from("!H", packet, 6)[0] & 0x1FFF
    elif kind == IPV6 and len(packet) >= 40:
        octets = 40 + struct.unpack_from("!H", packet, 4)[0]
        protocol, body, source, target, first = packet[6], packet[40:octets], packet[8:24], packet[24:40], True
    else:
        return None
    what = ("other", 0, 0)
    if first and protocol == UDP and len(body) >= 8:
        what = _udp(body[8:], struct.unpack_from("!HH", body))
    elif first and protocol == ESP and len(body) >= 8:
        what = ("esp", *struct.unpack_from("!II", body))
    return Packet(at, str(ipaddress.ip_address(source)), str(ipaddress.ip_address(target)), what[0], octets,
                  protocol == UDP, what[1], what[2], body[8:] if protocol == UDP else body)


def read(path):
    """The packets of a capture by tcpdump, in order; a last one that is not whole is left out."""
    with open(path, "rb") as file:
        data = file.read()
    little = data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1")
    scale = 1e-9 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1e-6
    record, at, found = struct.Struct("<IIII" if little else ">IIII"), 24, []
    while at + 16 <= len(data):
        seconds, fraction, length, _ = record.unpack_from(data, at)
        if at + 16 + length > len(data):
            break
        packet = _packet(seconds + fraction * scale, data[at + 16:at + 16 + length])
        if packet:
            found.append(packet)
        at += 16 + length
    return found


def of(packets, kind, source=None, after=0.0, before=float("inf")):
    return [p for p in packets if p.kind == kind and source in (None, p.source) and after <= p.time < before]
