# SPDX-License-Identifier: ISC
"""What the sets promise together: that every algorithm and case is in one of them, and that a name holds what it says."""
import json
import re

from . import names, rules
from .ciphers import CIPHERS
from .described import DESCRIBED
from .ledger import PAGE


def every(ledger, what, wanted, found):
    for one in sorted(wanted, key=str):
        ledger.true("promises", "%s %s" % (what, one), PAGE, one in found, "is in no set")


def beginnings(values):
    """How many zero octets each secret and public value begins with."""
    zeros = {"g_xy": [], "public_i": [], "public_r": [], "quick g_xy": []}
    of_quick_modes = [(quick["dh"], "quick ") for quick in values["quick_modes"] if quick["dh"]]
    for dh, prefix in [(sa["dh"], "") for sa in values["sas"]] + of_quick_modes:
        for name in ("g_xy", "public_i", "public_r"):
            if prefix + name in zeros:
                octets = bytes.fromhex(dh[name])
                zeros[prefix + name].append(len(octets) - len(octets.lstrip(b"\0")))
    return zeros


def leading_zeros(ledger, name, values):
    """leading-zero-WHAT..., leading-zeros-WHAT...: one octet of zero, or two."""
    found = re.fullmatch(r"leading-zero(s?)-(g-xy|public-i|public-r|quick-mode)(-.*)?", name)
    if not ledger.true("promises", name, PAGE, found is not None, "nobody knows what it promises"):
        return
    kind = {"g-xy": "g_xy", "public-i": "public_i", "public-r": "public_r", "quick-mode": "quick g_xy"}[found[2]]
    most = max(beginnings(values)[kind], default=0)
    ledger.true("promises", name, PAGE, most >= (2 if found[1] else 1), "%s begins with %d zeros" % (kind, most))


def session(ledger, name, values):
    """One for each algorithm: INITIAL-CONTACT, three questions each way and their answers, Delete."""
    asked = {"A": 0, "B": 0}
    answered, contacts, deletes = dict(asked), 0, 0
    for message in values["messages"]:
        for payload in message["payloads"]:
            kind = payload.get("notify", {}).get("type", {}).get("number")
            asked[message["from"]] += kind == rules.R_U_THERE
            answered[message["from"]] += kind == rules.R_U_THERE_ACK
            contacts += kind == rules.INITIAL_CONTACT
            deletes += "delete" in payload
    ledger.true("promises", name, PAGE, min(*asked.values(), *answered.values()) >= 3 and contacts and deletes,
                "asked %s, answered %s, INITIAL-CONTACT %d, Delete %d" % (asked, answered, contacts, deletes))


def run(ledger, sets):
    proposals, methods, cases, negatives = set(), set(), set(), set()
    for name, contents in sets.items():
        values = json.loads(contents["values.json"])
        if values["kind"] == "negative":
            negatives.add(name.removeprefix("negative-"))
            continue
        for sa in values["sas"]:
            chosen = sa["proposal"]
            proposals |= {("encryption", chosen["encryption"]["name"], chosen["key_bits"]), ("hash", chosen["hash"]["name"]),
                          ("group", chosen["group"]["name"])}
            methods.add((sa["exchange"]["name"], chosen["authentication"]["name"]))
            cases.add(sa["key"]["case"])
        if name.startswith("leading-zero"):
            leading_zeros(ledger, name, values)
        if name.startswith("main-"):
            session(ledger, name, values)
    every(ledger, "encryption", [("encryption", names.ENCRYPTION[number], 8 * length) for number in (5, 7)
                                 for length in CIPHERS[number].key_lengths], proposals)
    every(ledger, "hash", [("hash", name) for name in names.HASHES.values()], proposals)
    every(ledger, "group", [("group", name) for name in names.GROUPS.values()], proposals)
    every(ledger, "appendix B", ("cut", "exact", "expanded"), cases)
    every(ledger, "exchange and method", [(exchange, method) for exchange in ("MAIN", "AGGRESSIVE")
                                          for method in names.AUTHENTICATION.values()], methods)
    every(ledger, "negative set", DESCRIBED, negatives)
