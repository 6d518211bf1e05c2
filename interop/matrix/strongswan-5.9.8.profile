# SPDX-License-Identifier: ISC
# strongSwan as Debian 12 has it, with dpd_delay = 2s and dpd_timeout = 9s.
name = "strongSwan"
version = "5.9.8"
worry = 5s
death = 15s
