# SPDX-License-Identifier: ISC
"""What `serve` survives: each is a clear message, and an SA that lives on."""

import glob
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import time

from node import DETECT, PROGRAM, SECRET, check, need_root, run, until

GARBAGE = bytes(range(1, 17)) + bytes([5, 16, 2, 0]) + bytes(8)  # a header of an SA that nobody has


def flood(place, node, count, size=400):
    """Datagrams that come to nothing, except in a capture and in INVALID-COOKIE notifications."""
    data = GARBAGE[:24] + struct.pack(">I", size) + bytes(size - 28)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(count):
            sender.sendto(data, (place.addresses[node.name], place.port))


# ---- descriptors -----------------------------------------------------------------------------------------------------


def descriptors(place):
    """No descriptor is left for clients of the control socket."""
    a, b = place.pair(limits={resource.RLIMIT_NOFILE: 20})
    begun, before = time.monotonic(), a.cpu()
    held = []
    for _ in range(20):
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].setblocking(False)
        until(lambda: held[-1].connect_ex(a.socket) == 0, 2, "a place in the queue of the control socket")
    told = a.wait("trouble", what="control")
    check("Too many open files" in told["text"], "event: " + told["text"])
    asked = subprocess.run([PROGRAM, "status", "--socket", a.socket], capture_output=True, text=True, timeout=4, check=False)
    check(asked.returncode == 1 and "no more clients can be answered now: Too many open files" in asked.stderr,
          "a client is told: %s" % asked.stderr)
    a.alive(3)
    share = (a.cpu() - before) / (time.monotonic() - begun)
    check(share < 0.2, "it spins: %.0f %% of a processor" % (100 * share))
    for one in held:
        one.close()
    ask = [PROGRAM, "status", "--socket", a.socket]
    until(lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0, 3, "an answer afterwards")
    a.wait("relief", what="control")
    check(len(a.find("trouble")) == 1, "told %d times" % len(a.find("trouble")))
    a.never("dead", "recovering")
    a.end()
    b.end()
    return "20 clients with 20 descriptors in all: turned away with a reason, told once, %.0f %% of a processor, then as before" % (
        100 * share)


# ---- sending ---------------------------------------------------------------------------------------------------------


def _filter():
    run("nft", "table inet t { chain output { type filter hook output priority 0; udp dport 15500 counter drop; }; }")


def _unfilter():
    run("nft", "delete", "table", "inet", "t")


def sending(place):
    """The system refuses to send, twice for different reasons, each for less than the detection time."""
    need_root()
    a, b = place.pair()
    route = ("unreachable", place.addresses["b"], "table", "local")
    words = []
    for begin, end, reason in (
            (_filter, _unfilter, "Operation not permitted"),
            (lambda: run("ip", "route", "add", *route), lambda: run("ip", "route", "del", *route), "No route to host")):
        at = a.now()
        begin()
        told = a.wait("trouble", what="sending", after=at)
        check(reason in told["text"] and place.addresses["b"] in told["text"], "event: " + told["text"])
        a.wait("asked", after=told["t"], count=2)
        end()
        a.wait("relief", what="sending", after=told["t"])
        a.alive()
        check(len(a.find("trouble", after=at)) == 1, "told more than once")
        words.append(reason)
    check(a.status()["counters"]["refused-by-system"] >= 4, "not counted")
    a.never("dead", "recovering")
    a.end()
    b.end()
    return "%s: each told once, and again when it was over; the SA stays" % ", then ".join(words)


def no_network(place):
    """Longer than the detection time: the peer is dead, as it must be, and found again."""
    need_root()
    a, b = place.pair()
    run("ip", "link", "set", "lo", "down")
    dead = a.wait("dead")
    run("ip", "link", "set", "lo", "up")
    a.wait("recovered", after=dead["t"])
    a.alive()
    a.end()
    b.end()
    return "dead after %.2f s of silence, recovered when the network was back" % dead["silence_s"]


