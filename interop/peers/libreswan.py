# SPDX-License-Identifier: ISC
"""
libreswan's pluto as a peer.  Debian's package conflicts with strongSwan's, so it is not installed, but unpacked below
build/.  For its Quick Mode a small library of ours is compiled there, too: see preload/without_esp.c.
"""

import glob
import os
import shlex
import shutil
import socket
import subprocess
import threading

import pki
from lab import MAKE_CALL, ROOT, Failure, check, run, tail, until

NAME = "libreswan"
HOME = os.path.join(ROOT, "build", "peers", "libreswan")
TREE = os.path.join(HOME, "root")
UNPACKED = ["libreswan", "libldns3", "libnss3-tools"]
# What pluto is linked with and a small Debian lacks: ordinary libraries, so they are installed.
LIBRARIES = ["libnss3", "libnspr4", "libunbound8", "libcurl3-nss", "libldap-2.5-0", "libevent-core-2.1-7",
             "libevent-pthreads-2.1-7", "libcap-ng0", "libaudit1", "libpam0g", "libselinux1", "libsystemd0"]
PLUTO, WHACK, CERTUTIL, PK12UTIL = (
    os.path.join(TREE, "usr", path)
    for path in ("libexec/ipsec/pluto", "libexec/ipsec/whack", "bin/certutil", "bin/pk12util"))
WITHOUT_ESP = os.path.join(HOME, "without_esp.so")

# A tunnel from its side: what is behind it, and behind ruthere.
TUNNEL = ("10.9.2.0/24", "10.9.1.0/24")

# ruthere's spelling of a group: libreswan's.  It has no modp1024.
GROUPS = {"modp1536": "modp1536", "modp2048": "modp2048", "modp4096": "modp4096", "ecp256": "dh19", "ecp384": "dh20",
          "x25519": "dh31"}
HASHES = {"md5": "md5", "sha1": "sha1", "sha256": "sha2_256", "sha384": "sha2_384", "sha512": "sha2_512"}

_fetching = threading.Lock()


def _environment():
    folders = glob.glob(os.path.join(TREE, "usr/lib/*-linux-gnu"))
    return dict(os.environ, LD_LIBRARY_PATH=":".join(folders))


def _unmet():
    """Shared libraries that the unpacked programs do not find."""
    text = "".join(run(["ldd", program], env=_environment()) for program in (PLUTO, WHACK, CERTUTIL, PK12UTIL))
    return sorted({line.split()[0] for line in text.splitlines() if "not found" in line})


