# SPDX-License-Identifier: ISC
"""
Who is measured by `ruthere bench --against`: charon, pluto and a serve of ours, each told to say nothing of itself, to take any
identity with the one secret, and to be content with one address.
"""

import os

import libreswan
import ruthere
import strongswan
from lab import check, run, tail, until

IDENTITY = "fqdn:bench.example"  # of the caller, with "member12." before it
GROUPS = {"modp2048": "aes128-sha1-modp2048", "ecp256": "aes128-sha256-ecp256", "x25519": "aes128-sha256-x25519"}
PROPOSALS = list(GROUPS.values())
ROOM = 20000  # SAs that ours takes: more than are made
HALF_OPEN = 64  # half-open ones: more than the caller has at a time, and few, since each has 32 kB, for half a minute
CALLS_FIRST = 80  # until it has the memory for all of these

OURS = """node {
	identity = "fqdn:gw.example"
	listen = {"%s"}
	control = "%s"
	limits {
		sas = %d
		handshakes = %d
		handshakes-per-source = %d
	}
}
%s"""
PEER = """peer "%s" {
	from = "%s"
	secret = "%s"
	proposals = {%s}
	keepalive {
		mode = off
	}
}
"""


def _second_processor():
    """`ruthere bench` asks from the first processor and expects whom it measures on the second."""
    processors = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(processors[min(1, len(processors) - 1)])]


class Charon(strongswan.Peer):
    """Without any log.  table: its ikesa_table_size; None: its default of 1, a list that is searched."""

    def __init__(self, lab, link, table=None):
        self.prefix, self.table = _second_processor(), table
        super().__init__(lab, link, ruthere.SECRET, PROPOSALS, remote="%any", unique="never", connection={
            "rekey_time": "0", "reauth_time": "0"})

    def _daemon(self):
        daemon = dict(super()._daemon(), init_limit_half_open="0", journal={"default": -1})
        daemon["load"] = "openssl " + daemon["load"].replace(" openssl", "")  # before gmp, as Debian has it: faster
        daemon["filelog"]["log"]["default"] = -1
        if self.table:
            daemon.update(ikesa_table_size=self.table, ikesa_table_segments=16)
        return daemon


class Pluto(libreswan.Peer):
    """For each that calls it makes a copy of its one connection."""

    def __init__(self, lab, link):
        self.prefix = _second_processor()
        super().__init__(lab, link, ruthere.SECRET, PROPOSALS, anybody=True)


class Ours:
    """`ruthere serve`, confined as always, which asks nothing by itself; with peers that are configured and never come."""

    name = "ruthere serve"

    def __init__(self, lab, link, peers=1):
        proposals = ", ".join('"%s"' % proposal for proposal in PROPOSALS)
        everybody = PEER % ("anyone", "any", ruthere.SECRET, proposals) + "".join(
            PEER % (number, "10.%d.%d.%d" % (100 + number // 65536, number // 256 % 256, number % 256),
                    ruthere.SECRET + str(number), proposals) for number in range(1, peers))
        control = os.path.join(lab.sockets, "gw.sock")
        path = os.path.join(lab.path, "gw.conf")
        with open(path, "w") as file:
            os.chmod(path, 0o600)
            file.write(OURS % (link.bound, control, ROOM, HALF_OPEN, HALF_OPEN, everybody))
        self.process = lab.spawn(link.node, [*_second_processor(), ruthere.PROGRAM, "serve", "-c", path], "gw.out")
        until(lambda: os.path.exists(control) or not self.process.running, 60, "the node's control socket")
        check(self.process.running, "ruthere serve does not run: " + tail(self.process.log))


def size_text(sas):
    """As `ruthere bench` says it."""
    return "{:,} SAs".format(sas)


def resident(pid):
    """Its memory, octets."""
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Rss:"))


def measure(lab, link, peer, name, benchmark, proposal, output, *words, timeout=900):
    """`ruthere bench` against it, from "us"; what it has measured is in `output`, as JSON."""
    secret = os.path.join(lab.path, "secret")
    with open(secret, "w") as file:
        os.chmod(secret, 0o600)
        file.write(ruthere.SECRET)
    return run(["ip", "netns", "exec", lab.namespace("us"), ruthere.PROGRAM, "bench", benchmark,
                "--against", link.theirs, "--pid", str(peer.process.popen.pid), "--name", name, "--secret-file", secret,
                "--identity", IDENTITY, "--proposal", proposal, "--json", output, *words], timeout=timeout)
