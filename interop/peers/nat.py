# SPDX-License-Identifier: ISC
"""A router between ruthere and a peer that hides one of them behind an address of its own (RFC 3947, nftables)."""

from lab import Link

PORTS = "20000-30000"  # where the hidden one's datagrams seem to come from: never 500 or 4500


class Router:
    """
    The namespace "nat", with `hidden` ("us", or the peer's node) on its private side and the other on its public side.
    `link` is as for any other peer; its addresses are the public ones, and its public side is captured.
    """

    def __init__(self, lab, node="gw", hidden="gw"):
        self.lab = lab
        public = node if hidden == "us" else "us"
        number = len(lab.links) + 1
        self.interface = "eth%d" % number
        self._network = "10.7.%d." % number
        self.outer, private, gateway = self._network + "254", "10.8.%d.2" % number, "10.8.%d.1" % number
        outside = self._network + ("2" if hidden == "us" else "1")
        lab.add_namespace(node)
        lab.add_namespace("nat")
        for end, name, its, theirs in ((hidden, "private", gateway, private), (public, "public", self.outer, outside)):
            lab.ip("nat", "link", "add", name, "type", "veth", "peer", "name", self.interface,
                   "netns", lab.namespace(end))
            lab.ip("nat", "address", "add", its + "/24", "dev", name)
            lab.ip(end, "address", "add", theirs + "/24", "dev", self.interface)
            lab.ip("nat", "link", "set", name, "up")
            lab.ip(end, "link", "set", self.interface, "up")
        lab.ip(hidden, "route", "add", "default", "via", gateway)
        lab.run("nat", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        lab.run("nat", "nft", "table ip lab { chain outgoing { type nat hook postrouting priority srcnat;"
                  " oifname public ip protocol udp masquerade to :%s random; }; }" % PORTS)
        ours, theirs = (self.outer, outside) if hidden == "us" else (outside, self.outer)
        self.link = Link(node, self.interface, ours, theirs, private if hidden == "us" else ours,
                         theirs if hidden == "us" else private, public)
        lab.links.append(self.link)

    def rebind(self):
        """
        The router forgets every mapping: what is masqueraded by an address ends when the address goes.  It returns, so
        that the next datagram from inside seems to come from another port, and from outside none gets in until then.
        """
        self.lab.ip("nat", "address", "delete", self.outer + "/24", "dev", "public")
        self.lab.ip("nat", "address", "add", self.outer + "/24", "dev", "public")
