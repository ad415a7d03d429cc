# SPDX-License-Identifier: GPL-2.0
#
# The user's commands. This file knows where things are built and which script
# does what; how a kernel module is put together stands in Kbuild, how hosts
# are emulated in selftests/host/.
#
# Builds never lie on top of each other: each kernel and flavour has a folder
# of its own under build/, with the sources linked in.

export LHV_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/lhv

HOSTDIR := selftests/host
J := $(shell nproc 2>/dev/null || echo 1)

# KDIR: the kernel to build for. Tests set it to the emulated host's kernel.
ifneq ($(filter-out help clean packages check% demo,$(or $(MAKECMDGOALS),all)),)
ifndef KDIR
packages-done := $(shell $(HOSTDIR)/packages.sh build >&2 && echo yes)
ifneq ($(packages-done),yes)
$(error packages that the build needs are missing)
endif
KDIR := $(shell $(HOSTDIR)/kernel.sh kdir)
endif
ifeq ($(wildcard $(KDIR)/Makefile),)
$(error no kernel headers in KDIR=$(KDIR))
endif
KVER := $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
		$(KDIR)/include/generated/utsrelease.h)
endif

# FLAVOUR: empty, or debug (assertions on translation tags, see the docs).
FLAVOUR ?=
BUILD ?= build/$(KVER)$(if $(FLAVOUR),-$(FLAVOUR))
B := $(abspath $(BUILD))

flavour-debug := LHV_DEBUG=1
MODULE_SRC := Kbuild module arch-x86 mmu irqchip uapi
TESTS := $(patsubst %/Makefile,%,$(wildcard selftests/interface/Makefile \
	selftests/guests/Makefile selftests/bench/Makefile))

kbuild = +flock $(B)/.lock $(MAKE) --no-print-directory -C $(KDIR) M=$(B) \
	$(flavour-$(FLAVOUR)) LHV_FLAVOUR=$(FLAVOUR)

.PHONY: all module tools tests help clean install packages sparse

all: module tools tests	## build lhv.ko, the lhv tool and the tests

help:			## list the targets
	@echo "make TARGET [KDIR=headers] [HOST=bochs|tcg|kvm] [FLAVOUR=debug]"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' \
		$(MAKEFILE_LIST) | expand -t 18

# Sources are linked, file by file, so that objects stay in the build folder.
# Links whose source is gone go too.
link:
	@mkdir -p $(B)
	@find $(B) -xtype l -delete
	@find $(wildcard $(MODULE_SRC)) -type f \( -name '*.[chS]' \
		-o -name Kbuild -o -name '*.inc' \) | while read -r f; do \
		[ -L "$(B)/$$f" ] || { mkdir -p "$(B)/$$(dirname "$$f")"; \
		ln -s "$(CURDIR)/$$f" "$(B)/$$f"; }; done
.PHONY: link

module: link		## build lhv.ko for KDIR, in build/<kernel>/
	$(kbuild) W=1 -j$(J) -s modules
	@echo "built $(BUILD)/lhv.ko for $(KVER)"

sparse:			## the module under sparse (C=2), in a folder of its own
	@$(MAKE) --no-print-directory KDIR=$(KDIR) \
		BUILD=build/$(KVER)-sparse FLAVOUR=$(FLAVOUR) sparse-here

sparse-here: link
	@$(HOSTDIR)/quiet-build.sh sparse $(MAKE) --no-print-directory \
		-C $(KDIR) M=$(B) W=1 C=2 CF=-D__CHECK_ENDIAN__ -s \
		$(flavour-$(FLAVOUR)) modules
.PHONY: sparse-here

ifneq ($(wildcard userspace-tools/Makefile),)
tools:			## build the lhv tool, in build/<kernel>/tools/
	+$(MAKE) --no-print-directory -C userspace-tools O=$(B)/tools
endif

tests: $(TESTS)		## build the tests that run in a host, in build/<kernel>/
$(TESTS):
	+$(MAKE) --no-print-directory -C $@ O=$(B)/$@
.PHONY: $(TESTS)

packages:		## install the packages that building and testing want
	$(HOSTDIR)/packages.sh test

clean:			## remove build/ (the cache stays)
	rm -rf build
