# SPDX-License-Identifier: ISC
# libreswan as Debian 12 has it (4.10-2+deb12u1), with dpddelay=3 and dpdtimeout=12 and a tunnel, because it asks only over IPsec SAs.
# Each reason names what was seen on the wire and, where it is known, the place in the source that makes it so.
name = "libreswan"
version = "4.10"
worry = 7s
death = 20s

deviation "rfc2408/5.2/reserved-flags" {
  verdict = FAIL
  reason = "Flags of the header that mean nothing to it are ignored, as IKEv2 wants it of a receiver (RFC 7296 section 2.5); the parser is one for both versions."
}
deviation "rfc2408/5.3/reserved-octet" {
  verdict = FAIL
  reason = "A RESERVED field that is not zero is told in the log and ignored (the field type for zeros in packet.c)."
}
deviation "rfc2408/5.2/wrong-responder-cookie" {
  verdict = FAIL
  reason = "If no SA has both cookies of an Informational, one with its initiator cookie alone is taken (the case of ISAKMP_XCHG_INFO in ikev1.c, find_state_ikev1_init), meant for answers to a first message. HASH(1) is still verified, so nobody without the keys gains by it."
}
deviation "rfc2408/5.14/protocol-of-others" {
  verdict = LENIENT
  reason = "A notification's protocol ID is not looked at where the type is R-U-THERE; its DOI is."
}
deviation "rfc3706/7/replayed-question" {
  verdict = LENIENT
  reason = "The message ID of an Informational is compared with a list of those used before, but only those of Quick Modes are ever entered into it (reserve_msgid in ikev1.c), so a replay is new; and a number that was answered is answered three times more, counted anew after each fresh one. See interop/findings/02-libreswan-mirror.md."
}
deviation "rfc3706/5.2/reflected-question" {
  verdict = LENIENT
  reason = "Its own question, sent back to it, is answered: its message ID is not on the list of used ones, and a direction is not part of HASH(1). See interop/findings/02-libreswan-mirror.md."
}
deviation "rfc3706/6.1/ack-wrong-number-no-answer" {
  verdict = LENIENT
  reason = "Any R-U-THERE-ACK of the right form ends the timeout, whatever its number (dpd_inR in ikev1_dpd.c). See interop/findings/01-libreswan-any-ack.md."
}
deviation "rfc3706/6.1/ack-replayed-no-answer" {
  verdict = LENIENT
  reason = "Any R-U-THERE-ACK ends the timeout, also the same datagram again and again (dpd_inR in ikev1_dpd.c). See interop/findings/01-libreswan-any-ack.md."
}
