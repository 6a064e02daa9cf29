/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/layers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "sys/credentials.h"
#include "sys/mountfd.h"
#include "sys/overlay-folder.h"
#include "sys/overlay.h"

static int open_inside(int fd, const char *name) {
        int inside_fd = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return inside_fd < 0 ? -errno : inside_fd;
}

static int open_layer(int fd, const char *path, int userns_fd) {
        int layer_fd = overlay_open_layer(fd, userns_fd, /* scratch_fd= */ -EBADF);

        if (layer_fd < 0)
                return log_error_hint(layer_fd,
                                userns_fd >= 0 && (layer_fd == -EINVAL || layer_fd == -EPERM)
                                                ? "its file system cannot map owners; "
                                                  "--private-users-ownership=off leaves them"
                                                : NULL,
                                "Failed to make a layer of '%s'", path);

        return layer_fd;
}

int layers_add(Layers *layers, int tree_fd, const char *path, int userns_fd) {
        int fd;

        if (layers->n_lowers >= LAYERS_MAX)
                return log_error_errno(-E2BIG, "Failed to add layer '%s'", path);

        fd = open_layer(tree_fd, path, userns_fd);
        if (fd < 0)
                return fd;

        layers->lower_fds[layers->n_lowers++] = fd;
        return 0;
}

int layers_set_upper(Layers *layers, Upper *upper, int like_fd, int userns_fd) {
        static const char what[] = "what the payload changes";
        int r;

        /* In memory it belongs to whom the tree seems to belong to, mapped. */
        r = overlay_make_folder(upper->folder_fd,
                        upper->is_in_memory ? layers->lower_fds[layers->n_lowers - 1] : like_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to prepare the folder of %s", what);

        layers->upper = upper;
        layers->upper_fd = upper->is_in_memory ? TAKE_FD(upper->memory_fd)
                                               : open_layer(upper->folder_fd, what, -EBADF);
        if (layers->upper_fd < 0)
                return layers->upper_fd;

        /* Before it is mapped: nobody inside has an id that may enter the folder. */
        layers->data_fd = open_inside(layers->upper_fd, "data");
        layers->work_fd = open_inside(layers->upper_fd, "work");
        r = layers->data_fd < 0 ? layers->data_fd : layers->work_fd;
        if (r >= 0 && userns_fd >= 0 && !upper->is_in_memory)
                r = mountfd_set_idmap(layers->upper_fd, /* recursive= */ false, userns_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to open the folder of %s", what);

        return 0;
}

static int attach_all(Layers *layers, int target_fd) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < layers->n_lowers; i++)
                r = mountfd_attach(layers->lower_fds[i], target_fd);
        if (r >= 0 && layers->upper_fd >= 0)
                r = mountfd_attach(layers->upper_fd, target_fd);
        if (r < 0 || !layers->upper || !layers->upper->is_in_memory)
                return r;

        /* Only an attached mount can be cloned before Linux 6.15. */
        r = layers->upper->memory_fd =
                        mountfd_clone(layers->upper_fd, "", /* recursive= */ false, MS_PRIVATE);
        return r < 0 ? r : 0;
}

int layers_mount(Layers *layers, const LayersMount *how) {
        const OverlayLayers overlay = {
                .lower_fds = layers->lower_fds,
                .n_lowers = layers->n_lowers,
                .upper_fd = layers->data_fd,
                .work_fd = layers->work_fd,
                .options = how->options,
        };
        CLEANUP_CLOSE int fd = -EBADF;
        MountMessage message = { 0 };
        int r, back;

        r = attach_all(layers, how->target_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to attach the layers of '%s'", how->path);

        r = credentials_act_as(how->act_as_id);
        if (r >= 0)
                r = fd = overlay_new(&overlay, &message);
        back = credentials_act_as(0);
        r = r < 0 ? r : back;
        if (r == -EROFS)
                return log_error_hint(r, "its file system cannot; --ephemeral=memory can",
                                "Failed to write to the overlay over '%s'", how->path);
        if (r < 0)
                return log_error_hint(r, message.text[0] ? message.text : NULL,
                                "Failed to mount the overlay over '%s'", how->path);

        return TAKE_FD(fd);
}

void layers_done(Layers *layers) {
        for (size_t i = 0; i < layers->n_lowers; i++)
                fd_close(layers->lower_fds[i]);
        fd_close(layers->work_fd);
        fd_close(layers->data_fd);
        fd_close(layers->upper_fd);
        *layers = LAYERS_NONE;
}
