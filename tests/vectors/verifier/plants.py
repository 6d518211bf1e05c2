# SPDX-License-Identifier: ISC
"""
Whether anything would be noticed: one octet, field, packet or row of a set is changed in memory, and the verifier must fail and
name what was changed.  A change that nobody notices is a failure.
"""
import copy
import json
import re
import struct
import zlib

# Words for people, or of the reference's own receiver: nothing in the RFCs says what they must be.  And a party's own secret is there
# only where it is not the other's; any one will do.
WORDS = re.compile(r"^(\$schema|parties\[\]\.psk|description|sections\[\]|defect\.(what|sentence|verdict)|"
                   r"datagrams\[\]\.(verdict|delivered))$")
HEX = re.compile(r"^([0-9a-f]{2})+$")
EACH = 2  # instances of every kind of leaf


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, path + (name,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, path + (index,))
        if not value:
            yield path, value
    else:
        yield path, value


def text_of(path):
    return "".join("[%d]" % step if isinstance(step, int) else "." + step for step in path).lstrip(".")


def kind_of(path):
    return re.sub(r"\[\d+\]", "[]", text_of(path))


def spoilt(path, value):
    """Another value of the same type; which octet of a longer one is changed is chosen by its name."""
    chance = zlib.crc32(text_of(path).encode())
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "00"
    if isinstance(value, list):
        return ["00"]
    if HEX.match(value):
        at = chance % (len(value) // 2)
        octet = int(value[2 * at:2 * at + 2], 16) ^ (1 << (chance >> 8) % 8)
        return "%s%02x%s" % (value[:2 * at], octet, value[2 * at + 2:])
    return value + "x"


def put(values, path, value):
    """A copy with another leaf; what is not on the way to it is not copied."""
    if not path:
        return value
    changed = copy.copy(values)
    changed[path[0]] = put(values[path[0]], path[1:], value)
    return changed


def without_leading_zeros(path, value):
    """Also what is no change of an octet: a leading zero dropped, and one put there."""
    if isinstance(value, str) and HEX.match(value):
        if not text_of(path).split(".")[-1].startswith("private_"):  # an exponent may have some
            yield "with a zero octet before it", "00" + value
        if value.startswith("00") and len(value) > 2:
            yield "without its leading zero", value[2:]


def of_values(sets):
    """(set, name, values): every kind of leaf in a few places, spread over the sets."""
    places = {}
    for name, contents in sets.items():
        values = json.loads(contents["values.json"])
        for path, value in leaves(values):
            if not WORDS.match(kind_of(path)):
                places.setdefault((kind_of(path), type(value).__name__), []).append((name, values, path, value))
    for (kind, _), found in sorted(places.items()):
        step = max(1, (len(found) - 1) // max(1, EACH - 1))
        for name, values, path, value in found[::step][:EACH]:
            yield name, text_of(path), json.dumps(put(values, path, spoilt(path, value)))
        name, values, path, value = found[len(found) // 2]
        for how, other in without_leading_zeros(path, value):
            yield name, text_of(path) + " " + how, json.dumps(put(values, path, other))


def packets(capture):
    """Where each packet of a little- or big-endian capture begins and ends."""
    order = "<" if capture[0] == 0xd4 else ">"
    at = 24
    while at < len(capture):
        size = struct.unpack(order + "I", capture[at + 8:at + 12])[0]
        yield at, at + 16 + size
        at += 16 + size


def of_capture(capture):
    """(what was done, the capture): a bit in places all over it, a packet gone, doubled, exchanged with the next, cut."""
    places = list(packets(capture))
    for number, (start, end) in enumerate(places, 1):
        if number in (1, len(places) // 2 + 1, len(places)):
            for at in (start, start + 4, start + 8, start + 16, (start + end) // 2, end - 1):
                yield "octet %d of packet %d" % (at - start, number), capture[:at] + bytes([capture[at] ^ 1]) + capture[at + 1:]
    first, second = places[0], places[-1]
    yield "the last packet gone", capture[:second[0]]
    yield "the last packet twice", capture + capture[second[0]:]
    yield "the first packet gone", capture[:first[0]] + capture[first[1]:]
    yield "cut off", capture[:-1]
    if len(places) > 1:
        a, b = places[0], places[1]
        yield "two packets exchanged", capture[:a[0]] + capture[b[0]:b[1]] + capture[a[0]:a[1]] + capture[b[1]:]


def of_table(text):
    lines = text.decode("ascii").splitlines(keepends=True)
    yield "a row gone", "".join(lines[1:]).encode()
    yield "a row twice", "".join(lines + lines[:1]).encode()
    for at in (0, len(text) - 2):
        octet = b"1" if text[at:at + 1] == b"0" else b"0"
        yield "character %d" % at, text[:at] + octet + text[at + 1:]


def named(path, failures):
    """Whether a failure is about this place, or about the whole that it is part of."""
    place = path.split(" ")[0]
    for failure in failures:
        name = failure.name.split(" ")[0]
        if name and (place == name or place.startswith(name + ".") or place.startswith(name + "[") or name.startswith(place + ".")
                     or name.startswith(place + "[")):
            return True
    return False


# Secrets cannot be computed from anything; what follows from them is named in their place.
FOLLOWS = {
    "authentication.psk": "skeyid", "dh.private_i": "public_i", "dh.private_r": "public_r", "rsa.private_exponent": "private_exponent",
    "epoch": "time_us", "rsa.prime_1": "rsa", "rsa.prime_2": "rsa", "rsa.public_exponent": "private_exponent",
}


def noticed(path, failures):
    if not failures:
        return "nobody noticed"
    if named(path, failures):
        return None
    for secret, follows in FOLLOWS.items():
        if path.split(" ")[0].endswith(secret) and any(failure.name.split(".")[-1].startswith(follows) for failure in failures):
            return None
    return "noticed, but elsewhere: %s" % "; ".join(str(failure) for failure in failures[:3])


def run(ledger, sets, verify):
    """sets: name -> contents.  verify(name, contents) -> failures."""
    for name, path, values in of_values(sets):
        failures = verify(name, {**sets[name], "values.json": values.encode()})
        complaint = noticed(path, failures)
        ledger.true("values.json", "%s %s" % (name, path), "plant", complaint is None, complaint)
    names = sorted(sets)
    for name in {names[0], names[len(names) // 3], names[2 * len(names) // 3], names[-1]}:
        for file in ("wire.pcap", "plain.pcap"):
            for what, capture in of_capture(sets[name][file]):
                failures = verify(name, {**sets[name], file: capture})
                right = ("wire.pcap", "datagrams", "messages") if file == "wire.pcap" else ("plain.pcap",)
                ledger.true(file, "%s %s" % (name, what), "plant", any(failure.name.startswith(right) for failure in failures),
                            "; ".join(map(str, failures[:3])) or "nobody noticed")
        for what, table in of_table(sets[name]["ikev1_decryption_table"]) if sets[name]["ikev1_decryption_table"] else ():
            failures = verify(name, {**sets[name], "ikev1_decryption_table": table})
            ledger.true("key table", "%s %s" % (name, what), "plant",
                        any(failure.name.startswith("ikev1_decryption_table") for failure in failures), "nobody noticed")
