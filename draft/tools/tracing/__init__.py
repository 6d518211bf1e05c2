# SPDX-License-Identifier: ISC
"""From the requirements of the draft to code, tests, cases and verdicts.  See ../README.md."""
