/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What irqchip/ offers: the interrupt controllers of one VM as state machines:
 * local APICs, the I/O APIC, the 8259 pair, the 8254, and the routing of GSIs
 * to them and to messages.
 *
 * Called by arch-x86/ (the local APIC of the vCPU that runs, its I/O) and by
 * module/ (ioctls, irqfd, the I/O bus). It knows neither vCPUs nor vendors. What
 * the chips need of the world around them they ask through the hooks at the end
 * of this file; arch-x86/ provides them in the module, the test does in
 * userspace.
 *
 * Locks: each chip's own raw spinlock (hrtimers raise lines in hard interrupts),
 * none taken under another; hooks for kicks and timers run under them. The local
 * APIC has none: IRR and TMR are set with atomic operations by anybody, everything
 * else is touched by the vCPU's own thread or under the vCPU's mutex. Routing is
 * read under RCU and replaced by exchange. "Any context" below includes hard
 * interrupts.
 */
#ifndef LHV_IRQCHIP_H
#define LHV_IRQCHIP_H

#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define LHV_MAX_VCPUS		255
#define LHV_APIC_IDS		256		/* the last one is broadcast */
#define LHV_MAX_GSI		4096		/* KVM_CAP_IRQ_ROUTING */
#define LHV_IOAPIC_PINS		24
#define LHV_APIC_DEFAULT_BASE	0xfee00000ULL
#define LHV_IOAPIC_BASE		0xfec00000ULL

struct lhv_irqchip;

/* A timer of a local APIC or of the VM's chips: timer.c's but for expired(). */
struct lhv_irq_timer {
	struct hrtimer hrtimer;
	enum hrtimer_mode mode;
	void (*expired)(struct lhv_irq_timer *timer);	/* any context */
};

/* Modes of the local APIC, from IA32_APIC_BASE. */
enum lhv_apic_mode { LHV_APIC_DISABLED, LHV_APIC_XAPIC, LHV_APIC_X2APIC };

struct lhv_lapic {
	struct lhv_irqchip *chip;	/* set at init */
	/* 4 KiB page in xAPIC layout; also the hardware's virtual-APIC page */
	u8 *regs;
	u32 id;				/* vCPU id: initial APIC ID */
	u64 base;			/* IA32_APIC_BASE */
	enum lhv_apic_mode mode;
	bool hw_vid;			/* hardware delivers virtual interrupts */
	bool sw_enabled;		/* SVR bit 8 */
	/* timer; all times in ns of lhv_irq_hook_now(), TSC in guest TSC */
	u64 tsc_deadline;
	u64 timer_expiry;		/* 0: not armed */
	u32 divide_shift;
	u8 timer_mode;			/* LVTT bits 18:17 */
	bool has_tsc_deadline;		/* guest CPUID; true at init */
	struct lhv_irq_timer timer;
	/* events for the vCPU's own thread: bits below, set atomically */
	unsigned long events;
	unsigned long esr_pending;	/* errors since the last write of ESR */
	u8 sipi_vector;
	int highest_isr;		/* cache: -1 none; not with hw_vid */
	unsigned long irr_words;	/* 32-bit words of IRR that may be set */
	unsigned long isr_words;	/* the same of ISR, exact; own thread */
	u32 arbitrations;		/* lowest-priority messages won */
	/*
	 * With hw_vid the page belongs to the hardware while the guest runs:
	 * what others send waits here. Same layout as the first words of a
	 * posted-interrupt descriptor.
	 */
	struct {
		unsigned long pir[4];
		unsigned long on;
	} posted;
};

#define LHV_APIC_EVENT_INIT	0
#define LHV_APIC_EVENT_SIPI	1
#define LHV_APIC_EVENT_NMI	2
#define LHV_APIC_EVENT_TIMER	3	/* the timer expired: lhv_lapic_timer_fired() */

/* ---- local APIC ---- */
void lhv_lapic_init(struct lhv_lapic *apic, struct lhv_irqchip *chip,
		    void *page, u32 id, bool bsp);
