// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio PCI transport: BAR 0 holds the four structures that the vendor
 * capabilities point to, BAR 1 the MSI-X table. Registers of the common
 * configuration are a table. Handlers run in vCPU threads; interrupts are sent
 * from any.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include "virtio-pci.h"
#include "../run/layout.h"
#include "../run/report.h"

#define VENDOR_VIRTIO		0x1af4
#define DEVICE_MODERN		0x1040	/* plus the virtio device type */
#define REVISION_MODERN		1
#define SUBSYSTEM_MODERN	0x1100

#define BAR_REGISTERS		0
#define BAR_MSIX		1
#define REGISTERS_SIZE		0x4000U
#define PART_SIZE		0x1000U
#define COMMON_OFFSET		0x0000U
#define ISR_OFFSET		0x1000U
#define DEVICE_OFFSET		0x2000U
#define NOTIFY_OFFSET		0x3000U
#define NOTIFY_STRIDE		4U

#define ISR_QUEUE		1
#define ISR_CONFIG		2

#define TRANSPORT_FEATURES	(BIT_ULL(VIRTIO_F_VERSION_1) | \
				 BIT_ULL(VIRTIO_RING_F_EVENT_IDX) | \
				 BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC))

struct virtio_pci {
	struct pci_function function;
	struct msix msix;
	struct vm *vm;
	struct virtio_device *device;
	unsigned int window;	/* capability for access by configuration space */

	pthread_mutex_t lock;	/* guards the registers below */
	u32 device_feature_select;
	u32 driver_feature_select;
	u64 driver_features;
	u16 config_vector;
	u32 queue_select;
	u16 queue_vectors[VIRTIO_MAX_QUEUES];

	u8 status;		/* atomic: the worker sets NEEDS_RESET */

	pthread_mutex_t line_lock;	/* guards the rest */
	u8 isr;
	bool line_disabled;	/* INTx disable of the command register */
	bool line;
};

/* Interrupt line: up while a cause is unread and nothing better is in use. */
static void update_line(struct virtio_pci *transport)
{
	bool line = transport->isr && !transport->line_disabled &&
		    !msix_enabled(&transport->msix);

	if (line == transport->line)
		return;
	transport->line = line;
	interrupt_line(&transport->vm->interrupts, GSI_PCI_BASE +
		       (transport->function.slot - 1) % GSI_PCI_COUNT, line);
}

static void raise_interrupt(struct virtio_pci *transport, u8 cause, u16 vector)
{
	if (msix_fire(&transport->msix, vector))
		return;
	pthread_mutex_lock(&transport->line_lock);
	transport->isr |= cause;
	update_line(transport);
	pthread_mutex_unlock(&transport->line_lock);
}

void virtio_notify(struct virtio_device *device, unsigned int queue)
{
	struct virtio_pci *transport = device->transport;
	u16 vector = __atomic_load_n(&transport->queue_vectors[queue],
				     __ATOMIC_ACQUIRE);

	raise_interrupt(transport, ISR_QUEUE, vector);
}

void virtio_needs_reset(struct virtio_device *device)
{
	struct virtio_pci *transport = device->transport;
	u16 vector = __atomic_load_n(&transport->config_vector, __ATOMIC_ACQUIRE);

	__atomic_fetch_or(&transport->status, VIRTIO_CONFIG_S_NEEDS_RESET,
			  __ATOMIC_SEQ_CST);
	raise_interrupt(transport, ISR_CONFIG, vector);
}

static u64 all_features(const struct virtio_device *device)
{
	return device->features | TRANSPORT_FEATURES;
}

/* The selected queue; NULL where the guest has selected none that exists. */
static struct virtqueue *queue_of(struct virtio_pci *transport)
{
	if (transport->queue_select >= transport->device->nr_queues)
		return NULL;
	return &transport->device->queues[transport->queue_select];
}

