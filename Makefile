# SPDX-License-Identifier: ISC
#
#   make demo      set up, build, and run the main job with three nodes on loopback
#   make check     set up, build, and run the unit and abuse tests
#   make limits    set up, build, and run `serve` into its limits: confinement, no descriptors, full disk, ... (root for all)
#   make pages     set up, build, and open the page of a report in Chromium
#   make interop   set up, build, meet strongSwan, libreswan, vpnc and ike-scan, and run the conformance suite (root)
#
# make help lists the rest.

BUILD	 ?= build
ifeq ($(origin CC),default)
CC	 := gcc
endif
OPTIMIZE ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	    -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wformat=2 -Wimplicit-fallthrough
HARDEN	 := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
CFLAGS	 := -std=c11 -D_GNU_SOURCE $(OPTIMIZE) $(WARNINGS) $(HARDEN) $(SANITIZE) -I. -MMD -MP
LDFLAGS	 := -pie -Wl,-z,relro,-z,now $(SANITIZE)
LDLIBS	 := -lcrypto -lsodium -levent_core -levent_extra -lconfuse -ljansson -lpcap -lcap-ng -lseccomp -lm
CHECK_LIBS := -lcheck -lsubunit -lrt -lpthread

ENGINE	:= $(wildcard crypto/*.c ike/*.c keepalive/*.c)
SHELL_C	:= $(filter-out interop/main.c,$(wildcard interop/*.c interop/*/*.c))
SUPPORT	:= $(wildcard tests/support/*.c)
FUZZED	:= $(filter-out tests/fuzz/entry.c tests/fuzz/seeds_main.c,$(wildcard tests/fuzz/*.c))
SIM	:= $(wildcard tests/sim/*.c)
UNITS	:= $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
ABUSE	:= $(patsubst tests/abuse/%.c,%,$(wildcard tests/abuse/test_*.c))

LIMITS_SO := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/limits/*.c))

ENGINE_O := $(ENGINE:%.c=$(BUILD)/%.o)
SHELL_O	 := $(SHELL_C:%.c=$(BUILD)/%.o)
SUPPORT_O := $(SUPPORT:%.c=$(BUILD)/%.o)
FUZZED_O := $(FUZZED:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNITS:%=$(BUILD)/tests/%) $(ABUSE:%=$(BUILD)/tests/%)
SIM_O	 := $(SIM:%.c=$(BUILD)/%.o)

# make V=1 shows the commands themselves
ifeq ($(V),1)
say	 =
else
say	 = @echo '  $(1)	$(2)';
endif

# Every processor builds, unless whoever calls says how many.
jobs	 = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all help setup demo check sim limits pages interop bench units fuzz fuzz-programs layers lint fresh sanitize clang coverage clean format
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/ruthere

help:
	@sed -n 's/^#   //p' Makefile
	@echo 'make sim       simulate nodes under every fault: SIM_SEEDS (10000) seeds from SIM_FROM (1) on, each run twice'
	@echo 'make mutants   every case of the conformance suite with every impairment; mutants-written writes its table'
	@echo 'make instructions   instructions of the paths of every day, held against a record; instructions-written writes it'
	@echo 'make verify    the test vectors, computed anew by another program, which must also notice what is planted in them'
	@echo 'make vectors   the test vectors made anew, compared, and read by others; vectors-written writes them'
	@echo 'make bench     what it costs, and what it costs strongSwan and libreswan (root, an hour); BENCH=--quick for a first look'
	@echo 'make throughput   what a tunnel carries, and what one of strongSwan carries (root, eight minutes)'
	@echo 'make compare   R-U-THERE, ping through the tunnel, unknown SPIs and hints, measured side by side (root, nine minutes)'
	@echo 'make units     build and run the unit and abuse tests only'
	@echo 'make sanitize  the unit and abuse tests under ASan and UBSan'
	@echo 'make clang     everything built once more with clang, warnings as errors'
	@echo 'make coverage  lines and branches that the tests run, per folder'
	@echo 'make fuzz      every fuzz target for FUZZ_TIME seconds (clang)'
	@echo 'make layers    who may include whom'
	@echo 'make lint      static checks'
	@echo 'make model     the Promela model of draft/model/, checked by Spin (some minutes)'
	@echo 'make transitions   draft/model/transitions.txt, written anew from the code'
	@echo 'make draft     the Internet-Draft, rendered; draft-generated and pictures write what of it is made from the product; draft-written: all of it'
	@echo 'make draft-fresh   whether all of that is as it would be written today, and idnits'
	@echo 'make trace     the draft, its requirements, code, tests and cases held together, and the table of it; trace-fresh writes nothing'
	@echo 'make fresh     check and demo in a new Debian made for the purpose (root, several minutes)'
	@echo 'make format    the house style, applied'

setup:
	@tools/setup build

demo: setup
	@$(MAKE) --no-print-directory $(jobs) $(BUILD)/ruthere
	$(BUILD)/ruthere demo --capture $(BUILD)/demo

check: setup
	@$(MAKE) --no-print-directory $(jobs) all built-units
	@$(MAKE) --no-print-directory units layers

limits: setup
	@tools/setup limits
	@$(MAKE) --no-print-directory all $(LIMITS_SO)
	BUILD=$(BUILD) tests/limits/run

pages: setup
	@tools/setup pages
	@$(MAKE) --no-print-directory all
	BUILD=$(BUILD) tests/pages/run

# More than an hour; interop/bench/run --list names the steps that BENCH may choose from, and BENCH=--quick is a first look.
BENCH ?=
bench: setup
	@tools/setup interop
	@$(MAKE) --no-print-directory $(jobs) all
	RUTHERE=$(CURDIR)/$(BUILD)/ruthere interop/bench/run $(BENCH)

# What the userspace ESP carries, beside strongSwan's; THROUGHPUT='--rounds 1 --seconds 2' is a first look.
.PHONY: throughput
THROUGHPUT ?=
throughput: setup
	@tools/setup interop throughput
	@$(MAKE) --no-print-directory $(jobs) all
	RUTHERE=$(CURDIR)/$(BUILD)/ruthere interop/bench/throughput $(THROUGHPUT)

# The methods of noticing a death, measured against strongSwan; COMPARE=--quick is a first look.
.PHONY: compare
COMPARE ?=
compare: setup
	@tools/setup interop
	@$(MAKE) --no-print-directory $(jobs) all
	RUTHERE=$(CURDIR)/$(BUILD)/ruthere interop/compare/run $(COMPARE)

interop: setup
	@tools/setup interop
	@$(MAKE) --no-print-directory all
	interop/peers/run

$(BUILD)/libengine.a: $(ENGINE_O)
	@rm -f $@
	$(call say,AR,$@)ar crs $@ $^

$(BUILD)/libshell.a: $(SHELL_O)
	@rm -f $@
	$(call say,AR,$@)ar crs $@ $^

$(BUILD)/libsupport.a: $(SUPPORT_O)
	@rm -f $@
	$(call say,AR,$@)ar crs $@ $^

$(BUILD)/libfuzzed.a: $(FUZZED_O)
	@rm -f $@
	$(call say,AR,$@)ar crs $@ $^

$(BUILD)/ruthere: $(BUILD)/interop/main.o $(BUILD)/libshell.a $(BUILD)/libengine.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/test_%: $(BUILD)/tests/unit/test_%.o $(BUILD)/libfuzzed.a $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

$(BUILD)/tests/test_%: $(BUILD)/tests/abuse/test_%.o $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) -c -o $@ $<

# Whoever reads a figure wants to know how what was measured was built.
$(BUILD)/interop/bench/bench_machine.o: CFLAGS += -DBUILD_FLAGS='"$(strip $(OPTIMIZE) $(HARDEN) $(SANITIZE))"'

# The page of a report is in the program, word for word.
$(BUILD)/interop/report/page_text.o: $(wildcard interop/report/page*.html interop/report/page*.css interop/report/page*.js)

# So are the keys and certificates of the test vectors.
$(BUILD)/interop/vectors/vector_papers.o: $(wildcard interop/vectors/papers/*)

# Libraries that the tests of limits put between the program and the system.
$(BUILD)/tests/limits/%.so: tests/limits/%.c
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CFLAGS) -fPIC -shared -o $@ $<

$(BUILD)/sim: $(SIM_O) $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The few seeds of it that every run of the tests makes.
$(BUILD)/tests/test_simulator: $(BUILD)/tests/unit/test_simulator.o $(filter-out %/main.o,$(SIM_O)) \
		$(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

# Seeds SIM_FROM and the SIM_SEEDS - 1 after it; 10000 and more must reach all that tests/sim/unreached.txt does not list.
SIM_SEEDS ?= 10000
SIM_FROM  ?= 1
SIM_JOBS  ?= 2
sim: setup
	@$(MAKE) --no-print-directory $(BUILD)/sim
	$(BUILD)/sim --seeds $(SIM_FROM)..$$(($(SIM_FROM) + $(SIM_SEEDS) - 1)) --jobs $(SIM_JOBS) --coverage \
		--list tests/sim/unreached.txt --failures $(BUILD)/sim-failures

# Every case of the conformance suite with every impairment of our own engine; the table must be the one in the repository.
MATRIX_TXT := tests/matrix/matrix.txt
MATRIX_JOBS ?= 2
$(BUILD)/matrix: $(BUILD)/tests/matrix/main.o $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

.PHONY: mutants mutants-written
mutants: setup
	@$(MAKE) --no-print-directory $(BUILD)/matrix
	$(BUILD)/matrix --jobs $(MATRIX_JOBS) --hold $(MATRIX_TXT)

mutants-written: $(BUILD)/matrix
	$< --jobs $(MATRIX_JOBS) --write $(MATRIX_TXT)

# Instructions of the paths that a node with many peers is on all day, counted by valgrind and held against the record.
$(BUILD)/instructions: $(BUILD)/tests/instructions/main.o $(BUILD)/tests/instructions/couple.o \
		$(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

.PHONY: instructions instructions-written
instructions: setup
	@tools/setup instructions
	@$(MAKE) --no-print-directory $(BUILD)/instructions
	@tests/instructions/run $(BUILD)/instructions '$(CC)'

instructions-written: setup
	@tools/setup instructions
	@$(MAKE) --no-print-directory $(BUILD)/instructions
	@tests/instructions/run --write $(BUILD)/instructions '$(CC)'

# The vectors' independent judge proves itself first, and must find what is planted in them.
.PHONY: verify
verify: setup
	@tools/setup verify
	@$(MAKE) --no-print-directory $(jobs) $(BUILD)/ruthere
	tests/vectors/verify --self-test --planted --mistakes $(BUILD)/ruthere

# The committed test vectors are what the program writes, and tshark and `ruthere decode` read them as they are meant.
VECTORS := interop/vectors/sets
.PHONY: vectors vectors-written
vectors: setup
	@tools/setup vectors
	@$(MAKE) --no-print-directory $(BUILD)/ruthere
	BUILD=$(BUILD) interop/vectors/check

vectors-written: $(BUILD)/ruthere
	rm -rf $(VECTORS)
	$< vectors $(VECTORS)

.PHONY: built-units
built-units: $(UNIT_BIN)
	@:

units: $(UNIT_BIN)
	@tools/run-units $(UNIT_BIN)

sanitize:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize OPTIMIZE='-O1 -g' HARDEN= \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' all units

# Each target for so many seconds; tests/fuzz/README.md says how to replay what is found.
FUZZ_TARGETS ?= payloads core_clear core_protected config certificates capture esp
FUZZ_TIME    ?= 60

fuzz:
	@tools/setup build fuzz
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang OPTIMIZE='-O1 -g -DTEXT_MOST=65536' HARDEN= \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' \
		fuzz-programs
	@tests/fuzz/run $(BUILD)/fuzz $(FUZZ_TIME) $(FUZZ_TARGETS)

fuzz-programs: $(FUZZ_TARGETS:%=$(BUILD)/fuzz_%) $(BUILD)/fuzz_seeds
	@:

# Comes with the object; without this line make would try to link it from a .d.o.
$(BUILD)/tests/fuzz/entry_%.d: ;

$(BUILD)/tests/fuzz/entry_%.o: tests/fuzz/entry.c
	@mkdir -p $(@D)
	$(call say,CC,$< ($*))$(CC) $(CFLAGS) -DFUZZ_TARGET=fuzz_$* -c -o $@ $<

$(BUILD)/fuzz_seeds: $(BUILD)/tests/fuzz/seeds_main.o $(BUILD)/libfuzzed.a $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/entry_%.o $(BUILD)/libfuzzed.a $(BUILD)/libsupport.a $(BUILD)/libshell.a $(BUILD)/libengine.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

clang:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/clang CC=clang all built-units

# What a test counted is written when it ends, and by then it may have become another user.
coverage: setup
	@tools/setup coverage
	@find $(BUILD)/coverage -name '*.gcda' -delete 2>/dev/null || true
	@umask 0; $(MAKE) --no-print-directory BUILD=$(BUILD)/coverage OPTIMIZE='-O0 -g' HARDEN= SANITIZE=--coverage all units
	@tools/coverage $(BUILD)/coverage

layers:
	@tools/layers

lint:
	@tools/setup lint
	@tools/lint

.PHONY: model transitions
model:
	@tools/setup model
	@draft/model/check $(BUILD)/model

transitions: $(BUILD)/tests/test_liveness_table
	@$< draft/model/transitions.txt

include draft/draft.mk

fresh:
	@tools/fresh-debian

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/crypto/*.d $(BUILD)/ike/*.d $(BUILD)/keepalive/*.d $(BUILD)/interop/*.d $(BUILD)/interop/*/*.d $(BUILD)/tests/*/*.d)
