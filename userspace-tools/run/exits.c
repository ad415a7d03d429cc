// SPDX-License-Identifier: GPL-2.0
/*
 * handle_exit(): what each exit reason of KVM_RUN means to the launcher. The
 * structures are the interface's; their contents come from the hypervisor,
 * which is trusted, about a guest, which is not.
 */
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include "vm.h"

static void handle_io(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	u8 *data = (u8 *)run + run->io.data_offset;
	unsigned int size = run->io.size;
	u64 value;
	u32 i;

	for (i = 0; i < run->io.count; i++, data += size) {
		value = 0;
		if (run->io.direction == KVM_EXIT_IO_OUT) {
			memcpy(&value, data, size);
			bus_write(&vcpu->vm->ports, run->io.port, size, value);
		} else {
			value = bus_read(&vcpu->vm->ports, run->io.port, size);
			memcpy(data, &value, size);
		}
	}
}

static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u64 value = 0;

	if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data, run->mmio.len);
		bus_write(&vcpu->vm->mmio, run->mmio.phys_addr, run->mmio.len,
			  value);
	} else {
		value = bus_read(&vcpu->vm->mmio, run->mmio.phys_addr,
				 run->mmio.len);
		memcpy(run->mmio.data, &value, run->mmio.len);
	}
}

/* Where the vCPU is, for people; empty if it will not say. */
static void describe_place(const struct vcpu *vcpu, char *text, size_t size)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	*text = '\0';
	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs) ||
	    ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return;
	snprintf(text, size,
		 " at %04x:%#llx (cr0 %#llx, cr3 %#llx, cr4 %#llx, efer %#llx)",
		 sregs.cs.selector, regs.rip, sregs.cr0, sregs.cr3, sregs.cr4,
		 sregs.efer);
}

static void handle_shutdown(struct vcpu *vcpu)
{
	char place[160];

	describe_place(vcpu, place, sizeof(place));
	outcome_end(&vcpu->vm->outcome, ENDING_TRIPLE_FAULT, "vCPU %u%s",
		    vcpu->id, place);
}

static void handle_fail_entry(struct vcpu *vcpu)
{
	char place[160];

	describe_place(vcpu, place, sizeof(place));
	outcome_end(&vcpu->vm->outcome, ENDING_INTERNAL_ERROR,
		    "vCPU %u: entry failed, hardware reason %#llx%s", vcpu->id,
		    (u64)vcpu->run->fail_entry.hardware_entry_failure_reason,
		    place);
}

static void handle_internal_error(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	char place[160], data[160];
	size_t at = 0;
	u32 i;

	describe_place(vcpu, place, sizeof(place));
	data[0] = '\0';
	for (i = 0; i < run->internal.ndata && i < 6; i++)
		at += snprintf(data + at, sizeof(data) - at, " %#llx",
			       (u64)run->internal.data[i]);
	outcome_end(&vcpu->vm->outcome, ENDING_INTERNAL_ERROR,
		    "vCPU %u: internal error %u%s%s%s", vcpu->id,
		    run->internal.suberror, place, *data ? ", data" : "", data);
}

static const struct {
	u32 type;
	enum ending ending;
} system_events[] = {
	{ KVM_SYSTEM_EVENT_SHUTDOWN, ENDING_POWER_OFF },
	{ KVM_SYSTEM_EVENT_RESET, ENDING_RESET },
	{ KVM_SYSTEM_EVENT_CRASH, ENDING_CRASH },
};

static void handle_system_event(struct vcpu *vcpu)
{
	u32 type = vcpu->run->system_event.type;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(system_events); i++) {
		if (system_events[i].type == type) {
			outcome_end(&vcpu->vm->outcome, system_events[i].ending,
				    "vCPU %u", vcpu->id);
			return;
		}
	}
	outcome_end(&vcpu->vm->outcome, ENDING_INTERNAL_ERROR,
		    "vCPU %u: system event %u", vcpu->id, type);
}

static void handle_nothing(struct vcpu *vcpu)
{
}

static void (*const handlers[])(struct vcpu *vcpu) = {
	[KVM_EXIT_IO] = handle_io,
	[KVM_EXIT_MMIO] = handle_mmio,
	[KVM_EXIT_SHUTDOWN] = handle_shutdown,
	[KVM_EXIT_FAIL_ENTRY] = handle_fail_entry,
	[KVM_EXIT_INTERNAL_ERROR] = handle_internal_error,
	[KVM_EXIT_SYSTEM_EVENT] = handle_system_event,
	[KVM_EXIT_INTR] = handle_nothing,
	[KVM_EXIT_IRQ_WINDOW_OPEN] = handle_nothing,
};

void handle_exit(struct vcpu *vcpu)
{
	u32 reason = vcpu->run->exit_reason;
	char place[160];

	if (reason < ARRAY_SIZE(handlers) && handlers[reason]) {
		handlers[reason](vcpu);
		return;
	}
	describe_place(vcpu, place, sizeof(place));
	outcome_end(&vcpu->vm->outcome, ENDING_INTERNAL_ERROR,
		    "vCPU %u: exit reason %u, which was not asked for%s",
		    vcpu->id, reason, place);
}
