# SPDX-License-Identifier: ISC
"""What all cases have in common: ruthere and one peer on one link, with everything captured."""

import contextlib
import os

import nat
import wire
from lab import Lab, check
from ruthere import SECRET, Ruthere

PROPOSAL = "aes128-sha1-modp2048"


class Meeting:
    """`hidden` ("us" or "gw"): who is behind a NAT.  Then there is a `router`."""

    def __init__(self, lab, ipv6=False, hidden=None):
        self.lab = lab
        self.router = nat.Router(lab, "gw", hidden) if hidden else None
        self.link = self.router.link if hidden else lab.link("gw", ipv6)
        self.tcpdump = lab.capture(self.link, "wire.pcap")
        self.peer = self.us = None
        self.identity = "fqdn:gw.example"

    def bring_peer(self, kind, proposals=(PROPOSAL,), secret=SECRET, **settings):
        self.peer = kind(self.lab, self.link, secret, list(proposals), **settings)
        return self.peer

    def bring_us(self, proposals=(PROPOSAL,), **settings):
        self.identity = settings.get("identity", self.identity)
        self.us = Ruthere(self.lab, [self.link], list(proposals), **settings)
        return self.us

    @property
    def path(self):
        """The capture."""
        return os.path.join(self.lab.path, "wire.pcap")

    def end(self):
        """Ends ruthere in order; everything that was on the wire, decrypted as far as its keys reach."""
        self.us.end()
        self.tcpdump.end()
        return self.decode()

    def decode(self):
        return wire.decode(self.path, wire.key_rows(self.us.folders))

    def decode_ours(self):
        """What ruthere itself captured in its latest run: all that it sent, and only what reached it."""
        return wire.decode(os.path.join(self.us.folder, "wire.pcap"), wire.key_rows(self.us.folders))

    def established(self, role="initiator", timeout=10, **wanted):
        """The SA is up, and as agreed; the event."""
        event = self.us.wait("established", timeout=timeout, role=role, **wanted)
        check(event["identity"] == self.identity, "identity of the peer is " + event["identity"])
        check(event["keepalive"] is True, "the peer's vendor ID was not recognised")
        return event

    def check_numbers(self, messages, least):
        """Every R-U-THERE of ours was answered on the wire with its number, and the answer accepted here."""
        pairs = wire.pairs(messages, self.link.ours, self.link.theirs)
        check(len(pairs) >= least, "capture: %d of our R-U-THEREs, not %d" % (len(pairs), least))
        numbers = [number for number, _, _ in pairs]
        check(numbers == list(range(numbers[0], numbers[0] + len(numbers))), "capture: our numbers are not consecutive")
        check(numbers == [event["number"] for event in self.us.find("alive")], "an R-U-THERE-ACK was not accepted")
        return pairs


@contextlib.contextmanager
def meeting(name, ipv6=False, hidden=None):
    with Lab(name) as lab:
        yield Meeting(lab, ipv6, hidden)


def cookies(event):
    return event["cky_i"], event["cky_r"]
