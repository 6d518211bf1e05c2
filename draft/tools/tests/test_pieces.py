# SPDX-License-Identifier: ISC
"""What is generated: its form, its width, and that a figure says what the table says."""

import copy
import importlib.machinery
import importlib.util
import json
import os
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.dont_write_bytecode = True
TOOLS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TOOLS)

from pictures import exchange, state_machine, svg, trade
from pieces import implementation, ladder, methods, octets, recoveries, simulation, state_figure, state_graph, state_table, transitions, vectors

TABLE = os.path.join(TOOLS, "..", "model", "transitions.txt")
SMALL = "\n".join("%s HEARD - any %s -" % pair for pair in zip(transitions.STATES, transitions.STATES[1:] + transitions.STATES[:1]))


def script(name):
    """A program of this folder, as a module."""
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(TOOLS, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


class StateMachine(unittest.TestCase):
    def test_a_table_that_is_none(self):
        for text in ("", "DOWN HEARD - any", "DOWN HEARD - any GONE -", "DOWN HEARD - some DOWN -", SMALL.replace("DEAD", "DOWN")):
            with self.assertRaises(transitions.Malformed):
                transitions.parse(text)

    def test_the_table_is_whole(self):
        rows = transitions.load(TABLE)
        text = state_table.render(rows)
        self.assertEqual(text.count("{: #state-"), len(transitions.STATES))
        for row in rows:
            self.assertIn(row.input, text)
        cells = sum(len(line.split("|")[1].split(",")) for line in text.splitlines() if line.startswith("| ") and "Input" not in line)
        self.assertEqual(cells, len(rows))

    def follow(self, lines, first, last, column):
        """Whether a lane runs from one row to the other."""
        return all(lines[row][column:column + 1] in ("|", "+") for row in range(min(first, last), max(first, last) + 1))

    def test_every_arrow_leads_where_the_table_says(self):
        rows = transitions.load(TABLE)
        lines = state_figure.draw(rows)
        self.assertLessEqual(max(map(len, lines)), 69)
        entry = {state: next(row for row, line in enumerate(lines) if line[1:10].strip() == state) for state in transitions.STATES}
        found, state = set(), None
        for row, line in enumerate(lines):
            state = line[1:10].strip() or state if line.startswith("|") else state
            if not line.startswith("|") or line[11:13] != "--":
                continue
            for column, character in enumerate(line):
                target = next((name for name, at in entry.items() if character == "+" and column > 11 and lines[at][11:12] == "<" and
                               len(lines[at]) > column and lines[at].rindex("+") == column and self.follow(lines, row, at, column)), None)
                if target:
                    found.add((state, target))
        self.assertEqual(found, {(edge.state, edge.next) for edge in state_graph.edges(rows)})

    def test_a_label_that_is_too_long(self):
        with self.assertRaises(state_figure.TooWide):
            state_figure.draw(transitions.parse(SMALL.replace("HEARD", "H" * 60)))


class Text(unittest.TestCase):
    def test_octets(self):
        self.assertEqual(octets.block("CKY-I", "0011223344556677", 10), ["CKY-I     00112233 44556677"])
        lines = octets.block("a long name", "ab" * 25, 8)
        self.assertEqual(lines[0], "a long name")
        self.assertEqual([len(line.replace(" ", "")) for line in lines[1:]], [48, 2])
        with self.assertRaises(ValueError):
            octets.block("x", "ab" * 24, 30)

    def test_numbers(self):
        self.assertEqual([simulation.number(value) for value in (0, 0.734375, 2.115, 99.96, 1017.7, 20085.9, 191680.4)],
                         ["0", "0.734", "2.12", "100", "1020", "20100", "192000"])

    def test_a_rate_of_none_is_no_zero(self):
        self.assertEqual(simulation.rate({"count": 0, "high_95": 3.647, "a_year": 0.0, "low_95": 0.0}), "none (< 3.65)")

    def test_recoveries(self):
        with open(os.path.join(TOOLS, "..", "model", "recoveries.txt"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn(" | ".join(text.splitlines()[-1].split()[2:]), recoveries.render(recoveries.parse(text)))
        for bad in ("", text.replace("keepalive_hint", "hint"), text.rsplit("\n", 2)[0], text.replace(" 564\n", "\n")):
            with self.assertRaises(recoveries.Malformed):
                recoveries.parse(bad)

    def test_a_ladder(self):
        said = [{"what": "message", "sa": 1, "time": 5.0, "from": "initiator", "kind": "MM1", "line": "MAIN [ SA(aes) VID(a b) ]  MM1"},
                {"what": "message", "sa": 2, "time": 5.5, "from": "initiator", "kind": "MM1", "line": "MAIN [ SA(aes) ]  MM1"},
                {"what": "message", "sa": 1, "time": 6.25, "from": "responder", "kind": "INFO*",
                 "line": "INFORMATIONAL* 0a0b0c0d [ HASH N(R-U-THERE seq=1) ]  INFO*, HASH(1) verified"}]
        steps = ladder.steps(said)
        self.assertEqual([step.payloads for step in steps], [("SA(aes)", "VID(a b)"), ("HASH", "N(R-U-THERE seq=1)")])
        lines = ladder.render_lines(steps)
        self.assertLessEqual(max(map(len, lines)), 69)
        self.assertTrue(any("INFORMATIONAL 0a0b0c0d" in line and "1.250 s" in line for line in lines))
        self.assertTrue(any("HDR*, HASH, N(R-U-THERE seq=1)" in line for line in lines))
        self.assertEqual(sum("->|" in line for line in lines), 1)
        self.assertEqual(sum("|<-" in line for line in lines), 1)

    def test_levels_of_the_suite_are_no_requirements(self):
        report = {"device": {"name": "libreswan", "version": "4"}, "started": "2026-11-26T", "cases": [
            {"id": "a/b", "level": "MUST", "verdict": "XFAIL", "title": "t", "observed": "o", "profile": {"reason": "a_b is *so* (they say MUST NOT)"}}]}
        text = implementation.render([report])
        self.assertIn("a/b (must, fail):\n: a\\_b is \\*so\\* (they say must not)", text)
        self.assertNotIn("MUST", text)


def measured():
    """What make compare writes, as it would be if everything went by the rules."""
    names = ("none", "unknown-spi") + methods.ASKED
    slow = {name: [9.0, 8.9, 9.2] for name in methods.ASKED}
    fast, never = {"unknown-spi": [0.05, 0.07, 0.06]}, [None] * 3
    seconds = [slow, dict(slow, ping=never, **fast, **{"ping-dense": never}), dict(slow, **fast), slow, {name: [0.2] * 3 for name in names},
               {name: [8.5, None, 8.6] for name in methods.PINGS}]
    costs = {"ping": 3360, "both": 3300, "all": 3360, "ping-dense": 12600, "r-u-there": 1680, "hint": 1680}
    return {
        "format": methods.FORMAT, "detect_s": 9, "loss_percent": 20, "cap_s": 45, "traffic": {"packets_a_second_each_way": 40},
        "methods": [{"name": name, "title": "title of " + name, "settings": "settings of " + name} for name in names],
        "events": [{"scenario": event[0], "other": event[1], "figure": event[2], "method": name, "samples": found.get(name, never)}
                   for (event, _), found in zip(methods.RESTARTS + methods.PATHS, seconds) for name in names],
        "cost": [{"scenario": scenario, "method": name, "measured_s": 120.0, "an_hour": {
            "esp": {"datagrams": busy * costs.get(name, 0), "octets": busy * 100 * costs.get(name, 0)},
            "ike": {"datagrams": 0, "octets": 0}}} for scenario, busy in (("idle", 1), ("busy", 0)) for name in names],
        "loss": [{"method": name, "measured_s": 600, "dead": 8 if name == "ping" else 0, "black_holes": 9 if name == "both" else 0,
                  "expected": 8.8 if name in ("ping", "both", "all") else 1e-5} for name in names]}


class Methods(unittest.TestCase):
    def test_the_tables(self):
        text = methods.render(methods.parse(json.dumps(measured())))
        for line in ("| title of ping-dense | settings of ping-dense |", "| title of none | never | never | never |",
                     "| title of unknown-spi | never | 0.06 (0.05 to 0.07) | 0.06 (0.05 to 0.07) |",
                     "| title of ping | 9.0 (8.9 to 9.2) | 0.20 | 8.6 (8.5 to 8.6), 1 of 3 never |",
                     "| title of ping | 3,360 (336 kB) | none | 8 dead | 8.8 |", "| title of both | 3,300 (330 kB) | none | 0 dead, 9 black holes | 8.8 |",
                     "| title of none | none | none | 0 dead | less than 0.1 |"):
            self.assertIn(line + "\n", text)
        self.assertIn("none of them sends anything.", text)
        self.assertEqual(text.count("{: #"), 4)
        self.assertEqual(text.count("\n- "), 10)
        self.assertEqual(methods.seconds([None, None, 3.0]), "never, but for 1 of 3")

    def test_a_ping_at_an_even_pace(self):
        whole = measured()
        next(entry for entry in whole["cost"] if (entry["scenario"], entry["method"]) == ("busy", "ping"))["an_hour"]["esp"]["datagrams"] = 3360
        self.assertIn("sends anything, but for the ping", methods.render(methods.parse(json.dumps(whole))))

    def test_data_that_are_none(self):
        for change in (lambda whole: whole.update(format="ruthere-compare-2"), lambda whole: whole["methods"].pop(),
                       lambda whole: whole["events"].pop(), lambda whole: whole["cost"].pop(), lambda whole: whole["loss"].pop(0),
                       lambda whole: whole["events"][3].update(samples=[]), lambda whole: whole["loss"][0].update(measured_s=0)):
            whole = measured()
            change(whole)
            with self.assertRaises(methods.Malformed):
                methods.parse(json.dumps(whole))
        with self.assertRaises(methods.Malformed):
            methods.parse("{")

    def test_no_sentence_that_is_not_so(self):
        """Each of them once: data that it is not so of."""
        def took(event, name, found):
            return lambda whole: [entry for entry in whole["events"] if (
                entry["scenario"], entry["other"], entry["figure"], entry["method"]) == (*event, name)][0].update(samples=[found] * 3)

        def cost(scenario, name, count):
            return lambda whole: [entry for entry in whole["cost"] if (entry["scenario"], entry["method"]) == (scenario, name)][0].update(
                an_hour={"ike": {"datagrams": count, "octets": count}})

        def lost(name, **counts):
            return lambda whole: [entry for entry in whole["loss"] if entry["method"] == name][0].update(counts)

        (theirs, _), (ours, _), (both_ours, _) = methods.RESTARTS
        (cut, _), _, (esp, _) = methods.PATHS
        for sentence, changes in (
                ("within the time", (took(cut, "r-u-there", 10.1), took(theirs, "both", None), took(both_ours, "hint", 11))),
                ("Nothing else", (took(cut, "none", 3.0), took(cut, "unknown-spi", 3.0))),
                ("ESP alone", (took(esp, "ping", None), took(esp, "r-u-there", 9.0), took(esp, "unknown-spi", 9.0))),
                ("its own end", (took(ours, "ping", 9.0), took(ours, "r-u-there", None))),
                ("unknown SPI", (took(ours, "unknown-spi", 1.5), took(both_ours, "unknown-spi", None), took(theirs, "unknown-spi", 0.1))),
                ("no sooner", (took(both_ours, "hint", 5.0), took(theirs, "hint", 5.0))),
                ("idle tunnel", (cost("idle", "both", 5040), cost("idle", "ping", 1000), cost("idle", "r-u-there", 0))),
                ("flow both ways", (cost("busy", "hint", 1),)),
                ("gives up", (lost("ping", dead=0), lost("r-u-there", dead=1), lost("ping-dense", dead=1))),
                ("Beside questions", (lost("all", dead=3), lost("both", black_holes=0)))):
            for change in changes:
                whole = copy.deepcopy(measured())
                change(whole)
                with self.assertRaisesRegex(methods.Malformed, "not so any more.*" + sentence):
                    methods.render(methods.parse(json.dumps(whole)))


class Pictures(unittest.TestCase):
    def well_formed(self, text):
        root = xml.dom.minidom.parseString(text).documentElement
        self.assertEqual(root.tagName, "svg")
        for tag in ("title", "desc"):
            self.assertTrue(root.getElementsByTagName(tag)[0].firstChild.data)
        self.assertIn("prefers-color-scheme: dark", text)

    def test_all_of_them(self):
        self.well_formed(state_machine.render(transitions.load(TABLE)))
        self.well_formed(exchange.render([ladder.Step(0.0, True, "MM1", ("SA(<&>)",), "", False, "")], "a < b", "c"))
        row = {"false_deaths": {"formula": 2.0}, "bound_s": 5.0, "eased": False}
        frontier = [dict(row, series=name, bound_s=bound) for name, _ in simulation.SERIES for bound in (5.0, 10.0)]
        self.well_formed(trade.render({"network": {"loss": 0.2}, "frontier": frontier}))

    def test_text_is_escaped(self):
        picture = svg.Picture(100, 10, "<t>", "&")
        picture.text(1, 1, "<script>")
        self.assertNotIn("<script>", str(picture))

    def test_text_that_does_not_fit(self):
        with self.assertRaises(ValueError):
            svg.Picture(100, 10, "t", "d").text(20, 1, "x" * 11)


class Rendering(unittest.TestCase):
    render = script("render")

    def source(self, folder, text):
        path = os.path.join(folder, "draft-x-00.md")
        self.render.write(path, text)
        return path

    def test_pieces_come_into_their_places(self):
        with tempfile.TemporaryDirectory() as folder:
            self.render.write(os.path.join(folder, "piece.md"), "table\n\n")
            path = self.source(folder, "date: 2026-11-26\na\n<!-- include: piece.md -->\nb\n")
            self.assertEqual(self.render.assembled(path), "date: 2026-11-26\na\ntable\nb\n")

    def test_a_piece_that_is_missing(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(SystemExit, "make draft-generated"):
            self.render.assembled(self.source(folder, "date: 2026-11-26\n<!-- include: piece.md -->\n"))

    def test_no_date_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(SystemExit, "no line `date"):
            self.render.assembled(self.source(folder, "date: 2026-11\n"))

    def test_wide_artwork(self):
        self.render.narrow_enough("<artwork>%s</artwork>" % ("x" * 69))
        with self.assertRaisesRegex(SystemExit, "wider than 69"):
            self.render.narrow_enough("<artwork><![CDATA[\n%s\n]]></artwork>" % ("x" * 70))

    def test_a_page_that_is_too_wide(self):
        self.render.fits("x" * 72 + "\n")
        with self.assertRaisesRegex(SystemExit, "wider than 72"):
            self.render.fits("a\n" + "x" * 73)

    def test_the_name_of_the_references(self):
        self.assertEqual(self.render.named_references("<references>\n<name>References</name>\n<references>"),
                         "<references>\n<name>Normative and Informative References</name>\n<references>")


class Vectors(unittest.TestCase):
    def test_only_what_there_is(self):
        self.assertEqual(vectors._lines([("HASH_I", None), ("key", "00ff")]), ["key           00ff"])


if __name__ == "__main__":
    unittest.main()