/* The timer ends for good. The vCPU runs no more; may sleep. */
void lhv_lapic_destroy(struct lhv_lapic *apic);
/* INIT or power-on reset (power_on also resets base and id) */
void lhv_lapic_reset(struct lhv_lapic *apic, bool power_on, bool bsp);
/* Register access. xAPIC: offset in the page, 4-byte aligned by the caller;
 * x2APIC: offset = (msr - 0x800) << 4. 0, or -EINVAL where the processor
 * raises #GP (x2APIC only). Own thread only.
 */
int lhv_lapic_read(struct lhv_lapic *apic, u32 offset, u32 *val);
int lhv_lapic_write(struct lhv_lapic *apic, u32 offset, u32 val);
int lhv_lapic_x2_read(struct lhv_lapic *apic, u32 msr, u64 *val);
int lhv_lapic_x2_write(struct lhv_lapic *apic, u32 msr, u64 val);
/* IA32_APIC_BASE: -EINVAL for illegal transitions or reserved bits unless
 * host_initiated (then only reserved bits refuse).
 */
int lhv_lapic_set_base(struct lhv_lapic *apic, u64 base, bool host_initiated,
		       u8 maxphyaddr, bool x2apic_allowed);
u8 lhv_lapic_get_cr8(struct lhv_lapic *apic);
void lhv_lapic_set_cr8(struct lhv_lapic *apic, u8 cr8);
/* Highest vector that may be taken now, -1 if none (cheap when IRR is empty). */
int lhv_lapic_pending(struct lhv_lapic *apic);
/* Any IRR bit above PPR ignoring nothing: used for HLT wake-up = pending >= 0 */
/* The vector goes from IRR to ISR (it is being injected). */
void lhv_lapic_ack(struct lhv_lapic *apic, int vector);
void lhv_lapic_eoi(struct lhv_lapic *apic);
/* Hardware delivers from now on, or no more. Own thread, guest not running. */
void lhv_lapic_set_hw_vid(struct lhv_lapic *apic, bool on);
/* hardware EOI virtualization: tell the IOAPIC of this EOI */
void lhv_lapic_eoi_induced(struct lhv_lapic *apic, u8 vector);
/* Write behind a trap-like APIC-write exit: the page already holds the value. */
void lhv_lapic_write_trapped(struct lhv_lapic *apic, u32 offset);
/* LVT LINT0 lets the 8259's ExtINT through */
bool lhv_lapic_accepts_extint(struct lhv_lapic *apic);
/* the highest vector of IRR, -1; for virtual-interrupt delivery and TPR threshold */
int lhv_lapic_highest_irr(struct lhv_lapic *apic);
int lhv_lapic_highest_isr(struct lhv_lapic *apic);
u32 lhv_lapic_ppr(struct lhv_lapic *apic);
/* Vectors whose EOI must exit when the hardware virtualizes EOI. */
void lhv_lapic_eoi_exit_bitmap(struct lhv_lapic *apic, u64 bitmap[4]);
/* TSC deadline MSR; guest TSC units */
u64 lhv_lapic_get_tsc_deadline(struct lhv_lapic *apic);
void lhv_lapic_set_tsc_deadline(struct lhv_lapic *apic, u64 deadline);
/* Own thread, after LHV_APIC_EVENT_TIMER: raise LVTT, re-arm when periodic. */
void lhv_lapic_timer_fired(struct lhv_lapic *apic);
/* State: KVM_GET_LAPIC / KVM_SET_LAPIC, page image of 0x400 bytes */
void lhv_lapic_get_state(struct lhv_lapic *apic, struct kvm_lapic_state *s);
int lhv_lapic_set_state(struct lhv_lapic *apic, const struct kvm_lapic_state *s);

/* ---- interrupt messages ---- */
struct lhv_irq_msg {
	u32 dest;		/* physical or logical destination */
	u8 vector;
	u8 mode;		/* 0 fixed 1 lowest 2 SMI 4 NMI 5 INIT 6 SIPI 7 ExtINT */
	u8 shorthand;		/* 0 none 1 self 2 all 3 all but self */
	bool logical;
	bool level;		/* trigger mode */
	bool assert;
	bool x2apic_dest;	/* dest has 32 bits, 0xffffffff is broadcast */
};

