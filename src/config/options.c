/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/options.h"

#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "config/value-privileges.h"
#include "config/value.h"

/* A parser and the field of Config that it fills; does not compile if their types differ. */
#define VALUE(parser, field)                                                                       \
        .parse = parser##_untyped,                                                                 \
        .offset = _Generic((__typeof__(((Config *)NULL)->field) *)NULL, parser##_field *           \
                           : offsetof(Config, field)),                                             \
        .size = sizeof(((Config *)NULL)->field)

/* The same for a parser that can list its words. */
#define CHOICE(parser, field) VALUE(parser, field), .values = parser##_words

/* Yes or no. */
#define BOOL(field)     VALUE(value_bool, field), .values = value_bool_words
#define TRISTATE(field) VALUE(value_tristate, field), .values = value_bool_words

/* The field that remembers that a value was given. */
#define GIVEN(field)                                                                               \
        .given_offset = _Generic(&((Config *)NULL)->field, Tristate * : offsetof(Config, field))

#define TEXT(fixed_text) .text = (fixed_text)

/* The fixed texts of a flag whose key in a settings file says yes and no. */
#define YES_NO(yes_text, no_text) TEXT(yes_text), .text_no = (no_text)

/* Rows without a field: the options that an alias stands for, and what is done at once. */
#define ALIAS(expansion) SLOT_MAX, TEXT(expansion)
#define ACTION(name)     SLOT_MAX, .action = ACTION_##name

