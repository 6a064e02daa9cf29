/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The values of facts as the cases write them. Each returns 0, or -EINVAL and the like for what is
 * none; what is added lives in ARENA.
 */

#include "config/config.h"
#include "plan/facts.h"

int fact_parse_cgroup_host(const char *value, CgroupHost *ret_host);
int fact_parse_api_vfs(const char *value, ApiVfs *ret_api_vfs);
int fact_parse_entry(const char *value, EntryKind *ret_entry);
/* NAME:TEXT */
int fact_parse_file(Arena *arena, const char *value, HostFile *file);

int fact_add_source(Arena *arena, const char *value, SourceList *list);
/* "SPEC PATH c10:232 0660", or "SPEC PATH missing" or "SPEC PATH other". */
int fact_add_device(Arena *arena, const char *value, DeviceFactsList *list);

int fact_add_file(Arena *arena, const char *value, HostFileList *list);
/* PATH and the user that it belongs to. */
int fact_add_layer(Arena *arena, const char *value, RootFacts *facts);

int fact_parse_limit(Arena *arena, const char *value, Limit *ret_limit);
/* NAME:ID */
int fact_add_account(Arena *arena, const char *value, AccountList *list);

/* NAME:UID:GID:COMMENT:HOME:SHELL:HASH:KEY */
int fact_add_host_user(Arena *arena, const char *value, HostUserList *list);
