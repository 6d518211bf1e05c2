# SPDX-License-Identifier: ISC
"""Reads captures: the classic format of pcap in either byte order, IPv4 and IPv6 on any usual link, and UDP in it."""
import struct
from dataclasses import dataclass


class CaptureError(Exception):
    pass


@dataclass(frozen=True)
class Datagram:
    seconds: int
    nanoseconds: int
    source: bytes  # the address, 4 or 16 octets
    source_port: int
    destination: bytes
    destination_port: int
    payload: bytes


# Magic numbers: byte order, and how many nanoseconds the fraction counts.
MAGIC = {b"\xa1\xb2\xc3\xd4": (">", 1000), b"\xd4\xc3\xb2\xa1": ("<", 1000),
         b"\xa1\xb2\x3c\x4d": (">", 1), b"\x4d\x3c\xb2\xa1": ("<", 1)}


def ethernet(frame):
    kind, rest = frame[12:14], frame[14:]
    while kind in (b"\x81\x00", b"\x88\xa8"):
        kind, rest = rest[2:4], rest[4:]
    if kind not in (b"\x08\x00", b"\x86\xdd"):
        raise CaptureError("no IP in Ethernet: type %s" % kind.hex())
    return rest


# https://www.tcpdump.org/linktypes.html: what is before the IP header.
LINKS = {
    0: lambda frame: frame[4:],  # BSD loopback
    1: ethernet,
    12: lambda frame: frame,  # raw IP, as OpenBSD has it
    14: lambda frame: frame,
    101: lambda frame: frame,  # raw IP
    108: lambda frame: frame[4:],  # OpenBSD loopback
    113: lambda frame: frame[16:],  # Linux cooked
    228: lambda frame: frame,  # raw IPv4
    229: lambda frame: frame,  # raw IPv6
    276: lambda frame: frame[20:],  # Linux cooked, version 2
}


def internet_checksum(data):
    """RFC 1071: of what is right, 0."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ip(packet):
    """Source, destination, and the UDP in it, checked."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        header, total = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
        if header < 20 or total < header or total != len(packet):
            raise CaptureError("lengths of the IPv4 header")
        if internet_checksum(packet[:header]) != 0:
            raise CaptureError("checksum of the IPv4 header")
        if int.from_bytes(packet[6:8], "big") & 0x3fff:
            raise CaptureError("a fragment of IPv4")
        protocol, source, destination = packet[9], packet[12:16], packet[16:20]
    elif version == 6 and len(packet) >= 40:
        header, total = 40, 40 + int.from_bytes(packet[4:6], "big")
        if total != len(packet):
            raise CaptureError("length of the IPv6 header")
        protocol, source, destination = packet[6], packet[8:24], packet[24:40]
    else:
        raise CaptureError("neither IPv4 nor IPv6")
    if protocol != 17:
        raise CaptureError("not UDP: protocol %d" % protocol)
    return source, destination, packet[header:]


def udp(source, destination, segment):
    if len(segment) < 8 or int.from_bytes(segment[4:6], "big") != len(segment):
        raise CaptureError("length of the UDP header")
    # Zero says that there is none, which IPv6 does not allow (RFC 768, RFC 8200 section 8.1).
    if segment[6:8] != b"\0\0":
        pseudo = source + destination + struct.pack(">IHBB", len(segment), 0, 0, 17) if len(source) == 16 else \
            source + destination + struct.pack(">BBH", 0, 17, len(segment))
        if internet_checksum(pseudo + segment) != 0:
            raise CaptureError("checksum of UDP")
    elif len(source) == 16:
        raise CaptureError("no checksum of UDP over IPv6")
    return int.from_bytes(segment[:2], "big"), int.from_bytes(segment[2:4], "big"), segment[8:]


def read(octets):
    """All datagrams of a capture."""
    if len(octets) < 24 or octets[:4] not in MAGIC:
        raise CaptureError("not a capture of pcap")
    order, unit = MAGIC[octets[:4]]
    major, minor, _, _, _, link = struct.unpack(order + "HHiIII", octets[4:24])
    link &= 0xffff
    if (major, minor) != (2, 4):
        raise CaptureError("version %d.%d of pcap" % (major, minor))
    if link not in LINKS:
        raise CaptureError("link type %d" % link)
    datagrams, at = [], 24
    while at < len(octets):
        if len(octets) - at < 16:
            raise CaptureError("packet %d: cut off" % (len(datagrams) + 1))
        seconds, fraction, captured, original = struct.unpack(order + "IIII", octets[at:at + 16])
        frame = octets[at + 16:at + 16 + captured]
        at += 16 + captured
        if len(frame) != captured or captured != original or fraction * unit >= 10 ** 9:
            raise CaptureError("packet %d: its length or its time" % (len(datagrams) + 1))
        try:
            source, destination, segment = ip(LINKS[link](frame))
            source_port, destination_port, payload = udp(source, destination, segment)
        except CaptureError as error:
            raise CaptureError("packet %d: %s" % (len(datagrams) + 1, error)) from None
        datagrams.append(Datagram(seconds, fraction * unit, source, source_port, destination, destination_port, payload))
    return datagrams
