# SPDX-License-Identifier: ISC
"""What tshark and `ruthere decode` read in the captures of sets, held against values.json."""
import collections
import json
import os
import re
import subprocess
import tempfile

Set = collections.namedtuple("Set", ["name", "path", "values"])

# What is asked of tshark, and how often it may occur in a frame: as the payloads of values.json have it.
FIELDS = collections.OrderedDict([
    ("time", "frame.time_epoch"), ("source", "ip.src"), ("source_port", "udp.srcport"), ("destination", "ip.dst"),
    ("destination_port", "udp.dstport"), ("cky_i", "isakmp.ispi"), ("cky_r", "isakmp.rspi"),
    ("exchange", "isakmp.exchangetype"), ("message_id", "isakmp.messageid"), ("payloads", "isakmp.typepayload"),
    ("notify", "isakmp.notify.msgtype"), ("spi", "isakmp.spi"), ("asked", "isakmp.notify.data.dpd.are_you_there"),
    ("answered", "isakmp.notify.data.dpd.are_you_there_ack"), ("delete", "isakmp.delete.spi"), ("hash", "isakmp.hash"),
    ("signature", "isakmp.sig"), ("nonce", "isakmp.nonce"), ("public", "isakmp.key_exchange.data"),
    ("vendor", "isakmp.vid_bytes"), ("nat_d", "isakmp.ike.nat_hash"), ("fqdn", "isakmp.id.data.fqdn"),
    ("keepalive", "udpencap.nat_keepalive"), ("fragment", "isakmp.frag.seq"),
])
PROPOSAL, TRANSFORM, FRAGMENT = 2, 3, 132
SA, KE, ID, HASH, SIG, NONCE, NOTIFY, DELETE, VENDOR_ID, NAT_D = 1, 4, 5, 8, 9, 10, 11, 12, 13, 20
R_U_THERE, R_U_THERE_ACK = 36136, 36137
PCAP_HEAD = 24


def defect_of(values):
    return values.get("defect", {}).get("message")


# ---- tshark ----------------------------------------------------------------------------------------------------------


def tshark(sets, directory):
    """
    The frames of each set by name, as dictionaries of FIELDS.  All captures become one, and all keys one table, because tshark takes
    longer to start than to read them; cookies tell the sets apart.
    """
    os.makedirs(directory, exist_ok=True)
    merged, counts = os.path.join(directory, "all.pcap"), []
    with open(merged, "wb") as out, open(os.path.join(directory, "ikev1_decryption_table"), "wb") as table:
        for number, each in enumerate(sets):
            with open(os.path.join(each.path, "wire.pcap"), "rb") as file:
                octets = file.read()
            out.write(octets if number == 0 else octets[PCAP_HEAD:])
            counts.append((each.name, count_frames(octets)))
            with open(os.path.join(each.path, "ikev1_decryption_table"), "rb") as file:
                table.write(file.read())
    argv = ["tshark", "-n", "-r", merged, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|", "-E", "occurrence=a"]
    for field in FIELDS.values():
        argv += ["-e", field]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=True,
                          env=dict(os.environ, WIRESHARK_CONFIG_DIR=directory))
    rows = iter([dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()])
    return {name: [next(rows, None) for _ in range(count)] for name, count in counts}


def count_frames(octets):
    at, count = PCAP_HEAD, 0
    while at < len(octets):
        at += 16 + int.from_bytes(octets[at + 8:at + 12], "little")
        count += 1
    return count


def words(text):
    return [word.replace(":", "") for word in text.split("|") if word]


def numbers(text):
    return [int(word, 0) for word in text.split("|") if word]


def expected_fields(message):
    """Of one message, by what values.json says."""
    payloads = message["payloads"]

    def bodies(kind):
        return [payload["body"] for payload in payloads if payload["type"]["number"] == kind]

    notifies = [payload["notify"] for payload in payloads if "notify" in payload]
    return {
        "cky_i": [message["cky_i"]], "cky_r": [message["cky_r"]], "exchange": [message["exchange"]["number"]],
        "message_id": [int(message["message_id"], 16)],
        "payloads": [payload["type"]["number"] for payload in payloads],
        "notify": [notify["type"]["number"] for notify in notifies],
        "asked": [notify["sequence"] for notify in notifies if notify["type"]["number"] == R_U_THERE],
        "answered": [notify["sequence"] for notify in notifies if notify["type"]["number"] == R_U_THERE_ACK],
        "delete": [spi for payload in payloads for spi in payload.get("delete", {"spis": []})["spis"]],
        "hash": bodies(HASH), "signature": bodies(SIG), "nonce": bodies(NONCE), "public": bodies(KE),
        "vendor": bodies(VENDOR_ID), "nat_d": bodies(NAT_D),
        "fqdn": [bytes.fromhex(body[8:]).decode() for body in bodies(ID) if body[:2] == "02"],
    }


