/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/property.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "bus/property-value.h"

/* clang-format off */
#define ROW(name, form)              { (name), NULL, property_value_##form, 0, 0 }
#define ROW_AS(name, bus_name, form) { (name), (bus_name), property_value_##form, 0, 0 }
#define ROW_RANGE(name, low, high)   { (name), NULL, property_value_weight, (low), (high) }

static const PropertyForm forms[] = {
        /* Accounting */
        ROW("CPUAccounting", bool),
        ROW("MemoryAccounting", bool),
        ROW("TasksAccounting", bool),
        ROW("IOAccounting", bool),
        ROW("IPAccounting", bool),

        /* Memory and tasks */
        ROW("MemoryMin", size),
        ROW("MemoryLow", size),
        ROW("MemoryHigh", size),
        ROW("MemoryMax", size),
        ROW("MemorySwapMax", size),
        ROW("MemoryZSwapMax", size),
        ROW("MemoryZSwapWriteback", bool),
        ROW("DefaultMemoryMin", size),
        ROW("DefaultMemoryLow", size),
        ROW("StartupMemoryLow", size),
        ROW("StartupMemoryHigh", size),
        ROW("StartupMemoryMax", size),
        ROW("StartupMemorySwapMax", size),
        ROW("StartupMemoryZSwapMax", size),
        ROW("MemoryPressureWatch", text),
        ROW_AS("MemoryPressureThresholdSec", "MemoryPressureThresholdUSec", time),
        ROW("ManagedOOMSwap", text),
        ROW("ManagedOOMMemoryPressure", text),
        ROW("ManagedOOMMemoryPressureLimit", percent),
        ROW_AS("ManagedOOMMemoryPressureDurationSec", "ManagedOOMMemoryPressureDurationUSec", time),
        ROW("ManagedOOMPreference", text),
        ROW("OOMPolicy", text),
        ROW("TasksMax", tasks),

        /* CPU: a weight of 0 means idle */
        ROW_RANGE("CPUWeight", 0, 10000),
        ROW_RANGE("StartupCPUWeight", 0, 10000),
        ROW_RANGE("CPUShares", 2, 262144),
        ROW_RANGE("StartupCPUShares", 2, 262144),
        ROW_AS("CPUQuota", "CPUQuotaPerSecUSec", quota),
        ROW_AS("CPUQuotaPeriodSec", "CPUQuotaPeriodUSec", time),
        ROW("AllowedCPUs", numbers),
        ROW("StartupAllowedCPUs", numbers),
        ROW("AllowedMemoryNodes", numbers),
        ROW("StartupAllowedMemoryNodes", numbers),

        /* Block devices */
        ROW_RANGE("IOWeight", 1, 10000),
        ROW_RANGE("StartupIOWeight", 1, 10000),
        ROW("IODeviceWeight", device_weight),
        ROW("IOReadBandwidthMax", device_rate),
        ROW("IOWriteBandwidthMax", device_rate),
        ROW("IOReadIOPSMax", device_rate),
        ROW("IOWriteIOPSMax", device_rate),
        ROW_AS("IODeviceLatencyTargetSec", "IODeviceLatencyTargetUSec", device_time),

        /* Access and delegation */
        ROW("DevicePolicy", text),
        ROW("DeviceAllow", device_allow),
        ROW("IPAddressAllow", addresses),
        ROW("IPAddressDeny", addresses),
        ROW("IPIngressFilterPath", texts),
        ROW("IPEgressFilterPath", texts),
        ROW("Delegate", delegate),
        ROW("DisableControllers", texts),
        ROW("Slice", text),

        /* The end of the scope */
        ROW("KillMode", text),
        ROW("KillSignal", signal),
        ROW("FinalKillSignal", signal),
        ROW("SendSIGKILL", bool),
        ROW("SendSIGHUP", bool),
        ROW_AS("TimeoutStopSec", "TimeoutStopUSec", time),
        ROW("TimeoutStopUSec", time),
        ROW_AS("RuntimeMaxSec", "RuntimeMaxUSec", time),
        ROW("RuntimeMaxUSec", time),
        ROW_AS("RuntimeRandomizedExtraSec", "RuntimeRandomizedExtraUSec", time),
        ROW("SurviveFinalKillSignal", bool),
        ROW("CollectMode", text),
        ROW("CoredumpReceive", bool),

        /* Its place among units */
        ROW("Description", text),
        ROW("Documentation", texts),
        ROW("After", texts),
        ROW("Before", texts),
        ROW("Wants", texts),
        ROW("Requires", texts),
        ROW("Requisite", texts),
        ROW("BindsTo", texts),
        ROW("PartOf", texts),
        ROW("Upholds", texts),
        ROW("Conflicts", texts),
        ROW("OnFailure", texts),
        ROW("OnSuccess", texts),
        ROW("PropagatesStopTo", texts),
        ROW("StopPropagatedFrom", texts),
        ROW("RequiresMountsFor", texts),
        ROW("WantsMountsFor", texts),
        ROW("DefaultDependencies", bool),
        ROW("IgnoreOnIsolate", bool),
        ROW("StopWhenUnneeded", bool),
        ROW("RefuseManualStop", bool),
        ROW_AS("JobTimeoutSec", "JobTimeoutUSec", time),
        ROW_AS("JobRunningTimeoutSec", "JobRunningTimeoutUSec", time),
        ROW("OnFailureJobMode", text),
        ROW("FailureAction", text),
        ROW("SuccessAction", text),
};
/* clang-format on */

static const PropertyForm *find_form(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(forms); i++)
                if (text_equal(name, forms[i].name))
                        return &forms[i];

        return NULL;
}

/* ": did you mean 'X'?" if a name is near, else nothing. */
static const char *suggest(Arena *arena, const char *name) {
        const PropertyForm *nearest = NULL;
        size_t least = 4;

        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
                size_t distance = text_distance(name, forms[i].name);

                if (distance < least) {
                        least = distance;
                        nearest = &forms[i];
                }
        }

        return nearest ? arena_printf(arena, ", did you mean '%s'?", nearest->name) : "";
}

int property_parse(Arena *arena,
                const char *assignment,
                Property *ret_property,
                const char **ret_reason) {
        const char *equals = strchr(assignment, '='), *name;
        Property property = { 0 };
        PropertyValue value;
        int r;

        if (!equals || equals == assignment) {
                *ret_reason = "not of the form NAME=VALUE";
                return -EINVAL;
        }

        name = arena_copy_n(arena, assignment, (size_t)(equals - assignment));
        value = (PropertyValue){
                .arena = arena,
                .form = find_form(name),
                .text = text_strip(arena_copy(arena, equals + 1)),
                .property = &property,
        };
        if (!value.form) {
                *ret_reason = arena_printf(arena, "unknown unit property '%s'%s",
                                text_printable(arena, name), suggest(arena, name));
                return -EINVAL;
        }

        property.name = value.form->bus_name ?: value.form->name;
        r = value.form->parse(&value);
        if (r < 0) {
                *ret_reason = value.reason;
                return r;
        }

        *ret_property = property;
        return 0;
}

int property_check(Arena *arena, const char *assignment, const char **ret_reason) {
        Property property;

        return property_parse(arena, assignment, &property, ret_reason);
}

const char *property_name(size_t index) {
        return index < ELEMENTSOF(forms) ? forms[index].name : NULL;
}
