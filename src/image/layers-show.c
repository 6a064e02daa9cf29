/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "image/layers.h"
#include "sys/mountfd.h"
#include "sys/namespace.h"
#include "sys/overlay.h"

static int attach_all(const int *fds, size_t n_fds) {
        CLEANUP_CLOSE int root_fd = -EBADF;
        int r;

        r = namespace_unshare_mounts();
        if (r < 0)
                return r;
        root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return -errno;
        for (size_t i = 0; r >= 0 && i < n_fds; i++)
                r = mountfd_attach(fds[i], root_fd);

        return r;
}

/* Linux < 6.15: only mounts that are attached somewhere can be layers; remove when the baseline is
 * 6.15. */
static int mount_attached(const OverlayLayers *layers) {
        MountHome home = MOUNT_HOME_NONE;
        CLEANUP_CLOSE int fd = -EBADF;
        int r, back;

        r = namespace_open_home(&home);
        if (r >= 0)
                r = attach_all(layers->lower_fds, layers->n_lowers);
        if (r >= 0)
                r = fd = overlay_new(layers, /* ret_message= */ NULL);
        back = namespace_return_home(&home);

        return r < 0 ? r : back < 0 ? back : TAKE_FD(fd);
}

int layers_show(const int *layer_fds, size_t n_layers) {
        int fds[LAYERS_MAX + 1], r = 0;
        OverlayLayers layers = {
                .lower_fds = fds,
                .upper_fd = -EBADF,
                .work_fd = -EBADF,
                .options = "index=off,metacopy=off,xino=auto,redirect_dir=follow",
        };

        if (n_layers > ELEMENTSOF(fds))
                return -E2BIG;

        for (; r >= 0 && layers.n_lowers < n_layers; layers.n_lowers++)
                r = fds[layers.n_lowers] =
                                overlay_open_layer(layer_fds[n_layers - 1 - layers.n_lowers],
                                                /* userns_fd= */ -EBADF, /* scratch_fd= */ -EBADF);
        if (r >= 0)
                r = overlay_takes_detached_layers() ? overlay_new(&layers, /* ret_message= */ NULL)
                                                    : mount_attached(&layers);

        for (size_t i = 0; i < layers.n_lowers; i++)
                fd_close(fds[i]);
        return r;
}
