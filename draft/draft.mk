# SPDX-License-Identifier: ISC
#
# The Internet-Draft, what of it is generated, the pictures, and the trace from its requirements to code and tests.
# See draft/README.md and draft/tools/README.md.

DRAFTS	:= $(wildcard draft/draft-*.md)

.PHONY: draft draft-generated draft-fresh pictures

draft:
	@tools/setup draft
	@draft/tools/equip $(BUILD)/draft
	@set -e; for source in $(DRAFTS); do draft/tools/render $$source $(BUILD)/draft draft; done

draft-generated: $(BUILD)/ruthere
	@draft/tools/generate pieces $(BUILD) draft/generated

pictures: $(BUILD)/ruthere
	@draft/tools/generate pictures $(BUILD) draft/pictures

draft-fresh: setup
	@tools/setup draft
	@$(MAKE) --no-print-directory $(jobs) $(BUILD)/ruthere
	@draft/tools/fresh $(BUILD)
