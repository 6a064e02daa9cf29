/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The files that the manager makes: what every tree must have, /dev but its devices, and /run/host.
 */

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/parse.h"
#include "plan/build.h"

/* Only what is missing is made; links only where they lead somewhere. */
static const FileStep base_rows[] = {
        { .kind = FILE_DIRECTORY, .path = "/usr", .mode = 0755 },
        { .kind = FILE_DIRECTORY, .path = "/etc", .mode = 0755 },
        { .kind = FILE_DIRECTORY, .path = "/var", .mode = 0755 },
        { .kind = FILE_DIRECTORY, .path = "/root", .mode = 0750 },
        { .kind = FILE_DIRECTORY, .path = "/proc", .mode = 0555 },
        { .kind = FILE_DIRECTORY, .path = "/sys", .mode = 0555 },
        { .kind = FILE_DIRECTORY, .path = "/dev", .mode = 0555 },
        { .kind = FILE_DIRECTORY, .path = "/run", .mode = 0555 },
        { .kind = FILE_DIRECTORY, .path = "/tmp", .mode = 01777 },
        { .kind = FILE_LINK, .path = "/bin", .content = "usr/bin", .needs = "/usr/bin" },
        { .kind = FILE_LINK, .path = "/sbin", .content = "usr/sbin", .needs = "/usr/sbin" },
        { .kind = FILE_LINK, .path = "/lib", .content = "usr/lib", .needs = "/usr/lib" },
        { .kind = FILE_LINK, .path = "/lib64", .content = "usr/lib64", .needs = "/usr/lib64" },
};

static void add_dev(const PlanBuild *build) {
        static const FileStep links[] = {
                { .kind = FILE_LINK, .path = "/dev/ptmx", .content = "pts/ptmx" },
                { .kind = FILE_LINK, .path = "/dev/fd", .content = "/proc/self/fd" },
                { .kind = FILE_LINK, .path = "/dev/stdin", .content = "/proc/self/fd/0" },
                { .kind = FILE_LINK, .path = "/dev/stdout", .content = "/proc/self/fd/1" },
                { .kind = FILE_LINK, .path = "/dev/stderr", .content = "/proc/self/fd/2" },
                { .kind = FILE_LINK, .path = "/dev/core", .content = "/proc/kcore" },
                { .kind = FILE_DIRECTORY, .path = "/dev/pts", .mode = 0755 },
                { .kind = FILE_DIRECTORY, .path = "/dev/mqueue", .mode = 0755 },
        };
        Plan *plan = build->plan;

        for (size_t i = 0; i < ELEMENTSOF(links); i++)
                plan_add_file(plan, &links[i]);
        /* The first pty of the payload's own instance is its console. */
        if (plan->process.console != CONSOLE_PIPE)
                plan_add_file(plan, &(FileStep){
                                                    .kind = FILE_LINK,
                                                    .path = "/dev/console",
                                                    .content = "pts/0",
                                    });
}

/* One line. */
static void add_text(Plan *plan, const char *path, const char *text) {
        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_TEXT,
                                            .path = path,
                                            .content = arena_printf(&plan->arena, "%s\n", text),
                                            .mode = 0444,
                            });
}

static void add_run_host(const PlanBuild *build) {
        static const FileStep rows[] = {
                { .kind = FILE_SOCKET, .path = "/run/host/notify", .mode = 0222 },
                { .kind = FILE_RANDOM_UUID,
                                .path = "/run/host/proc-sys-kernel-random-boot-id",
                                .mode = 0444 },
                { .kind = FILE_TEXT, .path = "/run/host/inaccessible/reg", .content = "" },
                { .kind = FILE_DIRECTORY, .path = "/run/host/inaccessible/dir" },
                { .kind = FILE_FIFO, .path = "/run/host/inaccessible/fifo" },
                { .kind = FILE_NODE, .path = "/run/host/inaccessible/sock", .mode = S_IFSOCK },
                { .kind = FILE_NODE, .path = "/run/host/inaccessible/chr", .mode = S_IFCHR },
                { .kind = FILE_NODE, .path = "/run/host/inaccessible/blk", .mode = S_IFBLK },
        };
        static const FileStep nesting_rows[] = {
                { .kind = FILE_DIRECTORY, .path = "/run/host/nesting", .mode = 0700 },
                { .kind = FILE_DIRECTORY, .path = "/run/host/nesting/proc", .mode = 0755 },
                { .kind = FILE_DIRECTORY, .path = "/run/host/nesting/sys", .mode = 0755 },
        };
        Plan *plan = build->plan;
        char uuid[37];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                plan_add_file(plan, &rows[i]);

        uuid_to_dashed(plan->uuid, uuid);
        add_text(plan, "/run/host/container-manager", plan->service);
        add_text(plan, "/run/host/container-uuid", uuid);

        if (plan->ids.is_boundary)
                plan_add_file(plan, &(FileStep){ .kind = FILE_DIRECTORY,
                                                    .path = "/run/host/proc",
                                                    .mode = 0755 });
        else
                plan_add_file(plan, &(FileStep){ .kind = FILE_FIFO,
                                                    .path = "/run/host/proc-kmsg",
                                                    .mode = 0600 });
        if (build->config->privileges.nesting && !plan->ids.is_boundary)
                for (size_t i = 0; i < ELEMENTSOF(nesting_rows); i++)
                        plan_add_file(plan, &nesting_rows[i]);
        if (plan->ids.is_boundary && plan->has_private_network)
                plan_add_file(plan, &(FileStep){ .kind = FILE_DIRECTORY,
                                                    .path = "/run/host/sys",
                                                    .mode = 0755 });
}

int plan_build_files(const PlanBuild *build) {
        for (size_t i = 0; i < ELEMENTSOF(base_rows); i++)
                plan_add_base_file(build->plan, &base_rows[i]);

        add_dev(build);
        add_run_host(build);
        return 0;
}
