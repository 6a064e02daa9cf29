/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/overlay.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/macro.h"

int overlay_open_layer(int fd, int userns_fd, int scratch_fd) {
        CLEANUP_CLOSE int layer_fd = -EBADF;
        int r;

        layer_fd = mountfd_clone(fd, "", /* recursive= */ false, MS_PRIVATE);
        if (layer_fd < 0)
                return layer_fd;

        if (userns_fd >= 0) {
                r = mountfd_set_idmap(layer_fd, /* recursive= */ false, userns_fd);
                if (r < 0)
                        return r;
        }
        if (scratch_fd >= 0) {
                r = mountfd_attach(layer_fd, scratch_fd);
                if (r < 0)
                        return r;
        }

        return TAKE_FD(layer_fd);
}

bool overlay_takes_detached_layers(void) {
        unsigned major = 0, minor = 0;
        struct utsname kernel;

        return uname(&kernel) >= 0 && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
               (major > 6 || (major == 6 && minor >= 15));
}

/* The options of one overlay. Layers are named by descriptor: no path of the user's is in them, so
 * neither has to be escaped. */
typedef struct {
        char text[4096];
        size_t length;
} Options;

static PRINTF_LIKE(2, 3) void add(Options *options, const char *format, ...) {
        size_t rest = sizeof options->text - options->length;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(options->text + options->length, rest, format, arguments);
        va_end(arguments);
        options->length += n > 0 && (size_t)n < rest ? (size_t)n : rest - 1;
}

static bool is_full(const Options *options) {
        return options->length >= sizeof options->text - 1;
}

/* The topmost comes first. One value of fsconfig() has 255 bytes at most. */
static void add_lowers(const OverlayLayers *layers, Options *options) {
        enum { VALUE_MAX = 255 };
        Options joined = { 0 };

        for (size_t i = layers->n_lowers; i > 0; i--)
                add(&joined, "%s/proc/self/fd/%d", joined.length > 0 ? ":" : "",
                                layers->lower_fds[i - 1]);
        if (joined.length <= VALUE_MAX) {
                add(options, "lowerdir=%s", joined.text);
                return;
        }

        for (size_t i = layers->n_lowers; i > 0; i--)
                add(options, "%slowerdir+=/proc/self/fd/%d", options->length > 0 ? "," : "",
                                layers->lower_fds[i - 1]);
}

int overlay_new(const OverlayLayers *layers, MountMessage *ret_message) {
        CLEANUP_CLOSE int fd = -EBADF;
        Options options = { 0 };
        struct statvfs vfs;

        if (ret_message)
                ret_message->text[0] = '\0';
        add_lowers(layers, &options);
        if (layers->upper_fd >= 0)
                add(&options, ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d",
                                layers->upper_fd, layers->work_fd);
        if (layers->options)
                add(&options, ",%s", layers->options);
        if (is_full(&options))
                return -E2BIG;

        fd = mountfd_new("overlay", options.text, layers->attributes, ret_message);
        if (fd < 0)
                return fd;

        /* The kernel goes on without an upper that it cannot use. */
        if (fstatvfs(fd, &vfs) < 0)
                return -errno;
        if (layers->upper_fd >= 0 && vfs.f_flag & ST_RDONLY &&
                        !(layers->attributes & MOUNT_ATTR_RDONLY))
                return -EROFS;

        return TAKE_FD(fd);
}
