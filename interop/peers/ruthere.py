# SPDX-License-Identifier: ISC
"""The program under proof: its configuration, its life, and its event log."""

import calendar
import json
import os
import shlex
import time

import pki
from lab import ROOT, check, run, tail, until

PROGRAM = os.environ.get("RUTHERE", os.path.join(ROOT, "build", "ruthere"))
SECRET = "zD4rC6gQkq1vX9wYh2Tn8sBm"

# What a case changes, it changes in a copy; every value is written as it stands here.
KEEPALIVE = {"mode": '"periodic"', "detect": '"8s"', "loss": '"20%"'}
EXPLICIT = {"mode": '"periodic"', "worry": '"500ms"', "retry": '"500ms"', "misses": '"6"'}
SILENT = {"mode": '"off"'}
RECOVERY = {"on-death": '"restart"', "connect-at-start": "true", "attempts": '"2"', "attempt-timeout": '"10s"',
            "backoff-first": '"1s"', "backoff-most": '"60s"', "hold-down": '"5m"'}
# A tunnel from our side, as strongswan.CHILD and libreswan.TUNNEL have it from theirs.
TUNNEL = {"local": '"10.9.1.0/24"', "remote": '"10.9.2.0/24"', "proposals": '{"aes128-sha1"}'}
# ESP of our own, and our address inside; for a second of ours at the other end, the same with its address.
USERSPACE = {"ipsec": '"userspace"', "tun-addresses": '{"10.9.1.1/32"}'}


def wall(event):
    """An event's wall clock as seconds of the epoch."""
    whole, fraction = event["time"].rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + fraction)


def _list(values):
    return "{" + ", ".join('"%s"' % value for value in values) + "}"


def _section(name, fields):
    return "\t%s {\n%s\t}\n" % (name, "".join("\t\t%s = %s\n" % field for field in fields.items()))


def _configuration(node, peer, sections):
    """One node with one peer."""
    return (
        "node {\n" + "".join(
            _section(*field) if isinstance(field[1], dict) else "\t%s = %s\n" % field for field in node.items()) + "}\n"
        'peer "gw" {\n' + "".join("\t%s = %s\n" % field for field in peer.items())
        + "".join(_section(name, fields) for name, fields in sections.items()) + "}\n")


AGGRESSIVE = {"exchange": '"aggressive"'}  # with signatures
AGGRESSIVE_SECRET = {"exchange": '"aggressive-psk"'}


def signatures(certificate="us", authentication="rsa"):
    """What a peer's section says in place of a secret: pki's `certificate` is ours, and its authority is believed."""
    pki.make()
    files = {"key": certificate + ".key", "certificate": certificate + ".chain.pem", "authorities": "authority.pem",
             "revocations": "revocations.pem"}
    return dict({"authentication": authentication}, **{
        name: '"%s"' % pki.path(file) for name, file in files.items()})


