# SPDX-License-Identifier: ISC
"""
What may happen to datagrams between two ends.  All of it happens where they arrive, so that whoever sends does not notice:
what a filter drops on its way out is an error of the system call.
"""

import json

FLOATED = "udp dport 4500 udp length > 12"
ESP = ("meta l4proto esp", FLOATED + " @th,64,32 != 0")  # RFC 3948 section 2.2: IKE has four zeros there
IKE = ("udp dport 500", FLOATED + " @th,64,32 0")


class Path:
    """Between the nodes that have `interface`; whole at first."""

    def __init__(self, lab, interface, nodes=("us", "gw")):
        self.lab, self.interface, self.nodes, self._broken = lab, interface, nodes, set()

    def drop(self, *matches, nodes=None):
        """What fits one of these (nftables' words; "": everything) is lost when it reaches these nodes, from now on."""
        for node in nodes or self.nodes:
            rules = "".join("iifname %s %s counter drop; " % (self.interface, match) for match in matches)
            self.lab.run(node, "nft", "table inet path { chain arriving { type filter hook prerouting priority -400; %s }; }" % rules)
            self._broken.add(node)

    def cut(self):
        self.drop("")

    def lose(self, percent):
        self.drop("numgen random mod 100 < %d" % percent)

    def drop_esp(self, nodes=None):
        """IKE gets through, and NAT keepalives."""
        self.drop(*ESP, nodes=nodes)

    def drop_ike(self, nodes=None):
        self.drop(*IKE, nodes=nodes)

    def mend(self):
        for node in self._broken:
            self.lab.run(node, "nft", "delete", "table", "inet", "path")
        self._broken.clear()

    def dropped(self, node):
        """How many datagrams were lost on arrival there."""
        if node not in self._broken:
            return 0
        items = json.loads(self.lab.run(node, "nft", "-j", "list", "table", "inet", "path"))["nftables"]
        return sum(word["counter"]["packets"] for item in items for word in item.get("rule", {}).get("expr", [])
                   if "counter" in word)
