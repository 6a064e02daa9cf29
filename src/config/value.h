/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Values as users write them: one small pure function per type.
 *
 * Each takes the whole TEXT or fails with -EINVAL and says why in *ret_reason, without the place,
 * which the front end knows. FIELD holds what options of equal rank left before: lists append to
 * it, when nothing can fail any more, and a choice that contradicts it is refused.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

/* Declares a parser, the type of its field for the table's check, and the same function behind an
 * untyped pointer, as the table holds it. */
#define VALUE_PARSER(function, type)                                                               \
        typedef type function##_field;                                                             \
        int function(Arena *arena, const char *text, type *field, const char **ret_reason);        \
        static inline int function##_untyped(                                                      \
                        Arena *arena, const char *text, void *field, const char **ret_reason) {    \
                return function(arena, text, field, ret_reason);                                   \
        }                                                                                          \
        int function(Arena *arena, const char *text, type *field, const char **ret_reason)

/* value-basic: yes or no in all spellings; times; paths; lists. */
VALUE_PARSER(value_bool, bool);
VALUE_PARSER(value_tristate, Tristate);
VALUE_PARSER(value_time_us, int64_t);             /* seconds, or with a unit; may be negative */
VALUE_PARSER(value_host_path, const char *);      /* as written; empty unsets it */
VALUE_PARSER(value_payload_folder, const char *); /* absolute, normalised, no kernel file system */
VALUE_PARSER(value_word, StringList);             /* any text, appended */
VALUE_PARSER(value_environment, StringList);      /* NAME=VALUE; the last one of a name wins */

/* value-basic, too: how settings files count; a word or yes and no in all spellings. */
VALUE_PARSER(value_settings_mode, SettingsMode);

/* value-identity: names. Empty text unsets a machine name or host name. */
VALUE_PARSER(value_machine_name, const char *);
VALUE_PARSER(value_hostname, const char *);
VALUE_PARSER(value_uuid, Uuid);
VALUE_PARSER(value_user, const char *); /* a name or decimal id of the payload's database */

/* value-namespace */
VALUE_PARSER(value_private_users, PrivateUsers);
VALUE_PARSER(value_users_letter, PrivateUsers); /* what -U means */
VALUE_PARSER(value_ownership, Ownership);
VALUE_PARSER(value_users_delegate, unsigned);
VALUE_PARSER(value_network_mode, NetworkMode);

/* value-image: what the root is made of. */
VALUE_PARSER(value_ephemeral, Ephemeral); /* yes is disk */
VALUE_PARSER(value_volatile, Volatile);
VALUE_PARSER(value_pivot_root, PivotRoot); /* PATH or PATH:OLD; empty or "/" means none */
VALUE_PARSER(value_layer, StringList);     /* a path, appended; an empty one drops all so far */

/* value-mount: one mount more. */
VALUE_PARSER(value_bind, MountSpecList);
VALUE_PARSER(value_bind_read_only, MountSpecList);
VALUE_PARSER(value_inaccessible, MountSpecList);
VALUE_PARSER(value_tmpfs, MountSpecList);
VALUE_PARSER(value_overlay, MountSpecList);
VALUE_PARSER(value_overlay_read_only, MountSpecList);

/* value-execution: how it runs, and under which unit. */
VALUE_PARSER(value_start_mode, StartMode);
VALUE_PARSER(value_signal, int);
VALUE_PARSER(value_slice, const char *);
VALUE_PARSER(value_property, StringList);
VALUE_PARSER(value_register_mode, RegisterMode);
VALUE_PARSER(value_console_mode, ConsoleMode);
VALUE_PARSER(value_dry_run, DryRun);

/* value-background: six hex digits of red, green, blue; empty text unsets it. */
VALUE_PARSER(value_background, const char *);

/* value-credential: appended; an id that is there already is refused. */
VALUE_PARSER(value_set_credential, CredentialList);  /* ID:VALUE with escapes of C */
VALUE_PARSER(value_load_credential, CredentialList); /* ID:PATH, ID:NAME or NAME */

/* value-integration */
VALUE_PARSER(value_resolv_conf, ResolvConfMode);
VALUE_PARSER(value_timezone, TimezoneMode);
VALUE_PARSER(value_link_journal, LinkJournal);
VALUE_PARSER(value_journal_size, const char *);  /* bytes as decimal digits, from "64M" */
VALUE_PARSER(value_journal_count, const char *); /* the same without a unit */
VALUE_PARSER(value_bind_user, StringList); /* a name, appended once; neither root nor nobody */
VALUE_PARSER(value_bind_user_group, StringList); /* a name, appended once */
VALUE_PARSER(value_bind_user_shell, BindUserShell);

/* value-device: DEVICE[:PATH][:ACCESS], appended. */
VALUE_PARSER(value_device, DeviceSpecList);

/* The words that a parser takes. */
StringList value_bool_words(Arena *arena);
StringList value_device_words(Arena *arena);
StringList value_settings_mode_words(Arena *arena);
StringList value_private_users_words(Arena *arena);
StringList value_ownership_words(Arena *arena);
StringList value_ephemeral_words(Arena *arena);
StringList value_volatile_words(Arena *arena);
StringList value_signal_words(Arena *arena);
StringList value_register_mode_words(Arena *arena);
StringList value_console_mode_words(Arena *arena);
StringList value_dry_run_words(Arena *arena);
StringList value_resolv_conf_words(Arena *arena);
StringList value_timezone_words(Arena *arena);
StringList value_link_journal_words(Arena *arena);

/* Looks TEXT up in a table of names as base/names has them; the reason lists the words. */
int value_choose(Arena *arena,
                const char *const *names,
                size_t n_names,
                const char *text,
                const char **ret_reason);

/* The names of a table that users can write. */
StringList value_words(Arena *arena, const char *const *names, size_t n_names);

/* Whether NAME is a host name of at most 64 letters, digits, dots and inner dashes, which is also
 * what a machine name is. */
bool hostname_is_valid(const char *name);

/* Whether ID can be the name of a credential. */
bool credential_id_is_valid(const char *id);

/* Whether NAME can be the name of a variable: letters, digits, underscores, no digit in front. */
bool variable_name_is_valid(const char *name, size_t length);

/* TEXT made into a host name: what cannot be in one is dropped; "" if nothing is left. For the
 * machine name by default, from a tree's last path component without ".raw" and the like. */
const char *hostname_clean(Arena *arena, const char *text);
