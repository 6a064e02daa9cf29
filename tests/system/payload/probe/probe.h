/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A dangerous operation, tried in a process of its own. It does no harm where it is allowed: files
 * are opened and not written, calls get arguments that the kernel refuses behind its check of who
 * may, mounts are made in a namespace that goes with the process.
 */

#include <errno.h>
#include <stddef.h>

typedef struct Probe Probe;

struct Probe {
        const char *name;
        /* 0 or more: allowed; -ENOTSUP: there is no such thing here; another -errno: denied */
        int (*run)(const Probe *probe);
        const char *text;
        long number;
        int expected; /* the errno that says "you may, but these arguments are bad" */
};

typedef struct {
        const Probe *probes;
        size_t n_probes;
} ProbeList;

ProbeList probes_of_files(void);
ProbeList probes_of_devices(void);
ProbeList probes_of_mounts(void);
ProbeList probes_of_calls(void);
ProbeList probes_of_sockets(void);
ProbeList probes_of_leaks(void);

#define PROBE_LIST(array) ((ProbeList){ (array), sizeof(array) / sizeof((array)[0]) })

/* What a call came to: -1 with EXPECTED as errno counts as allowed. */
static inline int probe_verdict(long r, int expected) {
        return r >= 0 || (expected && errno == expected) ? 0 : -errno;
}
