/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/confinement.h"

#include <linux/capability.h>
#include <sys/stat.h>

#include "base/capability.h"
#include "base/macro.h"
#include "base/text.h"
#include "plan/call-filter.h"
#include "plan/dump.h"

const char *const space_files[SPACE_MAX] = {
        [SPACE_USER] = "user",
        [SPACE_MOUNT] = "mnt",
        [SPACE_PID] = "pid",
        [SPACE_UTS] = "uts",
        [SPACE_IPC] = "ipc",
        [SPACE_NETWORK] = "net",
        [SPACE_CGROUP] = "cgroup",
        [SPACE_TIME] = "time",
};

/* What it means not to have it. Clocks can be set by nobody anyway. */
static const char *const space_remarks[SPACE_MAX] = {
        [SPACE_PID] = "It sees the processes of the host",
        [SPACE_UTS] = "It shares the host name of the host",
        [SPACE_IPC] = "It shares the message queues and shared memory of the host",
        [SPACE_NETWORK] = "It is in the host's network: it reaches what listens on localhost and "
                          "on abstract sockets only",
        [SPACE_CGROUP] = "It sees the control groups of the host",
};

bool confinement_is_boundary(const Confinement *confinement) {
        for (size_t i = 0; i < confinement->n_ranges; i++)
                if (confinement->ranges[i].outside == 0)
                        return false;

        return confinement->has_own[SPACE_USER] && confinement->n_ranges > 0;
}

void confinement_add_mount(Arena *arena, Confinement *confinement, const ConfinementMount *mount) {
        static const char *const usual[] = {
                "/sys",
                "/run/host/incoming",
                "/run/host/os-release",
                "/run/host/unix-export",
        };

        for (size_t i = 0; i < ELEMENTSOF(usual); i++)
                if (text_equal(mount->path, usual[i]))
                        return;

        confinement->mounts = arena_grow(arena, confinement->mounts, confinement->n_mounts,
                        &confinement->n_mounts_allocated, sizeof *mount);
        confinement->mounts[confinement->n_mounts++] = *mount;
}

bool confinement_is_usual_device(const DeviceRule *device) {
        static const DeviceRule usual[] = {
                { S_IFCHR, 1, 3, 0 },                                                /* null */
                { S_IFCHR, 1, 5, 0 },                                                /* zero */
                { S_IFCHR, 1, 7, 0 },                                                /* full */
                { S_IFCHR, 1, 8, 0 },                                                /* random */
                { S_IFCHR, 1, 9, 0 },                                                /* urandom */
                { S_IFCHR, 5, 0, 0 },                                                /* tty */
                { S_IFCHR, 5, 2, 0 },                                                /* ptmx */
                { S_IFCHR, 136, DEVICE_ANY_MINOR, 0 },                               /* pts */
                { S_IFCHR, 0, 0, 0 }, { S_IFBLK, 0, 0, 0 }, { S_IFCHR, 10, 200, 0 }, /* net/tun */
                { S_IFCHR, 10, 229, 0 },                                             /* fuse */
        };

        for (size_t i = 0; i < ELEMENTSOF(usual); i++)
                if (usual[i].type == device->type && usual[i].major == device->major &&
                                (usual[i].minor == device->minor ||
                                                usual[i].minor == DEVICE_ANY_MINOR))
                        return true;

        return false;
}

static void remark(Writer *writer, Arena *arena, const char *text, const char *object) {
        writer_string(writer, NULL, object ? arena_printf(arena, "%s: %s", text, object) : text);
}

static void remark_on_privileges(const Confinement *confinement, Arena *arena, Writer *writer) {
        uint64_t usual = plan_default_capabilities | CAPABILITY_BIT(CAP_NET_ADMIN),
                 more = confinement->capabilities & ~usual;
        bool is_boundary = confinement_is_boundary(confinement);

        if (!is_boundary)
                remark(writer, arena,
                                confinement->has_own[SPACE_USER]
                                                ? "Its ids include the host's root: this is no "
                                                  "security boundary"
                                                : "Its root is the host's root: this is no security "
                                                  "boundary",
                                NULL);
        for (Space i = 0; i < SPACE_MAX; i++)
                if (!confinement->has_own[i] && space_remarks[i])
                        remark(writer, arena, space_remarks[i], NULL);
        if (more != 0)
                remark(writer, arena,
                                is_boundary ? "It has more capabilities than by default, over what "
                                              "is its own"
                                            : "It has more capabilities than by default, over the "
                                              "host",
                                capability_join(arena, more));
        if (!confinement->is_call_filtered)
                remark(writer, arena, "It may use every system call of the kernel", NULL);
        else if (confinement->calls)
                remark(writer, arena, "Its filter of system calls is not the default one",
                                confinement->calls);
        if (confinement->families)
                remark(writer, arena, "It can open more families of sockets than by default",
                                confinement->families);
        if (confinement->opens_any_by_i386)
                remark(writer, arena, "Its programs of 32 bits can open any family of sockets",
                                NULL);
}

