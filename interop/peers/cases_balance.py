# SPDX-License-Identifier: ISC
"""
More than one machine: two of them behind a router that spreads by the initiator's cookie with nftables, as
interop/capacity.md writes it down.  The peers are behind a NAT.
"""

import glob
import os
import time

import wire
from lab import Lab, Link, check
from meeting import PROPOSAL, cookies
from ruthere import Ruthere, wall

SERVICE = "10.7.9.1"  # what the peers call
OUTER, PORTS = "10.7.1.254", "20000-30000"  # of the NAT
CLIENTS = 6
LOST = 2
KEEPALIVE = {"mode": '"periodic"', "worry": '"1s"', "retry": '"500ms"', "misses": '"4"'}
RECOVERY = {"attempts": '"2"', "backoff-first": '"500ms"', "backoff-most": '"2s"'}
MARKER = "@th,64,32 0"  # on port 4500: four octets of zero before an IKE message
COOKIE = {500: "@th,64,64", 4500: "@th,96,64"}  # behind the UDP header's 8 octets, and behind the marker

# The mark decides which machine; the address stays, so that nobody takes the router for a NAT.
MARKED = """
table ip balance {
    chain spread {
        type filter hook prerouting priority mangle;
        ip daddr %(service)s udp dport 500 meta mark set jhash %(ike)s mod 2 seed 0x1 offset 1
        ip daddr %(service)s udp dport 4500 %(marker)s meta mark set jhash %(nat_t)s mod 2 seed 0x1 offset 1
    }
}
"""
# One machine is gone: its half goes to the one that is left.
MOVED = """
flush chain ip balance spread
add rule ip balance spread ip daddr %(service)s udp dport { 500, 4500 } meta mark set %(left)d
"""
# The address decides, without a memory of flows, and is put back in what the machines send.
REWRITTEN = """
table ip balance {
    chain spread {
        type filter hook prerouting priority mangle;
        ip daddr %(service)s udp dport 500 ip daddr set jhash %(ike)s mod 2 seed 0x1 offset 1 map { 1 : 10.9.1.2, 2 : 10.9.2.2 }
        ip daddr %(service)s udp dport 4500 %(marker)s ip daddr set jhash %(nat_t)s mod 2 seed 0x1 offset 1 map { 1 : 10.9.1.2, 2 : 10.9.2.2 }
    }
    chain back {
        type filter hook postrouting priority mangle;
        ip saddr { 10.9.1.2, 10.9.2.2 } udp sport { 500, 4500 } ip saddr set %(service)s
    }
}
"""
WORDS = {"service": SERVICE, "marker": MARKER, "ike": COOKIE[500], "nat_t": COOKIE[4500]}


