# SPDX-License-Identifier: ISC
"""The published results: which there are, and the tables of README.md that are made of them."""

import collections
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
PROGRAM = os.environ.get("RUTHERE", os.path.join(ROOT, "build", "ruthere"))
README = os.path.join(HERE, "README.md")
BEGIN, END = "<!-- begin: interop/matrix/publish -->\n", "<!-- end -->\n"
VERDICTS = ("PASS", "INFO", "LENIENT", "XFAIL", "UNSUPPORTED", "SKIP", "FAIL", "XPASS", "INCONCLUSIVE")
EXPLAINED = ("LENIENT", "XFAIL", "UNSUPPORTED")  # if the profile gives the reason; what is skipped says itself why


def run(*words):
    return subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, text=True, check=True).stdout


def all_cases():
    """Their IDs, in order."""
    return [line.split()[0] for line in run("conform", "--list").splitlines()]


def version():
    return run("--version").split()[1]


def files():
    """Names without .json, ours last."""
    names = sorted(name[:-len(".json")] for name in os.listdir(HERE) if name.endswith(".json"))
    return sorted(names, key=lambda name: name.startswith("ruthere"))


def load(name):
    with open(os.path.join(HERE, name + ".json")) as file:
        return json.load(file)


def unexplained(report):
    """Verdicts that need a reason and have none, or that no reason helps."""
    return ["%s %s" % (case["verdict"], case["id"]) for case in report["cases"]
            if case["verdict"] in VERDICTS[6:] or case["verdict"] in EXPLAINED and "profile" not in case]


def _row(cells):
    return "| " + " | ".join(cells) + " |\n"


def _head(cells):
    return _row(cells) + "|" + "---|" * len(cells) + "\n"


def _title(report):
    return "%s %s" % (report["device"]["name"], report["device"].get("version", ""))


def _counts(reports):
    text = _head(["implementation", "cases", *VERDICTS[:6], "seconds", "on"])
    for report in reports:
        counts = collections.Counter(case["verdict"] for case in report["cases"])
        text += _row([_title(report), str(len(report["cases"])), *(str(counts[name]) for name in VERDICTS[:6]),
                      "%.0f" % report["seconds"], report["started"][:10]])
    return text


def _deviations(reports):
    text = ""
    for report in reports:
        cases = [case for case in report["cases"] if case["verdict"] in EXPLAINED]
        if not cases:
            continue
        text += "\n### Deviations of %s\n\n" % _title(report) + _head(["case", "", "level", "observed", "reason"])
        for case in cases:
            text += _row(["`%s`" % case["id"], case["verdict"], case["level"], case["observed"],
                          case["profile"]["reason"] if "profile" in case else ""])
    return text


def _policies(reports):
    """What has no right and wrong, side by side."""
    by_id = [{case["id"]: case for case in report["cases"]} for report in reports]
    ids = [case["id"] for case in reports[0]["cases"]
           if any(cases.get(case["id"], {}).get("verdict") == "INFO" for cases in by_id)]
    text = "\n### Observed policies\n\n" + _head(["case", *(_title(report) for report in reports)])
    for id in ids:
        found = [cases.get(id, {}) for cases in by_id]
        text += _row(["`%s`: %s" % (id, found[0].get("title", "")), *(
            case.get("value", case.get("verdict", "")).replace(",", ", ") for case in found)])
    return text


def tables(reports):
    return _counts(reports) + _deviations(reports) + _policies(reports)


def readme(reports):
    """README.md as it should be: what people wrote, and the tables of these reports between the marks."""
    with open(README) as file:
        text = file.read()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return text[:begin] + "\n" + tables(reports) + "\n" + text[end:]
