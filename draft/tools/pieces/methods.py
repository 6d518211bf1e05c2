# SPDX-License-Identifier: ISC
"""The methods of 1999 on real tunnels: interop/compare/results.json, which make compare measures and writes.

What is said of it in words is here as well, each sentence with what must be so of the data for it to be true.
"""

import json

FORMAT = "ruthere-compare-1"
# Whose restart, path or cost; the anchor and title of its table; (what the data call it, its column).
RESTARTS = ((("peer-restarts", "strongSwan", "seconds"), "strongSwan restarts"),
            (("we-restart", "strongSwan", "seconds"), "the reference restarts, strongSwan sends"),
            (("peer-restarts", "ruthere", "seconds"), "one reference restarts, another sends"))
PATHS = ((("cut", "strongSwan", "seconds"), "path cut: noticed"),
         (("cut", "strongSwan", "again"), "path whole again: traffic"),
         (("esp-cut", "strongSwan", "seconds"), "ESP alone cut: noticed"))
ASKED = ("r-u-there", "ping", "ping-dense", "both", "all", "hint")  # with any of these a cut path is noticed
PINGS = ("ping", "ping-dense", "both", "all")
MARGIN = 1.0  # seconds: a handshake, and what was under way


class Malformed(Exception):
    """The file is not what make compare writes, or the text would say of it what is not so."""


def parse(text):
    """The data, looked at: every method has every figure."""
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise Malformed("not JSON: %s" % error) from error
    if whole.get("format") != FORMAT:
        raise Malformed("the format is %s, and not %s" % (whole.get("format"), FORMAT))
    names = [method["name"] for method in whole["methods"]]
    if set(names) != {"none", "unknown-spi", *ASKED}:
        raise Malformed("the methods are others: %s" % ", ".join(names))
    for name in names:
        for event, column in RESTARTS + PATHS:
            if not samples(whole, event, name):
                raise Malformed("%s: no sample of \"%s\"" % (name, column))
        for scenario in ("idle", "busy"):
            cost(whole, scenario, name)
        loss(whole, name)
    return whole


def load(path):
    with open(path, encoding="utf-8") as file:
        return parse(file.read())


# ---- what the data say -----------------------------------------------------------------------------------------------


def samples(whole, event, method):
    return next((entry["samples"] for entry in whole["events"] if (
        entry["scenario"], entry["other"], entry["figure"], entry["method"]) == (*event, method)), [])


