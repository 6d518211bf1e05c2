# SPDX-License-Identifier: ISC
"""A confined node still looks up the gateways that it was given by name: in the file of hosts, and by asking a server."""

import os
import socket
import struct
import threading

from node import check, need_root, run

NAME = "gw.limits.example"


def _put(place, name, text):
    """Over one of the system's files, in the mounts of this case alone."""
    path = place.file(os.path.basename(name))
    with open(path, "w") as file:
        os.chmod(path, 0o644)
        file.write(text)
    return path


class Server(threading.Thread):
    """A name server for one name, on port 53 of loopback."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.answer, self.asked = socket.inet_aton(address), 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    def run(self):
        while True:
            query, client = self.socket.recvfrom(512)
            self.asked += 1
            end = query.index(b"\0", 12) + 5
            kind = struct.unpack_from(">H", query, end - 4)[0]
            records = [b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + self.answer] if kind == 1 else []
            self.socket.sendto(query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(records), 0, 0) + query[12:end]
                               + b"".join(records), client)


def names(place):
    """The gateway is somewhere else than it was at the start: first the file of hosts says so, later only a server."""
    need_root()
    hosts = _put(place, "/etc/hosts", "%s %s\n" % (place.addresses["c"], NAME))
    resolv = _put(place, "/etc/resolv.conf", "nameserver 127.0.0.1\n")
    run("mount", "--bind", hosts, "/etc/hosts")
    run("mount", "--bind", resolv, "/etc/resolv.conf")
    b = place.watched("b")
    a = place.watcher(gateway="%s:%d" % (NAME, place.port))
    a.wait("failed")  # nobody is there
    _put(place, "/etc/hosts", "%s %s\n" % (place.addresses["b"], NAME))
    a.wait("established", gateway="%s:%d" % (place.addresses["b"], place.port), timeout=10)
    b.kill()
    dead = a.wait("dead")
    _put(place, "/etc/hosts", "127.0.0.1 localhost\n")
    server = Server(place.addresses["c"])
    server.start()
    c = place.watched("c")
    a.wait("established", after=dead["t"], gateway="%s:%d" % (place.addresses["c"], place.port), timeout=10)
    check(server.asked > 0, "the server was not asked")
    check(a.proc_status()["Seccomp"] == "2", "it was not confined")
    a.alive()
    a.end()
    c.end()
    return "moved twice while it was confined: found by the file of hosts, then by %d questions to a name server" % server.asked


CASES = {
    "names": names,
}
