# SPDX-License-Identifier: ISC
"""
Says something in another's name: UDP datagrams over IPv4 with any source.

    forge.py SOURCE PORT TARGET PORT FILE       a line of hex for each
"""

import itertools
import os
import socket
import struct
import sys
import time

import wire

ESP_PROTOCOL = 3  # RFC 2407 section 4.4.1
INVALID_SPI = 11
NOTIFY = 11  # the payload
PAUSE = 50  # datagrams
_numbers = itertools.count(1)


def invalid_spi(spi, marker=True):
    """An unprotected INVALID-SPI of someone who knows nothing but an SPI: cookies of its own.  marker: for port 4500."""
    notify = struct.pack("!BBHIBBHI", 0, 0, 16, 1, ESP_PROTOCOL, 4, INVALID_SPI, spi)
    header = os.urandom(8) + bytes(8) + struct.pack("!BBBBII", NOTIFY, 0x10, wire.INFORMATIONAL, 0,
                                                     int.from_bytes(os.urandom(4), "big") | 1, 28 + len(notify))
    return bytes(4 if marker else 0) + header + notify


def send(lab, node, source, target, *datagrams):
    """From a node, whoever has that port there."""
    path = os.path.join(lab.path, "forged-%d" % next(_numbers))
    with open(path, "w") as file:
        file.writelines(datagram.hex() + "\n" for datagram in datagrams)
    lab.run(node, sys.executable, os.path.abspath(__file__), source[0], str(source[1]), target[0], str(target[1]), path)


def main():
    source, sport, target, port, path = sys.argv[1:]
    with open(path) as file, socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as link:
        for number, line in enumerate(file, 1):
            datagram = bytes.fromhex(line)
            if number % PAUSE == 0:
                time.sleep(0.01)  # so that buffers do not lose what is meant to come
            udp = struct.pack("!HHHH", int(sport), int(port), 8 + len(datagram), 0)  # RFC 768: no checksum
            header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(datagram), 0, 0, 64, socket.IPPROTO_UDP, 0,
                                 socket.inet_aton(source), socket.inet_aton(target))
            link.sendto(header + udp + datagram, (target, 0))


if __name__ == "__main__":
    main()
