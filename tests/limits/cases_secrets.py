# SPDX-License-Identifier: ISC
"""Secrets stay out of what a core dump would hold, although there is none."""

import base64
import os

import memory
from node import SECRET, check, need_root

OTHERS = "Zz8Kq4Wd"  # how the secrets of all the other peers begin
WINDOW = 8  # octets of a secret in a row that count as found


def _search(node, needles):
    """Where in memory each secret is: (in what would be dumped, in what would not)."""
    dumped, kept = [], 0
    for what, contents, in_dump in memory.regions(node.process.pid):
        for name, secret in needles.items():
            for at in range(0, len(secret) - WINDOW + 1, 2):
                if secret[at:at + WINDOW] in contents:
                    if in_dump:
                        dumped.append("%s (octets from %d) in %s of %s" % (name, at, what, node.name))
                    kept += not in_dump
                    break
    return dumped, kept


def _secrets(place, secret_a, secret_b, others=()):
    need_root()
    b = place.watched(secret=secret_b, capture=place.file("capture-b"), others=others)
    a = place.watcher(secret=secret_a, capture=place.file("capture-a"), others=others)
    a.wait("alive", count=2)
    captured = memory.messages(place.file("capture-a/plain.pcap"))
    with open(place.file("capture-a/ikev1_decryption_table")) as file:
        key = file.read().strip().split(",")[1]
    needles = {
        "the pre-shared key": SECRET.encode(),
        "SKEYID": memory.skeyid(SECRET.encode(), captured),
        "SKEYID_a": memory.skeyid_a(captured, memory.regions(a.process.pid)),
        "the cipher's key": bytes.fromhex(key),
        "the cipher's key in hex": key.encode(),
    }
    if others:
        needles["one of the other pre-shared keys"] = OTHERS.encode()
    found = []
    for node in (a, b):
        dumped, kept = _search(node, needles)
        found += dumped
        check(kept >= 3, "%s: only %d of the secrets are where they should be" % (node.name, kept))
        check(node.find("confined")[0]["core_dumps"] is False, "core dumps are possible")
    check(not found, "a core dump would have: " + "; ".join(found))
    a.end()
    b.end()
    return "pre-shared key, SKEYID, SKEYID_a and cipher's key, searched for %d octets at a time: not in what would be dumped" % WINDOW


def secrets_inline(place):
    """Pre-shared keys are in the configuration itself, and in one so long that buffers of all sizes see some of them."""
    others = [OTHERS + base64.b64encode(os.urandom(12)).decode() for _ in range(200)]
    return _secrets(place, '"%s"' % SECRET, "'%s'" % SECRET, others)


def secrets_in_files(place):
    with open(place.file("psk"), "w") as file:
        os.chmod(place.file("psk"), 0o600)
        file.write(SECRET + "\n")
    return _secrets(place, '"file:psk"', '"0x%s"' % SECRET.encode().hex())


CASES = {
    "secrets-inline": secrets_inline,
    "secrets-in-files": secrets_in_files,
}
