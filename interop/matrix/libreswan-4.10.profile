# SPDX-License-Identifier: ISC
# libreswan as Debian 12 has it, with dpddelay=3 and dpdtimeout=12.
name = "libreswan"
version = "4.10"
worry = 7s
death = 20s