/* >0 delivered to so many, 0 coalesced everywhere, -1 nobody accepted.
 * Any context, including hard interrupt. src NULL for devices.
 */
int lhv_irq_deliver(struct lhv_irqchip *chip, struct lhv_lapic *src,
		    const struct lhv_irq_msg *msg);

/* ---- the VM's chips ---- */
struct lhv_pic;
struct lhv_ioapic;
struct lhv_pit;
struct lhv_routing;

/* Timers that belong to the VM and not to a vCPU. */
enum lhv_chip_timer { LHV_CHIP_TIMER_PIT, LHV_CHIP_TIMER_IOAPIC, LHV_CHIP_TIMERS };

struct lhv_irqchip {
	void *owner;			/* the hooks' cookie: struct lhv_vm */
	bool present;			/* KVM_CREATE_IRQCHIP done (release/acquire) */
	struct lhv_pic *pic;
	struct lhv_ioapic *ioapic;
	struct lhv_pit *pit;		/* NULL until CREATE_PIT2 */
	u32 user_pins;			/* split: GSIs that are userspace's I/O APIC's pins */
	struct lhv_routing __rcu *routing;
	/* local APICs by vCPU index; published by lhv_irqchip_add_lapic() */
	struct lhv_lapic *apics[LHV_MAX_VCPUS];
	unsigned int nr_apics;
	/*
	 * Destinations, kept by ipi.c: enabled APICs by physical ID and by bit
	 * of the flat logical ID. Where guests made them ambiguous, every APIC
	 * is asked instead.
	 */
	raw_spinlock_t map_lock;
	struct lhv_lapic *phys[LHV_APIC_IDS];
	struct lhv_lapic *flat[8];
	u32 map;			/* ipi.c's word on what holds of them */
	/* vectors whose EOI somebody waits for: level pins, PIT, resamplers */
	unsigned long eoi_vectors[256 / BITS_PER_LONG];
	struct lhv_irq_timer timers[LHV_CHIP_TIMERS];
};

/* When the VM is made, before anything else here; chip is zeroed memory. */
void lhv_irqchip_init(struct lhv_irqchip *chip, void *owner);

int lhv_irqchip_create(struct lhv_irqchip *chip);	/* PIC, IOAPIC, default routes */
int lhv_irqchip_create_split(struct lhv_irqchip *chip, u64 pins);	/* routing alone */
void lhv_irqchip_destroy(struct lhv_irqchip *chip);	/* all of it, PIT too */
void lhv_irqchip_add_lapic(struct lhv_irqchip *chip, struct lhv_lapic *apic);
int lhv_pit_create(struct lhv_irqchip *chip, u32 flags);

/*
 * Are the 8259s and the I/O APIC here, and not userspace's? Does not change once
 * there is a vCPU.
 */
static inline bool lhv_irqchip_has_chips(const struct lhv_irqchip *chip)
{
	return chip->pic;
}

/* Level of one source on a GSI: >0 delivered, 0 coalesced, <0 masked/nobody.
 * source: 0 userspace, 1 PIT, 2.. irqfds with resample. Any context.
 */
#define LHV_IRQ_SOURCE_USER	0
#define LHV_IRQ_SOURCE_PIT	1
#define LHV_IRQ_SOURCE_RESAMPLE	2
int lhv_irq_set(struct lhv_irqchip *chip, u32 gsi, int level, int source);
/* KVM_IRQ_LINE_STATUS: as above for userspace, and a tick of the RTC is told as
 * coalesced as long as the last one is not handled.
 */