static void reset_device(struct virtio_pci *transport)
{
	struct virtio_device *device = transport->device;
	unsigned int i;

	/* The lock is free only once the request that runs has ended. */
	for (i = 0; i < device->nr_queues; i++) {
		pthread_mutex_lock(&device->queues[i].lock);
		virtqueue_reset(&device->queues[i]);
		pthread_mutex_unlock(&device->queues[i].lock);
		__atomic_store_n(&transport->queue_vectors[i],
				 VIRTIO_MSI_NO_VECTOR, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&transport->config_vector, VIRTIO_MSI_NO_VECTOR,
			 __ATOMIC_RELEASE);
	transport->device_feature_select = 0;
	transport->driver_feature_select = 0;
	transport->driver_features = 0;
	transport->queue_select = 0;
	__atomic_store_n(&transport->status, 0, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&transport->line_lock);
	transport->isr = 0;
	update_line(transport);
	pthread_mutex_unlock(&transport->line_lock);
}

/*
 * Registers of the common configuration. Called with the transport's lock
 * held; @queue is the selected one, and registers of a queue read as zero and
 * ignore writes where there is none.
 */
static u32 get_device_features(struct virtio_pci *t, struct virtqueue *queue,
			       u16 field)
{
	return t->device_feature_select > 1 ? 0 :
	       all_features(t->device) >> 32 * t->device_feature_select;
}

static u32 get_driver_features(struct virtio_pci *t, struct virtqueue *queue,
			       u16 field)
{
	return t->driver_feature_select > 1 ? 0 :
	       t->driver_features >> 32 * t->driver_feature_select;
}

static void set_driver_features(struct virtio_pci *t, struct virtqueue *queue,
				u16 field, u32 value)
{
	unsigned int shift = 32 * t->driver_feature_select;

	if (t->driver_feature_select > 1 ||
	    (t->status & VIRTIO_CONFIG_S_FEATURES_OK))
		return;
	t->driver_features &= ~(0xffffffffULL << shift);
	t->driver_features |= (u64)value << shift;
}

static u16 vector_or_none(struct virtio_pci *t, u32 value)
{
	return value < t->msix.nr_vectors ? value : VIRTIO_MSI_NO_VECTOR;
}

static void set_config_vector(struct virtio_pci *t, struct virtqueue *queue,
			      u16 field, u32 value)
{
	__atomic_store_n(&t->config_vector, vector_or_none(t, value),
			 __ATOMIC_RELEASE);
}

static u32 get_nr_queues(struct virtio_pci *t, struct virtqueue *queue,
			 u16 field)
{
	return t->device->nr_queues;
}

static u32 get_status(struct virtio_pci *t, struct virtqueue *queue, u16 field)
{
	return __atomic_load_n(&t->status, __ATOMIC_SEQ_CST);
}

/* FEATURES_OK stays off where the driver has taken what was not offered. */
static void set_status(struct virtio_pci *t, struct virtqueue *queue, u16 field,
		       u32 value)
{
	u64 wrong = t->driver_features & ~all_features(t->device);

	if (!value) {
		reset_device(t);
		return;
	}
	if (wrong || !(t->driver_features & BIT_ULL(VIRTIO_F_VERSION_1)))
		value &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	__atomic_fetch_or(&t->status, value, __ATOMIC_SEQ_CST);
}

static u32 get_zero(struct virtio_pci *t, struct virtqueue *queue, u16 field)
{
	return 0;
}

static u32 get_queue_size(struct virtio_pci *t, struct virtqueue *queue,
			  u16 field)
{
	return queue->size;
}

static void set_queue_size(struct virtio_pci *t, struct virtqueue *queue,
			   u16 field, u32 value)
{
	if (!queue->enabled && value && value <= VIRTQUEUE_SIZE &&
	    !(value & (value - 1)))
		queue->size = value;
}

static u32 get_queue_vector(struct virtio_pci *t, struct virtqueue *queue,
			    u16 field)
{
	return t->queue_vectors[t->queue_select];
}

static void set_queue_vector(struct virtio_pci *t, struct virtqueue *queue,
			     u16 field, u32 value)
{
	__atomic_store_n(&t->queue_vectors[t->queue_select],
			 vector_or_none(t, value), __ATOMIC_RELEASE);
}

static u32 get_queue_enable(struct virtio_pci *t, struct virtqueue *queue,
			    u16 field)
{
	return queue->enabled;
}

static void set_queue_enable(struct virtio_pci *t, struct virtqueue *queue,
			     u16 field, u32 value)
{
	if (value != 1 || queue->enabled)
		return;
	queue->event_index = t->driver_features & BIT_ULL(VIRTIO_RING_F_EVENT_IDX);
	queue->indirect = t->driver_features & BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC);
	t->device->driver_features = t->driver_features;
	if (virtqueue_enable(queue))
		virtio_needs_reset(t->device);
}

static u32 get_notify_offset(struct virtio_pci *t, struct virtqueue *queue,
			     u16 field)
{
	return t->queue_select;
}

