/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/dump.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/macro.h"
#include "base/parse.h"
#include "plan/confinement.h"
#include "plan/dump-mounts.h"

/* clang-format off */
static const char *const file_kind_names[] = {
        [FILE_DIRECTORY] = "directory",
        [FILE_TEXT] = "text",
        [FILE_DATA] = "data",
        [FILE_LINK] = "link",
        [FILE_NODE] = "node",
        [FILE_FIFO] = "fifo",
        [FILE_SOCKET] = "socket",
        [FILE_LISTENER] = "listener",
        [FILE_RANDOM_UUID] = "random-uuid",
        [FILE_DELETE] = "delete",
};
static_assert(ELEMENTSOF(file_kind_names) == FILE_KIND_MAX, "one name for each kind");

static const char *const api_vfs_names[API_VFS_MAX] = {
        [API_VFS_LOCKED] = "locked",
        [API_VFS_NETWORK] = "network",
        [API_VFS_WRITABLE] = "writable",
};

static const char *const owners_names[] = {
        [OWNERS_AS_THEY_ARE] = "as-they-are",
        [OWNERS_MAPPED] = "mapped",
        [OWNERS_MAPPED_OR_CHOWN] = "mapped-or-chown",
        [OWNERS_CHOWN] = "chown",
};
static_assert(ELEMENTSOF(owners_names) == OWNERS_MAX, "one name for each way");

static const char *const upper_names[] = {
        [UPPER_NONE] = "none",
        [UPPER_MEMORY] = "memory",
        [UPPER_ONE_BOOT] = "one-boot",
        [UPPER_BESIDE] = "beside",
        [UPPER_FOLDER] = "folder",
};
static_assert(ELEMENTSOF(upper_names) == UPPER_MAX, "one name for each kind");

static const char *const cgroup_kind_names[] = {
        [CGROUP_NONE] = "none",
        [CGROUP_SCOPE] = "scope",
        [CGROUP_UNIT] = "unit",
        [CGROUP_OWN] = "own",
};
static_assert(ELEMENTSOF(cgroup_kind_names) == CGROUP_PLAN_MAX, "one name for each kind");

static const char *const device_filter_names[] = {
        [DEVICE_FILTER_NONE] = "none",
        [DEVICE_FILTER_EXTRA] = "extra",
        [DEVICE_FILTER_ONLY] = "only",
        [DEVICE_FILTER_REQUIRED] = "required",
};
static_assert(ELEMENTSOF(device_filter_names) == DEVICE_FILTER_MAX, "one name for each kind");

static const char *const process_kind_names[] = {
        [PROCESS_BOOT] = "boot",
        [PROCESS_SHELL] = "shell",
        [PROCESS_COMMAND] = "command",
};
static_assert(ELEMENTSOF(process_kind_names) == PROCESS_KIND_MAX, "one name for each kind");

/* clang-format on */

static void dump_device(const FileStep *step, Writer *writer) {
        char device[2 * DECIMAL_MAX];

        if (S_ISCHR(step->mode) || S_ISBLK(step->mode)) {
                (void)snprintf(device, sizeof device, "%c%u:%u", S_ISCHR(step->mode) ? 'c' : 'b',
                                major(step->device), minor(step->device));
                writer_string(writer, "device", device);
        } else if (S_ISSOCK(step->mode))
                writer_string(writer, "device", "socket");
}

static void dump_files(const char *key, const FileStep *steps, size_t n_steps, Writer *writer) {
        writer_begin_list(writer, key, WRITER_BLOCK);
        for (size_t i = 0; i < n_steps; i++) {
                const FileStep *step = &steps[i];
                char mode[DECIMAL_MAX];

                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_string(writer, "path", step->path);
                writer_string(writer, "kind", file_kind_names[step->kind]);
                if (step->kind != FILE_LINK && step->kind != FILE_DELETE) {
                        (void)snprintf(mode, sizeof mode, "%04o", (unsigned)(step->mode & 07777));
                        writer_string(writer, "mode", mode);
                }
                if (step->kind == FILE_DATA)
                        writer_unsigned(writer, "size", step->size);
                else if (step->content)
                        writer_string(writer, "content", step->content);
                if (step->kind == FILE_NODE)
                        dump_device(step, writer);
                if (step->needs)
                        writer_string(writer, "needs", step->needs);
                if (step->flags & (FILE_REPLACES_FILE | FILE_REPLACES_ALL))
                        writer_string(writer, "replaces",
                                        step->flags & FILE_REPLACES_ALL ? "all" : "file");
                if (step->flags & FILE_IS_COMFORT)
                        writer_bool(writer, "is_comfort", true);
                writer_end(writer);
        }
        writer_end(writer);
}

