/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * libsystemd, loaded when a bus is needed.
 *
 * Linking it would cost every start 0.7 ms, also of the runs that never see a bus. So the functions
 * are looked up at run time, with the types of the library's own header, and packagers find the
 * dependency in the ELF note .note.dlopen ("ELF dlopen metadata" of the UAPI group). The baseline
 * is libsystemd 252: whatever is newer must not be in this list.
 */

#include <systemd/sd-bus.h>

/* clang-format off */
#define LIBRARY_FUNCTIONS(FUNCTION)               \
        FUNCTION(sd_bus_call_async)               \
        FUNCTION(sd_bus_call_method_async)        \
        FUNCTION(sd_bus_close_unref)              \
        FUNCTION(sd_bus_error_get_errno)          \
        FUNCTION(sd_bus_get_events)               \
        FUNCTION(sd_bus_get_fd)                   \
        FUNCTION(sd_bus_get_timeout)              \
        FUNCTION(sd_bus_get_unique_name)          \
        FUNCTION(sd_bus_is_open)                  \
        FUNCTION(sd_bus_is_ready)                 \
        FUNCTION(sd_bus_match_signal_async)       \
        FUNCTION(sd_bus_message_append)           \
        FUNCTION(sd_bus_message_append_array)     \
        FUNCTION(sd_bus_message_close_container)  \
        FUNCTION(sd_bus_message_get_error)        \
        FUNCTION(sd_bus_message_new_method_call)  \
        FUNCTION(sd_bus_message_open_container)   \
        FUNCTION(sd_bus_message_read)             \
        FUNCTION(sd_bus_message_set_auto_start)   \
        FUNCTION(sd_bus_message_unref)            \
        FUNCTION(sd_bus_open_system)              \
        FUNCTION(sd_bus_open_user)                \
        FUNCTION(sd_bus_path_encode)              \
        FUNCTION(sd_bus_process)                  \
        FUNCTION(sd_bus_set_method_call_timeout)  \
        FUNCTION(sd_bus_slot_unref)
/* clang-format on */

#define LIBRARY_FIELD(name) __typeof__(&(name)) name;

/* Pointers to the functions, under their own names. */
typedef struct {
        LIBRARY_FUNCTIONS(LIBRARY_FIELD)
} Library;

#undef LIBRARY_FIELD

/* Loads libsystemd and fills in RET_LIBRARY. The library stays loaded to the end of the process:
 * it has thread-local state that does not survive an unload.
 *
 * Returns 0, or -ENOPKG if the library is not installed or too old (said as a debug message). */
int library_open(Library *ret_library);
