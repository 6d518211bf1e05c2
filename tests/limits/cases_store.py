# SPDX-License-Identifier: ISC
"""Where IPsec SAs go: the kernel where it has ESP, and what is kept and said where it has not."""

import os
import subprocess

from node import PROGRAM, check, need_root, run

NOBODY = 65534
CAP_NET_ADMIN = 12  # linux/capability.h
MARK = 0x72700000   # of every reqid of ours: interop/store/store_message.h
TUNNEL = 'tunnel "net" { local = "10.1.0.0/16"  remote = "10.2.0.0/16" }'


def has_esp():
    """What the kernel answers to an SA of this network of our own."""
    add = subprocess.run(["ip", "xfrm", "state", "add", "src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "spi", "0x1000",
                          "reqid", "1", "mode", "tunnel", "auth-trunc", "hmac(sha1)", "0x" + "11" * 20, "96",
                          "enc", "cbc(aes)", "0x" + "22" * 16], capture_output=True, text=True, check=False)
    if add.returncode == 0:
        run("ip", "xfrm", "state", "deleteall")
        return True
    check("Requested type not found" in add.stderr or "Protocol not supported" in add.stderr, "ip xfrm state add: " + add.stderr)
    return False


def policy_list():
    """Those of the whole network: IKE's own sockets have theirs besides."""
    return run("ip", "xfrm", "policy", "list", "nosock")


def policies():
    return [line for line in policy_list().splitlines() if line.startswith("src ")]


def waits(place, ipsec, tunnel=TUNNEL, **options):
    """A node that waits to be called, with a tunnel, and this for a store."""
    place.watched(node="ipsec = " + ipsec, tunnel=tunnel, **options)
    return place.nodes[-1]


def auto(place):
    """The kernel where it has ESP; otherwise this program, and it is said at the start why."""
    need_root()
    esp = has_esp()
    b = waits(place, "auto")
    started = b.find("started")[0]
    check(started["ipsec"] == ("xfrm" if esp else "userspace"), "started: %s" % started)
    check(esp or ("modprobe esp4" in started["notice"] and "this program" in started["notice"]), "notice: " + started["notice"])
    check(b.status()["ipsec"]["store"] == started["ipsec"], "status: %s" % b.status()["ipsec"])
    text = run(PROGRAM, "status", "--socket", b.socket)
    check("tunnel net: tunnel, 10.1.0.0/16 to 10.2.0.0/16, 0 pairs of SAs" in text, text)
    check(int(b.proc_status()["CapEff"], 16) == 1 << CAP_NET_ADMIN, "CapEff " + b.proc_status()["CapEff"])
    b.end()
    return "%s, and said so at the start and in the status" % started["ipsec"]


def by_name(place):
    """Asked for by name the kernel is needed: it starts, or says what is missing."""
    need_root()
    esp = has_esp()
    b = waits(place, "xfrm", started=esp)
    if esp:
        b.end()
        return "the kernel has ESP"
    check(b.ended() == 1, "it runs without ESP")
    check("modprobe esp4" in b.said() and "Protocol not supported" in b.said(), "it says: " + b.said())
    check(not os.path.exists(b.socket), "its control socket stayed")
    return "no ESP: exit status 1, the kernel's answer, and what to do"


def nothing_to_keep(place):
    """Without a tunnel nobody asks the kernel for anything; with none it is not asked either."""
    need_root()
    b = waits(place, "auto", tunnel="")
    check("ipsec" not in b.find("started")[0], "started: %s" % b.find("started")[0])
    check(b.status()["ipsec"]["store"] is None, "status: %s" % b.status()["ipsec"])
    b.end()
    c = waits(place, "none")
    check("ipsec" not in c.find("started")[0], "started: %s" % c.find("started")[0])
    c.end()
    return "no store, no word about one, no capability"