static u32 get_config_vector(struct virtio_pci *t, struct virtqueue *queue,
			     u16 field)
{
	return t->config_vector;
}

/* Registers that only hold what was written: a field of the transport ... */
static u32 get_field(struct virtio_pci *t, struct virtqueue *queue, u16 field)
{
	u32 value;

	memcpy(&value, (const char *)t + field, sizeof(value));
	return value;
}

static void set_field(struct virtio_pci *t, struct virtqueue *queue, u16 field,
		      u32 value)
{
	memcpy((char *)t + field, &value, sizeof(value));
}

/* ... or half of an address of the queue, fixed once it is enabled. */
static u32 get_address(struct virtio_pci *t, struct virtqueue *queue, u16 field)
{
	u32 value;

	memcpy(&value, (const char *)queue + field, sizeof(value));
	return value;
}

static void set_address(struct virtio_pci *t, struct virtqueue *queue, u16 field,
			u32 value)
{
	if (!queue->enabled)
		memcpy((char *)queue + field, &value, sizeof(value));
}

#define FIELD(name)	offsetof(struct virtio_pci, name)
#define LOW(name)	offsetof(struct virtqueue, name)
#define HIGH(name)	(offsetof(struct virtqueue, name) + 4)

static const struct common_register {
	u8 offset;
	u8 size;
	bool of_queue;
	u32 (*get)(struct virtio_pci *t, struct virtqueue *queue, u16 field);
	void (*set)(struct virtio_pci *t, struct virtqueue *queue, u16 field,
		    u32 value);
	u16 field;
} common_registers[] = {
	{ VIRTIO_PCI_COMMON_DFSELECT, 4, false, get_field, set_field,
	  FIELD(device_feature_select) },
	{ VIRTIO_PCI_COMMON_DF, 4, false, get_device_features },
	{ VIRTIO_PCI_COMMON_GFSELECT, 4, false, get_field, set_field,
	  FIELD(driver_feature_select) },
	{ VIRTIO_PCI_COMMON_GF, 4, false, get_driver_features,
	  set_driver_features },
	{ VIRTIO_PCI_COMMON_MSIX, 2, false, get_config_vector,
	  set_config_vector },
	{ VIRTIO_PCI_COMMON_NUMQ, 2, false, get_nr_queues },
	{ VIRTIO_PCI_COMMON_STATUS, 1, false, get_status, set_status },
	{ VIRTIO_PCI_COMMON_CFGGENERATION, 1, false, get_zero },
	{ VIRTIO_PCI_COMMON_Q_SELECT, 2, false, get_field, set_field,
	  FIELD(queue_select) },
	{ VIRTIO_PCI_COMMON_Q_SIZE, 2, true, get_queue_size, set_queue_size },
	{ VIRTIO_PCI_COMMON_Q_MSIX, 2, true, get_queue_vector,
	  set_queue_vector },
	{ VIRTIO_PCI_COMMON_Q_ENABLE, 2, true, get_queue_enable,
	  set_queue_enable },
	{ VIRTIO_PCI_COMMON_Q_NOFF, 2, true, get_notify_offset },
	{ VIRTIO_PCI_COMMON_Q_DESCLO, 4, true, get_address, set_address,
	  LOW(descriptors) },
	{ VIRTIO_PCI_COMMON_Q_DESCHI, 4, true, get_address, set_address,
	  HIGH(descriptors) },
	{ VIRTIO_PCI_COMMON_Q_AVAILLO, 4, true, get_address, set_address,
	  LOW(available) },
	{ VIRTIO_PCI_COMMON_Q_AVAILHI, 4, true, get_address, set_address,
	  HIGH(available) },
	{ VIRTIO_PCI_COMMON_Q_USEDLO, 4, true, get_address, set_address,
	  LOW(used) },
	{ VIRTIO_PCI_COMMON_Q_USEDHI, 4, true, get_address, set_address,
	  HIGH(used) },
};

static const struct common_register *find_register(u64 offset, unsigned int size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(common_registers); i++) {
		if (common_registers[i].offset == offset &&
		    common_registers[i].size == size)
			return &common_registers[i];
	}
	return NULL;
}

