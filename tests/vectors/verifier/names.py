# SPDX-License-Identifier: ISC
"""The names that stand beside numbers in values.json."""
EXCHANGES = {2: "MAIN", 4: "AGGRESSIVE", 5: "INFORMATIONAL", 32: "QUICK"}
PAYLOADS = {}
ENCRYPTION = {1: "DES-CBC", 5: "3DES-CBC", 7: "AES-CBC"}
HASHES = {1: "MD5", 2: "SHA", 4: "SHA2-256", 5: "SHA2-384", 6: "SHA2-512"}
AUTHENTICATION = {1: "pre-shared key", 3: "RSA signatures"}
GROUPS = {}
NOTIFY = {}
PROTOCOLS = {}
ESP = {}
ESP_AUTHENTICATION = {}
ENCAPSULATION = {}


def numbered(table, number):
    return {"number": number, "name": table.get(number, str(number))}


def identity(body):
    """RFC 2407 section 4.6.2.1, for people."""
    import ipaddress
    kind, data = body[0], body[4:]
    if kind in (1, 5):
        return "%s:%s" % ("ipv4" if kind == 1 else "ipv6", ipaddress.ip_address(data))
    return "%s:%s" % ({2: "fqdn", 3: "user", 9: "dn", 11: "key-id"}[kind], data.decode("ascii"))
