-- SPDX-License-Identifier: Apache-2.0
-- What the lights of the CM2's EMS mean, from its manual.
return {
  lights = {
    { part = "Power LED", point = "power_led", shows = "green", means = "online and working" },
    { part = "Power LED", point = "power_led", shows = "slow_blinking", means = "initialising, getting online or updating (a flash of 1.5 s)" },
    { part = "Power LED", point = "power_led", shows = "fast_blinking", means = "failed to start (a flash of 0.5 s)" },
    { part = "Power LED", point = "power_led", shows = "off", means = "no supply" },
    { part = "PWR", point = "status_led", index = 1, shows = "red", means = "the module is powered" },
    { part = "PWR", point = "status_led", index = 1, shows = "off", means = "the module has no power" },
    { part = "RUN", point = "status_led", index = 2, shows = "green_blinking", means = "the module runs" },
    { part = "RUN", point = "status_led", index = 2, shows = "off", means = "the module does not work" },
    { part = "ERR", point = "status_led", index = 3, shows = "red", means = "an error is present" },
    { part = "ERR", point = "status_led", index = 3, shows = "off", means = "no error" },
    { part = "STA", point = "status_led", index = 4, shows = "green", means = "the wireless module runs" },
    { part = "STA", point = "status_led", index = 4, shows = "off", means = "the wireless module does not run as it should" },
  },
}
