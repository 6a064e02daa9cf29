#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""config/ and plan/ call nothing that asks or changes the system, so they are testable as they are.

Arguments: the build folder.
"""

from object_files import objects, symbols
from repository import finish

PURE = ("config/", "plan/")
FORBIDDEN = set(
    """
    access faccessat open openat open64 openat64 openat2 creat close read write pread pwrite
    fopen fopen64 fdopen freopen fgets fread fwrite printf fprintf puts putchar perror getline
    stat lstat fstat fstatat stat64 lstat64 fstat64 fstatat64 statx readlink readlinkat realpath
    getcwd chdir fchdir mkdir mkdirat unlink unlinkat rename renameat symlink symlinkat opendir
    mkstemp mkdtemp mount umount umount2 mount_setattr open_tree move_mount fsopen syscall ioctl
    fcntl fcntl64 isatty socket connect bind sendmsg recvmsg pipe pipe2 fork vfork clone clone3
    execve execvp posix_spawn system popen waitpid waitid kill signal sigaction prctl unshare setns
    getenv secure_getenv setenv getpid getppid getuid geteuid getgid getegid getpwnam getpwuid
    getgrnam getgrgid getaddrinfo gethostname uname sysconf time gettimeofday clock_gettime
    nanosleep usleep sleep rand random getrandom getentropy exit abort _exit dlopen setlocale
    """.split()
)

problems = []
for source, path in objects():
    if not source.startswith(PURE):
        continue
    for _flags, section, symbol in symbols(path):
        if section == "*UND*" and symbol.split("@")[0] in FORBIDDEN:
            problems.append(f"src/{source}.c: calls {symbol}()")
finish(problems)