def typical(found):
    """The median; None: in half of the samples or more it did not come."""
    value = sorted(float("inf") if sample is None else sample for sample in found)[(len(found) - 1) // 2]
    return None if value == float("inf") else value


def median(whole, event, method):
    return typical(samples(whole, event, method))


def cost(whole, scenario, method):
    """(datagrams, octets) in an hour, of whatever kind."""
    for entry in whole["cost"]:
        if (entry["scenario"], entry["method"]) == (scenario, method):
            kinds = entry["an_hour"].values()
            return sum(kind["datagrams"] for kind in kinds), sum(kind["octets"] for kind in kinds)
    raise Malformed("%s: no cost, %s" % (method, scenario))


def loss(whole, method):
    for entry in whole["loss"]:
        if entry["method"] == method and entry["measured_s"] > 0:
            return entry
    raise Malformed("%s: no verdicts under loss" % method)


# ---- numbers ---------------------------------------------------------------------------------------------------------


def few(number):
    return "%.1f" % number if number >= 0.95 else "%.2f" % number


def seconds(found):
    """"9.2 (9.0 to 9.4)": the median, the least and the most."""
    value, there = typical(found), [sample for sample in found if sample is not None]
    if value is None:
        return "never" if not there else "never, but for %d of %d" % (len(there), len(found))
    text, least, most = (few(number) for number in (value, min(there), max(there)))
    text += " (%s to %s)" % (least, most) if least != most else ""
    return text if len(there) == len(found) else text + ", %d of %d never" % (len(found) - len(there), len(found))


def thousands(number):
    return "{:,}".format(number)


def datagrams(found):
    return "%s (%s kB)" % (thousands(found[0]), thousands(round(found[1] / 1000))) if found[0] else "none"


def verdicts(entry):
    return "%d dead" % entry["dead"] + (", %d black holes" % entry["black_holes"] if entry["black_holes"] else "")


def expected(value):
    return "%.1f" % value if value >= 0.05 else "0" if value == 0 else "less than 0.1"


# ---- words -----------------------------------------------------------------------------------------------------------


def _within(whole, limit, events, names):
    found = [median(whole, event, name) for event in events for name in names]
    return None not in found and max(found) <= limit


def _never(whole, event, names):
    return all(median(whole, event, name) is None for name in names)


def counted_deaths(count):
    """What a second verdict in a row is."""
    return "%d deaths: a second verdict in a row is one" % count if count else "no death: a second verdict in a row would be one"


def _sentences(whole):
    """(whether it is so, sentence)"""
    limit, cut, esp = whole["detect_s"] + MARGIN, PATHS[0][0], PATHS[2][0]
    theirs, ours, both_ours = (event for event, _ in RESTARTS)
    without = [method["name"] for method in whole["methods"] if method["name"] not in PINGS]
    asked, pinged, both = (cost(whole, "idle", name)[0] for name in ("r-u-there", "ping", "both"))
    fast = max(median(whole, event, "unknown-spi") or limit for event in (ours, both_ours))
    minutes, beside = loss(whole, "ping")["measured_s"] / 60, [loss(whole, name) for name in ("both", "all")]
    yield (_within(whole, limit, (cut, theirs, both_ours), ASKED),
           "Questions and pings notice a cut path and a restarted peer within the time that they were told, and a handshake more: the timers decide, and not the method.")
    yield (_never(whole, cut, ("none", "unknown-spi")), "Nothing else notices a cut path.")
    yield (_within(whole, limit, (esp,), PINGS) and _never(whole, esp, without), "That ESP alone is lost is noticed with a ping and not without.")
    yield (_never(whole, ours, ("ping", "ping-dense")) and median(whole, ours, "r-u-there") is not None,
           "A ping does not help when its own end has restarted and the other end has none: there the other end's questions do.")
    yield (fast < MARGIN and _never(whole, theirs, ("unknown-spi",)),
           "Whoever calls the sender of an unknown SPI is back in %s s, a handshake; it has to be the one that has restarted, has to know the other, and has to be sent something." % few(fast))
    yield (all(median(whole, event, "hint") > median(whole, event, "r-u-there") - MARGIN for event in (theirs, both_ours)),
           "INVALID-SPI as a hint brings traffic back no sooner: a question comes earlier, and the death does not.")
    yield (0 < asked < pinged and abs(both - pinged) * 20 <= pinged,
           "An idle tunnel costs %s datagrams an hour with questions, and %s with a ping that notices as soon; both together cost what the ping does, because its replies are proof of life." % (
               thousands(asked), thousands(pinged)))
    busy = [method["name"] for method in whole["methods"] if cost(whole, "busy", method["name"])[0]]
    yield (busy in ([], ["ping"]), "While packets flow both ways none of them sends anything%s." % (
        ", but for the ping that looks at nothing but its replies" if busy else ""))
    yield (loss(whole, "r-u-there")["dead"] == 0 and loss(whole, "ping-dense")["dead"] == 0 and loss(whole, "ping")["dead"] > 0,
           "At %d %% loss each way the ping of three misses gives up a living peer %d times in %.0f minutes; questions, and the dense ping at %s times their datagrams, do not." % (
               whole["loss_percent"], loss(whole, "ping")["dead"], minutes, few(cost(whole, "idle", "ping-dense")[0] / asked)))
    yield (sum(entry["dead"] for entry in beside) < sum(entry["black_holes"] for entry in beside) / 4,
           "Beside questions pings of three misses see %d black holes in twice that time, each of which costs a Quick Mode, and %s." % (
               sum(entry["black_holes"] for entry in beside), counted_deaths(sum(entry["dead"] for entry in beside))))


def sentences(whole):
    found = []
    for so, sentence in _sentences(whole):
        if not so:
            raise Malformed("this is not so any more, and has to be said in other words: %s" % sentence)
        found.append(sentence)
    return found


# ---- all of it -------------------------------------------------------------------------------------------------------


def _table(head, rows, anchor, title):
    lines = ["| %s |" % " | ".join(head), "|" + "---|" * len(head)]
    lines += ["| %s |" % " | ".join(row) for row in rows]
    return "\n".join(lines) + '\n{: #%s title="%s"}\n' % (anchor, title)


def _events(whole, events, anchor, title):
    rows = [[method["title"]] + [seconds(samples(whole, event, method["name"])) for event, _ in events] for method in whole["methods"]]
    return _table(["Method"] + [column for _, column in events], rows, anchor, title)


def render(whole):
    count = max(len(entry["samples"]) for entry in whole["events"])
    minutes = whole["loss"][0]["measured_s"] / 60
    measured = max(entry["measured_s"] for entry in whole["cost"])
    parts = [
        _table(("Method", "settings"), [(method["title"], method["settings"]) for method in whole["methods"]],
               "method-settings", "The methods, each to notice within %d s" % whole["detect_s"]),
        _events(whole, RESTARTS, "restart-figures", "Seconds from a restart until traffic flows"),
        _events(whole, PATHS, "path-figures", "Seconds from a cut until it is noticed, and until traffic flows"),
        _table(("Method", "an hour, idle", "an hour, busy", "%.0f minutes at %d %% loss" % (minutes, whole["loss_percent"]), "formula"), [
            (method["title"], datagrams(cost(whole, "idle", name)), datagrams(cost(whole, "busy", name)), verdicts(loss(whole, name)),
             expected(loss(whole, name)["expected"])) for method in whole["methods"] for name in (method["name"],)],
               "cost-figures", "Datagrams, and verdicts about a peer that lives"),
        "Seconds are the median of %d, and the least and the most; \"never\" is not within %d s. Datagrams are those of the method, both ways, measured for %.0f s "
        "and scaled; where busy the users send %d packets a second each way. The formula is that of {{plan}} or of {{ping-plan}}, for verdicts of either kind.\n" % (
            count, whole["cap_s"], measured, whole["traffic"]["packets_a_second_each_way"]),
        "\n".join("- " + sentence for sentence in sentences(whole)) + "\n",
    ]
    return "\n".join(parts)
