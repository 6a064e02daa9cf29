/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside plan/ only: the parts that plan_build() puts together, in this order. Each reads Config,
 * Facts and what the parts before it decided, and returns 0 or a negative errno with a note.
 */

#include "plan/plan.h"

typedef struct {
        const Config *config;
        const Facts *facts;
        Plan *plan;
        Notes *notes;
} PlanBuild;

int plan_build_identity(const PlanBuild *build);   /* name, hostname, uuid, service */
int plan_build_root(const PlanBuild *build);       /* what it is made of */
int plan_build_ids(const PlanBuild *build);        /* user namespace, owners of the tree */
int plan_build_namespaces(const PlanBuild *build); /* which ones, and what guards /proc */
int plan_build_cgroup(const PlanBuild *build);     /* control group, unit, registration */
int plan_build_time(const PlanBuild *build);       /* time namespace */
int plan_build_process(const PlanBuild *build);    /* program, environment, console */
int plan_build_privileges(const PlanBuild *build); /* capabilities */
int plan_build_call_filter(const PlanBuild *build);
int plan_build_root_mount(const PlanBuild *build);    /* what the user wants on "/" */
int plan_build_mounts(const PlanBuild *build);        /* the mount table */
int plan_build_custom_mounts(const PlanBuild *build); /* all else that the user wants */
int plan_build_devices(const PlanBuild *build);       /* device nodes, and who may use them */
int plan_build_files(const PlanBuild *build);         /* the rest of /dev, /run/host, base files */
int plan_build_limits(const PlanBuild *build);        /* resources */
int plan_build_credentials(const PlanBuild *build);
int plan_build_resolv_conf(const PlanBuild *build);
int plan_build_timezone(const PlanBuild *build);
int plan_build_users(const PlanBuild *build); /* those of the host */
int plan_build_journal(const PlanBuild *build);
int plan_build_labels(const PlanBuild *build);   /* of mandatory access control */
int plan_build_receiver(const PlanBuild *build); /* of what the payload's journal sends */

/* Appends one row. */
void plan_add_mount(Plan *plan, const MountStep *step);
void plan_add_base_file(Plan *plan, const FileStep *step);
void plan_add_file(Plan *plan, const FileStep *step);

/* One more credential of the payload: copies of ID and DATA, with the folder for them if it is the
 * first. The process must have been decided. */
void plan_add_credential(Plan *plan, const char *id, const char *data, size_t size);

/* The source PATH among the facts, with its index; one that nobody has opened is a missing one. */
const SourceFacts *plan_find_source(const PlanBuild *build, const char *path, size_t *ret_index);

/* Says that SOURCE of SPEC could not be opened; its error. */
int plan_source_failed(const PlanBuild *build, const MountSpec *spec, const SourceFacts *source);

/* One more folder that is made for the run; its index among the sources, and its path by that. */
size_t plan_add_folder(const PlanBuild *build, const FolderStep *step);
const char *plan_folder_path(const PlanBuild *build, size_t index);

/* A new folder in /var/tmp that nobody else can enter; and one in that, at PARENT_INDEX, which is
 * the payload's: others on the host must not find what it leaves there. */
int plan_add_temporary(const PlanBuild *build, size_t *ret_index);
size_t plan_add_folder_in(const PlanBuild *build, size_t parent_index, const char *name);

/* Completes STEP with the layers of SPEC. 1, or a negative errno with a note. */
int plan_build_overlay(const PlanBuild *build, const MountSpec *spec, MountStep *step);

/* Whether a mount that the user wants lies on TARGET; and, if BELOW, on anything below it. */
bool plan_has_custom_mount(const PlanBuild *build, const char *target, bool below);

/* How the owners of a bind's source, or of an overlay's layer, become host ids. NULL: they are as
 * they are. RET_FLAGS: MOUNT_MAP_IS_…. The map of a bind fails (with a note) if ids of map= are
 * none of the payload's. See plan-map.c. */
int plan_map_bind(const PlanBuild *build,
                const MountSpec *spec,
                const SourceFacts *source,
                const IdMap **ret_map,
                unsigned *ret_flags);
const IdMap *plan_map_layer(const PlanBuild *build, const SourceFacts *source);
const IdMap *plan_map_upper(const PlanBuild *build, const SourceFacts *source);

/* Allows what RULE says, on top of what other rules say of the same device. */
void plan_allow_device(Plan *plan, const DeviceRule *rule);

/* Allows the device nodes among the mounts that the user wants. */
void plan_allow_bound_devices(const PlanBuild *build);

#define plan_fail(build, r, ...) notes_fail((build)->notes, &(build)->plan->arena, (r), __VA_ARGS__)
#define plan_warning(build, ...)                                                                   \
        notes_add((build)->notes, &(build)->plan->arena, LOG_WARNING, __VA_ARGS__)
#define plan_notice(build, ...)                                                                    \
        notes_add((build)->notes, &(build)->plan->arena, LOG_NOTICE, __VA_ARGS__)
