# SPDX-License-Identifier: ISC
"""The mistakes that the generator makes when it is told to: in every set that one spoils, the value that goes wrong first is named."""
import os
import re
import subprocess
import tempfile

from . import sets
from .ledger import PAGE, Ledger

# NAME of `ruthere vectors --mistake NAME`: what the verifier must name in a set that has the mistake.
MISTAKES = {
    "leading-zero": r"^sas\[\d+\]\.dh\.g_xy$|^quick_modes\[\d+\]\.dh\.g_xy$",
    "padding": r"^messages\[\d+\]\.hashes\[\d+\]\.value$",
    "prf-key": r"^sas\[\d+\]\.skeyid$",
    "key-expansion": r"^sas\[\d+\]\.key\.k(ey)?",
    "message-iv": r"^messages\[\d+\]\.protection\.iv$",
    "hash-order": r"^sas\[\d+\]\.hash_r$",
}


def run(ledger, program, right, failures_of):
    """`right` are the sets without a mistake, by their names; those that a mistake does not reach need not be verified again."""
    listed = subprocess.run([program, "vectors", "--list"], capture_output=True, text=True, check=False).stdout
    known = sorted(line.split()[1] for line in listed.splitlines() if line.startswith("--mistake "))
    ledger.equal("made", "vectors --list", PAGE, known, sorted(MISTAKES))
    for name, pattern in MISTAKES.items():
        with tempfile.TemporaryDirectory(prefix="vectors-") as folder:
            made = subprocess.run([program, "vectors", folder, "--mistake", name], capture_output=True, text=True, check=False)
            if not ledger.true("made", name, PAGE, made.returncode == 0,
                               "%s vectors --mistake %s: %s" % (program, name, made.stderr.strip() or made.returncode)):
                continue
            spoilt, same = [], []
            for one in sorted(os.listdir(folder)):
                contents = sets.load(Ledger(one), os.path.join(folder, one))
                if contents is None or contents == right.get(one):
                    same.append(one)
                    continue
                failures = failures_of(one, contents)
                if ledger.true("mistakes", "%s in %s" % (name, one), PAGE, bool(failures), "not noticed"):
                    spoilt.append(one)
                    ledger.true("mistakes", "%s in %s" % (name, one), PAGE,
                                any(re.search(pattern, failure.name) for failure in failures),
                                "the value that goes wrong first is not named: %s" % "; ".join(map(str, failures[:3])))
            ledger.true("mistakes", name, PAGE, bool(spoilt), "no set is another with it, of %d" % len(same))