class Site:
    """clients - nat - balance - m1, m2"""

    def __init__(self, lab, rules, rewritten, patience):
        self.lab, self.clients, self.machines = lab, [], []
        self.recovery = dict(RECOVERY, **{"attempt-timeout": '"%s"' % patience})
        for node in ("clients", "nat", "balance", "m1", "m2"):
            lab.add_namespace(node)
        self._wire("nat", "private", "10.8.1.1", "clients", "eth0", "10.8.1.2")
        self._wire("balance", "outside", "10.7.1.1", "nat", "public", OUTER)
        lab.ip("clients", "route", "add", "default", "via", "10.8.1.1")
        lab.ip("nat", "route", "add", SERVICE, "via", "10.7.1.1")
        for node in ("nat", "balance"):
            lab.run(node, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0")
        lab.run("nat", "nft", "table ip lab { chain outgoing { type nat hook postrouting priority srcnat;"
                " oifname public ip protocol udp masquerade to :%s random; }; }" % PORTS)
        for number in (1, 2):
            self._add_machine(number, rewritten)
        lab.run("balance", "nft", rules % WORDS)

    def _wire(self, router, name, its, node, interface, theirs):
        lab = self.lab
        lab.ip(router, "link", "add", name, "type", "veth", "peer", "name", interface, "netns", lab.namespace(node))
        for where, end, address in ((router, name, its), (node, interface, theirs)):
            lab.ip(where, "address", "add", address + "/24", "dev", end)
            lab.ip(where, "link", "set", end, "up")

    def _add_machine(self, number, rewritten):
        node, own, router = "m%d" % number, "10.9.%d.2" % number, "10.9.%d.1" % number
        self._wire("balance", node, router, node, "eth0", own)
        self.lab.ip(node, "route", "add", "default", "via", router)
        if not rewritten:  # each has the service's address, and the mark leads to one of them
            self.lab.ip(node, "address", "add", SERVICE + "/32", "dev", "lo")
            self.lab.ip("balance", "route", "add", SERVICE, "via", own, "table", str(100 + number))
            self.lab.ip("balance", "rule", "add", "fwmark", str(number), "table", str(100 + number))
        listen = own if rewritten else SERVICE
        link = Link(node, "eth0", SERVICE, OUTER, listen, OUTER, node)
        self.machines.append(Ruthere(
            self.lab, [link], [PROPOSAL], role="responder", identity=None, node=node, keepalive=KEEPALIVE,
            own={"identity": '"fqdn:gw.example"'}))

    def add_client(self):
        number = len(self.clients) + 1
        address = "10.8.1.%d" % (10 + number)
        self.lab.ip("clients", "address", "add", address + "/24", "dev", "eth0")
        link = Link("clients", "eth0", address, SERVICE, address, SERVICE, "nat")
        name = "client-%d" % number
        self.clients.append(Ruthere(
            self.lab, [link], [PROPOSAL], node="clients", file=name, keepalive=KEEPALIVE, recovery=self.recovery,
            own={"identity": '"fqdn:%s.example"' % name,
                 "control": '"%s"' % os.path.join(self.lab.sockets, name + ".sock")}))
        return self.clients[-1]

    def lose(self, count):
        """The next so many answers of the machines on port 500, so that what they answer is said again."""
        self.lab.run("balance", "nft", "table ip lost { chain first { type filter hook forward priority 0;"
                     " udp sport 500 limit rate 1/day burst %d packets counter drop; }; }" % count)

    def rebind(self):
        """As nat.Router does it."""
        lab = self.lab
        lab.ip("nat", "address", "delete", OUTER + "/24", "dev", "public")
        lab.ip("nat", "address", "add", OUTER + "/24", "dev", "public")
        lab.ip("nat", "route", "add", SERVICE, "via", "10.7.1.1")

    def home(self, client):
        """The number of the machine that has the client's SA, and its cookies."""
        sa = cookies(client.find("established")[-1])
        homes = [number for number, machine in enumerate(self.machines)
                 if any(cookies(event) == sa for event in machine.find("established"))]
        check(len(homes) == 1, "an SA at %d machines" % len(homes))
        return homes[0]

    def check_homes(self):
        """
        No SA has messages in the captures of both machines, a repeated first message included where there was one, and each
        has some on both ports; how many SAs.
        """
        keys, at = wire.key_rows([folder for machine in self.machines for folder in machine.folders]), []
        for machine in self.machines:
            ports = {}
            for folder in glob.glob(os.path.join(self.lab.path, machine.stem + "-*", "wire.pcap")):
                for message in wire.decode(folder, keys):
                    if message.source == OUTER:
                        ports.setdefault(message.cky_i, set()).add(message.to)
            at.append(ports)
        both = set(at[0]) & set(at[1])
        check(not both, "capture: %d SAs with messages at both machines" % len(both))
        for machine, ports in zip(self.machines, at):
            for event in machine.find("established"):
                check(ports[event["cky_i"]] == {500, 4500}, "capture: an SA did not float at its machine")
        return sum(len(ports) for ports in at)


def spread(lab, rules, rewritten, patience):
    """Clients on both machines; the first messages of some were lost."""
    site = Site(lab, rules, rewritten, patience)
    site.lose(LOST)
    while len(site.clients) < CLIENTS or len({site.home(client) for client in site.clients}) < 2:
        check(len(site.clients) < 4 * CLIENTS, "all at one machine")
        client = site.add_client()
        client.wait("established", timeout=15)
        client.wait("alive", count=2)
    check("counter packets %d" % LOST in lab.run("balance", "nft", "list", "table", "ip", "lost"), "nothing was lost")
    return site


def rebound(site):
    """The NAT forgets all mappings: everybody is heard again, by the machine that has him."""
    before, homes = time.time(), [site.home(client) for client in site.clients]
    site.rebind()
    for client in site.clients:
        client.wait("alive", after=before, timeout=10, count=2)
    check([site.home(client) for client in site.clients] == homes, "a client has changed its machine")
    check(not any(client.find("dead") for client in site.clients), "a death for a mapping that changed")
    moved = sum(len(machine.find("moved", after=before)) for machine in site.machines)
    check(moved >= len(site.clients), "%d clients have moved, of %d" % (moved, len(site.clients)))


def lost_machine(site, change):
    """One is killed.  Its clients find it dead and recover on the other; how long the last needed, and how many they were."""
    lost = 1
    mourners = [client for client in site.clients if site.home(client) == lost]
    others = [client for client in site.clients if client not in mourners]
    killed = site.machines[lost].process.kill()
    if change:
        site.lab.run("balance", "nft", MOVED % dict(WORDS, left=1))
    for client in mourners:
        client.wait("dead", after=killed, timeout=10)
        client.wait("recovered", after=killed, timeout=90)
        check(site.home(client) == 0, "recovered, but not on the other machine")
    check(not any(client.find("dead", after=killed) for client in others), "a client of the other machine was disturbed")
    last = max(wall(client.find("recovered", after=killed)[0]) for client in mourners)
    return last - killed, len(mourners)


def balance(name, rules, change, rewritten=False, patience="5s"):
    with Lab(name) as lab:
        site = spread(lab, rules, rewritten, patience)
        rebound(site)
        nat = {event["nat"] for machine in site.machines for event in machine.find("established")}
        check(nat == ({"both"} if rewritten else {"there"}), "the machines see a NAT: %s" % ", ".join(nat))
        sas = site.check_homes()
        took, count = lost_machine(site, change)
        for client in site.clients:
            client.wait("alive", after=wall(client.find("established")[-1]))
        for process in site.clients + site.machines[:1]:
            process.end()
        return "%d SAs of %d clients, each at one machine over float, repeat and rebinding; %d lost theirs, recovered within %.1f s" % (
            sas, len(site.clients), count, took)


def balance_marked(name):
    return balance(name, MARKED, change=True)


def balance_unattended(name):
    """Nobody tells the router: every call has a new cookie, and the next one or the one after it leads to the other machine."""
    return balance(name, MARKED, change=False, patience="3s")


def balance_rewritten(name):
    return balance(name, REWRITTEN, change=False, rewritten=True)