def _apt(*words, **options):
    return subprocess.run(
        ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "APT::Sandbox::User=root", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"), **options)


def _unpack():
    """Downloads and unpacks, and puts the result in place in one move, so that a broken download leaves nothing."""
    fresh = HOME + ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    done = _apt("download", *UNPACKED, cwd=fresh)
    if done.returncode:  # lists that are too old name versions that are gone
        _apt("update")
        done = _apt("download", *UNPACKED, cwd=fresh)
    check(done.returncode == 0, "libreswan cannot be downloaded (apt-get download %s): %s" % (
        " ".join(UNPACKED), done.stdout.strip()[-300:]))
    for package in glob.glob(os.path.join(fresh, "*.deb")):
        run(["dpkg", "-x", package, os.path.join(fresh, "root")])
    shutil.rmtree(HOME, ignore_errors=True)
    os.rename(fresh, HOME)


def fetch():
    """Once per build folder.  Fails with what to install where that cannot be done from here."""
    with _fetching:
        if not os.access(PLUTO, os.X_OK):
            _unpack()
        if _unmet():
            done = _apt("install", "--no-install-recommends", *LIBRARIES)
            check(done.returncode == 0 and not _unmet(), "libreswan lacks %s; please: apt-get install %s" % (
                ", ".join(_unmet()), " ".join(LIBRARIES)))
        _compile()


def _compile():
    source = os.path.join(ROOT, "interop", "peers", "preload", "without_esp.c")
    if not os.path.exists(WITHOUT_ESP) or os.path.getmtime(WITHOUT_ESP) < os.path.getmtime(source):
        run(["gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", WITHOUT_ESP, source,
             "-ldl"])


def spelling(proposal):
    encryption, digest, group = proposal.split("-")
    return "%s-%s;%s" % (encryption, HASHES[digest], GROUPS[group])


class Peer:
    """
    One pluto at the far end of `link`.  Without a tunnel (see TUNNEL) it asks nothing itself: it would only with an
    IPsec SA, and here is none.  As initiator it then goes on to a Quick Mode that ruthere declines.  certificate: who
    signs, one of pki's.  keepalive: its dpddelay and dpdtimeout, in seconds.  encapsulation: "yes" even where there is
    no NAT.  words: further ones for whack, of the connection.  stranger: somebody else who knows the secret and is taken;
    anybody: everybody is.
    """

    name = NAME
    prefix = ()  # words before its command line

    def __init__(self, lab, link, secret, proposals, identity="gw.example", remote="us.example", certificate=None,
                 tunnel=None, keepalive=None, encapsulation="auto", words=(), stranger=None, anybody=False):
        fetch()
        self.lab, self.link, self.identity, self.remote = lab, link, identity, remote
        self.proposals, self.certificate, self.tunnel = proposals, certificate, tunnel
        self.words, self.stranger, self.anybody = ["--encaps", encapsulation, *words], stranger, anybody
        if keepalive:
            self.words += ["--dpddelay", str(keepalive[0]), "--dpdtimeout", str(keepalive[1]), "--dpdaction", "restart"]
        self.path = os.path.join(lab.path, link.node)
        self.runtime = os.path.join(lab.sockets, link.node)
        self.control = os.path.join(self.runtime, "pluto.ctl")
        self.process = None
        for folder in ("nss", "d/policies"):
            os.makedirs(os.path.join(self.path, folder), exist_ok=True)
        os.makedirs(self.runtime)
        # Debian's default is to drop IKEv1 altogether.
        self._write("ipsec.conf", "config setup\n\tikev1-policy=accept\n")
        self._write("ipsec.secrets", ': PSK "%s"\n' % secret if anybody else "".join(
            '@%s @%s : PSK "%s"\n' % (identity, who, secret) for who in (remote, stranger) if who))
        self._nss(CERTUTIL, "-N", "--empty-password")
        if certificate:
            pki.make()
            self._nss(CERTUTIL, "-A", "-n", "authority", "-t", "CT,,", "-i", pki.path("authority.pem"))
            self._nss(PK12UTIL, "-i", pki.path(certificate + ".p12"), "-W", "lab", "-K", "")
        if tunnel:  # an SA that is asked for would be given up after 30 s when the kernel has nothing more to say of it
            lab.run(link.node, "sysctl", "-qw", "net.core.xfrm_acq_expires=86400")
        self.start()

    def _nss(self, program, *words):
        run([program, *words, "-d", "sql:" + os.path.join(self.path, "nss")], env=_environment())

    def _write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o600)

    def start(self):
        """Starts it without any state, and waits until it would answer."""
        for name in os.listdir(self.runtime):
            os.unlink(os.path.join(self.runtime, name))
        libexec = os.path.join(TREE, "usr/libexec")
        environment = dict(_environment(), **({"LD_PRELOAD": WITHOUT_ESP} if self.tunnel else {}))
        # pluto insists on its helper at a fixed path; "ip netns exec" has given it a mount namespace of its own.
        script = 'mkdir -p /usr/libexec && mount --bind "$0" /usr/libexec && exec "$@"'
        self.process = self.lab.spawn(self.link.node, [
            *self.prefix, "sh", "-c", script, libexec, PLUTO, "--nofork", "--stderrlog", "--no-dnssec", "--nhelpers", "0",
            "--config", os.path.join(self.path, "ipsec.conf"),
            "--secretsfile", os.path.join(self.path, "ipsec.secrets"),
            "--nssdir", os.path.join(self.path, "nss"), "--ipsecdir", os.path.join(self.path, "d"),
            "--rundir", self.runtime], self.link.node + ".out", environment)
        until(lambda: self._listens() or not self.process.running, 15, "pluto's control socket")
        check(self.process.running, "pluto does not run: " + tail(self.process.log))
        self.whack("--listen")
        self._add()

    def _listens(self):
        """The socket is there a moment before anybody listens."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.control) == 0

    def _add(self):
        here, there = ["--id", "@" + self.identity, "--host", self.link.bound], [
            "--id", "@" + self.remote, "--host", self.link.ours]
        if self.anybody:
            there = ["--id", "%any", "--host", "%any"]
        if self.certificate:
            here += ["--cert", self.certificate, "--sendcert", "always", "--ca", "%same"]
            there += ["--ca", "%same"]  # what it then asks ruthere for
        if self.tunnel:
            here, there = (end + ["--client", network, "--updown", "/bin/true"]
                           for end, network in zip((here, there), self.tunnel))
        how = ["--ikev1", "--rsasig" if self.certificate else "--psk", "--initialcontact", "--encrypt", "--tunnel",
               "--esp", "aes128-sha1", *self.words, "--ike", ",".join(spelling(p) for p in self.proposals)]
        self.whack("--name", "ruthere", *how, *here, "--to", *there)
        if self.stranger:
            self.whack("--name", "stranger", *how, "--id", "@" + self.identity, "--host", self.link.bound, "--to",
                       "--id", "@" + self.stranger, "--host", self.link.ours)

    def whack(self, *words, timeout=15):
        argv = ["ip", "netns", "exec", self.lab.namespace(self.link.node), WHACK, "--ctlsocket", self.control, *words]
        return run(argv, timeout=timeout, env=_environment())

    def initiate(self):
        try:
            return self.whack("--asynchronous", "--initiate", "--name", "ruthere")
        except (Failure, subprocess.TimeoutExpired) as failure:
            return str(failure)

    @property
    def calling(self):
        """A command for a shell that makes it call anew; its socket can be reached from every namespace."""
        return shlex.join(["env", "LD_LIBRARY_PATH=" + _environment()["LD_LIBRARY_PATH"], MAKE_CALL, "libreswan", WHACK,
                           self.control])
