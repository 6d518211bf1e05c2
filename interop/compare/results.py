# SPDX-License-Identifier: ISC
"""What was measured, as data, as a table, and as a picture."""

import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "draft", "tools"))

from pictures.svg import Picture

FORMAT = "ruthere-compare-1"
HOUR = 3600
# What is measured in seconds: (scenario, who is at the other end, which of the sample's figures, the column).
EVENTS = (
    ("peer-restarts", "strongSwan", "seconds", "strongSwan restarts"),
    ("we-restart", "strongSwan", "seconds", "we restart, strongSwan at the other end"),
    ("peer-restarts", "ruthere", "seconds", "ruthere restarts, ruthere at the other end"),
    ("cut", "strongSwan", "seconds", "path cut: noticed"),
    ("cut", "strongSwan", "again", "path mended: traffic"),
    ("esp-cut", "strongSwan", "seconds", "ESP alone cut: noticed"),
)


# ---- data ------------------------------------------------------------------------------------------------------------


def gather(found, methods, detect, loss, scenarios):
    """found: {(scenario, method, other): [sample]}."""
    names = [method.name for method in methods]
    whole = {"format": FORMAT, "detect_s": detect, "loss_percent": loss, "cap_s": scenarios.CAP,
             "traffic": {"packets_a_second_each_way": 2 * scenarios.RATE, "octets": scenarios.SIZE},
             "methods": [{"name": m.name, "title": m.title, "settings": m.settings} for m in methods],
             "events": [], "cost": [], "loss": []}
    for scenario, other, figure, _ in EVENTS:
        for name in names:
            samples = [sample[figure] for sample in found.get((scenario, name, other), [])]
            whole["events"].append({"scenario": scenario, "method": name, "other": other, "figure": figure,
                                    "samples": [None if value is None else round(value, 3) for value in samples]})
    for scenario in ("idle", "busy"):
        for name in names:
            for sample in found.get((scenario, name, "strongSwan"), []):
                scale = HOUR / sample["seconds"]
                whole["cost"].append({
                    "scenario": scenario, "method": name, "measured_s": round(sample["seconds"], 1),
                    "user_packets": sample["user"], "user_packets_lost": sample["lost"], "an_hour": {
                        kind: {what: round(count * scale) for what, count in counts.items()}
                        for kind, counts in sample["counts"].items()}})
    for name in names:
        samples = found.get(("loss", name, "strongSwan"), [])
        whole["loss"].append({
            "method": name, "measured_s": sum(sample["seconds"] for sample in samples),
            "dead": sum(sample["dead"] for sample in samples),
            "black_holes": sum(sample["black holes"] for sample in samples),
            "expected": float("%.3g" % sum(sample["expected"] for sample in samples))})
    return whole


def load(folder=HERE):
    with open(os.path.join(folder, "results.json")) as file:
        return json.load(file)


def write(whole, folder):
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump(whole, file, indent=1)
        file.write("\n")
    for name, text in (("results.md", table(whole)), ("results.svg", draw(whole))):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)


def samples_of(whole, event, method):
    for entry in whole["events"]:
        if (entry["scenario"], entry["other"], entry["figure"], entry["method"]) == (*event[:3], method):
            return entry["samples"]
    return []


def typical(samples):
    """The median; None: in half of the samples or more it did not come."""
    if not samples:
        return None
    value = statistics.median_low(sorted(float("inf") if sample is None else sample for sample in samples))
    return None if value == float("inf") else value


# ---- the table -------------------------------------------------------------------------------------------------------


def few(number):
    return "%.1f" % number if number >= 0.95 else "%.2f" % number


def seconds_text(whole, samples):
    if not samples:
        return "-"
    value = typical(samples)
    if value is None:
        return "never"
    there = [sample for sample in samples if sample is not None]
    text, least, most = (few(number) for number in (value, min(there), max(there)))
    if least != most:
        text += " (%s to %s)" % (least, most)
    return text if len(there) == len(samples) else text + ", %d of %d never" % (len(samples) - len(there), len(samples))


def cost_text(whole, scenario, method):
    for entry in whole["cost"]:
        if (entry["scenario"], entry["method"]) == (scenario, method):
            kinds = [("IKE", "ike"), ("pings", "esp"), ("single octets", "keepalive")]
            told = ["%s %s (%s kB)" % ("{:,}".format(entry["an_hour"][kind]["datagrams"]), name, "{:,.0f}".format(
                entry["an_hour"][kind]["octets"] / 1000)) for name, kind in kinds if entry["an_hour"][kind]["datagrams"]]
            return ", ".join(told) or "nothing"
    return "-"


def expected_text(value):
    if value == 0:
        return "0"
    return "%.1f" % value if value >= 0.05 else "%.0e" % value if value < 0.001 else "%.3f" % value


def loss_text(whole, method):
    for entry in whole["loss"]:
        if entry["method"] == method and entry["measured_s"]:
            told = "%d dead" % entry["dead"] + (", %d black holes" % entry["black_holes"] if entry["black_holes"] else "")
            return "%s (%s)" % (told, expected_text(entry["expected"]))
    return "-"