static void remark_on_files(const Confinement *confinement, Arena *arena, Writer *writer) {
        bool is_boundary = confinement_is_boundary(confinement);

        if (confinement->has_device_filter == TRISTATE_NO && !is_boundary)
                remark(writer, arena, "No filter keeps it from the devices of the host", NULL);
        for (size_t i = 0; i < confinement->devices.n_items; i++)
                remark(writer, arena, "It has a device of the host", confinement->devices.items[i]);
        for (size_t i = 0; i < confinement->n_mounts; i++)
                if (confinement->mounts[i].is_writable)
                        remark(writer, arena, "It can change files from outside of its tree",
                                        arena_printf(arena, "%s (%s inside)",
                                                        confinement->mounts[i].source,
                                                        confinement->mounts[i].path));
        if (confinement->is_kernel_writable && !is_boundary)
                remark(writer, arena,
                                "It can change the settings of the host's kernel in /proc/sys",
                                NULL);
}

static void remark_on_limits(const Confinement *confinement, Arena *arena, Writer *writer) {
        if (!confinement->has_cgroup) {
                remark(writer, arena,
                                "It has no control group of its own: nothing limits it as a whole",
                                NULL);
                return;
        }
        if (!confinement->memory_max)
                remark(writer, arena, "It can use all of the memory", NULL);
        if (!confinement->processes_max)
                remark(writer, arena, "It can use all of the process numbers", NULL);
        if (!confinement->cpu_max)
                remark(writer, arena, "It can use all of the processors, as much as is free", NULL);
}

static void write_limits(const Confinement *confinement, Arena *arena, Writer *writer) {
        char soft[DECIMAL_MAX], hard[DECIMAL_MAX];

        writer_begin_object(writer, "limits", WRITER_BLOCK);
        writer_bool(writer, "has_cgroup", confinement->has_cgroup);
        writer_string(writer, "memory", confinement->memory_max);
        writer_string(writer, "processes", confinement->processes_max);
        writer_string(writer, "processors", confinement->cpu_max);
        writer_begin_object(writer, "each_process", WRITER_BLOCK);
        for (unsigned i = 0; i < LIMIT_MAX; i++)
                writer_string(writer, limit_names[i],
                                arena_printf(arena, "%s:%s",
                                                limit_to_text(confinement->limits[i].soft, soft),
                                                limit_to_text(confinement->limits[i].hard, hard)));
        writer_end(writer);
        writer_end(writer);
}

static void write_files(const Confinement *confinement, Writer *writer) {
        writer_begin_object(writer, "files", WRITER_BLOCK);
        writer_bool(writer, "is_tree_read_only", confinement->is_root_read_only);
        writer_begin_list(writer, "from_outside", WRITER_BLOCK);
        for (size_t i = 0; i < confinement->n_mounts; i++) {
                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_string(writer, "path", confinement->mounts[i].path);
                writer_string(writer, "source", confinement->mounts[i].source);
                writer_bool(writer, "is_writable", confinement->mounts[i].is_writable);
                writer_end(writer);
        }
        writer_end(writer);
        writer_strings(writer, "masked", WRITER_LINE, confinement->masked.items,
                        confinement->masked.n_items);
        writer_strings(writer, "read_only", WRITER_LINE, confinement->read_only.items,
                        confinement->read_only.n_items);
        writer_end(writer);
}

static void write_privileges(const Confinement *confinement, Arena *arena, Writer *writer) {
        const StringList capabilities = capability_list(arena, confinement->capabilities);

        writer_begin_object(writer, "namespaces", WRITER_LINE);
        for (Space i = 0; i < SPACE_MAX; i++)
                writer_string(writer, space_files[i], confinement->has_own[i] ? "own" : "host");
        writer_end(writer);
        plan_dump_ranges("ids", confinement->ranges, confinement->n_ranges, writer);
        writer_strings(writer, "capabilities", WRITER_LINE, capabilities.items,
                        capabilities.n_items);
        writer_bool(writer, "no_new_privileges", confinement->no_new_privileges);
        writer_bool(writer, "is_call_filtered", confinement->is_call_filtered);
        writer_string(writer, "label", confinement->label);
        writer_string(writer, "device_filter",
                        confinement->has_device_filter == TRISTATE_UNSET ? NULL
                        : confinement->has_device_filter == TRISTATE_YES ? "on"
                                                                         : "off");
        writer_strings(writer, "devices", WRITER_BLOCK, confinement->devices.items,
                        confinement->devices.n_items);
}

void confinement_write(const Confinement *confinement, Writer *writer) {
        Arena arena = { 0 };

        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "name", confinement->name);
        writer_string(writer, "read_from", confinement->is_running ? "machine" : "plan");
        writer_bool(writer, "is_boundary", confinement_is_boundary(confinement));
        writer_begin_list(writer, "remarks", WRITER_BLOCK);
        remark_on_privileges(confinement, &arena, writer);
        remark_on_files(confinement, &arena, writer);
        remark_on_limits(confinement, &arena, writer);
        writer_end(writer);
        write_privileges(confinement, &arena, writer);
        write_files(confinement, writer);
        write_limits(confinement, &arena, writer);
        writer_end(writer);
        arena_done(&arena);
}

int confinement_print(const Confinement *confinement, WriterFormat format, FILE *file) {
        Writer writer;
        int r;

        writer_init(&writer, format);
        confinement_write(confinement, &writer);
        r = writer_print(&writer, file);
        writer_done(&writer);
        return r;
}
