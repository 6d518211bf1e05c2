# SPDX-License-Identifier: ISC
"""What the page must show of some reports, computed from their JSON and from nothing of the page's or the program's."""
import json
import re
from collections import Counter

WORST_FIRST = ["FAIL", "XPASS", "INCONCLUSIVE", "XFAIL", "UNSUPPORTED", "LENIENT", "PASS", "INFO", "SKIP"]
LETTERS = dict(zip(WORST_FIRST, "F!?XULPIS"))


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def section(identifier):
    return identifier.rpartition("/")[0]


def natural(text):
    """Digits by their number, which stands among other characters where "0" does."""
    return [(ord("0"), int(part)) if part.isdigit() else (ord(part), 0) for part in re.findall(r"[0-9]+|[^0-9]", text)]


class Device:
    def __init__(self, reports):
        """Of one implementation."""
        self.runs = sorted(reports, key=lambda report: report["started"], reverse=True)
        about = self.runs[0]["device"]
        self.name, self.version = about["name"], about.get("version", "")
        self.label = (self.name + " " + self.version).strip()
        self.cases, self.before = {}, {}
        for report in self.runs:
            for case in report["cases"]:
                if case["id"] not in self.cases:
                    self.cases[case["id"]] = case
                else:
                    self.before.setdefault(case["id"], case)

    def changed(self, identifier):
        is_, was = self.cases[identifier], self.before.get(identifier)
        return was is not None and (was["verdict"], was.get("value", "")) != (is_["verdict"], is_.get("value", ""))

    def cell(self, wanted=None, like=lambda case: True):
        """(worst verdict, {verdict: count}, whether one of them has changed) or None."""
        found = [case for case in self.cases.values() if wanted in (None, section(case["id"])) and like(case)]
        if not found:
            return None
        counts = Counter(case["verdict"] for case in found)
        return min(counts, key=WORST_FIRST.index), dict(counts), any(self.changed(case["id"]) for case in found)


def devices(reports):
    groups = {}
    for report in reports:
        groups.setdefault((report["device"]["name"], report["device"].get("version", "")), []).append(report)
    return [Device(group) for group in groups.values()]


def sections(of):
    return sorted({section(identifier) for device in of for identifier in device.cases}, key=natural)


# ---- colours -----------------------------------------------------------------------------------------------------------

def luminance(colour):
    """WCAG 2.1, relative luminance."""
    parts = []
    for channel in colour[:3]:
        value = channel / 255
        parts.append(value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colour(text):
    """"rgb(1, 2, 3)" or "rgba(1, 2, 3, 0.5)"."""
    numbers = [float(number) for number in re.findall(r"[0-9.]+", text)]
    return tuple(numbers) if len(numbers) == 4 else tuple(numbers) + (1.0,)


# ---- captures ----------------------------------------------------------------------------------------------------------

def internet_sum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def packets(pcap):
    """[(time in microseconds, source, source port, destination, destination port, payload)]; asserts every checksum."""
    assert pcap[:4] == bytes.fromhex("d4c3b2a1") and int.from_bytes(pcap[20:24], "little") == 101, "no pcap of DLT_RAW"
    at, found = 24, []
    while at < len(pcap):
        seconds, micro, length, whole = (int.from_bytes(pcap[at + i:at + i + 4], "little") for i in (0, 4, 8, 12))
        assert length == whole and micro < 1000000 and at + 16 + length <= len(pcap), "a record that is not right"
        ip = pcap[at + 16:at + 16 + length]
        at += 16 + length
        if ip[0] >> 4 == 4:
            assert internet_sum(ip[:20]) == 0xffff and int.from_bytes(ip[2:4], "big") == length and ip[9] == 17, "IPv4"
            source, destination, udp = ip[12:16], ip[16:20], ip[20:]
        else:
            assert ip[0] >> 4 == 6 and int.from_bytes(ip[4:6], "big") == length - 40 and ip[6] == 17, "IPv6"
            source, destination, udp = ip[8:24], ip[24:40], ip[40:]
        pseudo = source + destination + len(udp).to_bytes(4, "big") + b"\0\0\0\x11"
        assert internet_sum(pseudo + udp) == 0xffff and int.from_bytes(udp[4:6], "big") == len(udp), "UDP"
        found.append((seconds * 1000000 + micro, source, int.from_bytes(udp[0:2], "big"), destination,
                      int.from_bytes(udp[2:4], "big"), udp[8:]))
    return found
