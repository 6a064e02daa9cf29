/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/path.h"

#include <string.h>

#include "base/text.h"

/* The component at *PATH without slashes and its length; moves *PATH behind it. */
static const char *next_component(const char **path, size_t *ret_length) {
        const char *start = *path + strspn(*path, "/");

        *ret_length = strcspn(start, "/");
        *path = start + *ret_length;
        return start;
}

bool path_is_absolute(const char *path) {
        return path[0] == '/';
}

bool path_is_normalized(const char *path) {
        enum { COMPONENT_MAX = 255 };

        for (;;) {
                size_t length;
                const char *component = next_component(&path, &length);

                if (length == 0)
                        return true;
                if (length > COMPONENT_MAX || (length == 1 && component[0] == '.') ||
                                (length == 2 && memcmp(component, "..", 2) == 0))
                        return false;
        }
}

char *path_simplify(Arena *arena, const char *path) {
        char *simple = arena_allocate(arena, strlen(path) + 2);
        bool absolute = path_is_absolute(path), is_empty = path[0] == '\0';
        size_t n = 0;

        if (absolute)
                simple[n++] = '/';
        for (;;) {
                size_t length;
                const char *component = next_component(&path, &length);

                if (length == 0)
                        break;
                if (length == 1 && component[0] == '.')
                        continue;
                if (n > 0 && simple[n - 1] != '/')
                        simple[n++] = '/';
                memcpy(simple + n, component, length);
                n += length;
        }
        if (n == 0 && !is_empty)
                simple[n++] = '.';

        simple[n] = '\0';
        return simple;
}

char *path_join(Arena *arena, const char *a, const char *b) {
        size_t length = strlen(a);

        b += strspn(b, "/");
        while (length > 0 && a[length - 1] == '/')
                length--;
        if (b[0] == '\0')
                return length == 0 ? arena_copy(arena, a[0] ? "/" : "")
                                   : arena_copy_n(arena, a, length);

        return arena_printf(arena, "%.*s/%s", (int)length, a, b);
}

char *path_last(Arena *arena, const char *path) {
        size_t end = strlen(path), start;

        while (end > 0 && path[end - 1] == '/')
                end--;
        start = end;
        while (start > 0 && path[start - 1] != '/')
                start--;
        return arena_copy_n(arena, path + start, end - start);
}

char *path_parent(Arena *arena, const char *path) {
        size_t end = strlen(path);

        while (end > 0 && path[end - 1] == '/')
                end--;
        while (end > 0 && path[end - 1] != '/')
                end--;
        while (end > 1 && path[end - 1] == '/')
                end--;
        if (end == 0)
                return arena_copy(arena, path_is_absolute(path) ? "/" : ".");
        return arena_copy_n(arena, path, end);
}

bool path_is_below(const char *path, const char *base) {
        const char *rest = text_after(path, base);

        return rest && (rest[0] == '\0' || rest[0] == '/' || text_ends_with(base, "/"));
}
