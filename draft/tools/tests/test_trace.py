# SPDX-License-Identifier: ISC
"""The trace finds every kind of fault, once each, and no other."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tests.tree import Tree
from tracing import places, source

REQUIREMENTS, DRAFT = "draft/requirements", "draft/draft-sample-00.md"
CODE, TEST, CASES = "keepalive/rules.c", "tests/unit/test_rules.c", "interop/conform/cases_sample.c"


class Faults(unittest.TestCase):
    def expect(self, *said, spoil):
        """After `spoil`, (path, what, by) for each place, the trace says each of `said`, no more, and fails; it writes nothing."""
        with Tree() as tree:
            for path, what, by in spoil:
                tree.spoil(path, what, by)
            status, output = tree.trace()
            lines = output.splitlines()
            self.assertEqual(status, 1, output)
            self.assertEqual(len(lines), len(said) + 1, output)
            for words in said:
                self.assertTrue(any(words in line for line in lines), "%s\nnot in\n%s" % (words, output))
            self.assertFalse(os.path.exists(tree.path("draft/trace.md")))

    # ---- the list

    def test_an_identifier_twice(self):
        self.expect("R2: there are two of it", spoil=[(REQUIREMENTS, "R3 MUST NOT more", "R2 MUST NOT more"), (CODE, "/* R3 */", ""),
                                                      (TEST, "R3: ", "")])

    def test_a_sentence_twice(self):
        again = "\nR4 MUST rules\n    A party MUST answer.\n\nR2 "
        self.expect("R4: has the sentence of R1", spoil=[(REQUIREMENTS, "\nR2 ", again), (CODE, "/* R1: ", "/* R1, R4: "),
                                                         (TEST, "/* R2: ", "/* R2, R4: ")])

    def test_no_sentence(self):
        self.expect("R4 has no sentence", "R4: its sentence is not in the draft", "R4: no code", "R4: neither a test",
                    spoil=[(REQUIREMENTS, "\nR2 ", "\nR4 MAY rules\n\nR2 ")])

    def test_a_head_of_another_form(self):
        self.expect("neither `R1 MUST section` nor indented", "belongs to no requirement", "without an ID", "names R3", "names R3",
                    spoil=[(REQUIREMENTS, "R3 MUST NOT more", "R3 SHALL more")])

    def test_an_unknown_key(self):
        self.expect("neither of rfc3706", spoil=[(REQUIREMENTS, "rfc3706: 5.2", "rfc: 5.2")])

    def test_a_key_twice(self):
        self.expect("rfc3706 is said twice of R1", spoil=[(REQUIREMENTS, "rfc3706: 5.2", "rfc3706: 5.2\n    rfc3706: 5.3")])

    # ---- the draft

    def test_a_normative_sentence_without_an_identifier(self):
        self.expect("without an ID: A party MAY rest.", spoil=[(DRAFT, "It helps.", "A party MAY rest.")])

    def test_a_sentence_that_is_not_in_the_draft(self):
        self.expect("R1: its sentence is not in the draft", "without an ID: A party MUST always answer.",
                    spoil=[(DRAFT, "A party MUST answer.", "A party MUST always answer.")])

    def test_a_sentence_that_has_lost_its_keyword(self):
        self.expect("R1: its sentence is not in the draft", spoil=[(DRAFT, "A party MUST answer.", "A party must answer.")])

    def test_a_sentence_that_is_there_twice(self):
        self.expect("R1: its sentence stands in the draft 2 times", spoil=[(DRAFT, "It helps.", "A party MUST answer.")])

    def test_two_keywords(self):
        both = "A party MUST answer, and MAY rest."
        self.expect("more than one keyword", spoil=[(DRAFT, "A party MUST answer.", both), (REQUIREMENTS, "A party MUST answer.", both)])

    def test_another_level(self):
        self.expect("R1: is SHOULD in draft/requirements, and MUST in the draft", spoil=[(REQUIREMENTS, "R1 MUST", "R1 SHOULD")])

    def test_a_level_and_its_opposite(self):
        self.expect("R3: is MUST in draft/requirements, and MUST NOT in the draft", spoil=[(REQUIREMENTS, "R3 MUST NOT", "R3 MUST")])

    def test_another_section(self):
        self.expect("R1: is said to stand in #more, and stands in #rules", spoil=[(REQUIREMENTS, "R1 MUST rules", "R1 MUST more")])

    def test_no_such_section(self):
        self.expect("R1: there is no section #rule in the draft", spoil=[(REQUIREMENTS, "R1 MUST rules", "R1 MUST rule")])

    # ---- code, tests, cases

    def test_no_code(self):
        self.expect("R2: no code names it", spoil=[(CODE, " /* R2 */", "")])

    def test_no_code_but_the_head_of_a_file(self):
        self.expect("R2: no code names it (crypto, ike, keepalive, interop); the head of a file",
                    spoil=[(CODE, " /* R2 */", ""), (CODE, "the rules.", "the rules (R2).")])

    def test_no_test_and_no_case(self):
        self.expect("R1: neither a test nor a case names it", spoil=[(CASES, " /* R1 */", "")])

    def test_no_test_for_what_is_met_in_part(self):
        self.expect("R1: neither a test nor a case names it",
                    spoil=[(CASES, " /* R1 */", ""), (REQUIREMENTS, "rfc3706: 5.2", "not met: in part, it is late")])

    def test_an_unknown_identifier_in_code(self):
        self.expect("keepalive/rules.c, first: names R9", spoil=[(CODE, "/* R2 */", "/* R2, R9 */")])

    def test_an_unknown_identifier_in_a_test(self):
        self.expect("tests/unit/test_rules.c, not_in_vain: names R9", spoil=[(TEST, '"R3: ', '"R3, R9: ')])

    def test_an_unknown_identifier_in_a_case(self):
        self.expect("rfc3706/5.2/answers: names R9", spoil=[(CASES, "/* R1 */", "/* R1 R9 */")])

    def test_a_case_that_cannot_fail(self):
        self.expect("shows nothing (R1)", spoil=[(CASES, "CONFORM_MUST", "CONFORM_INFO")])

    def test_a_case_that_the_reference_fails(self):
        self.expect("rfc3706/5.2/answers is published as FAIL of the reference itself",
                    spoil=[("interop/matrix/ruthere-1.json", "PASS", "FAIL")])


class Tables(unittest.TestCase):
    def test_nothing_is_wrong(self):
        with Tree() as tree:
            status, output = tree.trace()
            self.assertEqual(status, 0, output)
            table, page = tree.read("draft/trace.md"), tree.read("draft/trace.html")
            self.assertIn("`keepalive/rules.c` LEAST_SILENCE", table)
            self.assertIn("`tests/unit/test_rules.c` not_in_vain", table)
            self.assertIn("ruthere 1 pass, other 2 fail", table)
            for words in ("R1", "answer</code>", "numbers_are_random", "rfc3706/5.2/answers", 'class="fail">fail'):
                self.assertIn(words, page)
            self.assertEqual(tree.trace("--check")[0], 0)

    def test_a_stale_table(self):
        for name in ("trace.md", "trace.html"):
            with Tree() as tree:
                tree.trace()
                tree.write("draft/" + name, "old")
                status, output = tree.trace("--check")
                self.assertEqual(status, 1)
                self.assertIn("draft/%s: stale; make trace" % name, output)
                self.assertEqual(tree.read("draft/" + name), "old")

    def test_what_is_not_met_needs_neither_code_nor_test(self):
        with Tree() as tree:
            tree.spoil(REQUIREMENTS, "rfc3706: 5.2", "not met: there is no time")
            tree.spoil(CASES, " /* R1 */", "")
            tree.spoil(CODE, "R1: ", "")
            status, output = tree.trace()
            self.assertEqual(status, 0, output)
            self.assertIn("- **not met**: there is no time", tree.read("draft/trace.md"))
            self.assertIn("1 not met", output)


class Reading(unittest.TestCase):
    def test_identifiers(self):
        self.assertEqual(list(places.identifiers("R1, R20-R22 and R4-R5, not CR7, R or R2x")), ["R1", "R20", "R21", "R22", "R4", "R5"])

    def test_what_is_no_comment(self):
        self.assertEqual(places.named('int f(void)\n{\n\treturn g("/* R1 */") + \'"\'; /* R2 */\n}\n'), [("R2", "f")])

    def test_strings_of_tests(self):
        text = 'static const struct row rows[] = {\n    {"R1, R2: long",\n     what_is_shown},\n    {"in R3: no name", other},\n};\n'
        self.assertEqual(places.named(text, True), [("R1", "what_is_shown"), ("R2", "what_is_shown")])
        self.assertEqual(places.named(text), [])

    def test_what_a_comment_stands_above(self):
        text = "/* R1 */\n#include <a.h>\n/* R2 */\nvoid declared(int a,\n              int b);\n/* R3 */\nstruct thing {\n\tint a; /* R4 */\n};\n"
        self.assertEqual(places.named(text), [("R1", ""), ("R2", "declared"), ("R3", "thing"), ("R4", "thing")])

    def test_sentences(self):
        found = source.sentences("# A {#a}\n1. One MUST go.\n: It is RECOMMENDED.\n~~~\nMUST\n~~~\n## B\nTwo NOT RECOMMENDED.\n")
        self.assertEqual([(one.section, one.levels, one.text) for one in found],
                         [("a", ("MUST",), "One MUST go."), ("a", ("SHOULD",), "It is RECOMMENDED."),
                          ("", ("SHOULD NOT",), "Two NOT RECOMMENDED.")])


if __name__ == "__main__":
    unittest.main()