def seen_fields(row, fragments):
    """The same, by what tshark says; of a frame with a last fragment what it says of the whole message."""
    seen = {}
    for name in ("exchange", "message_id", "payloads", "notify", "asked", "answered"):
        seen[name] = numbers(row[name])
    for name in ("cky_i", "cky_r", "delete", "hash", "signature", "nonce", "public", "vendor", "nat_d"):
        seen[name] = words(row[name])
    seen["fqdn"] = [word for word in row["fqdn"].split("|") if word]
    # those of the SA payload stand among the others
    seen["payloads"] = [number for number in seen["payloads"] if number not in (PROPOSAL, TRANSFORM, FRAGMENT)]
    if fragments:
        for name in ("cky_i", "cky_r", "exchange", "message_id"):
            seen[name] = seen[name][-1:]
    return seen


def lost(values, datagram):
    """To tshark a message ID of 0 is Phase 1, from the end of which it takes the IVs of everything that follows."""
    defect = values.get("defect")
    return defect and defect["verdict"] == "BAD_MESSAGE_ID" and datagram["frame"] > defect["frame"]


def tshark_complaints(each, rows):
    values = each.values
    if len(rows) != len(values["datagrams"]) or None in rows:
        yield "%d frames in place of %d" % (len(rows), len(values["datagrams"]))
        return
    for datagram, row in zip(values["datagrams"], rows):
        where = "frame %d" % datagram["frame"]
        time = values["epoch"] * 1000000 + datagram["time_us"]
        seconds, fraction = row["time"].split(".")
        if int(seconds + fraction[:6]) != time:
            yield "%s: time %s in place of %d us" % (where, row["time"], time)
        for name in ("source", "destination"):
            seen = {"address": row[name], "port": int(row[name + "_port"])}
            if seen != datagram[name]:
                yield "%s: %s %s in place of %s" % (where, name, seen, datagram[name])
        if (datagram["what"] == "nat-keepalive") != bool(row["keepalive"]):
            yield "%s: a NAT keepalive or not" % where
        if datagram["what"] == "nat-keepalive":
            continue
        message = values["messages"][datagram["message"] - 1]
        last = datagram.get("fragment", {"last": True})["last"]
        if datagram["what"] == "fragment" and numbers(row["fragment"])[:1] != [datagram["fragment"]["number"]]:
            yield "%s: fragment %s in place of %d" % (where, row["fragment"], datagram["fragment"]["number"])
        if message["number"] == defect_of(values) or not last or lost(values, datagram):
            continue
        expected, seen = expected_fields(message), seen_fields(row, datagram["what"] == "fragment")
        for name, value in expected.items():
            if seen[name] != value:
                yield "%s: %s: tshark has %s in place of %s" % (where, name, seen[name], value)


# ---- ruthere decode --------------------------------------------------------------------------------------------------


def key_log(values):
    """The rows of our own key log (interop/decode/key_log.h): with SKEYID_a, so that HASH can be verified."""
    for sa in values["sas"]:
        proposal = sa["proposal"]
        cipher = proposal["encryption"]["name"]
        if cipher == "aes":
            cipher += str(proposal["key_bits"])
        yield "ikev1 %s %s %s-%s %s %s %s\n" % (sa["cky_i"], sa["cky_r"], cipher, proposal["hash"]["name"], sa["key"]["key"],
                                               sa["skeyid_a"], sa["last_block"] or "-")


