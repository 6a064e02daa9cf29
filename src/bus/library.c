/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "base/macro.h"

#define SONAME      "libsystemd.so.0"
#define NOTE_VENDOR "FDO"
#define NOTE_TYPE   0x407c0c0aU
#define NOTE_CONTENT                                                                               \
        "[{\"feature\":\"bus\",\"description\":\"Scopes and machine registration on systemd "      \
        "hosts\",\"priority\":\"recommended\",\"soname\":[\"" SONAME "\"]}]"

typedef struct {
        uint32_t name_size, content_size, type;
        char name[sizeof NOTE_VENDOR];
        _Alignas(uint32_t) char content[sizeof NOTE_CONTENT];
} DlopenNote;

/* Read by packaging tools, never by the program. */
__attribute__((used, section(".note.dlopen"), aligned(4))) static const DlopenNote dlopen_note = {
        .name_size = sizeof NOTE_VENDOR,
        .content_size = sizeof NOTE_CONTENT,
        .type = NOTE_TYPE,
        .name = NOTE_VENDOR,
        .content = NOTE_CONTENT,
};

int library_open(Library *ret_library) {
#define LIBRARY_ROW(name) { #name, offsetof(Library, name) },
        static const struct {
                const char *name;
                size_t offset;
        } rows[] = { LIBRARY_FUNCTIONS(LIBRARY_ROW) };
#undef LIBRARY_ROW
        Library library = { 0 };
        void *handle;

        handle = dlopen(SONAME, RTLD_NOW | RTLD_NODELETE);
        if (!handle) {
                log_debug("Failed to load '%s': %s", SONAME, dlerror());
                return -ENOPKG;
        }

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                void *function = dlsym(handle, rows[i].name);

                if (!function) {
                        log_debug("Library '%s' has no '%s', it is too old", SONAME, rows[i].name);
                        (void)dlclose(handle); /* It stays loaded in any case. */
                        return -ENOPKG;
                }
                memcpy((char *)&library + rows[i].offset, &function, sizeof function);
        }

        (void)dlclose(handle); /* RTLD_NODELETE: the functions stay where they are. */
        *ret_library = library;
        return 0;
}
