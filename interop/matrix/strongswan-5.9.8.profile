# SPDX-License-Identifier: ISC
# strongSwan as Debian 12 has it (5.9.8-5+deb12u6), with dpd_delay = 2s and dpd_timeout = 9s, on port 500 and without a tunnel.
# Each reason names what was seen on the wire and, where it is known, the place in the source that makes it so.
name = "strongSwan"
version = "5.9.8"
worry = 5s
death = 15s

deviation "rfc2408/5.1/header-length" {
  verdict = FAIL
  reason = "The header's length field is parsed and not compared with the datagram's length; a message is as long as its datagram. HASH(1) covers all that is used of it, so nothing can be smuggled in."
}
deviation "rfc2408/5.2/reserved-flags" {
  verdict = FAIL
  reason = "Reserved bits of the header are read and not compared with zero, as IKEv2 wants it of a receiver (RFC 7296 section 2.5: MUST be ignored); the parser is one for both versions."
}
deviation "rfc2408/5.3/reserved-octet" {
  verdict = FAIL
  reason = "RESERVED fields of payloads are read and not compared with zero, as IKEv2 wants it of a receiver; the parser is one for both versions."
}
deviation "rfc2408/5.2/wrong-responder-cookie" {
  verdict = FAIL
  reason = "A responder cookie of zeros stands for any: IKE_SAs are looked up by the initiator's cookie, and an unset responder cookie matches (entry_match_by_id in ike_sa_manager.c). It is meant for answers to a first message. A wrong one that is not zero is refused."
}
deviation "rfc2408/3.1/minor-version" {
  verdict = LENIENT
  reason = "Only the major version is looked at."
}
deviation "rfc2408/5.14/doi-of-others" {
  verdict = LENIENT
  reason = "The DOI of a notification is read and not looked at; the type alone decides what it is."
}
deviation "rfc2408/5.14/protocol-of-others" {
  verdict = LENIENT
  reason = "A notification's protocol ID has to be a known one (none, ISAKMP, AH, ESP), and that is all."
}
deviation "robust/3.14/question-spi-too-long" {
  verdict = LENIENT
  reason = "The SPI is skipped by its size, whatever that is, as long as the payload holds it, and not looked at; the number is what is behind it."
}
deviation "rfc3706/5.2/reflected-question" {
  verdict = LENIENT
  reason = "Its own question is known by the message ID of the exchange that charon has begun last (process_message in task_manager_v1.c), and an ACK of its own is such an exchange: once it has answered one question of ours, its earlier one comes back as a question, and is answered. Sent back at once it is not; see interop/findings/03-strongswan-mirror.md."
}
deviation "rfc3706/7/replayed-question" {
  verdict = LENIENT
  reason = "Numbers and message IDs that were seen are not kept: every R-U-THERE whose HASH(1) holds is answered. Only the latest message is recognised when it is repeated; then the last message of Phase 1 is sent again in place of an ACK."
}