def full_socket(place):
    """A socket whose buffer is full: what is to be sent waits, nothing spins, and it goes on when there is room."""
    need_root()
    a, b = place.pair(node="limits { notifies-per-second = 1000 }", preload="sndbuf.so")
    run("tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "40kbit", "burst", "1600", "limit", "100000")
    before = a.cpu()
    flood(place, a, 40, 100)
    told = a.wait("trouble", what="socket")
    run("tc", "qdisc", "del", "dev", "lo", "root")
    a.wait("relief", what="socket", after=told["t"])
    a.alive()
    check(a.cpu() - before < 0.2, "it spins: %.2f s of processor time" % (a.cpu() - before))
    a.never("dead", "recovering")
    a.end()
    b.end()
    return "told, waited without spinning, told that it was over; the SA stays"


# ---- the disk --------------------------------------------------------------------------------------------------------


def _records(path):
    """How many datagrams are in a capture, as another program reads it; it fails on half a record."""
    return len(run("tshark", "-r", path, "-T", "fields", "-e", "frame.number").split())


def _check_cut_off(place, a, folder, reason):
    told = a.wait("trouble", what="capture")
    check(reason in told["text"] and folder in told["text"], "event: " + told["text"])
    a.alive()
    status = a.status()["capture"]
    check(reason in (status["problem"] or ""), "status: %s" % status)
    check(len(a.find("trouble", what="capture")) == 1, "told more than once")
    a.never("dead", "recovering")
    a.end(status=1)
    records = {name: _records(os.path.join(folder, name)) for name in ("wire.pcap", "plain.pcap")}
    check(min(records.values()) > 5 and max(records.values()) <= status["datagrams"], "records: %s" % records)
    with open(os.path.join(folder, "events.jsonl"), "rb") as file:
        lines = file.read()
    check(lines.endswith(b"\n") and [json.loads(line) for line in lines.splitlines()], "half an event")
    return records


def disk_full(place):
    need_root()
    folder = place.file("full")
    os.mkdir(folder)
    run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder)
    a, b = place.pair(capture=folder)
    flood(place, a, 100)
    records = _check_cut_off(place, a, folder, "No space left on device")
    b.end()
    return "%(wire.pcap)d and %(plain.pcap)d datagrams, none of them cut; the SA stays; exit status 1 at the end" % records


def file_too_large(place):
    """The same for whoever has no disk to fill: a limit on the size of files, and its signal."""
    folder = place.file("capture")
    a, b = place.pair(capture=folder, limits={resource.RLIMIT_FSIZE: 40000})
    flood(place, a, 120)
    records = _check_cut_off(place, a, folder, "File too large")
    b.end()
    return "%(wire.pcap)d and %(plain.pcap)d datagrams, none of them cut; no end by SIGXFSZ" % records


# ---- clocks ----------------------------------------------------------------------------------------------------------


class Clock:
    """What clock.so adds to the clocks of a node."""

    def __init__(self, place):
        self.path = place.file("clock")
        self.set(0, 0)
        self.options = {"preload": "clock.so", "environment": {"RUTHERE_TEST_CLOCK": self.path}}

    def set(self, wall, others):
        with open(self.path, "r+b" if os.path.exists(self.path) else "wb") as file:
            file.write(struct.pack("=qq", int(wall * 1e6), int(others * 1e6)))


def _clock(place, wall, others, what):
    clock = Clock(place)
    folder = place.file("capture")
    a, b = place.pair(capture=folder, **clock.options)
    a.alive()
    at = a.now()
    clock.set(wall, others)
    told = a.wait("clock", after=at)
    check(told["clock"] == what and abs(told["by_s"] - (wall + others)) < DETECT, "event: %s" % told)
    a.alive(3, timeout=3 * DETECT)
    events = a.find("alive", after=at)
    gaps = [later["t"] - earlier["t"] for earlier, later in zip(events, events[1:])]
    check(all(0 < gap < DETECT for gap in gaps), "answers came apart by %s" % gaps)
    a.never("dead", "recovering")
    a.end()
    b.end()
    stamps = [float(word) for word in run("tshark", "-r", os.path.join(folder, "wire.pcap"), "-T", "fields", "-e",
                                          "frame.time_epoch").split()]
    return stamps, gaps