def decode(each, program, scratch):
    keys, twin = os.path.join(scratch, "keys"), os.path.join(scratch, "twin.pcap")
    with open(keys, "w", encoding="ascii") as file:
        file.writelines(key_log(each.values))
    done = subprocess.run([program, "decode", os.path.join(each.path, "wire.pcap"), "--keys", keys, "--json", "--all",
                           "--twin", twin], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        return None, None, done.stderr
    with open(twin, "rb") as file:
        return [json.loads(line) for line in done.stdout.splitlines()], file.read(), None


# What only the receiver's state, its policy or more secrets than those of the log can say: no capture shows it, and nothing must be said.
UNSEEN = {"negative-" + name for name in (
    "mm5-hash-wrong", "mm6-hash-wrong", "mm5-signature-wrong", "mm5-secrets-differ", "mm3-public-0", "mm3-public-1",
    "mm3-public-off-curve", "mm3-public-p-less-1", "mm3-public-too-large", "mm4-public-0-x25519", "mm1-no-proposal",
    "message-id-0", "replay", "delete-of-other-sa", "cookies-unknown")}
# A decoder believes a key where it gives payloads: of these it says that it cannot read them, and nothing else.
HIDDEN = {"negative-" + name for name in ("hash-short", "iv-of-phase-1", "payload-unknown")}


def defect_complaints(each, datagram, line):
    """Of the frame with the defect."""
    if line is None:
        yield "frame %d: no message" % datagram["frame"]
        return
    found = {anomaly["verdict"] for anomaly in line["anomalies"]}
    verdict = each.values["defect"]["verdict"]
    if each.name in UNSEEN | HIDDEN:
        expected = {"UNREADABLE"} if each.name in HIDDEN else set()
        if found != expected:
            yield "frame %d: %s in place of %s" % (datagram["frame"], sorted(found), sorted(expected) or "nothing")
    elif verdict not in found:
        yield "frame %d: %s in place of %s" % (datagram["frame"], sorted(found), verdict)


def message_complaints(message, line, first):
    where = "message %d" % message["number"]
    protection = message["protection"]
    for name in ("cky_i", "cky_r", "message_id"):
        if line[name] != message[name]:
            yield "%s: %s is %s in place of %s" % (where, name, line[name], message[name])
    for name, value in (("exchange", message["exchange"]["number"]), ("flags", message["flags"]),
                        ("length", len(message["wire"]) // 2), ("anomalies", [])):
        if line[name] != value:
            yield "%s: %s is %s in place of %s" % (where, name, line[name], value)
    if not first:
        return
    if line["encrypted"] != (protection is not None) or (protection and not line["decrypted"]):
        yield "%s: encrypted or decrypted: %s" % (where, line.get("reason", ""))
    elif protection and line["octets"][56:] != protection["plaintext"]:
        yield "%s: another plaintext" % where
    elif not protection and line["octets"] != message["wire"]:
        yield "%s: other octets" % where
    if protection and line["padding"] != protection["padding"]:
        yield "%s: %s octets of padding in place of %d" % (where, line["padding"], protection["padding"])
    if line.get("kind", "").split("/")[0] != message["name"]:
        yield "%s: %s in place of %s" % (where, line.get("kind"), message["name"])
    names = [payload["type"]["name"] for payload in message["payloads"]]
    found = re.findall(r"[A-Z][A-Z-]*", re.sub(r"\([^)]*\)", "", re.search(r"\[(.*)\]", line["line"]).group(1)))
    if found != names:
        yield "%s: %s in place of %s" % (where, found, names)
    later = [hash for hash in message["hashes"] if hash["kind"].startswith("HASH(")]
    if later and line.get("hash") != "verified":
        yield "%s: %s does not verify" % (where, later[0]["kind"])


def decode_complaints(each, program, build):
    values, defect = each.values, each.values.get("defect")
    with tempfile.TemporaryDirectory(dir=build) as scratch:
        lines, twin, error = decode(each, program, scratch)
    if lines is None:
        yield error
        return
    messages = {line["packet"]: line for line in lines[:-1] if line["what"] == "message"}
    for datagram in values["datagrams"]:
        line = messages.get(datagram["frame"])
        if datagram["message"] is None or not datagram.get("fragment", {"last": True})["last"]:
            continue
        message = values["messages"][datagram["message"] - 1]
        if defect and datagram["frame"] == defect["frame"]:
            yield from defect_complaints(each, datagram, line)
        elif line is None:
            yield "frame %d: no message" % datagram["frame"]
        elif message["number"] != defect_of(values):
            # an answer in the clear to somebody who has keys
            answer = defect and defect["answer"] and defect["answer"]["message"] == message["number"]
            line["anomalies"] = [anomaly for anomaly in line["anomalies"]
                                 if not answer or anomaly["verdict"] != "UNPROTECTED"]
            yield from message_complaints(message, line, datagram["repeats"] is None)
    with open(os.path.join(each.path, "plain.pcap"), "rb") as file:
        if not defect and list(without_ip(file.read())) != list(without_ip(twin)):
            yield "plain.pcap is not the twin that ruthere decode makes"


def without_ip(octets):
    """Of each frame of a capture of IPv4 the time, the addresses, and all from the UDP header on: headers before it are of our making."""
    at = PCAP_HEAD
    while at < len(octets):
        length = int.from_bytes(octets[at + 8:at + 12], "little")
        frame = octets[at + 16:at + 16 + length]
        yield octets[at:at + 8], frame[12:20], frame[20:]
        at += 16 + length
