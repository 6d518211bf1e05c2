# SPDX-License-Identifier: ISC
"""
Traffic between two namespaces: numbered UDP datagrams at a steady rate, which the other end writes down and, if it is to,
sends back.  Afterwards it is known which numbers were lost, and when.

    traffic.py send ADDRESS PEER PORT LOG RATE SIZE     from ADDRESS to PEER, RATE a second, SIZE octets of payload each
    traffic.py echo ADDRESS PORT LOG                    send back what comes to ADDRESS
    traffic.py sink ADDRESS PORT LOG                    only write it down
"""

import collections
import itertools
import os
import select
import signal
import socket
import struct
import sys
import time

from lab import until

_numbers = itertools.count(0)  # of streams: each has a port of its own
HEADER = struct.Struct("!Q")  # the number; zeros follow
FREEBIND = {socket.AF_INET: (socket.IPPROTO_IP, 15), socket.AF_INET6: (socket.IPPROTO_IPV6, 78)}  # IP_FREEBIND, IPV6_
SETTLE = 0.4  # seconds for what is still under way when the last was sent


# ---- what runs in the namespaces -------------------------------------------------------------------------------------


def _open(address, port):
    """A socket at an address that may come later, and may go and return."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    link = socket.socket(family, socket.SOCK_DGRAM)
    link.setsockopt(*FREEBIND[family], 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    link.bind((address, port))
    link.setblocking(False)
    return link


class _Log:
    """A line for each datagram: what became of it, its number, and the wall clock."""

    def __init__(self, path):
        self._file = open(path, "ab", buffering=0)  # a reader may come at any time

    def write(self, what, number):
        self._file.write(b"%s %d %.6f\n" % (what, number, time.time()))


def _receive(link):
    """What is there: [(number, datagram, from whom)]."""
    found = []
    while True:
        try:
            datagram, source = link.recvfrom(65535)
        except BlockingIOError:
            return found
        except OSError:  # an ICMP error of an earlier one
            continue
        if len(datagram) >= HEADER.size:
            found.append((HEADER.unpack_from(datagram)[0], datagram, source))


def _send(link, datagram, to):
    """Whether the system took it: without a route it does not."""
    try:
        link.sendto(datagram, to)
        return True
    except OSError:
        return False


def send(address, peer, port, path, rate, size):
    link, log = _open(address, 0), _Log(path)
    interval, padding = 1 / float(rate), bytes(int(size) - HEADER.size)
    begun, number = time.monotonic(), 0
    stopping = []
    signal.signal(signal.SIGUSR1, lambda *_: stopping.append(True))
    while not stopping:
        due = begun + number * interval
        wait = due - time.monotonic()
        if wait <= 0:
            taken = _send(link, HEADER.pack(number) + padding, (peer, int(port)))
            log.write(b"sent" if taken else b"refused", number)
            number += 1
            wait = 0
        if select.select([link], [], [], max(wait, 0))[0]:
            for back, _, _ in _receive(link):
                log.write(b"back", back)
    until = time.monotonic() + SETTLE
    while time.monotonic() < until:
        select.select([link], [], [], 0.02)
        for back, _, _ in _receive(link):
            log.write(b"back", back)


def receive(address, port, path, echo):
    link, log = _open(address, int(port)), _Log(path)
    while True:
        select.select([link], [], [])
        for number, datagram, source in _receive(link):
            log.write(b"heard", number)
            if echo:
                _send(link, datagram, source)


# ---- what a case sees of it ------------------------------------------------------------------------------------------


class Traffic:
    """
    From `source` to `target`, each (node, inner address); sent back unless echo is False.  `name` is that of its logs.
    It runs from here on until stop().
    """

    def __init__(self, lab, source, target, rate=200, size=100, echo=True, name="traffic"):
        self.lab, self.rate, self.echo = lab, rate, echo
        self.path = {end: os.path.join(lab.path, "%s.%s" % (name, end)) for end in ("sender", "receiver")}
        program = [sys.executable, os.path.abspath(__file__)]
        port = str(7007 + next(_numbers) % 20000)
        self.receiver = lab.spawn(target[0], [*program, "echo" if echo else "sink", target[1], port, self.path["receiver"]],
                                  name + ".out")
        until(lambda: os.path.exists(self.path["receiver"]), 10, "whoever receives the traffic")  # it is made last
        self.sender = lab.spawn(source[0], [*program, "send", source[1], target[1], port, self.path["sender"], str(rate),
                                            str(size)], name + ".out")

    def halt(self):
        """Sends no more."""
        if self.sender.running:
            self.sender.popen.send_signal(signal.SIGUSR1)

    def stop(self):
        """Sends no more, and waits for what is under way."""
        self.halt()
        self.sender.popen.wait(10)
        self.receiver.kill()
        return self.records()

    def records(self):
        """All so far."""
        found, twice = collections.defaultdict(dict), []
        for path in self.path.values():
            with open(path, "rb") if os.path.exists(path) else open(os.devnull, "rb") as file:
                text = file.read()
            for line in text[:text.rfind(b"\n") + 1].splitlines():
                what, number, at = line.split()
                if int(number) in found[what.decode()]:
                    twice.append(int(number))
                found[what.decode()].setdefault(int(number), float(at))
        return Records(found, twice, self.echo)

    def flowing(self, after=0.0):
        """When the first that was sent after this wall clock arrived, there and back; None: none has."""
        return self.records().again(after)


class Records:
    """`sent`, `refused` (by our own system), `heard` at the other end, `back`: {number: wall clock}.  `twice`: numbers."""

    def __init__(self, found, twice, echo):
        self.twice = twice
        self.sent, self.refused, self.heard, self.back = (found[what] for what in ("sent", "refused", "heard", "back"))
        self.arrived = self.back if echo else self.heard

    def begun(self, after=0.0, before=float("inf")):
        """The numbers that were to be sent in this time."""
        both = {**self.sent, **self.refused}
        return sorted(number for number, at in both.items() if after <= at < before)

    def lost(self, after=0.0, before=float("inf")):
        """Of those, the ones that did not arrive (there and, if it is to, back)."""
        return [number for number in self.begun(after, before) if number not in self.arrived]

    def lost_there(self, after=0.0, before=float("inf")):
        """The ones that the other end has not heard."""
        return [number for number in self.begun(after, before) if number not in self.heard]

    def again(self, after):
        """The first arrival of one that was sent after this."""
        return min((self.arrived[number] for number in self.begun(after) if number in self.arrived), default=None)

    def gap(self, after=0.0, before=float("inf")):
        """The longest time between two arrivals."""
        times = sorted(at for at in self.arrived.values() if after <= at < before)
        return max((late - early for early, late in zip(times, times[1:])), default=0.0)


def main():
    what, *words = sys.argv[1:]
    if what == "send":
        send(*words)
    else:
        receive(*words, what == "echo")


if __name__ == "__main__":
    main()
