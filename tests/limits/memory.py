# SPDX-License-Identifier: ISC
"""What a core dump of a process would hold, and the secrets that must not be in it."""

import hashlib
import hmac
import re
import struct

from node import check

PAGE = 4096
ZEROS = bytes(PAGE)


def _mappings(pid):
    """(start, end, what it is, whether a core dump has its contents) of each readable one."""
    with open("/proc/%d/smaps" % pid) as file:
        blocks = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", file.read())[1:]
    for block in blocks:
        head = block.splitlines()[0]
        span, rights, rest = head.split(None, 2)
        start, end = (int(word, 16) for word in span.split("-"))
        flags = re.search(r"VmFlags:(.*)", block).group(1).split()
        anonymous = int(re.search(r"Anonymous:\s+(\d+) kB", block).group(1)) > 0
        if "r" in rights and "[v" not in rest:
            # core(5): private memory that is not just the file's, unless it was taken out with MADV_DONTDUMP
            yield start, end, rest, anonymous and "dd" not in flags


def regions(pid):
    """[(what it is, contents, whether dumped)], read as root."""
    found = []
    with open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for start, end, what, dumped in _mappings(pid):
            memory.seek(start)
            try:
                contents = memory.read(end - start)
            except OSError:
                continue  # a page that nobody may read
            pages = [contents[at:at + PAGE] for at in range(0, len(contents), PAGE)]
            found.append((what.split()[-1] if "/" in what or "[" in what else "memory",
                          b"".join(page for page in pages if page != ZEROS), dumped))
    return found


# ---- the secrets of a session, from what is known of it ----------------------------------------------------------------


def messages(path):
    """ISAKMP messages of a capture of ours, in the order of the wire."""
    with open(path, "rb") as file:
        data = file.read()
    at, found = 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from("=I", data, at + 8)[0]
        found.append(data[at + 16 + 28:at + 16 + length])
        at += 16 + length
    return found


def payloads(message):
    kind, at, found = message[16], 28, {}
    while kind and at + 4 <= len(message):
        length = struct.unpack_from(">H", message, at + 2)[0]
        found[kind] = message[at:at + length]
        kind, at = message[at], at + length
    return found


def _prf(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def skeyid(secret, captured):
    """SKEYID = prf(secret, Ni_b | Nr_b): RFC 2409 section 5."""
    nonces = [payloads(message)[10][4:] for message in captured if message[18] == 2 and 10 in payloads(message)]
    check(len(nonces) == 2, "%d nonces in the capture" % len(nonces))
    return _prf(secret, nonces[0] + nonces[1])


def skeyid_a(captured, memory):
    """
    The key under which HASH(1) of a captured Informational message holds, searched for in memory.  Found there, it is known
    to be it: RFC 2409 section 5.7.
    """
    message = [message for message in captured if message[18] == 5 and 8 in payloads(message)][0]
    digest = payloads(message)[8][4:]
    rest = message[20:24] + message[28 + 4 + len(digest):]
    for _, contents, dumped in memory:
        for at in range(0, 0 if dumped else len(contents) - 31, 4):
            candidate = contents[at:at + 32]
            if candidate.count(0) < 8 and _prf(candidate, rest) == digest:
                return candidate
    check(False, "SKEYID_a is not where it should be either: in memory that is not dumped")
