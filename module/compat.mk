# SPDX-License-Identifier: GPL-2.0
# What of the kernel's interface no version number tells: Kbuild looks. Included by
# it, and by the test modules' one; compat.h, beside this, makes use of it.

# Who may set CR4.VMXE in the kernel's copy of CR4 stands with the symbol.
ifneq ($(shell grep -s 'cr4_update_irqsoff.*module:' $(objtree)/Module.symvers),)
ccflags-y += -DLHV_KERNEL_OWNS_VMX=1
endif
# Stable kernels took this change over, so no version tells.
ifneq ($(shell grep -s '^struct syscore {' $(srctree)/include/linux/syscore_ops.h),)
ccflags-y += -DLHV_SYSCORE_DATA
endif
