# SPDX-License-Identifier: ISC
"""
libreswan's pluto as a peer.  Debian's package conflicts with strongSwan's, so it is not installed, but unpacked below
build/.
"""

import glob
import os
import shutil
import subprocess
import threading

from lab import ROOT, Failure, check, run, tail, until

NAME = "libreswan"
HOME = os.path.join(ROOT, "build", "peers", "libreswan")
TREE = os.path.join(HOME, "root")
UNPACKED = ["libreswan", "libldns3", "libnss3-tools"]
# What pluto is linked with and a small Debian lacks: ordinary libraries, so they are installed.
LIBRARIES = ["libnss3", "libnspr4", "libunbound8", "libcurl3-nss", "libldap-2.5-0", "libevent-core-2.1-7",
             "libevent-pthreads-2.1-7", "libcap-ng0", "libaudit1", "libpam0g", "libselinux1", "libsystemd0"]
PLUTO, WHACK, CERTUTIL = (os.path.join(TREE, "usr", path)
                          for path in ("libexec/ipsec/pluto", "libexec/ipsec/whack", "bin/certutil"))

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
    text = "".join(run(["ldd", program], env=_environment()) for program in (PLUTO, WHACK, CERTUTIL))
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


def spelling(proposal):
    encryption, digest, group = proposal.split("-")
    return "%s-%s;%s" % (encryption, HASHES[digest], GROUPS[group])


class Peer:
    """
    One pluto at the far end of `link`.  It asks nothing itself: it would only with an IPsec SA, and here is none.  As
    initiator it goes on to Quick Mode, which ruthere declines.
    """

    name = NAME

    def __init__(self, lab, link, secret, proposals, identity="gw.example", remote="us.example"):
        fetch()
        self.lab, self.link, self.identity, self.remote = lab, link, identity, remote
        self.proposals = proposals
        self.path = os.path.join(lab.path, link.node)
        self.runtime = os.path.join(lab.sockets, link.node)
        self.control = os.path.join(self.runtime, "pluto.ctl")
        self.process = None
        for folder in ("nss", "d/policies"):
            os.makedirs(os.path.join(self.path, folder), exist_ok=True)
        os.makedirs(self.runtime)
        # Debian's default is to drop IKEv1 altogether.
        self._write("ipsec.conf", "config setup\n\tikev1-policy=accept\n")
        self._write("ipsec.secrets", '@%s @%s : PSK "%s"\n' % (identity, remote, secret))
        run([CERTUTIL, "-N", "-d", "sql:" + os.path.join(self.path, "nss"), "--empty-password"], env=_environment())
        self.start()

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
        # pluto insists on its helper at a fixed path; "ip netns exec" has given it a mount namespace of its own.
        script = 'mkdir -p /usr/libexec && mount --bind "$0" /usr/libexec && exec "$@"'
        self.process = self.lab.spawn(self.link.node, [
            "sh", "-c", script, libexec, PLUTO, "--nofork", "--stderrlog", "--no-dnssec", "--nhelpers", "0",
            "--config", os.path.join(self.path, "ipsec.conf"),
            "--secretsfile", os.path.join(self.path, "ipsec.secrets"),
            "--nssdir", os.path.join(self.path, "nss"), "--ipsecdir", os.path.join(self.path, "d"),
            "--rundir", self.runtime], self.link.node + ".out", _environment())
        until(lambda: os.path.exists(self.control) or not self.process.running, 15, "pluto's control socket")
        check(self.process.running, "pluto does not run: " + tail(self.process.log))
        self.whack("--listen")
        self.whack("--name", "ruthere", "--ikev1", "--psk", "--initialcontact",
                   "--encrypt", "--tunnel", "--esp", "aes128-sha1",
                   "--ike", ",".join(spelling(p) for p in self.proposals),
                   "--id", "@" + self.identity, "--host", self.link.theirs, "--to",
                   "--id", "@" + self.remote, "--host", self.link.ours)

    def whack(self, *words, timeout=15):
        argv = ["ip", "netns", "exec", self.lab.namespace(self.link.node), WHACK, "--ctlsocket", self.control, *words]
        return run(argv, timeout=timeout, env=_environment())

    def initiate(self):
        try:
            return self.whack("--asynchronous", "--initiate", "--name", "ruthere")
        except (Failure, subprocess.TimeoutExpired) as failure:
            return str(failure)
