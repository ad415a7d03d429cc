// SPDX-License-Identifier: GPL-2.0
/*
 * Instantiates the tracepoints of trace.h. Nobody calls it; it knows nothing
 * else. It is compiled with this folder on its include path, because the trace
 * macros include trace.h once more by name.
 */
#define CREATE_TRACE_POINTS
#include "trace.h"