def wall_clock_back(place):
    """An hour back, and the day after tomorrow: the captures' stamps follow the wall clock, nothing else does."""
    stamps, _ = _clock(place, -3600, 0, "wall")
    steps = [later - earlier for earlier, later in zip(stamps, stamps[1:])]
    check(sum(step < 0 for step in steps) == 1, "stamps: %s" % stamps)
    check(abs(stamps[-1] - (time.time() - 3600)) < 20, "the last stamp is %f" % stamps[-1])
    return "an hour back: told; the captures' stamps follow it once and go on from there, questions and answers in time"


def steady_clock_back(place):
    """Even the clock that nobody can set, CLOCK_BOOTTIME, is an hour behind."""
    stamps, gaps = _clock(place, 0, -3600, "steady")
    check(stamps == sorted(stamps) and abs(stamps[-1] - time.time()) < 20, "stamps: %s" % stamps)
    return "an hour back: told; asked and answered every %.2f s as before, stamps in order" % max(gaps)


# ---- not being run ---------------------------------------------------------------------------------------------------


def frozen_watcher(place):
    """SIGSTOP for longer than the detection time: the silence was our own, so nobody is dead."""
    a, b = place.pair()
    a.alive()
    a.signal(signal.SIGSTOP)
    time.sleep(DETECT + 1)  # what is tested is that time passes
    at = a.now()
    a.signal(signal.SIGCONT)
    late = a.wait("late", after=at)
    check(late["by_s"] > 1, "late by %s" % late)
    a.alive(3)
    a.never("dead", "recovering")
    b.never("deleted")
    a.end()
    b.end()
    return "stopped for %.1f s, bound %.1f s: said that it was %.2f s late, granted a fresh round, same SA" % (
        DETECT + 1, DETECT, late["by_s"])


def frozen_watched(place):
    """SIGSTOP of the other side: dead after the bound, and back after SIGCONT."""
    a, b = place.pair()
    a.alive()
    b.signal(signal.SIGSTOP)
    dead = a.wait("dead")
    b.signal(signal.SIGCONT)
    a.wait("recovered", after=dead["t"])
    a.alive()
    a.end()
    b.end()
    return "dead after %.2f s of silence, bound %.1f s; recovered after SIGCONT" % (dead["silence_s"], DETECT)


# ---- its reader ------------------------------------------------------------------------------------------------------


def reader_gone(place):
    """Whoever read the events has gone: it says goodbye to its peers and ends, with status 1."""
    reader, writer = os.pipe()
    b = place.watched()
    a = place.watcher(output=writer, started=False)
    os.close(writer)
    b.wait("established")
    os.close(reader)
    check(a.ended() == 1, "ended with %d" % a.process.returncode)
    check(b.wait("deleted")["why"] == "the peer deleted it", "not politely")
    check(not os.path.exists(a.socket), "its control socket stayed")
    b.end()
    return "a closed pipe: SAs deleted politely, exit status 1"


def output_full(place):
    """The event log's disk is full."""
    with open("/dev/full", "wb") as full:
        a = place.watched(output=full, started=False)
        check(a.ended() == 1, "ended with %d" % a.process.returncode)
    return "/dev/full: exit status 1"


CASES = {
    "descriptors": descriptors,
    "sending": sending,
    "no-network": no_network,
    "full-socket": full_socket,
    "disk-full": disk_full,
    "file-too-large": file_too_large,
    "clock-wall-back": wall_clock_back,
    "clock-steady-back": steady_clock_back,
    "frozen-watcher": frozen_watcher,
    "frozen-watched": frozen_watched,
    "reader-gone": reader_gone,
    "output-full": output_full,
}