def minutes(whole):
    return max((entry["measured_s"] for entry in whole["loss"]), default=0) / 60


def table(whole):
    heads = [event[3] for event in EVENTS]
    lines = ["| method | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for method in whole["methods"]:
        cells = [seconds_text(whole, samples_of(whole, event, method["name"])) for event in EVENTS]
        lines.append("| %s | %s |" % (method["title"], " | ".join(cells)))
    lines += ["", "| method | an hour, idle | an hour, busy | given up in %.0f min at %d %% loss each way (by the formulas) |" % (
        minutes(whole), whole["loss_percent"]), "|---|---|---|---|"]
    for method in whole["methods"]:
        name = method["name"]
        lines.append("| %s | %s | %s | %s |" % (method["title"], cost_text(whole, "idle", name), cost_text(
            whole, "busy", name), loss_text(whole, name)))
    count = max((len(entry["samples"]) for entry in whole["events"]), default=0)
    measured = max((entry["measured_s"] for entry in whole["cost"]), default=0)
    lines += ["", "Seconds, median (least to most) of %d; \"never\" is not within %d s. Whoever restarts does so at once and calls nobody by itself." % (
        count, whole["cap_s"]), "Costs: measured for %.0f s, scaled to an hour; without the user's own packets, %d a second each way where busy." % (
        measured, whole["traffic"]["packets_a_second_each_way"]),
        "Each was told to notice within %d s:" % whole["detect_s"], ""]
    lines += ["- %s: %s" % (method["title"], method["settings"]) for method in whole["methods"]]
    return "\n".join(lines) + "\n"


# ---- the picture -----------------------------------------------------------------------------------------------------

NAMES, LEFT, WIDTH, BAR, TOP = 20, 230, 900, 15, 74
SHORT = ("strongSwan restarts", "we restart", "ruthere restarts, seen by ruthere", "path cut", "path mended", "ESP alone cut")
GAP = 24


def _longest(whole):
    found = [typical(entry["samples"]) for entry in whole["events"]]
    return max([value for value in found if value is not None] + [whole["detect_s"]])


def _panel(picture, whole, event, title, x, y, width):
    """A bar for each method, as long as it took."""
    picture.text(x, y, title, "strong")
    scale = (width - 60) / _longest(whole)
    for number, method in enumerate(whole["methods"]):
        samples = samples_of(whole, event, method["name"])
        at, value = y + 10 + number * BAR, typical(samples)
        if value is None:
            picture.path([(x, at + BAR / 2), (x + width - 60, at + BAR / 2)], "faint", "2 3")
            picture.text(x + width - 56, at + 11, "never" if samples else "-", "small")
            continue
        picture.add('<rect x="%.1f" y="%.1f" width="%.1f" height="%d" class="f%d"/>' % (
            x, at + 3, max(value * scale, 1), BAR - 6, number % 6))
        picture.text(x + value * scale + 5, at + 11, few(value) + " s", "small")
    picture.path([(x, y + 8), (x, y + 10 + len(whole["methods"]) * BAR)])


def draw(whole):
    methods = whole["methods"]
    height = 10 + len(methods) * BAR + 2 * GAP
    rows = (len(EVENTS) + 1) // 2
    picture = Picture(WIDTH, TOP + rows * height + 20, "Noticing a death, and coming back",
                      "For each method, how long it takes until traffic flows again or until a death is noticed; the same as in the table.")
    picture.text(20, 28, "Noticing a death, and coming back", "title")
    picture.text(20, 46, "all told to notice within %d s; medians; until traffic flows again, or, where a path is cut, until that is noticed" % (
        whole["detect_s"]), "small")
    width = (WIDTH - LEFT - 20) / 2
    for index, (event, title) in enumerate(zip(EVENTS, SHORT)):
        x, y = LEFT + (index % 2) * width, TOP + (index // 2) * height
        if index % 2 == 0:
            for number, method in enumerate(methods):
                picture.text(LEFT - 8, y + 21 + number * BAR, method["title"], "small", "end")
        _panel(picture, whole, event, title, x, y, width)
    picture.text(20, picture.height - 14, "Made by make compare from interop/compare/results.json", "small")
    return str(picture)


# ---- whether what is published agrees --------------------------------------------------------------------------------


def disagreements(folder=HERE, readme=None):
    """Sentences; none: table and picture are what the data make, and the README has the table."""
    whole, found = load(folder), []
    if whole["format"] != FORMAT:
        return ["results.json has the format %s" % whole["format"]]
    for name, text in (("results.md", table(whole)), ("results.svg", draw(whole))):
        with open(os.path.join(folder, name)) as file:
            if file.read() != text:
                found.append("%s is not what results.json makes; please: interop/compare/run --table" % name)
    for method in whole["methods"]:
        for event in EVENTS:
            if not samples_of(whole, event, method["name"]):
                found.append("no sample of %s for %s" % (event[3], method["title"]))
    if readme:
        with open(readme) as file:
            text = file.read()
        missing = [line for line in table(whole).splitlines() if line.startswith("| ") and line not in text]
        if missing and "interop/compare" in text:
            found.append("the README lacks \"%s\"" % missing[0])
    return found
