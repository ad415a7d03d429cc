/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes ACPI Machine Language: the few terms that the DSDT needs. Facts from
 * the ACPI specification, "ACPI Machine Language (AML) Specification".
 */
#ifndef LHV_BOOT_AML_H
#define LHV_BOOT_AML_H

#include "../run/types.h"

#define AML_MAX_DEPTH 8

/* Grows to @room; @full is set where something did not fit. */
struct aml {
	u8 *bytes;
	size_t room;
	size_t size;
	size_t open[AML_MAX_DEPTH];	/* where packages that are open start */
	unsigned int depth;
	bool full;
};

void aml_byte(struct aml *aml, u8 byte);
void aml_bytes(struct aml *aml, const void *bytes, size_t size);

/* A name segment of four characters, or a path such as "\\_SB_". */
void aml_path(struct aml *aml, const char *path);

/* An integer in its shortest form. */
void aml_integer(struct aml *aml, u64 value);

/* Name (path, ...): the object follows. */
void aml_name(struct aml *aml, const char *path);

/* A term with a package length; each is closed by aml_end(). */
void aml_scope(struct aml *aml, const char *path);
void aml_device(struct aml *aml, const char *path);
void aml_package(struct aml *aml, u8 elements);
void aml_end(struct aml *aml);

/* A buffer that holds exactly these bytes. */
void aml_buffer(struct aml *aml, const void *bytes, size_t size);

/* Name (path, EisaId (id)), id such as "PNP0A03". */
void aml_eisa_id(struct aml *aml, const char *path, const char *id);

#endif
