# SPDX-License-Identifier: ISC
"""strongSwan's charon as a peer: outside systemd, with directories and a vici socket of its own, Phase 1 only."""

import os
import re

from lab import check, run, tail, until

NAME = "strongSwan"

# Only what Main Mode with a pre-shared key needs; without a kernel interface charon does not start.
PLUGINS = ("random nonce aes des sha1 sha2 md5 hmac gmp curve25519 openssl kernel-netlink socket-default vici")

DAEMON = """\
charon-systemd {
  load = %(plugins)s
  threads = 8
  install_routes = no
  block_threshold = 0
  retransmit_base = 1.5
  plugins {
    vici {
      socket = unix://%(socket)s
    }
  }
  filelog {
    log {
      path = %(log)s
      time_format = %%b %%e %%T
      flush_line = yes
      default = 1
    }
  }
}
"""

# No children: Phase 1 is all that is wanted, and nothing floats away from port 500.
CONNECTION = """\
connections {
  ruthere {
    version = 1
    local_addrs = %(theirs)s
    remote_addrs = %(ours)s
    proposals = %(proposals)s
    dpd_delay = %(dpd_delay)ss
    dpd_timeout = %(dpd_timeout)ss
    unique = %(unique)s
    local {
      auth = psk
      id = %(identity)s
    }
    remote {
      auth = psk
      id = %(remote)s
    }
  }
}
secrets {
  ike-ruthere {
    secret = "%(secret)s"
    id-1 = %(identity)s
    id-2 = %(remote)s
  }
}
"""


class Peer:
    """
    One charon at the far end of `link`.  Knows what its peers know: addresses, identities, secret, proposals in
    ruthere's spelling.  dpd_delay 0: it asks nothing itself.  unique: what it does with INITIAL-CONTACT ("no" obeys).
    """

    name = NAME

    def __init__(self, lab, link, secret, proposals, identity="gw.example", remote="us.example", dpd_delay=0,
                 dpd_timeout=60, unique="no"):
        self.lab, self.link, self.identity = lab, link, identity
        self.path = os.path.join(lab.path, link.node)
        self.socket = os.path.join(lab.sockets, link.node + ".vici")
        self.log = os.path.join(self.path, "charon.log")
        self.process = None
        os.makedirs(os.path.join(self.path, "swanctl"), exist_ok=True)
        self._write("strongswan.conf", DAEMON % {
            "plugins": PLUGINS, "socket": self.socket, "log": self.log})
        self._write("swanctl/swanctl.conf", CONNECTION % {
            "theirs": link.theirs, "ours": link.ours, "proposals": ",".join(proposals), "dpd_delay": dpd_delay,
            "dpd_timeout": dpd_timeout, "unique": unique, "identity": identity, "remote": remote, "secret": secret})
        self.start()

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
            self.link.node, ["/usr/sbin/charon-systemd"], self.link.node + ".out", self.environment)
        until(lambda: os.path.exists(self.socket) or not self.process.running, 15, "charon's vici socket")
        check(self.process.running, "charon does not run: " + tail(self.process.log))
        self.swanctl("--load-all", "--noprompt")

    def swanctl(self, command, *words, timeout=30):
        return run(["swanctl", command, "--uri", "unix://" + self.socket, *words], timeout=timeout,
                   env=dict(os.environ, **self.environment))

    def initiate(self):
        """Main Mode from its side; whether it came up is for the caller to judge, as for any other."""
        try:
            return self.swanctl("--initiate", "--ike", "ruthere", "--timeout", "3")
        except Exception as failure:  # an answer too: a refusal is what some cases want
            return str(failure)

    def sas(self):
        """The cookies of the SAs that are established, as charon lists them over vici: [(initiator's, responder's)]."""
        text = self.swanctl("--list-sas", "--raw")
        return re.findall(r"state=ESTABLISHED\b.*?initiator-spi=([0-9a-f]{16}) responder-spi=([0-9a-f]{16})", text)