int lhv_irq_line_status(struct lhv_irqchip *chip, u32 gsi, int level);
/* Does this GSI lead to this pin (KVM_IRQCHIP_*, pin within the chip)? */
bool lhv_irq_gsi_on_pin(struct lhv_irqchip *chip, u32 gsi, u32 irqchip, u32 pin);
/* After a resampling irqfd came or went. Any context. */
void lhv_irqchip_update_eoi_map(struct lhv_irqchip *chip);
/* KVM_SIGNAL_MSI, MSI routes; -EINVAL for what KVM refuses */
int lhv_irq_msi(struct lhv_irqchip *chip, u64 address, u32 data);
/* KVM_SET_GSI_ROUTING; entries copied from the user by the caller. */
int lhv_irq_set_routing(struct lhv_irqchip *chip,
			const struct kvm_irq_routing_entry *entries, u32 nr,
			u32 flags);

/* 8259: INTR output for the boot processor, and its acknowledge (vector) */
bool lhv_pic_output(struct lhv_irqchip *chip);
int lhv_pic_ack(struct lhv_irqchip *chip);

/* Port and MMIO windows. true when the access is the chip's: in-kernel bus. */
bool lhv_irqchip_pio(struct lhv_irqchip *chip, u16 port, unsigned int size,
		     void *data, bool write);
bool lhv_irqchip_mmio(struct lhv_irqchip *chip, u64 gpa, unsigned int size,
		      void *data, bool write);	/* the IOAPIC's page */

/* State ioctls, KVM's layouts; 0 or -EINVAL */
int lhv_irqchip_get(struct lhv_irqchip *chip, struct kvm_irqchip *state);
int lhv_irqchip_set(struct lhv_irqchip *chip, const struct kvm_irqchip *state);
int lhv_pit_get(struct lhv_irqchip *chip, struct kvm_pit_state2 *s);
int lhv_pit_set(struct lhv_irqchip *chip, const struct kvm_pit_state2 *s);
int lhv_pit_reinject(struct lhv_irqchip *chip, bool reinject);

/* ---- hooks, provided by arch-x86/ (or by the unit test) ---- */
/* Something for this vCPU's thread: wake it if it halts, kick it out of the
 * guest if it runs there. Any context.
 */
void lhv_irq_hook_kick(struct lhv_lapic *apic);
/* the PIC's output rose: tell the vCPU whose LINT0 is wired to it; no lock held */
void lhv_irq_hook_pic(struct lhv_irqchip *chip);
/* A pin (irqchip: KVM_IRQCHIP_*, pin within that chip) got its EOI: resample
 * irqfds. No lock held: the hook may call lhv_irq_set().
 */
void lhv_irq_hook_eoi(struct lhv_irqchip *chip, u32 irqchip, u32 pin);
/* Split irqchip: a level-triggered vector ended that userspace's I/O APIC may have
 * sent. Own thread.
 */
void lhv_irq_hook_user_eoi(struct lhv_lapic *apic, u8 vector);
bool lhv_irq_hook_has_resamplers(struct lhv_irqchip *chip);
/* The IOAPIC's or routing's set of level vectors changed (EOI-exit bitmaps) */
void lhv_irq_hook_eoi_map_changed(struct lhv_irqchip *chip);
/* ns from now until the guest TSC reaches tsc (0 if past) */
u64 lhv_irq_hook_tsc_to_ns(struct lhv_lapic *apic, u64 tsc);
/* The guest changed IA32_APIC_BASE.EN or the APIC's mode, LDR, ID: recompute */
void lhv_irq_hook_apic_mode(struct lhv_lapic *apic);

/* ---- hooks, provided by timer.c in the module, by the test in userspace ---- */
/* Monotonic time in ns */
u64 lhv_irq_hook_now(void);
void lhv_irq_hook_timer_init(struct lhv_irq_timer *timer, enum hrtimer_mode mode,
			     void (*expired)(struct lhv_irq_timer *timer));
/* (Re)arm or cancel a timer; ns absolute in hook_now's clock. An expiry under
 * way when it is cancelled may still call expired().
 */
void lhv_irq_hook_timer_arm(struct lhv_irq_timer *timer, u64 expiry);
void lhv_irq_hook_timer_cancel(struct lhv_irq_timer *timer);
/* Cancel and wait until no expiry is under way. May sleep. */
void lhv_irq_hook_timer_destroy(struct lhv_irq_timer *timer);

#endif /* LHV_IRQCHIP_H */
