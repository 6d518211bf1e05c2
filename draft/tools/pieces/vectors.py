# SPDX-License-Identifier: ISC
"""The appendix of test vectors: one session in octets, and the list of all sets, from interop/vectors/sets."""

import hashlib
import json
import os
import textwrap

from pieces.octets import WIDTH, block, figure

CHOSEN = "main-psk-aes128-sha1-modp2048"
COLUMN = 14


def names(folder):
    return sorted(name for name in os.listdir(folder) if os.path.exists(os.path.join(folder, name, "values.json")))


def load(folder, name):
    with open(os.path.join(folder, name, "values.json"), encoding="utf-8") as file:
        return json.load(file)


def digest(folder, name):
    with open(os.path.join(folder, name, "values.json"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _lines(values):
    """Of (name, octets) in hex; what is null is left out."""
    return [line for name, octets in values if octets is not None for line in block(name, octets, COLUMN)]


def _inputs(values, sa):
    dh = sa["dh"]
    return _lines([
        ("PSK", values["authentication"]["psk"]), ("CKY-I", sa["cky_i"]), ("CKY-R", sa["cky_r"]), ("Ni_b", sa["ni_b"]), ("Nr_b", sa["nr_b"]),
        ("SAi_b", sa["sai_b"]), ("IDii_b", sa["idii_b"]), ("IDir_b", sa["idir_b"]), ("x of i", dh["private_i"]), ("x of r", dh["private_r"]),
        ("g^xi", dh["public_i"]), ("g^xr", dh["public_r"]), ("g^xy", dh["g_xy"])])


def _keys(sa):
    expansion = [("K%d" % number, octets) for number, octets in enumerate(sa["key"]["k"], 1)]
    return _lines([("SKEYID", sa["skeyid"]), ("SKEYID_d", sa["skeyid_d"]), ("SKEYID_a", sa["skeyid_a"]), ("SKEYID_e", sa["skeyid_e"])] +
                  expansion + [("key", sa["key"]["key"]), ("HASH_I", sa["hash_i"]), ("HASH_R", sa["hash_r"]),
                               ("first IV", sa["initial_iv"]), ("last block", sa["last_block"])])


def _message(message):
    protection = message["protection"]
    values = [("M-ID", message["message_id"])]
    if protection is not None:
        values += [("IV", protection["iv"])]
        values += [(found["kind"], found["value"]) for found in message["hashes"] if found["payload"] is not None]
        values += [("plaintext", protection["plaintext"])]
    return _lines(values + [("message", message["wire"])])


def _sequence(message):
    """("R-U-THERE", 1234), or nothing."""
    for payload in message["payloads"]:
        if "sequence" in payload.get("notify", {}):
            return payload["notify"]["type"]["name"], payload["notify"]["sequence"]
    return None


def _shown(values):
    """Messages of the session with their titles: Phase 1 whole, then the first question and its answer."""
    asked = None
    for message in values["messages"]:
        name = message.get("name", "")
        what = _sequence(message)
        if name.startswith("MM"):
            yield name, "Message %s of Main Mode" % name[2:], message
        elif what and what[0] == "R-U-THERE" and asked is None:
            asked = what[1]
            yield "question", "R-U-THERE, number %d" % asked, message
        elif what and what[0] == "R-U-THERE-ACK" and what[1] == asked:
            yield "answer", "R-U-THERE-ACK, number %d" % asked, message
            return


def session(values):
    sa = values["sas"][0]
    parts = ["## A Session {#vectors-session}\n\n%s This is the set `%s`.\n" % (values["description"].rstrip(".") + ".", values["set"])]
    parts.append(figure(_inputs(values, sa), "vectors-inputs", "What goes into Phase 1"))
    parts.append(figure(_keys(sa), "vectors-keys", "What follows from it"))
    for anchor, title, message in _shown(values):
        parts.append(figure(_message(message), "vectors-" + anchor.lower(), title))
    return "\n".join(parts)


def _list(folder, found):
    lines = []
    for name in found:
        lines += [name, "    " + digest(folder, name)]
    return lines


def _described(folder, found):
    for name in found:
        values = load(folder, name)
        text = values["description"]
        if "defect" in values:
            defect = values["defect"]
            text = "%s: %s, by %s" % (defect["what"], defect["verdict"], defect["section"])
        yield "`%s`:" % name
        yield from textwrap.wrap(": " + text.replace("_", "\\_").replace("*", "\\*").replace("|", "\\|"), WIDTH, subsequent_indent="  ",
                                 break_long_words=False, break_on_hyphens=False)
        yield ""


def render(folder):
    found = names(folder)
    parts = [session(load(folder, CHOSEN))]
    for kind, title in (("positive", "Sessions"), ("negative", "Defects")):
        some = [name for name in found if load(folder, name)["kind"] == kind]
        parts.append("## %s {#vectors-%s}\n\n%s" % (title, kind, "\n".join(_described(folder, some))))
    parts.append("## Digests {#vectors-digests}\n\nSHA-256 of the file `values.json` of each set:\n\n" +
                 figure(_list(folder, found), "vectors-sums", "Digests of all %d sets" % len(found)))
    return "\n".join(parts)
