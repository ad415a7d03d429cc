/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the processor: entry, exit, injection and what exits are about.
 * Events and fields are called as KVM's are, so that scripts written for those
 * work with the system name lhv. Called in arch-x86/ (and wherever else one
 * fits); instantiated in trace.c.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM lhv

#if !defined(LHV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define LHV_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* kvm_exit's isa */
#define LHV_TRACE_VMX	1
#define LHV_TRACE_SVM	2

TRACE_EVENT(kvm_entry,
	    TP_PROTO(unsigned int vcpu_id, u64 rip),
	    TP_ARGS(vcpu_id, rip),
	    TP_STRUCT__entry(__field(unsigned int, vcpu_id)
			     __field(unsigned long, rip)),
	    TP_fast_assign(__entry->vcpu_id = vcpu_id;
			   __entry->rip = rip;),
	    TP_printk("vcpu=%u rip=%#lx", __entry->vcpu_id, __entry->rip)
);

/* info1 and info2: VMX exit qualification and IDT-vectoring information, SVM
 * EXITINFO1 and EXITINFO2
 */
TRACE_EVENT(kvm_exit,
	    TP_PROTO(unsigned int vcpu_id, u32 isa, u32 exit_reason, u64 guest_rip,
		     u64 info1, u64 info2, u32 intr_info, u32 error_code),
	    TP_ARGS(vcpu_id, isa, exit_reason, guest_rip, info1, info2, intr_info,
		    error_code),
	    TP_STRUCT__entry(__field(unsigned int, exit_reason)
			     __field(unsigned long, guest_rip)
			     __field(u32, isa)
			     __field(u64, info1)
			     __field(u64, info2)
			     __field(u32, intr_info)
			     __field(u32, error_code)
			     __field(unsigned int, vcpu_id)),
	    TP_fast_assign(__entry->exit_reason = exit_reason;
			   __entry->guest_rip = guest_rip;
			   __entry->isa = isa;
			   __entry->info1 = info1;
			   __entry->info2 = info2;
			   __entry->intr_info = intr_info;
			   __entry->error_code = error_code;
			   __entry->vcpu_id = vcpu_id;),
	    TP_printk("vcpu=%u %s reason=%#x rip=%#lx info1=%#llx info2=%#llx intr=%#x error=%#x",
		      __entry->vcpu_id, __entry->isa == LHV_TRACE_VMX ? "vmx" : "svm",
		      __entry->exit_reason, __entry->guest_rip, __entry->info1,
		      __entry->info2, __entry->intr_info, __entry->error_code)
);

TRACE_EVENT(kvm_inj_virq,
	    TP_PROTO(unsigned int irq, bool soft, bool reinjected),
	    TP_ARGS(irq, soft, reinjected),
	    TP_STRUCT__entry(__field(unsigned int, irq)
			     __field(bool, soft)
			     __field(bool, reinjected)),
	    TP_fast_assign(__entry->irq = irq;
			   __entry->soft = soft;
			   __entry->reinjected = reinjected;),
	    TP_printk("vector=%#x%s%s", __entry->irq, __entry->soft ? " soft" : "",
		      __entry->reinjected ? " again" : "")
);

TRACE_EVENT(kvm_inj_exception,
	    TP_PROTO(unsigned int exception, bool has_error, u32 error_code,
		     bool reinjected),
	    TP_ARGS(exception, has_error, error_code, reinjected),
	    TP_STRUCT__entry(__field(u8, exception)
			     __field(u8, has_error)
			     __field(u32, error_code)
			     __field(bool, reinjected)),
	    TP_fast_assign(__entry->exception = exception;
			   __entry->has_error = has_error;
			   __entry->error_code = error_code;
			   __entry->reinjected = reinjected;),
	    TP_printk("vector=%u error=%#x%s%s", __entry->exception, __entry->error_code,
		      __entry->has_error ? "" : " (none)",
		      __entry->reinjected ? " again" : "")
);

/* exception: it raised #GP */
TRACE_EVENT(kvm_msr,
	    TP_PROTO(bool write, u32 ecx, u64 data, bool exception),
	    TP_ARGS(write, ecx, data, exception),
	    TP_STRUCT__entry(__field(unsigned int, write)
			     __field(u32, ecx)
			     __field(u64, data)
			     __field(u8, exception)),
	    TP_fast_assign(__entry->write = write;
			   __entry->ecx = ecx;
			   __entry->data = data;
			   __entry->exception = exception;),
	    TP_printk("%s %#x = %#llx%s", __entry->write ? "wrmsr" : "rdmsr",
		      __entry->ecx, __entry->data, __entry->exception ? " #GP" : "")
);

/* rw: 1 OUT, 0 IN; val of the first of count */
TRACE_EVENT(kvm_pio,
	    TP_PROTO(bool rw, u16 port, unsigned int size, unsigned int count, u32 val),
	    TP_ARGS(rw, port, size, count, val),
	    TP_STRUCT__entry(__field(unsigned int, rw)
			     __field(unsigned int, port)
			     __field(unsigned int, size)
			     __field(unsigned int, count)
			     __field(unsigned int, val)),
	    TP_fast_assign(__entry->rw = rw;
			   __entry->port = port;
			   __entry->size = size;
			   __entry->count = count;
			   __entry->val = val;),
	    TP_printk("%s port=%#x size=%u count=%u val=%#x",
		      __entry->rw ? "out" : "in", __entry->port, __entry->size,
		      __entry->count, __entry->val)
);

/* type: 0 a read that has no answer yet, 1 read, 2 write */
#define LHV_TRACE_MMIO_READ_PENDING	0
#define LHV_TRACE_MMIO_READ		1
#define LHV_TRACE_MMIO_WRITE		2

TRACE_EVENT(kvm_mmio,
	    TP_PROTO(unsigned int type, unsigned int len, u64 gpa, u64 val),
	    TP_ARGS(type, len, gpa, val),
	    TP_STRUCT__entry(__field(u32, type)
			     __field(u32, len)
			     __field(u64, gpa)
			     __field(u64, val)),
	    TP_fast_assign(__entry->type = type;
			   __entry->len = len;
			   __entry->gpa = gpa;
			   __entry->val = val;),
	    TP_printk("%s gpa=%#llx len=%u val=%#llx",
		      __print_symbolic(__entry->type,
				       { LHV_TRACE_MMIO_READ_PENDING, "read-wait" },
				       { LHV_TRACE_MMIO_READ, "read" },
				       { LHV_TRACE_MMIO_WRITE, "write" }),
		      __entry->gpa, __entry->len, __entry->val)
);

/* A nested page fault. error_code: the vendor's own */
TRACE_EVENT(kvm_page_fault,
	    TP_PROTO(unsigned int vcpu_id, u64 guest_rip, u64 fault_address,
		     u64 error_code),
	    TP_ARGS(vcpu_id, guest_rip, fault_address, error_code),
	    TP_STRUCT__entry(__field(unsigned int, vcpu_id)
			     __field(unsigned long, guest_rip)
			     __field(u64, fault_address)
			     __field(u64, error_code)),
	    TP_fast_assign(__entry->vcpu_id = vcpu_id;
			   __entry->guest_rip = guest_rip;
			   __entry->fault_address = fault_address;
			   __entry->error_code = error_code;),
	    TP_printk("vcpu=%u rip=%#lx gpa=%#llx error=%#llx", __entry->vcpu_id,
		      __entry->guest_rip, __entry->fault_address, __entry->error_code)
);

#endif /* LHV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