static u64 common_read(struct virtio_pci *t, u64 offset, unsigned int size)
{
	const struct common_register *reg = find_register(offset, size);
	struct virtqueue *queue;
	u64 value = 0;

	if (!reg)
		return ~0ULL;
	pthread_mutex_lock(&t->lock);
	queue = reg->of_queue ? queue_of(t) : NULL;
	if (queue)
		pthread_mutex_lock(&queue->lock);
	if (queue || !reg->of_queue)
		value = reg->get(t, queue, reg->field);
	if (queue)
		pthread_mutex_unlock(&queue->lock);
	pthread_mutex_unlock(&t->lock);
	return value;
}

static void common_write(struct virtio_pci *t, u64 offset, unsigned int size,
			 u64 value)
{
	const struct common_register *reg = find_register(offset, size);
	struct virtqueue *queue;

	if (!reg || !reg->set)
		return;
	pthread_mutex_lock(&t->lock);
	queue = reg->of_queue ? queue_of(t) : NULL;
	if (queue)
		pthread_mutex_lock(&queue->lock);
	if (queue || !reg->of_queue)
		reg->set(t, queue, reg->field, value);
	if (queue)
		pthread_mutex_unlock(&queue->lock);
	pthread_mutex_unlock(&t->lock);
}

/* Reading the causes acknowledges them. */
static u64 isr_read(struct virtio_pci *t, u64 offset, unsigned int size)
{
	u64 value;

	if (offset)
		return 0;
	pthread_mutex_lock(&t->line_lock);
	value = t->isr;
	t->isr = 0;
	update_line(t);
	pthread_mutex_unlock(&t->line_lock);
	return value;
}

static u64 device_read(struct virtio_pci *t, u64 offset, unsigned int size)
{
	u64 value = 0;

	if (offset < t->device->config_size &&
	    size <= t->device->config_size - offset)
		memcpy(&value, (const u8 *)t->device->config + offset, size);
	return value;
}

/* Doorbells come here where the hypervisor has no ioeventfd. */
static void notify_write(struct virtio_pci *t, u64 offset, unsigned int size,
			 u64 value)
{
	u64 queue = offset / NOTIFY_STRIDE;

	if (queue < t->device->nr_queues)
		eventfd_write(t->device->kicks[queue], 1);
}

static u64 notify_read(struct virtio_pci *t, u64 offset, unsigned int size)
{
	return 0;
}

static void ignore_write(struct virtio_pci *t, u64 offset, unsigned int size,
			 u64 value)
{
}

/* BAR 0, in parts of PART_SIZE. */
static const struct {
	u64 (*read)(struct virtio_pci *t, u64 offset, unsigned int size);
	void (*write)(struct virtio_pci *t, u64 offset, unsigned int size,
		      u64 value);
} parts[] = {
	[COMMON_OFFSET / PART_SIZE] = { common_read, common_write },
	[ISR_OFFSET / PART_SIZE] = { isr_read, ignore_write },
	[DEVICE_OFFSET / PART_SIZE] = { device_read, ignore_write },
	[NOTIFY_OFFSET / PART_SIZE] = { notify_read, notify_write },
};

static u64 registers_read(void *device, u64 offset, unsigned int size)
{
	return parts[offset / PART_SIZE].read(device, offset % PART_SIZE, size);
}

static void registers_write(void *device, u64 offset, unsigned int size,
			    u64 value)
{
	parts[offset / PART_SIZE].write(device, offset % PART_SIZE, size, value);
}

static const struct bus_ops registers_ops = { registers_read, registers_write };

static void bar_changed(struct pci_function *function, unsigned int bar,
			u64 address, bool mapped)
{
	struct virtio_pci *t = container_of(function, struct virtio_pci, function);
	unsigned int i;

	if (bar != BAR_REGISTERS)
		return;
	for (i = 0; i < t->device->nr_queues; i++)
		vm_doorbell(t->vm, address + NOTIFY_OFFSET + i * NOTIFY_STRIDE,
			    t->device->kicks[i], mapped);
}

/*
 * The window: a capability through which BAR 0 is reached without mapping it.
 * True if the access at @offset is one to its data field.
 */
static bool window_access(struct virtio_pci *t, unsigned int offset, u64 *where,
			  unsigned int *size)
{
	const struct pci_function *function = &t->function;

	if (offset != t->window + sizeof(struct virtio_pci_cap))
		return false;
	*where = pci_get32(function, t->window + VIRTIO_PCI_CAP_OFFSET);
	*size = pci_get32(function, t->window + VIRTIO_PCI_CAP_LENGTH);
	return function->config[t->window + VIRTIO_PCI_CAP_BAR] == BAR_REGISTERS &&
	       (*size == 1 || *size == 2 || *size == 4) &&
	       *where % *size == 0 && *where < REGISTERS_SIZE;
}