def only_net_admin(place):
    """With the kernel's SAs in hand: CAP_NET_ADMIN, effective and permitted, and nothing else of root's."""
    need_root()
    b = waits(place, "xfrm", preload="esp.so")
    status = b.proc_status()
    check(status["Uid"].split() == [str(NOBODY)] * 4, "users %s" % status["Uid"])
    for name in ("CapPrm", "CapEff"):
        check(int(status[name], 16) == 1 << CAP_NET_ADMIN, "%s is %s" % (name, status[name]))
    for name in ("CapInh", "CapBnd", "CapAmb"):
        check(int(status[name], 16) == 0, "%s is %s" % (name, status[name]))
    check(status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", "not confined")
    told = b.find("confined")[0]
    check(told["capabilities"] == ["net_admin"] and "no capability but CAP_NET_ADMIN" in told["text"], "confined: %s" % told)
    c = waits(place, "xfrm", name="c", preload="esp.so", started=False)
    check(c.ended() == 1 and "another ruthere keeps its IPsec SAs" in c.said(), "the second says: " + c.said())
    b.end()
    return "CAP_NET_ADMIN in two sets, none in three; a second node with the same kernel is refused"


def not_allowed(place):
    """Nobody in particular: what is missing is named, and auto goes on without."""
    need_root()
    os.chmod(place.path, 0o777)
    b = waits(place, "xfrm", user=NOBODY, started=False)
    check(b.ended() == 1 and "CAP_NET_ADMIN" in b.said(), "it says: " + b.said())
    b = waits(place, "auto", user=NOBODY)
    check(b.find("started")[0]["ipsec"] == "keep" and "CAP_NET_ADMIN" in b.find("started")[0]["notice"],
          "started: %s" % b.find("started")[0])
    check("leaves in the clear" in b.find("trouble")[0]["text"], "trouble: %s" % b.find("trouble"))
    b.end()
    return "xfrm: exit status 1, CAP_NET_ADMIN named; auto: keep, told as trouble"


def swept(place):
    """What a crash has left is gone after the next start, and nothing of anybody else's."""
    need_root()
    for source, reqid in (("10.1.0.0/16", MARK | 77), ("10.9.0.0/16", 77)):
        run("ip", "xfrm", "policy", "add", "src", source, "dst", "10.2.0.0/16", "dir", "out", "tmpl", "src", "192.0.2.1", "dst",
            "192.0.2.2", "proto", "esp", "reqid", str(reqid), "mode", "tunnel")
    check(len(policies()) == 2, "policies: %s" % policies())
    b = waits(place, "auto")
    check(policies() == ["src 10.9.0.0/16 dst 10.2.0.0/16 "], "policies: %s" % policies())
    b.end()
    check(len(policies()) == 1, "policies: %s" % policies())
    return "one policy of ours swept, one of another program left"


def called(place):
    """A pair of nodes with a tunnel: the caller's IPsec SAs go to a kernel that looks as if it had ESP."""
    b = place.watched(node="ipsec = keep", tunnel='tunnel "any" { local = "0.0.0.0/0"  remote = "0.0.0.0/0"  narrow = yes  begin = no }')
    a = place.watcher(node="ipsec = xfrm", tunnel=TUNNEL, preload="esp.so")
    return a, b


def in_the_kernel(place):
    """Policies come with the first pair, stay through renewals, survive a SIGKILL, and are swept or go with the node."""
    need_root()
    a, b = called(place)
    established = a.wait("ipsec-established")
    check(established["tunnel"] == "net" and established["proposal"] == "aes128-sha1" and established["local"] == "10.1.0.0/16",
          "event: %s" % established)
    told = policy_list()
    check(len(policies()) == 3 and told.count("reqid %d" % (MARK | 1)) == 3, told)
    check("src 10.1.0.0/16 dst 10.2.0.0/16" in told and "dir fwd" in told and "mode tunnel" in told, told)
    run(PROGRAM, "connect", "peer", "--tunnel", "net", "--socket", a.socket)
    a.wait("ipsec-renewed")
    check(policy_list() == told, "after the renewal: " + policy_list())
    tunnel = a.status()["peers"][0]["tunnels"][0]
    check(tunnel["pair_count"] == 2 and sorted(pair["superseded"] for pair in tunnel["pairs"]) == [False, True], str(tunnel))
    a.kill()
    check(len(policies()) == 3, "a SIGKILL took policies away")
    a.spawn()
    a.wait("ipsec-established")
    check(len(policies()) == 3, "after the next start: %s" % policies())
    a.end()
    check(not policies(), "it left %s" % policies())
    b.wait("ipsec-deleted")
    b.end()
    return "three policies with the first pair, the same after a renewal, after SIGKILL and start, none after the end"


def refused(place):
    """Another program's policy stays: the pair is deleted at both ends, it is told, and Phase 1 lives."""
    need_root()
    run("ip", "xfrm", "policy", "add", "src", "10.1.0.0/16", "dst", "10.2.0.0/16", "dir", "out", "action", "block")
    a, b = called(place)
    trouble = a.wait("trouble", what="store")
    check("another program has one like it" in trouble["text"], "trouble: %s" % trouble)
    a.wait("ipsec-deleted")
    b.wait("ipsec-deleted")
    check(len(policies()) == 1, "policies: %s" % policies())
    a.alive()
    tries = len(a.find("ipsec-established"))
    check(tries <= 5, "it tried %d times in some seconds" % tries)
    a.end()
    b.end()
    check(len(policies()) == 1, "policies: %s" % policies())
    return "trouble told, the pair deleted at both ends, tried %d times, the SA alive, the other program's policy still there" % tries


CASES = {
    "store-auto": auto,
    "store-by-name": by_name,
    "store-none": nothing_to_keep,
    "store-net-admin": only_net_admin,
    "store-not-allowed": not_allowed,
    "store-swept": swept,
    "store-in-the-kernel": in_the_kernel,
    "store-refused": refused,
}
