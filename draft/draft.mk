# SPDX-License-Identifier: ISC
#
# The Internet-Draft, what of it is generated, the pictures, and the trace from its requirements to code and tests.
# See draft/README.md and draft/tools/README.md.

DRAFTS	:= $(wildcard draft/draft-*.md)

.PHONY: draft draft-generated draft-fresh pictures recoveries

draft:
	@tools/setup draft
	@draft/tools/equip $(BUILD)/draft
	@set -e; for source in $(DRAFTS); do draft/tools/render $$source $(BUILD)/draft draft; done

draft-generated: $(BUILD)/ruthere
	@draft/tools/generate pieces $(BUILD) draft/generated

recoveries: $(BUILD)/tests/test_recovery_methods
	@CK_DEFAULT_TIMEOUT=600 $< draft/model/recoveries.txt

pictures: $(BUILD)/ruthere
	@draft/tools/generate pictures $(BUILD) draft/pictures

draft-fresh: setup
	@tools/setup draft
	@$(MAKE) --no-print-directory $(jobs) $(BUILD)/ruthere $(BUILD)/tests/test_recovery_methods
	@draft/tools/fresh $(BUILD)

# The tools themselves first: a check that finds nothing must be known to find something.
.PHONY: trace trace-fresh draft-tools
draft-tools:
	@tools/setup draft
	@/usr/bin/python3 draft/tools/tests/test_trace.py -b
	@/usr/bin/python3 draft/tools/tests/test_pieces.py -b

trace: draft-tools
	@draft/tools/trace

trace-fresh: draft-tools
	@draft/tools/trace --check

# Everything of the draft that is written, in the order in which one needs the other.
.PHONY: draft-written
draft-written:
	@$(MAKE) --no-print-directory recoveries
	@$(MAKE) --no-print-directory draft-generated
	@$(MAKE) --no-print-directory pictures
	@$(MAKE) --no-print-directory draft
	@$(MAKE) --no-print-directory trace