static void before_read(struct pci_function *function, unsigned int offset,
			unsigned int size)
{
	struct virtio_pci *t = container_of(function, struct virtio_pci, function);
	unsigned int width;
	u64 where;

	if (window_access(t, offset, &where, &width))
		pci_set32(function, offset, registers_read(t, where, width));
}

static void after_write(struct pci_function *function, unsigned int offset,
			unsigned int size)
{
	struct virtio_pci *t = container_of(function, struct virtio_pci, function);
	unsigned int width;
	u64 where;

	if (window_access(t, offset, &where, &width))
		registers_write(t, where, width,
				pci_get32(function, offset) & size_mask(width));
	msix_config_written(&t->msix, function);
	pthread_mutex_lock(&t->line_lock);
	t->line_disabled = pci_get16(function, PCI_COMMAND) &
			   PCI_COMMAND_INTX_DISABLE;
	update_line(t);
	pthread_mutex_unlock(&t->line_lock);
}

static const struct pci_function_ops function_ops = {
	.before_read = before_read,
	.after_write = after_write,
	.bar_changed = bar_changed,
};

static unsigned int add_structure(struct virtio_pci *t, u8 type, u32 offset,
				  u32 length, size_t size)
{
	struct pci_function *function = &t->function;
	unsigned int at = pci_add_capability(function, PCI_CAP_ID_VNDR, size);

	function->config[at + VIRTIO_PCI_CAP_LEN] = size;
	function->config[at + VIRTIO_PCI_CAP_CFG_TYPE] = type;
	function->config[at + VIRTIO_PCI_CAP_BAR] = BAR_REGISTERS;
	pci_set32(function, at + VIRTIO_PCI_CAP_OFFSET, offset);
	pci_set32(function, at + VIRTIO_PCI_CAP_LENGTH, length);
	return at;
}

static void add_structures(struct virtio_pci *t)
{
	size_t plain = sizeof(struct virtio_pci_cap);
	unsigned int at;

	add_structure(t, VIRTIO_PCI_CAP_COMMON_CFG, COMMON_OFFSET,
		      VIRTIO_PCI_COMMON_Q_USEDHI + 4, plain);
	add_structure(t, VIRTIO_PCI_CAP_ISR_CFG, ISR_OFFSET, 1, plain);
	if (t->device->config_size)
		add_structure(t, VIRTIO_PCI_CAP_DEVICE_CFG, DEVICE_OFFSET,
			      t->device->config_size, plain);
	at = add_structure(t, VIRTIO_PCI_CAP_NOTIFY_CFG, NOTIFY_OFFSET,
			   t->device->nr_queues * NOTIFY_STRIDE,
			   sizeof(struct virtio_pci_notify_cap));
	pci_set32(&t->function, at + plain, NOTIFY_STRIDE);
	at = add_structure(t, VIRTIO_PCI_CAP_PCI_CFG, 0, 0, plain + 4);
	t->function.writable[at + VIRTIO_PCI_CAP_BAR] = 0xff;
	memset(t->function.writable + at + VIRTIO_PCI_CAP_OFFSET, 0xff, 12);
	t->window = at;
}

int virtio_pci_create(struct vm *vm, struct pci_host *host, unsigned int slot,
		      struct virtio_device *device)
{
	const struct pci_identity identity = {
		.vendor = VENDOR_VIRTIO,
		.device = DEVICE_MODERN + device->type,
		.subsystem_vendor = VENDOR_VIRTIO,
		.subsystem = SUBSYSTEM_MODERN,
		.class_code = device->class_code,
		.revision = REVISION_MODERN,
		.interrupt = true,
	};
	struct virtio_pci *t = calloc(1, sizeof(*t));

	if (!t)
		return host_error("no memory for a virtio device");
	t->vm = vm;
	t->device = device;
	device->transport = t;
	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->line_lock, NULL);
	pci_init(&t->function, &identity, &vm->mmio);
	t->function.ops = &function_ops;
	msix_add(&t->msix, &t->function, BAR_MSIX, 1 + device->nr_queues,
		 &vm->interrupts);
	pci_add_bar(&t->function, BAR_REGISTERS, REGISTERS_SIZE, &registers_ops, t);
	add_structures(t);
	reset_device(t);
	pci_host_plug(host, slot, &t->function);
	return 0;
}
