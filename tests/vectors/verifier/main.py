# SPDX-License-Identifier: ISC
"""What `verify` was asked for: self-test, sets, planted changes, the generator's mistakes; and the sum of all of it."""
import json
import os

from . import defects, formulas, generator, mistakes, plants, promises, self_test, sets
from .ledger import PAGE, Ledger
from .schema import Schema


class Run:
    def __init__(self, options, root):
        self.options = options
        self.here = os.path.join(root, "tests", "vectors")
        self.vectors = options.vectors or os.path.join(root, "interop", "vectors")
        self.passed = self.failed = 0
        path = os.path.join(self.vectors, "values.schema.json")
        self.schema = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.schema = Schema(json.load(file))

    def ledger(self, name):
        return Ledger(name, print if self.options.verbose else None)

    def close(self, ledger):
        for line in ledger.lines():
            print(line, flush=True)
        self.passed += ledger.passed
        self.failed += len(ledger.failures)

    def failures(self, name, contents):
        """Of a set that is not to be shown."""
        ledger = Ledger(name)
        sets.verify(ledger, contents, self.schema)
        return ledger.failures

    def defect(self, contents):
        """Of a negative sample: what failed, and what had to be corrected."""
        ledger = Ledger("sample")
        verification = sets.verify(ledger, contents, self.schema)
        return ledger.failures, verification and verification.mended

    # ---- what there is to do -----------------------------------------------------------------------------------------------

    def self_test(self):
        ledger = self.ledger("self-test")
        self_test.run(ledger, os.path.join(self.here, "psk-suites.json"))
        mistakes.run(ledger, lambda contents: self.failures("sample", contents))
        defects.run(ledger, self.defect)
        self.close(ledger)

    def folders(self):
        if self.options.sets:
            found = [one if os.path.isdir(one) else os.path.join(self.vectors, "sets", one) for one in self.options.sets]
        else:
            where = os.path.join(self.vectors, "sets")
            found = [os.path.join(where, name) for name in sorted(os.listdir(where))] if os.path.isdir(where) else []
        return {os.path.basename(os.path.normpath(folder)): folder for folder in found}

    def verify(self):
        loaded = {}
        for name, folder in self.folders().items():
            ledger = self.ledger(name)
            loaded[name] = sets.load(ledger, folder)
            if loaded[name] is not None:
                sets.verify(ledger, loaded[name], self.schema)
            self.close(ledger)
        ledger = self.ledger("all sets")
        ledger.true("schema", "values.schema.json", PAGE, self.schema is not None, "is not there")
        ledger.true("sets", "sets", PAGE, bool(loaded), "there are none")
        loaded = {name: contents for name, contents in loaded.items() if contents is not None}
        if loaded and not self.options.sets:
            promises.run(ledger, loaded)
        self.close(ledger)
        return loaded

    def planted(self, loaded):
        ledger = self.ledger("planted")
        plants.run(ledger, loaded, self.failures)
        formulas.run(ledger, loaded, self.failures)
        self.close(ledger)

    def mistakes(self, loaded):
        ledger = self.ledger("mistakes")
        generator.run(ledger, self.options.mistakes, loaded, self.failures)
        self.close(ledger)


def run(options, root):
    job = Run(options, root)
    alone = options.self_test and not options.sets and not options.planted and not options.mistakes
    if options.self_test:
        job.self_test()
    if not alone:
        loaded = job.verify()
        if options.planted:
            job.planted(loaded)
        if options.mistakes:
            job.mistakes(loaded)
    print("%d passed, %d failed" % (job.passed, job.failed))
    return 1 if job.failed else 0
