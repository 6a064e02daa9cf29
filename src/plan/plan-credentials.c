/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secrets for the payload: a file each in a file system of their own, which is never swapped out,
 * belongs to the payload's root and cannot be changed.
 */

#include <sys/mount.h>

#include "base/text.h"
#include "plan/build.h"

#define FOLDER "/run/host/credentials"

/* A command's user is known only inside, where the folder is read-only already. */
static bool is_for_everybody(const Plan *plan) {
        return plan->process.kind != PROCESS_BOOT && plan->process.user;
}

static void add_folder(Plan *plan) {
        plan_add_mount(plan,
                        &(MountStep){
                                        .kind = MOUNT_RAMFS,
                                        .made_by = MADE_BY_MANAGER,
                                        .target = FOLDER,
                                        .options = is_for_everybody(plan) ? "mode=0555"
                                                                          : "mode=0500",
                                        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                                      MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW,
                                        .late_attributes = MOUNT_ATTR_RDONLY,
                        });
        string_list_add(&plan->arena, &plan->process.environment, "CREDENTIALS_DIRECTORY=" FOLDER);
}

void plan_add_credential(Plan *plan, const char *id, const char *data, size_t size) {
        if (!plan->has_credentials)
                add_folder(plan);
        plan->has_credentials = true;

        plan_add_file(plan, &(FileStep){
                                            .kind = FILE_DATA,
                                            .path = arena_printf(&plan->arena, FOLDER "/%s", id),
                                            .content = arena_copy_n(&plan->arena, data, size),
                                            .size = size,
                                            .mode = is_for_everybody(plan) ? 0444 : 0400,
                            });
}

static const HostFile *find_loaded(const Facts *facts, const char *id) {
        for (size_t i = 0; i < facts->credentials.n_items; i++)
                if (text_equal(facts->credentials.items[i].name, id))
                        return &facts->credentials.items[i];

        return NULL;
}

int plan_build_credentials(const PlanBuild *build) {
        const CredentialList *credentials = &build->config->integration.credentials;

        for (size_t i = 0; i < credentials->n_items; i++) {
                const CredentialSetting *setting = &credentials->items[i];
                const HostFile *loaded;

                if (!setting->source) {
                        plan_add_credential(build->plan, setting->id, setting->data, setting->size);
                        continue;
                }
                loaded = find_loaded(build->facts, setting->id);
                assert(loaded);
                plan_add_credential(build->plan, loaded->name, loaded->data, loaded->size);
        }

        return 0;
}
