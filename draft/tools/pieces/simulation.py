# SPDX-License-Identifier: ISC
"""The figures of `ruthere sim`: what four ways of noticing a death cost, and how often they are wrong."""

COMPARISON = ()
BURSTS = ("--burst", "2s")
FRONTIER = ("--frontier",)

METHODS = {"derived": "R-U-THERE, derived", "fixed": "R-U-THERE, fixed", "heartbeats": "heartbeats", "ping": "ping"}
MARKS = {"given": "", "same-bound": " (a)", "same-false-deaths": " (b)", "same-both": " (c)"}
READ = ("Detected: half of the deaths, after so many seconds at most. Where no false death was seen, the rate is below the number given. "
        "10s, 0.643s x15: asks after 10 s of silence, then every 0.643 s, 15 times; 20s x3 +5s: a heartbeat every 20 s, three may be lost, "
        "one may be 5 s late. (a): tuned to the same bound; (b): to at most one false death a year; (c): to both.")
SERIES = (("derived", "R-U-THERE, derived"), ("fixed", "R-U-THERE, fixed"), ("heartbeats", "heartbeats"), ("ping", "ping"),
          ("heartbeats-equal-messages", "heartbeats, equal cost"), ("ping-equal-messages", "ping, equal cost"))


def number(value):
    """Three digits that count: "0.734", "20100", "2.11"."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        digits = len(str(int(abs(value)))) - 3
        return str(int(round(value / 10 ** digits)) * 10 ** digits)
    return "%.3g" % value


def messages(row):
    """As ruthere sim prints them: whole ones."""
    return "%.0f" % row["messages_an_hour"]["both"]


def seconds(value):
    return "%.1f" % value


def rate(false_deaths):
    """As measured.  None seen is no zero: it is below something, with 95 % confidence."""
    if false_deaths["count"] == 0:
        return "none (< %s)" % number(false_deaths["high_95"])
    return "%s (%s-%s)" % tuple(number(false_deaths[key]) for key in ("a_year", "low_95", "high_95"))


def settings(row):
    """The numbers of a row, without the name of its method: "10s, 2s x5"."""
    return row["text"].split(" ", 1)[1]


def network(report):
    """One sentence about the network, for the text below a table."""
    path, simulated = report["network"], report["simulated"]
    burst = "in bursts of %s s on average" % number(path["burst_s"]) if path["burst_s"] else "each by itself"
    return ("%s %% of the datagrams are lost each way, %s; a datagram takes %s to %s ms; there is no other traffic; "
            "%d peers for %s days each, and %d deaths." % (
                number(100 * path["loss"]), burst, number(1000 * (path["delay_s"] - path["jitter_s"])),
                number(1000 * (path["delay_s"] + path["jitter_s"])), simulated["pairs"],
                number(simulated["time_s"] / 86400), simulated["deaths"]))


def command(words):
    return "`ruthere sim%s`" % "".join(" " + word for word in words)


def _table(head, rows, anchor, title):
    lines = ["| %s |" % " | ".join(head), "|" + "---|" * len(head)]
    lines += ["| %s |" % " | ".join(row) for row in rows]
    return "\n".join(lines) + '\n{: #%s title="%s"}\n' % (anchor, title)


def _methods(report, formula):
    for row in report["methods"]:
        deaths = row["false_deaths"]
        yield (["%s %s%s" % (METHODS[row["method"]], settings(row), MARKS[row["group"]]), number(row["bound_s"]), seconds(row["detection_s"]["median"]),
                rate(deaths)] + ([number(deaths["formula"])] if formula else []) + [messages(row)])


def comparison(report, bursts):
    """Two tables: the four methods where losses are independent, and where they come in bursts."""
    head = ("Method", "Bound, s", "Detected, s", "False deaths", "Formula", "Messages")
    text = _table(head, _methods(report, True), "comparison-figures", "Four ways to notice a death, independent losses")
    text += "\n%s %s Printed by %s.\n\n" % (network(report), READ, command(COMPARISON))
    head = head[:4] + head[5:]
    text += _table(head, _methods(bursts, False), "burst-figures", "The same methods, losses in bursts")
    return text + "\n%s Printed by %s.\n" % (network(bursts), command(BURSTS))


def by_bound(report):
    """{series: {bound in whole seconds: row}} of a frontier."""
    found = {}
    for row in report["frontier"]:
        found.setdefault(row["series"], {})[round(row["bound_s"])] = row
    return found


def timing(report):
    """Two tables over the bound: false deaths a year, and messages an hour."""
    found = by_bound(report)
    bounds = sorted(found["derived"])
    parts = []
    for anchor, title, value in (
            ("timing-figures", "False deaths a year that are to be expected, by detection bound",
             lambda row: number(row["false_deaths"]["formula"]) + ("*" if row["eased"] else "")),
            ("message-figures", "Messages an hour, both ends together, by detection bound",
             messages)):
        rows = [["%d s" % bound] + [value(found[name][bound]) if bound in found[name] else "-" for name, _ in SERIES]
                for bound in bounds]
        parts.append(_table(("Bound",) + tuple(title for _, title in SERIES), rows, anchor, title))
    parts.append("%s Equal cost: with no more messages than the derived plan has, or as few as can be. *: so short a bound admits no plan "
                 "with fewer than one false death a year; the best that fits. Printed by %s.\n" % (network(report), command(FRONTIER)))
    return "\n".join(parts)
