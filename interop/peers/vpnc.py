# SPDX-License-Identifier: ISC
"""vpnc, a client, as a peer: it only calls, by Aggressive Mode, and asks once it has an IPsec SA."""

import os

NAME = "vpnc"

# As if ruthere were a NetScreen: then it wants neither XAUTH nor addresses (Mode Config), and is a USER_FQDN.  Its ten
# seconds are the least that it takes.
CONFIGURATION = """\
IPSec gateway %(ours)s
IPSec ID %(identity)s
IPSec secret %(secret)s
Vendor netscreen
IKE DH Group dh14
Perfect Forward Secrecy nopfs
NAT Traversal Mode none
Xauth username unused
Xauth password unused
DPD idle timeout (our side) 10
Interface name vpnc0
Pidfile %(pidfile)s
No Detach
Script /bin/true
"""


class Peer:
    name = NAME

    def __init__(self, lab, link, secret, identity="vpnc@gw.example"):
        self.lab, self.link = lab, link
        self.file = os.path.join(lab.path, "vpnc.conf")
        with open(self.file, "w") as file:
            os.chmod(self.file, 0o600)
            file.write(CONFIGURATION % {
                "ours": link.ours, "secret": secret, "identity": identity,
                "pidfile": os.path.join(lab.sockets, "vpnc.pid")})
        self.process = None

    def initiate(self):
        self.process = self.lab.spawn(self.link.node, ["vpnc", "--non-inter", self.file], "vpnc.out")
