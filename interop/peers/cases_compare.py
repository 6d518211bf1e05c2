# SPDX-License-Identifier: ISC
"""What is published of the comparison and of throughput is made of the data beside it, and a wrong figure is noticed."""

import json
import os
import shutil
import sys

from lab import ROOT, Lab, check, run

FOLDER = os.path.join(ROOT, "interop", "compare")
sys.path.append(FOLDER)

import results


def compared(name):
    found = results.disagreements(FOLDER, os.path.join(ROOT, "README.md"))
    check(not found, "; ".join(found))
    with Lab(name) as lab:
        for file in ("results.json", "results.md", "results.svg"):
            shutil.copy(os.path.join(FOLDER, file), lab.path)
        whole = results.load(lab.path)
        samples = next(entry["samples"] for entry in whole["events"] if results.typical(entry["samples"]))
        samples[:] = [sample and sample + 1 for sample in samples]
        with open(os.path.join(lab.path, "results.json"), "w") as file:
            json.dump(whole, file)
        found = results.disagreements(lab.path)
        check(len(found) == 2, "a figure is wrong by a second, and that is noticed %d times" % len(found))
    run([os.path.join(ROOT, "interop", "bench", "throughput"), "--check"])
    return "%d methods, and the throughput: tables, picture and README agree with the data" % len(whole["methods"])