void plan_dump_ranges(const char *key, const IdRange *ranges, size_t n_ranges, Writer *writer) {
        writer_begin_list(writer, key, WRITER_BLOCK);
        for (size_t i = 0; i < n_ranges; i++) {
                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_unsigned(writer, "inside", ranges[i].inside);
                writer_unsigned(writer, "outside", ranges[i].outside);
                writer_unsigned(writer, "count", ranges[i].count);
                writer_end(writer);
        }
        writer_end(writer);
}

static void dump_ids(const IdPlan *ids, Writer *writer) {
        writer_begin_object(writer, "ids", WRITER_BLOCK);
        writer_bool(writer, "has_namespace", ids->has_namespace);
        writer_bool(writer, "is_boundary", ids->is_boundary);
        plan_dump_ranges("ranges", ids->ranges, ids->n_ranges, writer);
        writer_unsigned(writer, "root_id", ids->root_id);
        writer_string(writer, "owners", owners_names[ids->owners]);
        writer_unsigned(writer, "disk_base", ids->disk_base);
        writer_end(writer);
}

static void dump_strings(Writer *writer, const char *key, const StringList *list) {
        writer_strings(writer, key, WRITER_BLOCK, list->items, list->n_items);
}

static void dump_layers(const RootPlan *root, Writer *writer) {
        writer_begin_object(writer, "layers", WRITER_BLOCK);
        writer_string(writer, "copy_of", root->copy_of);
        writer_string(writer, "copy_name", root->copy_name);
        writer_bool(writer, "is_overlay", root->is_overlay);
        writer_begin_list(writer, "layers", WRITER_BLOCK);
        for (size_t i = 0; i < root->n_layers; i++) {
                writer_begin_object(writer, NULL, WRITER_LINE);
                writer_string(writer, "path", root->layers[i].path);
                writer_bool(writer, "is_mapped", root->layers[i].is_mapped);
                writer_unsigned(writer, "disk_base", root->layers[i].disk_base);
                writer_end(writer);
        }
        writer_end(writer);
        writer_string(writer, "options", root->options);
        writer_string(writer, "upper", upper_names[root->upper]);
        writer_string(writer, "upper_parent", root->upper_parent);
        writer_string(writer, "upper_name", root->upper_name);
        writer_bool(writer, "is_upper_left", root->is_upper_left);
        writer_string(writer, "pivot_to", root->pivot_to);
        writer_string(writer, "pivot_old_at", root->pivot_old_at);
        writer_bool(writer, "has_only_usr", root->has_only_usr);
        writer_string(writer, "memory_options", root->memory_options);
        writer_end(writer);
}

static void dump_cgroup(const CgroupPlan *cgroup, Writer *writer) {
        writer_begin_object(writer, "cgroup", WRITER_BLOCK);
        writer_string(writer, "kind", cgroup_kind_names[cgroup->kind]);
        writer_string(writer, "unit", cgroup->unit);
        writer_string(writer, "slice", cgroup->slice);
        dump_strings(writer, "properties", cgroup->properties);
        writer_begin_list(writer, "devices", WRITER_BLOCK);
        for (const char *const *device = cgroup->devices; device && *device; device++)
                writer_string(writer, NULL, *device);
        writer_end(writer);
        writer_end(writer);
}

static void dump_devices(const DevicePlan *devices, Writer *writer) {
        Arena arena = { 0 };

        writer_begin_object(writer, "devices", WRITER_BLOCK);
        writer_string(writer, "filter", device_filter_names[devices->filter]);
        writer_begin_list(writer, "allowed", WRITER_BLOCK);
        for (size_t i = 0; i < devices->n_rules; i++)
                writer_string(writer, NULL, device_rule_to_text(&arena, &devices->rules[i]));
        writer_end(writer);
        writer_end(writer);
        arena_done(&arena);
}

static void dump_time(const TimePlan *time, Writer *writer) {
        writer_begin_object(writer, "time", WRITER_BLOCK);
        writer_bool(writer, "is_own", time->is_own);
        writer_bool(writer, "boottime_from_zero", time->boottime_from_zero);
        writer_bool(writer, "monotonic_from_zero", time->monotonic_from_zero);
        writer_number(writer, "boottime_offset_us", time->boottime_offset_us);
        writer_number(writer, "monotonic_offset_us", time->monotonic_offset_us);
        writer_end(writer);
}

/* 0 and -1 have a meaning of their own in a plan. */
static void dump_kill_signal(Writer *writer, int kill_signal) {
        char name[16];

        writer_string(writer, "kill_signal",
                        kill_signal > 0    ? signal_to_name(kill_signal, name)
                        : kill_signal == 0 ? "by-kind-of-init"
                                           : "none");
}

static void dump_process(const ProcessPlan *process, Writer *writer) {
        writer_begin_object(writer, "process", WRITER_BLOCK);
        writer_string(writer, "kind", process_kind_names[process->kind]);
        writer_bool(writer, "has_stub_init", process->has_stub_init);
        dump_strings(writer, "programs", &process->programs);
        dump_strings(writer, "arguments", &process->arguments);
        dump_strings(writer, "environment", &process->environment);
        dump_strings(writer, "user_environment", &process->user_environment);
        writer_string(writer, "user", process->user);
        writer_string(writer, "chdir", process->chdir);
        writer_string(writer, "console", console_mode_names[process->console]);
        if (process->background)
                writer_string(writer, "background", process->background);
        if (process->title)
                writer_string(writer, "title", process->title);
        if (process->tints)
                writer_bool(writer, "tints", true);
        writer_unsigned(writer, "n_listen_fds", process->n_listen_fds);
        dump_kill_signal(writer, process->kill_signal);
        writer_end(writer);
}

static void dump_receiver(const ReceiverPlan *receiver, Writer *writer) {
        if (!receiver->program)
                return;

        writer_begin_object(writer, "receiver", WRITER_BLOCK);
        writer_string(writer, "program", receiver->program);
        dump_strings(writer, "arguments", &receiver->arguments);
        writer_string(writer, "folder", receiver->folder);
        writer_unsigned(writer, "uid", receiver->uid);
        writer_unsigned(writer, "gid", receiver->gid);
        writer_end(writer);
}

void plan_dump(const Plan *plan, Writer *writer) {
        char uuid[37];

        uuid_to_dashed(plan->uuid, uuid);
        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "name", plan->name);
        writer_string(writer, "hostname", plan->hostname);
        writer_string(writer, "root", plan->root);
        if (plan->export_folder) {
                writer_string(writer, "export_folder", plan->export_folder);
                writer_string(writer, "export_options", plan->export_options);
        }
        writer_string(writer, "uuid", uuid);
        writer_string(writer, "service", plan->service);
        writer_bool(writer, "is_root_read_only", plan->is_root_read_only);
        writer_bool(writer, "has_private_network", plan->has_private_network);
        writer_bool(writer, "has_cgroup_namespace", plan->has_cgroup_namespace);
        writer_bool(writer, "has_pid_namespace", plan->has_pid_namespace);
        writer_bool(writer, "has_uts_namespace", plan->has_uts_namespace);
        writer_bool(writer, "has_ipc_namespace", plan->has_ipc_namespace);
        writer_string(writer, "api_vfs", api_vfs_names[plan->api_vfs]);
        writer_bool(writer, "has_global_locks", plan->has_global_locks);
        writer_string(writer, "register", register_mode_names[plan->register_mode]);
        writer_bool(writer, "notify_ready", plan->notify_ready);
        writer_bool(writer, "is_quiet", plan->is_quiet);
        writer_bool(writer, "reboots_in_place", plan->reboots_in_place);
        dump_layers(&plan->layers, writer);
        dump_ids(&plan->ids, writer);
        dump_cgroup(&plan->cgroup, writer);
        dump_devices(&plan->devices, writer);
        dump_time(&plan->time, writer);
        dump_process(&plan->process, writer);
        dump_receiver(&plan->receiver, writer);
        plan_dump_privileges(&plan->privileges, writer);
        plan_dump_folders(plan, writer);
        dump_files("base_files", plan->base_files, plan->n_base_files, writer);
        plan_dump_mounts(plan, writer);
        dump_files("files", plan->files, plan->n_files, writer);
        writer_end(writer);
}

static int dump_to(const Plan *plan, WriterFormat format, FILE *file) {
        Writer writer;
        int r;

        writer_init(&writer, format);
        plan_dump(plan, &writer);
        r = writer_print(&writer, file);
        writer_done(&writer);
        return r;
}

static int print_confinement(const Plan *plan, WriterFormat format, FILE *file) {
        Arena arena = { 0 };
        const Confinement confinement = confinement_of_plan(plan, &arena);
        int r;

        r = confinement_print(&confinement, format, file);
        arena_done(&arena);
        return r;
}

int plan_print(const Plan *plan, DryRun form, FILE *file) {
        switch (form) {
        case DRY_RUN_JSON:
                return dump_to(plan, WRITER_JSON, file);
        case DRY_RUN_SECURITY:
                return print_confinement(plan, WRITER_TEXT, file);
        case DRY_RUN_SECURITY_JSON:
                return print_confinement(plan, WRITER_JSON, file);
        case DRY_RUN_NO:
        case DRY_RUN_TEXT:
        case DRY_RUN_MAX:
                break;
        }

        return dump_to(plan, WRITER_TEXT, file);
}
