# SPDX-License-Identifier: ISC
"""strongSwan's charon as a peer: outside systemd, with directories and a vici socket of its own."""

import ipaddress
import os
import re
import shlex
import shutil
import socket

import pki
from lab import MAKE_CALL, check, run, tail, until

NAME = "strongSwan"

# Only what is used here.  Without a kernel interface charon does not start; with kernel-libipsec before the other one
# it moves ESP itself, which a kernel without ESP needs for Quick Mode to succeed.
PLUGINS = ("random nonce aes des sha1 sha2 md5 hmac gmp curve25519 openssl pem pkcs1 pkcs8 x509 pubkey constraints "
           "revocation xauth-generic %s socket-default vici")

# A tunnel of strongSwan's, from its side; what a case changes, it changes in a copy.
CHILD = {"local_ts": "10.9.2.0/24", "remote_ts": "10.9.1.0/24", "esp_proposals": "aes128-sha1", "dpd_action": "clear"}


def sections(fields, depth=0):
    """A configuration in strongSwan's syntax; what is a dictionary becomes a section."""
    text = ""
    for name, value in fields.items():
        if isinstance(value, dict):
            text += "%s%s {\n%s%s}\n" % ("  " * depth, name, sections(value, depth + 1), "  " * depth)
        else:
            text += "%s%s = %s\n" % ("  " * depth, name, value)
    return text


