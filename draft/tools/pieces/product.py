# SPDX-License-Identifier: ISC
"""The program itself, asked for data.  What takes it long is kept beside the build, for as long as the program is the same one."""

import hashlib
import json
import os
import subprocess


class Product:
    """`root`: the top of the tree.  `build`: where the program is, and where answers may be kept."""

    def __init__(self, root, build):
        self.root = root
        self.program = os.path.join(build, "ruthere")
        self._kept = os.path.join(build, "draft", "answers")
        self._digest = None

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def run(self, *words):
        try:
            done = subprocess.run([self.program, *words], cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        except FileNotFoundError:
            raise SystemExit("%s is missing: make" % self.program)
        if done.returncode != 0:
            raise SystemExit("ruthere %s has failed: %s" % (" ".join(words), done.stderr.strip()))
        return done.stdout

    def _key(self, words):
        if self._digest is None:
            with open(self.program, "rb") as file:
                self._digest = hashlib.sha256(file.read()).hexdigest()
        return hashlib.sha256("\0".join((self._digest,) + words).encode()).hexdigest()

    def simulate(self, *words):
        """What `ruthere sim WORDS --json` says, which is the same on every machine and with any number of jobs."""
        if not os.path.exists(self.program):
            raise SystemExit("%s is missing: make" % self.program)
        path = os.path.join(self._kept, self._key(words) + ".json")
        if not os.path.exists(path):
            text = self.run("sim", *words, "--json", "--jobs", str(os.cpu_count() or 1))
            os.makedirs(self._kept, exist_ok=True)
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(path + ".new", path)
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def explain(self, capture, keys):
        """What `ruthere decode --json` says of a capture: one object for each message."""
        return [json.loads(line) for line in self.run("decode", capture, "--keys", keys, "--json").splitlines()]
