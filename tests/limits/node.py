# SPDX-License-Identifier: ISC
"""What all cases have in common: `ruthere serve` as a process, its configuration, its event log, what it says at last."""

import json
import os
import resource
import shutil
import signal
import subprocess
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
PROGRAM = os.environ.get("RUTHERE", os.path.join(BUILD, "ruthere"))
HELPERS = os.path.join(BUILD, "tests", "limits")  # what is compiled for these tests: intruder.so, clock.so
WORK = os.path.join(BUILD, "limits")
SECRET = "zD4rC6gQkq1vX9wYh2Tn8sBm"
DETECT = 2.0  # seconds of silence after which the watcher declares the other dead


class Failure(Exception):
    """What was to be shown is not so, or could not be tried; the message is for a person."""


class Skip(Exception):
    """This case cannot be tried here; the message says what it needs."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def until(probe, timeout, what):
    """The first true answer of probe(), or a Failure that names what was waited for."""
    deadline = time.monotonic() + timeout
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise Failure("waited %.1f s in vain for %s" % (timeout, what() if callable(what) else what))
        time.sleep(0.01)


def run(*argv, timeout=20):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout, check=False)
    check(done.returncode == 0, "%s failed: %s" % (" ".join(argv), (done.stderr or done.stdout).strip()[-300:]))
    return done.stdout


class Place:
    """Where a case works: a folder, and two addresses of loopback that no other case has."""

    def __init__(self, name, number):
        self.name, self.path = name, os.path.join(WORK, name)
        self.addresses = {"a": "127.0.%d.1" % number, "b": "127.0.%d.2" % number, "c": "127.0.%d.3" % number}
        self.port = 15500
        self.nodes = []
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()

    def file(self, name):
        return os.path.join(self.path, name)

    def watcher(self, name="a", gateway="b", node="", tunnel="", **options):
        """A node that calls a gateway and asks whether it is alive."""
        if gateway in self.addresses:
            gateway = "%s:%d" % (self.addresses[gateway], self.port)
        return Node(self, name, node, (
            'gateways = {"%s"}\n  keepalive { detect = %dms  loss = 1%% }\n'
            "  recovery { attempts = 2  attempt-timeout = 500ms  backoff-first = 100ms  backoff-most = 300ms }\n  %s"
            % (gateway, DETECT * 1000, tunnel)), **options)

    def watched(self, name="b", node="", tunnel="", **options):
        """A node that waits to be called, and only answers."""
        return Node(self, name, node, 'from = "127.0.0.0/8"\n  keepalive { mode = off }\n  %s' % tunnel, **options)

    def pair(self, **options):
        """Both, with an SA between them."""
        b = self.watched()
        a = self.watcher(**options)
        a.wait("established")
        return a, b


class Node:
    """
    `ruthere serve`.  Its events are its standard output, in NAME.out; what it says to people is in NAME.err.

    options: secret (as it stands in the file), capture (folder), preload (libraries of HELPERS, colons between them), environment, user (a
    number to start it as), limits ({resource: most}), output (a descriptor instead of NAME.out), started (False: it may end
    before it has), others (secrets of more peers), program (a copy of it).
    """

    def __init__(self, place, name, node="", peer="", secret='"%s"' % SECRET, **options):
        self.place, self.name, self.options = place, name, options
        self.socket = place.file(name + ".sock")
        self.conf = place.file(name + ".conf")
        self.events, self._read, self.process = [], 0, None
        others = "".join(
            'peer "other %d" { from = "10.0.%d.0/24"  keepalive { mode = off }  secret = "%s" }\n' % (number, number, other)
            for number, other in enumerate(options.get("others", ())))
        with open(self.conf, "w") as file:
            os.chmod(self.conf, 0o600)
            file.write(others + 'node {\n  listen = {"%s"}\n  port = %d\n  control = "%s"\n  %s\n}\npeer "peer" {\n  secret = %s\n  %s\n}\n' % (
                place.addresses[name], place.port, self.socket, node, secret, peer))
        if "user" in options:
            os.chown(self.conf, options["user"], -1)
        place.nodes.append(self)
        self.spawn()
        if options.get("started", True):
            self.wait("plan")

    # ---- its life ----

    def _become(self):
        """In the new process, before the program."""
        for what, most in self.options.get("limits", {}).items():
            resource.setrlimit(what, (most, most))
        if "user" in self.options:
            os.setgroups([])
            os.setgid(self.options["user"])
            os.setuid(self.options["user"])

    def spawn(self):
        argv = [self.options.get("program", PROGRAM), "serve", "-c", self.conf, "--json"]
        if "capture" in self.options:
            argv += ["--capture", self.options["capture"]]
        environment = dict(os.environ, **self.options.get("environment", {}))
        if "preload" in self.options:
            environment["LD_PRELOAD"] = ":".join(os.path.join(HELPERS, name) for name in self.options["preload"].split(":"))
        self.events, self._read = [], 0
        with open(self.place.file(self.name + ".out"), "wb") as out, open(self.place.file(self.name + ".err"), "wb") as err:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=self.options.get("output", out), stderr=err, env=environment,
                cwd=self.place.path, preexec_fn=self._become)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def ended(self, timeout=5):
        """Its exit status, waited for; negative: the signal that ended it."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure("%s does not end" % self.name) from None

    def end(self, status=0):
        self.signal(signal.SIGTERM)
        got = self.ended()
        check(got == status, "%s ended with %d, not %d: %s" % (self.name, got, status, self.said()))
        check(not os.path.exists(self.socket), "%s left its control socket behind" % self.name)

    # ---- what it says ----

    def said(self):
        with open(self.place.file(self.name + ".err"), errors="replace") as file:
            return file.read().strip()[-400:]

    def _poll(self):
        with open(self.place.file(self.name + ".out"), "rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text.rfind(b"\n") + 1
        self._read += whole
        self.events += [json.loads(line) for line in text[:whole].splitlines()]

    def find(self, name, after=0.0, **fields):
        """Its events so far of this name, later than this time of its own clock, with these fields."""
        self._poll()
        return [event for event in self.events if event["event"] == name and event["t"] > after
                and all(event.get(key) == value for key, value in fields.items())]

    def now(self):
        """The time of its latest event: what comes after it has a later one."""
        self._poll()
        return self.events[-1]["t"]

    def wait(self, name, timeout=6, count=1, **wanted):
        def probe():
            ended = self.process.poll()
            found = self.find(name, **wanted)
            if len(found) >= count:
                return found[count - 1]
            check(ended is None, "%s has ended with %s: %s" % (self.name, ended, self.said()))
            return None
        return until(probe, timeout, lambda: '"%s" from %s; last came: %s' % (
            name, self.name, ", ".join(event["event"] for event in self.events[-4:])))

    def alive(self, count=2, timeout=6):
        """So many more answers to its questions: the SA lives."""
        self.wait("alive", count=count, after=self.now(), timeout=timeout)

    def never(self, *names):
        for name in names:
            check(not self.find(name), "%s says \"%s\"" % (self.name, name))

    def status(self):
        return json.loads(run(PROGRAM, "status", "--socket", self.socket, "--json"))

    # ---- what the system says about it ----

    def proc(self, name):
        with open("/proc/%d/%s" % (self.process.pid, name)) as file:
            return file.read()

    def proc_status(self):
        return dict(line.split(":\t", 1) for line in self.proc("status").splitlines() if ":\t" in line)

    def cpu(self):
        """Seconds of processor time so far."""
        fields = self.proc("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def need_root():
    if os.geteuid() != 0:
        raise Skip("needs root")
