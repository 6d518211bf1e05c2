# SPDX-License-Identifier: ISC
"""The names that stand beside numbers in values.json: numbers of the IANA registries, names as the page of the vectors has them."""
import ipaddress

from . import isakmp

# RFC 2408 section 3.1, RFC 2409 appendix A
EXCHANGES = isakmp.EXCHANGES
PAYLOADS = isakmp.NAMES
# RFC 2409 appendix A: attributes 1, 2, 3, 4
ENCRYPTION = {1: "des", 5: "3des", 7: "aes"}
HASHES = {1: "md5", 2: "sha1", 4: "sha256", 5: "sha384", 6: "sha512"}
AUTHENTICATION = {1: "psk", 3: "rsa-signature"}
GROUPS = {1: "modp768", 2: "modp1024", 5: "modp1536", 14: "modp2048", 15: "modp3072", 16: "modp4096", 17: "modp6144", 18: "modp8192",
          19: "ecp256", 20: "ecp384", 21: "ecp521", 31: "x25519"}
# RFC 2407 sections 4.4.1, 4.4.4 and 4.5
PROTOCOLS = {1: "ISAKMP", 2: "AH", 3: "ESP"}
ESP = {2: "des", 3: "3des", 11: "null", 12: "aes", 20: "aesgcm16"}
ESP_AUTHENTICATION = {1: "md5", 2: "sha1", 5: "sha256", 6: "sha384", 7: "sha512"}
ENCAPSULATION = {1: "tunnel", 2: "transport", 3: "udp-tunnel", 4: "udp-transport"}  # 3 and 4: RFC 3947 section 5.1
# RFC 2408 section 3.14.1; RFC 2407 section 4.6.3; RFC 3706 section 5.3
NOTIFY = {1: "INVALID-PAYLOAD-TYPE", 2: "DOI-NOT-SUPPORTED", 3: "SITUATION-NOT-SUPPORTED", 4: "INVALID-COOKIE",
          5: "INVALID-MAJOR-VERSION", 6: "INVALID-MINOR-VERSION", 7: "INVALID-EXCHANGE-TYPE", 8: "INVALID-FLAGS",
          9: "INVALID-MESSAGE-ID", 10: "INVALID-PROTOCOL-ID", 11: "INVALID-SPI", 12: "INVALID-TRANSFORM-ID",
          13: "ATTRIBUTES-NOT-SUPPORTED", 14: "NO-PROPOSAL-CHOSEN", 15: "BAD-PROPOSAL-SYNTAX", 16: "PAYLOAD-MALFORMED",
          17: "INVALID-KEY-INFORMATION", 18: "INVALID-ID-INFORMATION", 19: "INVALID-CERT-ENCODING", 20: "INVALID-CERTIFICATE",
          21: "CERT-TYPE-UNSUPPORTED", 22: "INVALID-CERT-AUTHORITY", 23: "INVALID-HASH-INFORMATION",
          24: "AUTHENTICATION-FAILED", 25: "INVALID-SIGNATURE", 26: "ADDRESS-NOTIFICATION", 27: "NOTIFY-SA-LIFETIME",
          28: "CERTIFICATE-UNAVAILABLE", 29: "UNSUPPORTED-EXCHANGE-TYPE", 30: "UNEQUAL-PAYLOAD-LENGTHS",
          24576: "RESPONDER-LIFETIME", 24577: "REPLAY-STATUS", 24578: "INITIAL-CONTACT",
          36136: "R-U-THERE", 36137: "R-U-THERE-ACK"}


def numbered(table, number):
    return {"number": number, "name": table.get(number, "unknown")}


def identity(body):
    """RFC 2407 section 4.6.2.1, for people."""
    kind, data = body[0], body[4:]
    if kind in (1, 5):
        return "%s:%s" % ("ipv4" if kind == 1 else "ipv6", ipaddress.ip_address(data))
    return "%s:%s" % ({2: "fqdn", 3: "user", 9: "dn", 11: "key-id"}[kind], data.decode("ascii"))
