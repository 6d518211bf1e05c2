# SPDX-License-Identifier: ISC
"""A lab: network namespaces joined by veth pairs, and the processes in them.  All of it is gone when the lab closes."""

import collections
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
WORK = os.path.join(ROOT, "build", "interop")
MAKE_CALL = os.path.join(ROOT, "interop", "peers", "make_call")
PREFIX = "ruthere-"  # of every namespace; the process that made it follows, so that a later run can sweep

_numbers = itertools.count(1)
_open_labs = set()
_closing = threading.Event()


class Failure(Exception):
    """What was to be proved is not so, or could not be tried; the message is for a person."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def until(probe, timeout, what, interval=0.02):
    """The first true answer of probe(), or a Failure that names what was waited for."""
    deadline = time.monotonic() + timeout
    while True:
        if _closing.is_set():
            raise Failure("interrupted")
        answer = probe()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise Failure("waited %.1f s in vain for %s" % (timeout, what() if callable(what) else what))
        time.sleep(interval)


def sleep(seconds):
    if _closing.wait(seconds):
        raise Failure("interrupted")


def tail(path, lines=3):
    try:
        with open(path, errors="replace") as file:
            return " | ".join(line.strip() for line in file.readlines()[-lines:])
    except OSError:
        return ""


def run(argv, timeout=30, **options):
    """A command that must succeed; its standard output."""
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout,
        **options)
    check(done.returncode == 0, "%s failed: %s" % (" ".join(argv[:6]), (done.stderr or done.stdout).strip()[-400:]))
    return done.stdout


class Process:
    """One daemon in a namespace.  Its output goes to `log`, for people only: nothing here is judged by it."""

    def __init__(self, popen, log):
        self.popen, self.log, self.stopped = popen, log, False

    @property
    def running(self):
        return self.popen.poll() is None

    def _signal(self, number):
        if self.running:
            self.popen.send_signal(number)

    def freeze(self):
        """SIGSTOP; the wall clock when it was sent."""
        at = time.time()
        self._signal(signal.SIGSTOP)
        self.stopped = True
        return at

    def thaw(self):
        at = time.time()
        self._signal(signal.SIGCONT)
        self.stopped = False
        return at

    def kill(self):
        """SIGKILL: it leaves nothing behind and tells nobody."""
        at = time.time()
        self._signal(signal.SIGKILL)
        self.popen.wait()
        return at

    def end(self, timeout=5):
        """SIGTERM, so that it can leave in order.  Killed if it does not; the exit status."""
        if self.stopped:
            self.thaw()
        self._signal(signal.SIGTERM)
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.popen.returncode


class Link(collections.namedtuple("Link", "node interface ours theirs listen bound watch")):
    """
    From "us" to a peer.  `ours` and `theirs` are the addresses that the network between the two shows; `listen` and
    `bound` are those that ruthere and the peer have themselves, which are others only behind a NAT.  `watch` is the
    node whose `interface` is captured.
    """

    def reversed(self):
        """The same link for a second peer in the place of ruthere."""
        return Link("us", self.interface, self.theirs, self.ours, self.bound, self.listen, self.watch)



class Lab:
    """
    The namespace "us", where ruthere runs, and one per peer, each on a link of its own.  Files that stay are in `path`
    (below build/interop), sockets in `sockets`: a socket's path must be short.
    """

    def __init__(self, name):
        self.name = name
        self.path = os.path.join(WORK, name)
        self.tag = "%s%d-%d" % (PREFIX, os.getpid(), next(_numbers))
        self.sockets = None
        self.processes, self.namespaces, self.links = [], [], []
        self.lock = threading.Lock()
        self.closed = False

    def __enter__(self):
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path)
        self.sockets = tempfile.mkdtemp(prefix=self.tag + "-")
        _open_labs.add(self)
        try:
            self.add_namespace("us")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with self.lock:
            if self.closed:
                return
            self.closed = True
            for process in reversed(self.processes):
                process.kill()
            for namespace in self.namespaces:
                subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL, check=False)
            shutil.rmtree(self.sockets, ignore_errors=True)
            _open_labs.discard(self)

    # ---- the network ----

    def add_namespace(self, node):
        with self.lock:
            check(not self.closed, "interrupted")
            self.namespaces.append(self.namespace(node))
            run(["ip", "netns", "add", self.namespace(node)])
        self.ip(node, "link", "set", "lo", "up")

    def namespace(self, node):
        return self.tag + "-" + node

    def ip(self, node, *words):
        return run(["ip", "-n", self.namespace(node), *words])

    def run(self, node, *words):
        return run(["ip", "netns", "exec", self.namespace(node), *words])

    def link(self, node, ipv6=False):
        """A namespace for a peer, and a veth pair to it; addresses are on a network of the link's own."""
        number = len(self.links) + 1
        network, length = ("fd00:7:%d::" % number, "64") if ipv6 else ("10.7.%d." % number, "24")
        ours, theirs = network + "1", network + "2"
        link = Link(node, "eth%d" % number, ours, theirs, ours, theirs, node)
        self.add_namespace(node)
        self.ip("us", "link", "add", link.interface, "type", "veth", "peer", "name", link.interface,
                "netns", self.namespace(node))
        for where, address in (("us", link.ours), (node, link.theirs)):
            self.ip(where, "address", "add", address + "/" + length, "dev", link.interface, *(["nodad"] * ipv6))
            self.ip(where, "link", "set", link.interface, "up")
        if ipv6:  # neighbours do not always find each other before their link-local addresses are settled
            until(lambda: not any("tentative" in self.ip(where, "address") for where in ("us", node)), 10, "IPv6")
        self.links.append(link)
        return link

    def filter(self, chain, match, count=None):
        """
        Drops what `match` (in nftables' words) fits, on our side of the links: chain "input" is what comes to us,
        "output" what leaves us.  With `count`, only the first so many.
        """
        few = "limit rate 1/day burst %d packets" % count if count else ""
        rules = "table inet lab { chain %s { type filter hook %s priority 0; %s %s counter drop; }; }" % (
            chain, chain, match, few)
        self.run("us", "nft", rules)

    def filtered(self):
        """How many datagrams each filter has dropped, by chain."""
        text = self.run("us", "nft", "-j", "list", "table", "inet", "lab")
        count = collections.Counter()
        for item in json.loads(text)["nftables"]:
            for word in item.get("rule", {}).get("expr", []):
                count[item["rule"]["chain"]] += word.get("counter", {}).get("packets", 0)
        return count

    def unfilter(self):
        self.run("us", "nft", "delete", "table", "inet", "lab")

    # ---- what runs in it ----

    def spawn(self, node, argv, log, environment=None):
        path = os.path.join(self.path, log)
        with self.lock:
            check(not self.closed, "interrupted")
            with open(path, "ab") as output:
                process = Process(subprocess.Popen(
                    ["ip", "netns", "exec", self.namespace(node), *argv], stdin=subprocess.DEVNULL, stdout=output,
                    stderr=subprocess.STDOUT, start_new_session=True, cwd=self.path,
                    env=dict(os.environ, **(environment or {}))), path)
            self.processes.append(process)
        return process

    def capture(self, link, name):
        """
        tcpdump, running: at the peer's end of the link, what the peer sends and what reaches it; with a NAT in between,
        on its public side.  In its buffer every packet has a slot as large as the largest: with 256 kB each, its default,
        a busy machine loses some.
        """
        log = name + ".tcpdump"
        process = self.spawn(link.watch, [
            "tcpdump", "-n", "-U", "--immediate-mode", "-s", "4096", "-B", "16384", "-Z", "root", "-i", link.interface,
            "-w", os.path.join(self.path, name),
            "udp port 500 or udp port 4500 or esp or ip[6:2] & 0x1fff != 0"], log)  # and the rest of what IP cut
        until(lambda: "listening on" in tail(process.log) or not process.running, 10, "tcpdump")
        check(process.running, "tcpdump does not run: " + tail(process.log))
        return process


