/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Values as users write them, as in value.h: what the payload may do and use.
 */

#include "config/value.h"

/* value-privileges: names are added to the set, separated by commas or spaces. */
VALUE_PARSER(value_capabilities, uint64_t);       /* or "all" */
VALUE_PARSER(value_named_capabilities, uint64_t); /* one by one */
VALUE_PARSER(value_personality, Architecture);

/* value-calls: names separated by spaces, with "~" in front taken away; empty drops all so far. */
VALUE_PARSER(value_calls, CallLists);      /* calls and groups of them */
VALUE_PARSER(value_families, MaskLists);   /* or "default", "any", "none" */
VALUE_PARSER(value_namespaces, MaskLists); /* or "any", "none" */

/* value-label: what mandatory access control calls a process or file; empty unsets it. */
VALUE_PARSER(value_selinux_context, const char *);
VALUE_PARSER(value_apparmor_profile, const char *);

/* value-limit: what a process may use. Limits are SOFT:HARD or one for both, or "infinity". */
VALUE_PARSER(value_limit_bytes, LimitSetting); /* with the suffixes K M G T P E */
VALUE_PARSER(value_limit_count, LimitSetting);
VALUE_PARSER(value_limit_seconds, LimitSetting);
VALUE_PARSER(value_limit_microseconds, LimitSetting);
VALUE_PARSER(value_limit_nice, LimitSetting); /* a level with a sign, or 20 minus the level */
VALUE_PARSER(value_oom_score, int);
VALUE_PARSER(value_cpus, CpuSet); /* numbers and ranges, added */

/* The words that a parser takes. */
StringList value_capabilities_words(Arena *arena);
StringList value_named_capabilities_words(Arena *arena);
StringList value_personality_words(Arena *arena);
StringList value_calls_words(Arena *arena);
StringList value_families_words(Arena *arena);
StringList value_namespaces_words(Arena *arena);
StringList value_limit_words(Arena *arena); /* NAME=LIMIT for each */