class Peer:
    """
    One charon at the far end of `link`.  Knows what its peers know: addresses, identities, proposals in ruthere's
    spelling, and a secret or, where `certificate` names one of pki's, who signs.  dpd_delay 0: it asks nothing itself.
    unique: what it does with INITIAL-CONTACT ("no" obeys).  child: its tunnel (see CHILD); without one Phase 1 is all
    that it does, and nothing floats away from port 500.  connection: further fields of its section.  strangers: it also
    takes whoever else knows the secret.
    """

    name = NAME
    prefix = ()  # words before its command line

    def __init__(self, lab, link, secret, proposals, identity="gw.example", remote="us.example", dpd_delay=0,
                 dpd_timeout=60, unique="no", certificate=None, child=None, connection=None,
                 strangers=False):
        self.lab, self.link, self.identity = lab, link, identity
        self.path = os.path.join(lab.path, link.node)
        self.socket = os.path.join(lab.sockets, link.node + ".vici")
        self.log = os.path.join(self.path, "charon.log")
        self.process, self.child = None, child
        os.makedirs(os.path.join(self.path, "swanctl"), exist_ok=True)
        if certificate:
            self._install(certificate)
        self._write("strongswan.conf", sections({"charon-systemd": self._daemon()}))
        auth = "pubkey" if certificate else "psk"
        settings = {
            "version": 1, "local_addrs": link.bound, "remote_addrs": link.ours, "proposals": ",".join(proposals),
            "dpd_delay": "%ss" % dpd_delay, "dpd_timeout": "%ss" % dpd_timeout, "unique": unique,
            "local": dict({"auth": auth, "id": '"%s"' % identity}, **({"certs": "own.pem"} if certificate else {})),
            "remote": {"auth": auth, "id": '"%s"' % remote}}
        if child:  # for its routes it wants an address of its own in what it protects
            settings["children"] = {"tunnel": child}
            network = ipaddress.ip_network(child["local_ts"])
            lab.ip(link.node, "address", "add", "%s/%d" % (network[1], network.prefixlen), "dev", "lo")
        settings.update(connection or {})
        connections, names = {"ruthere": settings}, {"id-1": '"%s"' % identity, "id-2": '"%s"' % remote}
        if strangers:
            connections["strangers"] = dict(settings, remote={"auth": auth, "id": "%any"})
            names = {}
        self._write("swanctl/swanctl.conf", sections({
            "connections": connections, "secrets": {"ike-ruthere": {"secret": '"%s"' % secret, **names}}}))
        self.start()

    def _daemon(self):
        kernel = "kernel-libipsec kernel-netlink" if self.child else "kernel-netlink"
        return {
            # Its userspace ESP gets only what a route leads into its ipsec0.
            "load": PLUGINS % kernel, "threads": 16, "install_routes": "yes" if self.child else "no",
            # Half-open SAs of one address; 0, "no limit", becomes one more than cookie_threshold_ip, which is 3.
            "block_threshold": 1000,
            "retransmit_base": 1.5,
            # Guessable by anyone who asks, as it says; but it is to be met here.
            "i_dont_care_about_security_and_use_aggressive_mode_psk": "yes", "keep_alive": "4s",
            "plugins": {"vici": {"socket": "unix://" + self.socket}, "kernel-libipsec": {"allow_peer_ts": "yes"}},
            "filelog": {"log": {
                "path": self.log, "time_format": "%b %e %T", "flush_line": "yes", "default": 1}}}

    def _install(self, certificate):
        """Where swanctl looks for them.  The authority is believed; what is between comes with ruthere's messages."""
        pki.make()
        files = [("x509", "own.pem", certificate + ".pem"), ("private", "own.key", certificate + ".key"),
                 ("x509ca", "authority.pem", "authority.pem")]
        if pki.LEAVES[certificate].signer == "intermediate":
            files.append(("x509", "intermediate.pem", "intermediate.pem"))
        for folder, name, source in files:
            os.makedirs(os.path.join(self.path, "swanctl", folder), exist_ok=True)
            shutil.copy(pki.path(source), os.path.join(self.path, "swanctl", folder, name))

    def _write(self, name, text):
        with open(os.path.join(self.path, name), "w") as file:
            file.write(text)

    @property
    def environment(self):
        return {"STRONGSWAN_CONF": os.path.join(self.path, "strongswan.conf"),
                "SWANCTL_DIR": os.path.join(self.path, "swanctl")}

    def start(self):
        """Starts it without any state, and waits until it would answer."""
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = self.lab.spawn(
            self.link.node, [*self.prefix, "/usr/sbin/charon-systemd"], self.link.node + ".out", self.environment)
        until(lambda: self._listens() or not self.process.running, 15, "charon's vici socket")
        check(self.process.running, "charon does not run: " + tail(self.process.log))
        self.swanctl("--load-all", "--noprompt")

    def _listens(self):
        """The socket is there a moment before anybody listens."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def swanctl(self, command, *words, timeout=30):
        return run(["swanctl", command, "--uri", "unix://" + self.socket, *words], timeout=timeout,
                   env=dict(os.environ, **self.environment))

    def _ask_for(self, command, *words):
        """It need not succeed, and is not waited for: what comes of it is for the caller to judge, as for any other."""
        self.lab.spawn(self.link.node, ["swanctl", command, "--uri", "unix://" + self.socket, *words, "--timeout", "5"],
                       self.link.node + ".swanctl", self.environment)

    def initiate(self):
        """Phase 1 from its side, and its tunnel if it has one."""
        self._ask_for("--initiate", *(["--child", "tunnel"] if self.child else ["--ike", "ruthere"]))

    @property
    def calling(self):
        """A command for a shell that makes it call anew; its socket can be reached from every namespace."""
        words = ["%s=%s" % pair for pair in self.environment.items()]
        return shlex.join(["env", *words, MAKE_CALL, "strongswan", self.socket])

    def terminate(self):
        """Deletes its tunnel."""
        self._ask_for("--terminate", "--child", "tunnel")

    def sas(self):
        """The cookies of the SAs that are established, as charon lists them over vici: [(initiator's, responder's)]."""
        text = self.swanctl("--list-sas", "--raw")
        return re.findall(r"state=ESTABLISHED\b.*?initiator-spi=([0-9a-f]{16}) responder-spi=([0-9a-f]{16})", text)

    def tunnels(self):
        """The SPIs of the IPsec SAs that are installed: [(its inbound, its outbound)]."""
        text = self.swanctl("--list-sas", "--raw")
        return re.findall(r"state=INSTALLED\b.*?spi-in=([0-9a-f]{8}) spi-out=([0-9a-f]{8})", text)
