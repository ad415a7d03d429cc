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
# KERNEL: another stock kernel than the release's, such as 6.12.
export LHV_KERNEL := $(KERNEL)
J := $(shell nproc 2>/dev/null || echo 1)

# KDIR: the kernel to build for. Targets that start an emulated host come back
# here with that host's kernel.
HOST ?= bochs
comma := ,
NO_KERNEL := help clean packages checkpatch check check-quick check-kernels \
	check-mutants check-clients demo bench
ifneq ($(filter-out $(NO_KERNEL),$(or $(MAKECMDGOALS),all)),)
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
	selftests/guests/Makefile selftests/launcher/Makefile \
	selftests/hazards/Makefile selftests/bench/Makefile))

# A KDIR in a chroot is built for there, by its compiler.
ROOT := $(shell $(HOSTDIR)/chroot.sh of '$(KDIR)')
kmake = $(if $(ROOT),env LHV_BIND=$(B) $(HOSTDIR)/chroot.sh run $(ROOT) make,$(MAKE)) \
	--no-print-directory -C $(KDIR:$(ROOT)%=%) M=$(B)

# BTF wants pahole and the whole kernel for what nobody reads of a module.
kbuild = @+flock $(B)/.lock $(kmake) \
	CONFIG_DEBUG_INFO_BTF_MODULES= \
	$(flavour-$(FLAVOUR)) LHV_FLAVOUR=$(FLAVOUR)

.PHONY: all module tools tests help clean install packages sparse checkpatch
.PHONY: check check-quick check-kernels check-mutants check-clients demo bench

all: module tools tests	## build lhv.ko, the lhv tool and the tests

help:			## list the targets
	@echo "make TARGET [KDIR=headers] [HOST=bochs|tcg|kvm] [FLAVOUR=debug]"
	@echo "            [KERNEL=version|backports|newest] [DEMO=auto] [BUILD=folder] [MUTANTS=names]"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' \
		$(MAKEFILE_LIST) | expand -t 18

# Sources are linked, file by file, so that objects stay in the build folder.
# Links whose source is gone go too.
link:
	@mkdir -p $(B)
	@find $(B) -xtype l -delete
	@find $(wildcard $(MODULE_SRC)) -type f \( -name '*.[chS]' \
		-o -name '*.mk' -o -name Kbuild -o -name '*.inc' \) | while read -r f; do \
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
	@$(HOSTDIR)/quiet-build.sh sparse $(kmake) W=1 C=2 CF=-D__CHECK_ENDIAN__ -s \
		$(flavour-$(FLAVOUR)) modules
.PHONY: sparse-here

ifneq ($(wildcard userspace-tools/Makefile),)
tools:			## build the lhv tool, in build/<kernel>/tools/
	@+$(MAKE) -s --no-print-directory -C userspace-tools O=$(B)/tools
	@echo "built $(BUILD)/tools/lhv"
endif

tests: $(TESTS) test-modules	## build the tests that run in a host, in build/<kernel>/
$(TESTS):
	@+$(MAKE) -s --no-print-directory -C $@ O=$(B)/$@
	@echo "built $(BUILD)/$@"
.PHONY: $(TESTS)

# Modules that tests load beside lhv: M of their own, and lhv's compat.h.
MODULES_DIR := $(B)/test-modules
test-modules:
	@mkdir -p $(MODULES_DIR)
	@ln -sf $(CURDIR)/selftests/hazards/Kbuild $(CURDIR)/selftests/hazards/softirq-fpu.c \
		$(CURDIR)/selftests/hazards/tsc-reset.c $(CURDIR)/module/compat.h \
		$(CURDIR)/module/compat.mk $(MODULES_DIR)
	@+flock $(MODULES_DIR)/.lock $(subst M=$(B),M=$(MODULES_DIR),$(kmake)) \
		CONFIG_DEBUG_INFO_BTF_MODULES= W=1 -s modules
	@echo "built $(BUILD)/test-modules"
.PHONY: test-modules

checkpatch:		## all C and assembly under the kernel's checkpatch.pl
	@$(HOSTDIR)/packages.sh test
	@$(HOSTDIR)/checkpatch.sh

# All tests run on VMX and on SVM unless somebody chose.
CHECK_HOSTS := $(if $(filter file,$(origin HOST)),bochs$(comma)tcg,$(HOST))

check:			## everything: build, sparse, checkpatch, unit and host tests
	@$(HOSTDIR)/packages.sh test
	@+$(HOSTDIR)/check --host $(CHECK_HOSTS) $(if $(ONLY),--only '$(ONLY)')

check-quick:		## build, then the host tests on lhv only (ONLY=regex: some)
	@$(HOSTDIR)/packages.sh test
	@+$(HOSTDIR)/check --quick --host $(HOST) $(if $(ONLY),--only '$(ONLY)')

check-kernels:		## the host tests on every stock kernel that is supported
	@$(HOSTDIR)/packages.sh test
	@+$(HOSTDIR)/kernels --host $(CHECK_HOSTS) $(if $(ONLY),--only '$(ONLY)') \
		$(KERNELS)

check-clients:		## unmodified VMMs on KVM and on lhv, in an emulated host (ONLY=regex)
	$(call for-host,module)
	@$(HOSTDIR)/clients --build build/$$($(HOSTDIR)/kernel.sh abi) \
		--host $(CHECK_HOSTS) $(if $(ONLY),--only '$(ONLY)')

check-mutants:		## bugs put in on purpose, each of which a test must find
	@$(HOSTDIR)/packages.sh test
	@+$(HOSTDIR)/mutants --host $(HOST) $(MUTANTS)

# What demo and bench start from: packages, the host, and a build for it.
define for-host
	@$(HOSTDIR)/packages.sh test
	@$(if $(filter bochs,$(HOST)),$(HOSTDIR)/bochs.sh >/dev/null)
	@+$(MAKE) --no-print-directory KDIR=$$($(HOSTDIR)/kernel.sh headers) \
		BUILD=build/$$($(HOSTDIR)/kernel.sh abi) $(1)
endef

demo:			## boot a guest under lhv in an emulated host, to its shell
	$(call for-host,module tools)
	@$(HOSTDIR)/demo --build build/$$($(HOSTDIR)/kernel.sh abi) \
		--host $(HOST) $(if $(filter auto,$(DEMO)),--auto) $(DEMO_FLAGS)

bench:			## costs on KVM and on lhv, in instructions, with ratios
	$(call for-host,all)
	@$(HOSTDIR)/bench --build build/$$($(HOSTDIR)/kernel.sh abi) \
		--host $(HOST)

# The module goes where modprobe finds it; the header, the tool and its pages
# go under $(prefix).
prefix ?= /usr/local
MODDIR = $(DESTDIR)/lib/modules/$(KVER)/extra

install: module tools	## install lhv.ko, lhv and uapi/lhv.h
	install -D -m 644 $(B)/lhv.ko $(MODDIR)/lhv.ko
	$(if $(DESTDIR),,depmod $(KVER))
	install -D -m 644 uapi/lhv.h $(DESTDIR)$(prefix)/include/linux/lhv.h
	$(MAKE) --no-print-directory -C userspace-tools O=$(B)/tools \
		prefix=$(prefix) install

packages:		## install the packages that building and testing want
	$(HOSTDIR)/packages.sh test

clean:			## remove build/ (the cache stays)
	rm -rf build