class Ruthere:
    """
    `ruthere serve` in the namespace "us".  Its settings stay over restarts; every start has a capture folder of its
    own: us-1, us-2 and so on.  It calls, or as "responder" waits.  identity: who the peer must be.  credentials: fields
    in place of the secret, see signatures().  peer, tunnel: further fields of these sections.  workers: processes.  tunnels:
    {name: fields} of several.  capture False: it writes down nothing but its events.
    """

    def __init__(self, lab, links, proposals, role="initiator", secret=SECRET, identity="fqdn:gw.example",
                 keepalive=None, recovery=None, credentials=None, peer=None, tunnel=None, tunnels=None, words=(),
                 node="us", file="ruthere", workers=1, own=None, capture=True):
        self.lab, self.links, self.words, self.node = lab, links, list(words), node
        self.control = os.path.join(lab.sockets, node + ".sock")
        self.stem, self.file = node if file == "ruthere" else file, os.path.join(lab.path, file + ".conf")
        self.workers, self.runs, self.process, self.events, self._read = workers, 0, None, [], {}
        self.capture = capture
        self.own = {"identity": '"fqdn:%s.example"' % node, "listen": _list(link.listen for link in links),
                    "control": '"%s"' % self.control, "workers": workers}
        self.own.update(own or {})
        fields = {"proposals": _list(proposals)}
        if identity:
            fields["identity"] = '"%s"' % identity
        fields.update(credentials or {"secret": '"%s"' % secret})
        if role == "initiator":
            fields["gateways"] = _list(link.theirs for link in links)
        else:
            fields["from"] = '"%s"' % links[0].theirs
        fields.update(peer or {})
        sections = {"keepalive": keepalive or KEEPALIVE, "recovery": dict(RECOVERY, **(recovery or {}))}
        for name, section in (tunnels or ({"net": tunnel} if tunnel else {})).items():
            sections['tunnel "%s"' % name] = section
        with open(self.file, "w") as file:
            os.chmod(self.file, 0o600)
            file.write(_configuration(self.own, fields, sections))
        self.start()

    @property
    def folder(self):
        return os.path.join(self.lab.path, "%s-%d" % (self.stem, self.runs))

    def parts(self, folder):
        """Where the captures of a run are: one for each worker."""
        return [folder] if self.workers == 1 else [
            os.path.join(folder, "worker-%d" % number) for number in range(self.workers)]

    @property
    def folders(self):
        return [part for number in range(1, self.runs + 1)
                for part in self.parts(os.path.join(self.lab.path, "%s-%d" % (self.stem, number)))]

    def start(self):
        """Starts it anew: without state, with an event log that begins at the beginning.  The wall clock of that."""
        check(os.access(PROGRAM, os.X_OK), "%s is not there; please: make" % PROGRAM)
        self.runs += 1
        self.events, self._read = [], {}
        at = time.time()
        self.process = self.lab.spawn(
            self.node, [PROGRAM, "serve", "-c", self.file, *(["--capture", self.folder] if self.capture else []), "--json",
                        *self.words],
            "%s-%d.out" % (self.stem, self.runs))
        self.wait("started", count=self.workers)
        return at

    def _poll(self):
        """Takes in whole lines only: the last may still be on its way."""
        for part in self.parts(self.folder) if self.capture else [self.process.log]:
            read = self._read.get(part, 0)
            try:
                with open(os.path.join(part, "events.jsonl") if self.capture else part, "rb") as file:
                    file.seek(read)
                    text = file.read()
            except FileNotFoundError:
                continue
            whole = text.rfind(b"\n") + 1
            self._read[part] = read + whole
            self.events += [json.loads(line) for line in text[:whole].splitlines() if line.startswith(b"{")]
        if self.workers > 1:
            self.events.sort(key=lambda event: event["t"])

    def find(self, name, after=0.0, match=None, **fields):
        """Events so far of this name, later than this wall clock, with these fields."""
        self._poll()
        return [event for event in self.events
                if event["event"] == name and wall(event) > after and (match is None or match(event))
                and all(event.get(key) == value for key, value in fields.items())]

    def wait(self, name, timeout=10, count=1, **wanted):
        """The count-th such event, waited for."""
        def probe():
            running = self.process.running
            found = self.find(name, **wanted)
            if len(found) >= count:
                return found[count - 1]
            check(running, "ruthere has ended with status %d: %s" % (
                self.process.popen.returncode or 0, tail(self.process.log)))
            return None
        return until(probe, timeout, lambda: 'event "%s"; last came: %s' % (name, self.last()))

    def last(self, count=3):
        return ", ".join(
            event["event"] + "".join(" %s=%s" % (k, event[k]) for k in ("why", "verdict", "notify") if k in event)
            for event in self.events[-count:]) or "nothing"

    def _tell(self, *words):
        return run([PROGRAM, *words, "--socket", self.control])

    def renew_tunnel(self):
        """Quick Mode anew."""
        return self._tell("connect", "gw", "--tunnel", "net")

    def call(self):
        """Phase 1, if there is none."""
        return self._tell("connect", "gw")

    def close(self):
        return self._tell("close", "gw")

    def status(self):
        return json.loads(run([PROGRAM, "status", "--socket", self.control, "--json"]))

    def end(self):
        """In order, so that captures are complete.  That it can is part of every case."""
        status = self.process.end()
        check(status == 0, "ruthere ended with status %d: %s" % (status, tail(self.process.log)))

    @property
    def calling(self):
        """A command for a shell that makes it call; its socket can be reached from every namespace."""
        return shlex.join([PROGRAM, "connect", "gw", "--socket", self.control])
