/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/mount-stack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "base/unit-name.h"
#include "base/version.h"
#include "config/set.h"
#include "image/root.h"

typedef struct {
        Config *config;
        Notes *notes;
        const char *path;
        int fd;
        StringList names;
} Stack;

static bool ends_in(const char *text, const char *end) {
        size_t length = strlen(text), n = strlen(end);

        return length >= n && text_equal(text + length - n, end);
}

/* Whoever may write settings files for us may write these folders: they are named by the user. */
static int set(const Stack *stack, const char *name, const char *option, const char *text) {
        Arena *arena = &stack->config->arena;
        const char *source = path_join(arena, stack->path, name);
        const OptionOrigin origin = {
                .rank = RANK_COMMAND_LINE,
                .is_trusted = true,
                .place = arena_printf(arena, "'%s'", source),
                .source = source,
        };

        return config_set(stack->config, option_find(option), text, &origin, stack->notes);
}

static int set_path(const Stack *stack, const char *name, const char *option) {
        return set(stack, name, option, path_join(&stack->config->arena, stack->path, name));
}

/* PATH as a field of --bind=, where colons mean something. */
static const char *escape_field(Arena *arena, const char *path) {
        char *field = arena_allocate(arena, strlen(path) * 2 + 1);
        size_t n = 0;

        for (; *path; path++) {
                if (*path == ':')
                        field[n++] = '\\';
                field[n++] = *path;
        }

        return field;
}

static int set_bind(const Stack *stack, const char *name, const char *place, const char *option) {
        Arena *arena = &stack->config->arena;
        const char *target = unit_name_unescape_path(arena, place);

        if (!target || text_equal(target, "/") || !path_is_normalized(target))
                return notes_fail(stack->notes, arena, -EINVAL,
                                "'%s/%s' names no place to be mounted at", stack->path, name);

        return set(stack, name, option,
                        arena_printf(arena, "%s:%s:idmap",
                                        escape_field(arena, path_join(arena, stack->path, name)),
                                        escape_field(arena, target)));
}

/* What a start cannot do with an entry, or NULL. */
static const char *refuse_entry(const Stack *stack, const char *name) {
        struct stat st;

        if (text_equal(name, "root"))
                return "a root of its own, below that of the layers";
        if (ends_in(name, ".raw"))
                return "a disk image";
        if (ends_in(name, ".v"))
                return "a folder of versions";
        if (fstatat(stack->fd, name, &st, 0) < 0)
                return "a link that leads nowhere";
        if (!S_ISDIR(st.st_mode))
                return "not a folder";

        return NULL;
}

static bool is_entry(const char *name) {
        return text_equal(name, "rw") || text_equal(name, "root") || text_after(name, "layer@") ||
               text_after(name, "bind@") || text_after(name, "robind@");
}

static int read_names(Stack *stack) {
        Arena *arena = &stack->config->arena;
        CLEANUP_CLOSE int fd = openat(stack->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return log_error_errno(-errno, "Failed to read '%s'", stack->path);
        TAKE_FD(fd);

        while ((entry = readdir(dir))) {
                const char *reason;

                if (entry->d_name[0] == '.')
                        continue;
                if (!is_entry(entry->d_name)) {
                        notes_add(stack->notes, arena, LOG_WARNING,
                                        "'%s/%s' is no part of a stack, ignoring", stack->path,
                                        entry->d_name);
                        continue;
                }
                reason = refuse_entry(stack, entry->d_name);
                if (reason)
                        return notes_fail(stack->notes, arena, -EOPNOTSUPP,
                                        "'%s/%s' is %s, which cannot be used", stack->path,
                                        entry->d_name, reason);
                string_list_add(arena, &stack->names, entry->d_name);
        }

        return 0;
}

/* The newest layer first, then all else. */
static int compare_names(const void *a, const void *b) {
        const char *const *first = a, *const *second = b;
        const char *layer_a = text_after(*first, "layer@"),
                   *layer_b = text_after(*second, "layer@");
        int r;

        if (!layer_a != !layer_b)
                return layer_a ? -1 : 1;
        r = layer_a ? version_compare(layer_b, layer_a) : 0;
        return r != 0 ? r : strcmp(*first, *second);
}

static int set_upper(const Stack *stack, const char *name) {
        if (stack->config->ephemeral != EPHEMERAL_NO)
                return notes_fail(stack->notes, &stack->config->arena, -EINVAL,
                                "'%s/%s' keeps what is changed, and --ephemeral throws it away",
                                stack->path, name);

        return set_path(stack, name, "upper");
}

static int apply(const Stack *stack, const char *name) {
        const char *place;

        if (text_after(name, "layer@"))
                return set_path(stack, name, stack->config->directory ? "layer" : "directory");
        if (text_equal(name, "rw"))
                return set_upper(stack, name);
        place = text_after(name, "robind@");
        if (place)
                return set_bind(stack, name, place, "bind-ro");

        return set_bind(stack, name, text_after(name, "bind@"), "bind");
}

static int apply_all(Stack *stack) {
        Config *config = stack->config;
        int r = 0;

        if (stack->names.n_items > 0)
                qsort(stack->names.items, stack->names.n_items, sizeof *stack->names.items,
                                compare_names);
        for (size_t i = 0; r >= 0 && i < stack->names.n_items; i++)
                r = apply(stack, stack->names.items[i]);
        if (r < 0)
                return r;
        if (!config->directory)
                return notes_fail(stack->notes, &config->arena, -EINVAL,
                                "'%s' has no folder 'layer@ID', so there is no tree in it",
                                stack->path);

        /* A single layer would be a tree like any other. */
        if (!config->upper && config->ephemeral == EPHEMERAL_NO &&
                        config->volatile_mode == VOLATILE_NO)
                r = set(stack, "", "read-only", NULL);
        return r;
}

static int check(Config *config, Notes *notes) {
        const char *other = config->directory            ? "--directory="
                            : config->template           ? "--template="
                            : config->layers.n_items > 0 ? "--layer="
                            : config->upper              ? "--upper="
                                                         : NULL;

        if (!other)
                return 0;
        return notes_fail(notes, &config->arena, -EINVAL, "--mstack= cannot be combined with %s",
                        other);
}

static bool exists(const char *path) {
        return access(path, F_OK) == 0;
}

/* The stack of the machine's name, where machines are; a tree of that name comes first. */
static const char *find_by_name(Config *config) {
        const char *folder;

        for (size_t i = 0; (folder = root_machine_folder(i)); i++) {
                char *path = path_join(&config->arena, folder, config->machine);

                if (exists(path))
                        return NULL;
                path = arena_printf(&config->arena, "%s.mstack", path);
                if (exists(path))
                        return path;
        }

        return NULL;
}

int mount_stack_load(Config *config, Notes *notes) {
        CLEANUP_CLOSE int fd = -EBADF;
        Stack stack = { .config = config, .notes = notes };
        int r;

        if (!config->mstack && !config->directory && !config->template && config->machine)
                config->mstack = find_by_name(config);
        if (!config->mstack)
                return 0;

        r = check(config, notes);
        if (r < 0)
                return r;
        stack.path = config->mstack;
        fd = stack.fd = open(stack.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return log_error_errno(-errno, "Failed to open '%s'", stack.path);
        r = read_names(&stack);
        if (r < 0)
                return r;

        return apply_all(&stack);
}
