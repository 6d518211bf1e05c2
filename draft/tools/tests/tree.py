# SPDX-License-Identifier: ISC
"""A small tree with a draft of three requirements, each kept and shown: what the tests of the trace spoil in one place each."""

import json
import os
import subprocess
import sys
import tempfile

TRACE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "trace")

DRAFT = """---
docname: draft-sample-00
--- abstract

It is short.

--- middle
# Words {#words}
The key words are these.

{::boilerplate bcp14-tagged}

# Rules {#rules}
A party MUST answer.
It helps.

- The number SHOULD be random.

~~~
 what MUST look like this is no sentence
~~~

<!-- include: generated/piece.md -->

## More {#more}
A party MUST NOT ask in vain.
"""

REQUIREMENTS = """# all of them

R1 MUST rules
    A party MUST answer.
    rfc3706: 5.2

R2 SHOULD rules
    The number SHOULD be random.

R3 MUST NOT more
    A party MUST NOT ask in vain.
"""

CODE = """/* SPDX-License-Identifier: ISC */
/*
 * rules.c - the rules.
 */
#include "keepalive/rules.h"

/* R1: whoever asks. */
bool answer(const struct question *question)
{
	return question != NULL && strcmp(question->text, "R77: no comment") != 0;
}

static unsigned first(unsigned random)
{
	return random; /* R2 */
}

/* R3 */
#define LEAST_SILENCE 10
"""

TEST = """/* SPDX-License-Identifier: ISC */
/* R2: ten thousand of them. */
START_TEST(numbers_are_random)
{
	ck_assert(true);
}
END_TEST

static const struct rule rules[] = {
    {"R3: nobody is asked in vain", not_in_vain},
};
"""

CASES = """const struct conform_case cases_sample[] = {
    {
	.id = "rfc3706/5.2/answers", /* R1 */
	.level = CONFORM_MUST,
    },
    {
	.id = "rfc3706/5.5/interval",
	.level = CONFORM_INFO,
    },
};
"""

FILES = {
    "draft/draft-sample-00.md": DRAFT, "draft/requirements": REQUIREMENTS, "keepalive/rules.c": CODE, "tests/unit/test_rules.c": TEST,
    "interop/conform/cases_sample.c": CASES,
    "interop/matrix/ruthere-1.json": {"device": {"name": "ruthere", "version": "1"},
                                      "cases": [{"id": "rfc3706/5.2/answers", "verdict": "PASS"}]},
    "interop/matrix/other-2.json": {"device": {"name": "other", "version": "2"},
                                    "cases": [{"id": "rfc3706/5.2/answers", "verdict": "XFAIL"}]},
}


class Tree:
    """In a directory of its own, for as long as the with statement lasts."""

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory()
        self.root = self._directory.name
        for path, content in FILES.items():
            self.write(path, content if isinstance(content, str) else json.dumps(content))
        return self

    def __exit__(self, *ignored):
        self._directory.cleanup()

    def path(self, path):
        return os.path.join(self.root, path)

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, path):
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def spoil(self, path, what, by):
        """The test is wrong where there is nothing to spoil."""
        text = self.read(path)
        assert text.count(what) == 1, (path, what)
        self.write(path, text.replace(what, by))

    def trace(self, *words):
        """(exit status, what it says)"""
        done = subprocess.run([sys.executable, TRACE, *words, self.root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout
