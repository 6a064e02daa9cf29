/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The payload's journal, written down on the host as well: journald inside sends each entry to a
 * socket whose name it is given as a credential, and systemd-journal-remote on the host takes it
 * from there. That one reads what the payload says, so it runs as the owner of the folder that it
 * writes to, without a capability.
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/text.h"
#include "plan/build.h"

static const char CREDENTIAL[] = "journal.forward_to_socket";
static const char SOCKET[] = "/run/host/journal/socket";

/* Which systemd has a receiver that listens on a socket of a file system, and one with limits. */
enum { VERSION_WITH_SOCKETS = 256, VERSION_WITH_LIMITS = 261 };

static int check_program(const PlanBuild *build) {
        const ForwardJournal *forward = &build->config->integration.forward_journal;
        const JournalFacts *facts = &build->facts->journal;
        bool has_limits = forward->max_use || forward->keep_free || forward->max_file_size ||
                          forward->max_files;

        if (!facts->receiver)
                return plan_fail(build, -ENOENT,
                                "--forward-journal= needs systemd-journal-remote, which this host "
                                "has not (install the package of that name)");
        if (facts->receiver_version == 0)
                return plan_fail(build, -EOPNOTSUPP,
                                "--forward-journal= needs systemd-journal-remote %d, and '%s' does "
                                "not say of which version it is",
                                VERSION_WITH_SOCKETS, facts->receiver);
        if (facts->receiver_version < VERSION_WITH_SOCKETS)
                return plan_fail(build, -EOPNOTSUPP,
                                "--forward-journal= needs systemd-journal-remote %d, and '%s' is "
                                "of version %u",
                                VERSION_WITH_SOCKETS, facts->receiver, facts->receiver_version);
        if (has_limits && facts->receiver_version < VERSION_WITH_LIMITS)
                return plan_fail(build, -EOPNOTSUPP,
                                "The limits of --forward-journal= need systemd-journal-remote %d, "
                                "and '%s' is of version %u (its settings are in "
                                "journal-remote.conf)",
                                VERSION_WITH_LIMITS, facts->receiver, facts->receiver_version);

        return 0;
}

static int check_credentials(const PlanBuild *build) {
        const CredentialList *list = &build->config->integration.credentials;

        for (size_t i = 0; i < list->n_items; i++)
                if (text_equal(list->items[i].id, CREDENTIAL))
                        return plan_fail(build, -EINVAL,
                                        "--forward-journal= sets the credential '%s', which is set "
                                        "already",
                                        CREDENTIAL);

        return 0;
}

/* The source of the folder PATH. What is missing of it is made, and belongs to whoever owns the
 * folder that it is made in. */
static int find_folder(const PlanBuild *build, const char *path, ReceiverPlan *receiver) {
        Arena *arena = &build->plan->arena;
        size_t index;
        const SourceFacts *facts = plan_find_source(build, path, &index);
        FolderStep step = { .mode = 0755, .is_kept = true };
        int r;

        if (facts->error == 0 && S_ISDIR(facts->mode)) {
                receiver->folder = arena_copy(arena, facts->real_path);
                receiver->folder_index = index;
                receiver->uid = facts->uid;
                receiver->gid = facts->gid;
                return 0;
        }

        r = facts->error == 0 ? -ENOTDIR : facts->error;
        if (r != -ENOENT || text_equal(path, path_parent(arena, path)))
                return plan_fail(build, r, "Failed to open '%s' for --forward-journal=: %s", path,
                                strerrordesc_np(-r));

        r = find_folder(build, path_parent(arena, path), receiver);
        if (r < 0)
                return r;
        step.name = path_last(arena, path);
        step.path = path_join(arena, receiver->folder, step.name);
        step.parent_index = receiver->folder_index;
        step.owner = receiver->uid;
        step.group = receiver->gid;
        receiver->folder = step.path;
        receiver->folder_index = plan_add_folder(build, &step);
        return 0;
}

static void add_argument(const PlanBuild *build, const char *name, const char *value) {
        Arena *arena = &build->plan->arena;

        if (value)
                string_list_add(arena, &build->plan->receiver.arguments,
                                arena_printf(arena, "%s=%s", name, value));
}

int plan_build_receiver(const PlanBuild *build) {
        const ForwardJournal *forward = &build->config->integration.forward_journal;
        Arena *arena = &build->plan->arena;
        ReceiverPlan *receiver = &build->plan->receiver;
        const char *file;
        int r;

        if (!forward->path)
                return 0;

        r = check_program(build);
        if (r >= 0)
                r = check_credentials(build);
        if (r >= 0)
                r = find_folder(build, forward_journal_folder(forward, arena), receiver);
        if (r < 0)
                return r;

        file = forward_journal_file(forward, arena);
        receiver->program = arena_copy(arena, build->facts->journal.receiver);
        add_argument(build, "--output", file ? path_join(arena, ".", file) : ".");
        add_argument(build, "--split-mode", file ? "none" : "host");
        add_argument(build, "--max-use", forward->max_use);
        add_argument(build, "--keep-free", forward->keep_free);
        add_argument(build, "--max-file-size", forward->max_file_size);
        add_argument(build, "--max-files", forward->max_files);

        plan_add_file(build->plan,
                        &(FileStep){ .kind = FILE_LISTENER, .path = SOCKET, .mode = 0600 });
        plan_add_credential(build->plan, CREDENTIAL, SOCKET, strlen(SOCKET));
        return 0;
}