# ---- the whole run ---------------------------------------------------------------------------------------------------


def close_all():
    """For an interrupted run: every lab, whoever is working in it."""
    _closing.set()
    for lab in list(_open_labs):
        lab.close()


def _orphaned(name):
    """Whether this was made by a run that is no longer there."""
    match = re.match(re.escape(PREFIX) + r"(\d+)-\d+-", name)
    return match and not os.path.exists("/proc/" + match.group(1))


def sweep():
    """What runs left behind that were killed before they could clean up."""
    for namespace in [line.split()[0] for line in run(["ip", "netns", "list"]).splitlines()]:
        if _orphaned(namespace):
            for pid in run(["ip", "netns", "pids", namespace]).split():
                os.kill(int(pid), signal.SIGKILL)
            run(["ip", "netns", "del", namespace])
    for name in os.listdir(tempfile.gettempdir()):
        if _orphaned(name):
            shutil.rmtree(os.path.join(tempfile.gettempdir(), name), ignore_errors=True)


def missing_programs():
    """What the lab cannot do without: {program: Debian package}, only those that are not here."""
    needed = {"ip": "iproute2", "nft": "nftables", "tcpdump": "tcpdump", "tshark": "tshark",
              "charon-systemd": "charon-systemd", "swanctl": "strongswan-swanctl", "dpkg": "dpkg", "openssl": "openssl",
              "gcc": "gcc", "vpnc": "vpnc", "ike-scan": "ike-scan"}
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return {program: package for program, package in needed.items() if not shutil.which(program, path=path)}