/* One resource limit: a member of --rlimit=, which knows it by the end of its key. */
#define LIMIT_ROW(resource, unit)                                                                  \
        {                                                                                          \
                "Resources", NULL, 0, "LIMIT", "Limit " #resource, "Exec.Limit" #resource,         \
                                OPTION_MEMBER | OPTION_TRUSTED,                                    \
                                (ConfigSlot)(SLOT_LIMITS + RLIMIT_##resource),                     \
                                VALUE(value_limit_##unit, privileges.limits[RLIMIT_##resource])    \
        }

/* The slots where several options choose one value. */
#define START(mode)   SLOT_START, VALUE(value_start_mode, start_mode), YES_NO(mode, "command")
#define NETWORK(mode) SLOT_NETWORK, VALUE(value_network_mode, network_mode), TEXT(mode)

/* A row is: group, name, letter, metavar, help,
 *           key, flags, slot,
 *           what it does with its text; see Option. */
/* clang-format off */
static const Option options[] = {
        { "General", "help", 'h', NULL, "Show this help",
          NULL, OPTION_FLAG, ACTION(HELP) },
        { "General", "version", 0, NULL, "Show the version",
          NULL, OPTION_FLAG, ACTION(VERSION) },
        { "General", "dump-options", 0, NULL, "List all options in a form for programs",
          NULL, OPTION_FLAG, ACTION(DUMP_OPTIONS) },
        { "General", "quiet", 'q', NULL, "Say only what goes wrong",
          "Exec.Quiet", OPTION_FLAG | OPTION_TRUSTED, SLOT_QUIET, BOOL(quiet), TEXT("yes") },
        { "General", "no-pager", 0, NULL, "Do not pipe output into a pager",
          NULL, OPTION_FLAG, SLOT_PAGER, BOOL(no_pager), TEXT("yes") },
        { "General", "no-ask-password", 0, NULL, "Never ask for a passphrase or an authorization",
          "Exec.NoAskPassword", OPTION_FLAG | OPTION_TRUSTED, SLOT_ASK_PASSWORD,
          BOOL(no_ask_password), TEXT("yes") },
        { "General", "settings", 0, "MODE",
          "How settings files count: yes, no, override (the options), trusted",
          NULL, 0, SLOT_SETTINGS, CHOICE(value_settings_mode, settings_mode) },
        { "General", "dry-run", 0, "FORMAT", "Show what would be done (text, json, security, security-json) and stop",
          NULL, OPTION_OPTIONAL, SLOT_DRY_RUN, CHOICE(value_dry_run, dry_run), TEXT("text") },
        { "General", "cleanup", 0, NULL, "Remove what a killed run left and stop",
          NULL, OPTION_FLAG, SLOT_CLEAN_UP, BOOL(clean_up), TEXT("yes") },

        { "Image", "directory", 'D', "PATH", "Root directory of the container",
          NULL, 0, SLOT_DIRECTORY, VALUE(value_host_path, directory) },
        { "Image", "template", 0, "PATH", "Make the tree a copy of this one if it does not exist",
          NULL, 0, SLOT_TEMPLATE, VALUE(value_host_path, template) },
        { "Image", "mstack", 0, "PATH",
          "Take tree, layers, changes and binds from a folder whose names say so",
          NULL, 0, SLOT_MSTACK, VALUE(value_host_path, mstack) },
        { "Image", "read-only", 0, NULL, "Mount the root directory read-only",
          "Files.ReadOnly", OPTION_FLAG | OPTION_GUARD, SLOT_READ_ONLY, BOOL(read_only), TEXT("yes") },
        { "Image", "ephemeral", 'x', "PLACE",
          "Run a copy that is thrown away; changes are on disk or in memory meanwhile",
          "Exec.Ephemeral", OPTION_OPTIONAL | OPTION_TRUSTED, SLOT_EPHEMERAL,
          CHOICE(value_ephemeral, ephemeral), TEXT("disk") },
        { "Image", "volatile", 0, "MODE",
          "Keep no changes: yes (start with only /usr), state (with an empty /var), overlay",
          "Files.Volatile", OPTION_OPTIONAL | OPTION_GUARD, SLOT_VOLATILE,
          CHOICE(value_volatile, volatile_mode), TEXT("yes") },
        { "Image", "layer", 0, "PATH", "Show what is in this folder and not in the tree",
          "Files.Layer", OPTION_LIST | OPTION_TRUSTED, SLOT_LAYERS, VALUE(value_layer, layers) },
        { "Image", "upper", 0, "PATH", "Keep what the payload changes in this folder",
          "Files.Upper", OPTION_TRUSTED, SLOT_UPPER, VALUE(value_host_path, upper) },
        { "Image", "pivot-root", 0, "PATH[:OLD]",
          "Make this folder of the tree the root, and show the old one in it at OLD",
          "Exec.PivotRoot", OPTION_TRUSTED, SLOT_PIVOT_ROOT, VALUE(value_pivot_root, pivot_root) },

        { "Execution", "boot", 'b', NULL, "Boot the system in the tree; words go to its init",
          "Exec.Boot", OPTION_FLAG, START("boot") },
        { "Execution", "as-pid2", 'a', NULL, "Run the command as PID 2 under a small init",
          "Exec.ProcessTwo", OPTION_FLAG, START("as-pid2") },
        { "Execution", NULL, 0, "WORD", "The command, or the words for init",
          "Exec.Parameters", OPTION_LIST | OPTION_WORDS, SLOT_START, VALUE(value_word, words) },
        { "Execution", "chdir", 0, "PATH", "Working directory in the container",
          "Exec.WorkingDirectory", 0, SLOT_CHDIR, VALUE(value_payload_folder, chdir) },
        { "Execution", "setenv", 'E', "NAME[=VALUE]",
          "Set an environment variable, or pass on the caller's",
          "Exec.Environment", OPTION_LIST | OPTION_WORDS | OPTION_ENVIRONMENT, SLOT_ENVIRONMENT,
          VALUE(value_environment, environment) },
        { "Execution", "uid", 'u', "USER", "Run the command as this user, by name or number",
          "Exec.User", OPTION_GUARD, SLOT_USER, VALUE(value_user, user) },
        { "Execution", "user", 0, "USER", "Old name of --uid=",
          NULL, OPTION_ALIAS | OPTION_OBSOLETE, ALIAS("uid") },
        { "Execution", "kill-signal", 0, "SIGNAL", "Signal that asks PID 1 to shut down",
          "Exec.KillSignal", 0, SLOT_KILL_SIGNAL, CHOICE(value_signal, kill_signal) },
        { "Execution", "notify-ready", 0, "BOOL", "Report readiness only when PID 1 does",
          "Exec.NotifyReady", 0, SLOT_NOTIFY_READY, BOOL(notify_ready) },
        { "Execution", "suppress-sync", 0, "BOOL", "Let no file be written to disk on request",
          "Exec.SuppressSync", 0, SLOT_SUPPRESS_SYNC, TRISTATE(suppress_sync) },

        { "Identity", "machine", 'M', "NAME", "Name of the container; also finds its tree",
          NULL, 0, SLOT_MACHINE, VALUE(value_machine_name, machine) },
        { "Identity", "hostname", 0, "NAME", "Host name inside, if it is not the machine name",
          "Exec.Hostname", 0, SLOT_HOSTNAME, VALUE(value_hostname, hostname) },
        { "Identity", "uuid", 0, "UUID", "Machine id, for trees that have none",
          "Exec.MachineID", OPTION_TRUSTED, SLOT_UUID, VALUE(value_uuid, uuid) },

        { "Unit and registration", "slice", 'S', "SLICE", "Slice of the container's scope",
          "Exec.Slice", OPTION_TRUSTED, SLOT_SLICE, VALUE(value_slice, slice) },
        { "Unit and registration", "property", 0, "NAME=VALUE", "Set a unit property of the scope",
          "Exec.Property", OPTION_LIST | OPTION_TRUSTED, SLOT_PROPERTY,
          VALUE(value_property, properties) },
        { "Unit and registration", "register", 0, "BOOL|auto", "Register with systemd-machined",
          "Exec.Register", OPTION_TRUSTED, SLOT_REGISTER,
          CHOICE(value_register_mode, register_mode) },
        { "Unit and registration", "keep-unit", 0, NULL,
          "Use the unit we run in instead of a new scope",
          "Exec.KeepUnit", OPTION_FLAG | OPTION_TRUSTED, SLOT_KEEP_UNIT,
          BOOL(keep_unit), TEXT("yes") },

        { "User namespace", "private-users", 0, "MODE",
          "no, yes (ids of the tree's owner), pick, identity, BASE[:COUNT], "
          "or INSIDE:OUTSIDE:COUNT,...",
          "Exec.PrivateUsers", OPTION_OPTIONAL | OPTION_TRUSTED, SLOT_PRIVATE_USERS,
          CHOICE(value_private_users, private_users), TEXT("yes") },
        { "User namespace", "private-users-ownership", 0, "MODE",
          "How the tree's owners are shifted: off, chown, map, foreign, auto",
          "Files.PrivateUsersOwnership", OPTION_TRUSTED, SLOT_PRIVATE_USERS,
          CHOICE(value_ownership, ownership) },
        { "User namespace", "private-users-delegate", 0, "N",
          "Ranges of 65536 ids more, for containers in the container",
          "Exec.PrivateUsersDelegate", OPTION_TRUSTED, SLOT_PRIVATE_USERS,
          VALUE(value_users_delegate, users_delegate) },
        { "User namespace", "private-users-chown", 0, NULL,
          "Old form of --private-users-ownership=chown",
          "Files.PrivateUsersChown",
          OPTION_FLAG | OPTION_TRUSTED | OPTION_ALIAS | OPTION_OBSOLETE,
          ALIAS("private-users-ownership=chown"), .text_no = "private-users-ownership=off" },
        { "User namespace", NULL, 'U', NULL,
          "As --private-users=pick; as systemd-nspawn: if the kernel can do that",
          NULL, OPTION_FLAG, SLOT_PRIVATE_USERS,
          VALUE(value_users_letter, private_users), TEXT("pick") },

        { "Network", "private-network", 0, NULL,
          "A network of its own, with only a loopback interface",
          "Network.Private", OPTION_FLAG | OPTION_TRUSTED, NETWORK("private-network"),
          .text_no = "network-host" },
        { "Network", "network-host", 0, NULL, "Share the host's network",
          NULL, OPTION_FLAG, NETWORK("network-host") },

        { "Mounts", "bind", 0, "PATH[:PATH[:OPTIONS]]", "Show a file or folder of the host's inside",
          "Files.Bind", OPTION_LIST | OPTION_TRUSTED, SLOT_MOUNTS, VALUE(value_bind, mounts) },
        { "Mounts", "bind-ro", 0, "PATH[:PATH[:OPTIONS]]", "The same, read-only",
          "Files.BindReadOnly", OPTION_LIST | OPTION_TRUSTED, SLOT_MOUNTS,
          VALUE(value_bind_read_only, mounts) },
        { "Mounts", "inaccessible", 0, "PATH", "Hide a file or folder of the tree",
          "Files.Inaccessible", OPTION_LIST | OPTION_TRUSTED, SLOT_MOUNTS,
          VALUE(value_inaccessible, mounts) },
        { "Mounts", "tmpfs", 0, "PATH[:OPTIONS]", "Mount an empty tmpfs",
          "Files.TemporaryFileSystem", OPTION_LIST | OPTION_TRUSTED, SLOT_MOUNTS,
          VALUE(value_tmpfs, mounts) },
        { "Mounts", "overlay", 0, "LOWER...:UPPER[:PATH]",
          "Mount folders on top of each other, and keep changes in the last",
          "Files.Overlay", OPTION_LIST | OPTION_TRUSTED, SLOT_MOUNTS,
          VALUE(value_overlay, mounts) },
        { "Mounts", "overlay-ro", 0, "LOWER...:UPPER[:PATH]", "The same, read-only",
          "Files.OverlayReadOnly", OPTION_LIST | OPTION_TRUSTED, SLOT_MOUNTS,
          VALUE(value_overlay_read_only, mounts) },
        { "Mounts", "device", 0, "DEVICE[:PATH][:ACCESS]",
          "Give a device of the host to the container, by path or kind (see \"help\")",
          "Files.Device", OPTION_LIST | OPTION_TRUSTED, SLOT_DEVICES, CHOICE(value_device, devices) },

        { "Time", "time-namespace", 0, "BOOL", "Clocks of its own, with an uptime from zero",
          "Exec.TimeNamespace", OPTION_TRUSTED, SLOT_TIME, TRISTATE(time_namespace) },
        { "Time", "boottime-offset", 0, "TIME",
          "Set CLOCK_BOOTTIME off from the host's by this much",
          "Exec.BoottimeOffset", OPTION_TRUSTED, SLOT_TIME,
          VALUE(value_time_us, boottime_offset_us), GIVEN(boottime_is_set) },
        { "Time", "monotonic-offset", 0, "TIME",
          "Set CLOCK_MONOTONIC off from the host's by this much",
          "Exec.MonotonicOffset", OPTION_TRUSTED, SLOT_TIME,
          VALUE(value_time_us, monotonic_offset_us), GIVEN(monotonic_is_set) },

        { "Integration", "resolv-conf", 0, "MODE",
          "How the payload finds name servers: auto, off, delete, {copy,replace,bind}-SOURCE",
          "Exec.ResolvConf", 0, SLOT_RESOLV_CONF,
          CHOICE(value_resolv_conf, integration.resolv_conf) },
        { "Integration", "timezone", 0, "MODE",
          "Time zone inside: auto, off, copy, bind, symlink, delete",
          "Exec.Timezone", 0, SLOT_TIMEZONE, CHOICE(value_timezone, integration.timezone) },
        { "Integration", "link-journal", 0, "MODE",
          "Where the journal is kept: no, host, try-host, guest, try-guest, auto",
          "Exec.LinkJournal", OPTION_TRUSTED, SLOT_LINK_JOURNAL,
          CHOICE(value_link_journal, integration.link_journal) },
        { "Integration", NULL, 'j', NULL, "As --link-journal=try-guest",
          NULL, OPTION_FLAG | OPTION_ALIAS, ALIAS("link-journal=try-guest") },
        { "Integration", "forward-journal", 0, "FILE|FOLDER",
          "Write the journal on the host as well: to a file *.journal, or in a folder",
          "Exec.ForwardJournal", OPTION_TRUSTED, SLOT_FORWARD_JOURNAL,
          VALUE(value_host_path, integration.forward_journal.path) },
        { "Integration", "forward-journal-max-use", 0, "SIZE", "Space that it may take",
          "Exec.ForwardJournalMaxUse", OPTION_TRUSTED, SLOT_FORWARD_JOURNAL,
          VALUE(value_journal_size, integration.forward_journal.max_use) },
        { "Integration", "forward-journal-keep-free", 0, "SIZE", "Space that it leaves to others",
          "Exec.ForwardJournalKeepFree", OPTION_TRUSTED, SLOT_FORWARD_JOURNAL,
          VALUE(value_journal_size, integration.forward_journal.keep_free) },
        { "Integration", "forward-journal-max-file-size", 0, "SIZE",
          "Size at which it starts a new file",
          "Exec.ForwardJournalMaxFileSize", OPTION_TRUSTED, SLOT_FORWARD_JOURNAL,
          VALUE(value_journal_size, integration.forward_journal.max_file_size) },
        { "Integration", "forward-journal-max-files", 0, "N", "Number of files that are kept",
          "Exec.ForwardJournalMaxFiles", OPTION_TRUSTED, SLOT_FORWARD_JOURNAL,
          VALUE(value_journal_count, integration.forward_journal.max_files) },
        { "Integration", "bind-user", 0, "NAME", "Give a user of the host an account, with its home",
          "Files.BindUser", OPTION_LIST | OPTION_TRUSTED, SLOT_BIND_USER,
          VALUE(value_bind_user, integration.bind_users) },
        { "Integration", "bind-user-shell", 0, "BOOL|PATH",
          "Login shell of such users: the host's, or this one",
          "Files.BindUserShell", OPTION_TRUSTED, SLOT_BIND_USER_SHELL,
          VALUE(value_bind_user_shell, integration.bind_user_shell) },
        { "Integration", "bind-user-group", 0, "GROUP", "Group inside that such users are in",
          "Files.BindUserGroup", OPTION_LIST | OPTION_TRUSTED, SLOT_BIND_USER_GROUP,
          VALUE(value_bind_user_group, integration.bind_user_groups) },

        { "Security", "capability", 0, "CAPABILITY,...", "Let the payload have these capabilities, or all",
          "Exec.Capability", OPTION_LIST | OPTION_TRUSTED, SLOT_CAPABILITIES,
          CHOICE(value_capabilities, privileges.capabilities_added) },
        { "Security", "drop-capability", 0, "CAPABILITY,...", "Take these away, or all",
          "Exec.DropCapability", OPTION_LIST | OPTION_GUARD, SLOT_CAPABILITIES,
          CHOICE(value_capabilities, privileges.capabilities_dropped) },
        { "Security", "ambient-capability", 0, "CAPABILITY,...",
          "Let the command have these whoever runs it",
          "Exec.AmbientCapability", OPTION_LIST | OPTION_TRUSTED, SLOT_CAPABILITIES,
          CHOICE(value_named_capabilities, privileges.capabilities_ambient) },
        { "Security", "no-new-privileges", 0, "BOOL",
          "Make set-user-id bits and file capabilities mean nothing",
          "Exec.NoNewPrivileges", OPTION_GUARD, SLOT_NO_NEW_PRIVILEGES,
          BOOL(privileges.no_new_privileges) },
        { "Security", "system-call-filter", 0, "[~]CALL ...",
          "System calls and @groups that are allowed too, or with ~ no more",
          "Exec.SystemCallFilter", OPTION_LIST | OPTION_TRUSTED | OPTION_TAKES_AWAY | OPTION_GUARD,
          SLOT_CALLS, CHOICE(value_calls, privileges.calls) },
        { "Security", "restrict-address-families", 0, "[~]FAMILY ...",
          "Families of sockets that can be opened, or with ~ that cannot",
          "Exec.RestrictAddressFamilies",
          OPTION_LIST | OPTION_TRUSTED | OPTION_TAKES_AWAY | OPTION_GUARD, SLOT_FAMILIES,
          CHOICE(value_families, privileges.families) },
        { "Security", "nesting", 0, NULL, "Make room for containers in the container",
          "Exec.Nesting", OPTION_FLAG | OPTION_TRUSTED, SLOT_NESTING, BOOL(privileges.nesting),
          TEXT("yes") },
        { "Security", "restrict-namespaces", 0, "[~]KIND ...",
          "Kinds of namespaces that can be made, or with ~ that cannot",
          "Exec.RestrictNamespaces",
          OPTION_LIST | OPTION_TRUSTED | OPTION_TAKES_AWAY | OPTION_GUARD, SLOT_NAMESPACES,
          CHOICE(value_namespaces, privileges.namespaces) },
        { "Security", "personality", 0, "ARCHITECTURE",
          "What uname tells the payload; trees of 32 bits are told so by default",
          "Exec.Personality", 0, SLOT_PERSONALITY,
          CHOICE(value_personality, privileges.personality) },
        { "Security", "selinux-context", 'Z', "LABEL", "Run the payload under this SELinux label",
          "Exec.SELinuxContext", OPTION_TRUSTED, SLOT_SELINUX_CONTEXT,
          VALUE(value_selinux_context, privileges.selinux_context) },
        { "Security", "selinux-apifs-context", 'L', "LABEL",
          "Label of the files in /dev, /run and other temporary file systems",
          "Exec.SELinuxAPIFSContext", OPTION_TRUSTED, SLOT_SELINUX_APIFS_CONTEXT,
          VALUE(value_selinux_context, privileges.selinux_apifs_context) },
        { "Security", "apparmor-profile", 0, "PROFILE", "Run the payload under this AppArmor profile",
          "Exec.AppArmorProfile", OPTION_TRUSTED, SLOT_APPARMOR_PROFILE,
          VALUE(value_apparmor_profile, privileges.apparmor_profile) },

        { "Resources", "rlimit", 0, "NAME=LIMIT",
          "Limit what a process may use, as SOFT:HARD or one for both",
          NULL, OPTION_ALIAS | OPTION_FAMILY, ALIAS("Exec.Limit RLIMIT_"),
          .values = value_limit_words },
        LIMIT_ROW(AS, bytes),
        LIMIT_ROW(CORE, bytes),
        LIMIT_ROW(CPU, seconds),
        LIMIT_ROW(DATA, bytes),
        LIMIT_ROW(FSIZE, bytes),
        LIMIT_ROW(LOCKS, count),
        LIMIT_ROW(MEMLOCK, bytes),
        LIMIT_ROW(MSGQUEUE, bytes),
        LIMIT_ROW(NICE, nice),
        LIMIT_ROW(NOFILE, count),
        LIMIT_ROW(NPROC, count),
        LIMIT_ROW(RSS, bytes),
        LIMIT_ROW(RTPRIO, count),
        LIMIT_ROW(RTTIME, microseconds),
        LIMIT_ROW(SIGPENDING, count),
        LIMIT_ROW(STACK, bytes),
        { "Resources", "oom-score-adjust", 0, "N",
          "Whom the kernel kills first when memory runs out: -1000 never, 1000 first",
          "Exec.OOMScoreAdjust", OPTION_TRUSTED, SLOT_OOM_SCORE,
          VALUE(value_oom_score, privileges.oom_score), GIVEN(privileges.oom_score_is_set) },
        { "Resources", "cpu-affinity", 0, "CPU,...",
          "Run only on these processors, named by numbers and ranges",
          "Exec.CPUAffinity", OPTION_LIST | OPTION_TRUSTED, SLOT_CPUS,
          VALUE(value_cpus, privileges.cpus) },

        { "Credentials", "set-credential", 0, "ID:VALUE", "Give the payload a secret",
          "Exec.SetCredential", OPTION_LIST | OPTION_TRUSTED | OPTION_SECRET, SLOT_CREDENTIALS,
          VALUE(value_set_credential, integration.credentials) },
        { "Credentials", "load-credential", 0, "ID[:PATH]",
          "The same, from a file, a socket, or the credentials that we were given",
          "Exec.LoadCredential", OPTION_LIST | OPTION_TRUSTED, SLOT_CREDENTIALS,
          VALUE(value_load_credential, integration.credentials) },

        { "Input and output", "console", 0, "MODE",
          "interactive, read-only, passive, pipe, autopipe",
          "Exec.Console", OPTION_TRUSTED, SLOT_CONSOLE,
          CHOICE(value_console_mode, console_mode) },
        { "Input and output", "pipe", 'P', NULL, "As --console=pipe",
          NULL, OPTION_FLAG | OPTION_ALIAS, ALIAS("console=pipe") },
        { "Input and output", "background", 0, "COLOR",
          "Background of the terminal meanwhile, as numbers of an escape sequence (blue is 44)",
          "Exec.Background", OPTION_TRUSTED, SLOT_BACKGROUND,
          VALUE(value_background, background) },
};
/* clang-format on */

const Option *option_table(size_t *ret_n_options) {
        *ret_n_options = ELEMENTSOF(options);
        return options;
}

const Option *option_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].name && text_equal(options[i].name, name))
                        return &options[i];

        return NULL;
}

const Option *option_find_letter(char letter) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (letter != '\0' && options[i].letter == letter)
                        return &options[i];

        return NULL;
}

const Option *option_find_key(const char *key) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].key && text_equal(options[i].key, key))
                        return &options[i];

        return NULL;
}

const Option *option_words(void) {
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (!options[i].name && !options[i].letter && !(options[i].flags & OPTION_MEMBER))
                        return &options[i];

        return NULL;
}

const char *option_show(Arena *arena, const Option *option, const char *text) {
        const char *colon = strchr(text, ':');

        if (!(option->flags & OPTION_SECRET))
                return text_excerpt(arena, text);
        if (!colon)
                return "...";

        return arena_printf(arena, "%s:...",
                        text_excerpt(arena, arena_copy_n(arena, text, (size_t)(colon - text))));
}
