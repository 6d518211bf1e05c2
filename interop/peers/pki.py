# SPDX-License-Identifier: ISC
"""
Certificates for the lab, made by openssl once per run below build/interop/pki: an authority, an intermediate one, who
ruthere and the peer are, and those of the peer's that must be refused.
"""

import collections
import os
import shutil
import threading

from lab import WORK, run

HOME = os.path.join(WORK, "pki")
ORGANISATION = "ruthere lab"
LONG_AGO = ("20200101000000Z", "20210101000000Z")

# Who signs whom: ruthere's certificate comes with the intermediate one, so that what it sends must go in fragments.
Leaf = collections.namedtuple("Leaf", "signer speaks_for key")
LEAVES = {
    "us": Leaf("intermediate", "us.example", "rsa:2048"),
    "us-ecdsa": Leaf("authority", "us.example", "ec"),
    "gw": Leaf("authority", "gw.example", "rsa:2048"),
    "gw-ecdsa": Leaf("authority", "gw.example", "ec"),
    "gw-revoked": Leaf("authority", "gw.example", "rsa:2048"),
    "gw-expired": Leaf("authority", "gw.example", "rsa:2048"),
    "gw-foreign": Leaf("stranger", "gw.example", "rsa:2048"),
    "gw-other": Leaf("authority", "other.example", "rsa:2048"),
}

CONFIGURATION = """\
[req]
distinguished_name = name
[name]
[any]
organizationName = optional
commonName = supplied
[authority_extensions]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""

AUTHORITY = """\
[%(name)s]
database = %(home)s/%(name)s.index
certificate = %(home)s/%(name)s.pem
private_key = %(home)s/%(name)s.key
new_certs_dir = %(home)s/issued
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
rand_serial = yes
unique_subject = no
"""

LEAF = """\
[%(name)s_extensions]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:%(speaks_for)s
authorityKeyIdentifier = keyid
"""

_making = threading.Lock()
_made = False


def path(name):
    return os.path.join(HOME, name)


def subject(name):
    """The distinguished name of a leaf, as strongSwan spells it."""
    return "O=%s, CN=%s" % (ORGANISATION, name)


def _openssl(command, *words):
    run(["openssl", command, "-config", path("openssl.cnf"), *words])


def _key(kind):
    curve = ["-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else []
    return ["-newkey", kind, *curve, "-nodes"]


def _named(name):
    return ["-subj", "/O=%s/CN=%s" % (ORGANISATION, name)]


def _sign(signer, name, extensions, valid=None):
    dates = ["-startdate", valid[0], "-enddate", valid[1]] if valid else []
    _openssl("ca", "-batch", "-notext", "-name", signer, "-in", path(name + ".csr"), "-out", path(name + ".pem"),
             "-extensions", extensions, *dates)


def _root(name):
    _openssl("req", "-x509", "-days", "30", *_key("rsa:2048"), "-keyout", path(name + ".key"), "-out",
             path(name + ".pem"), "-extensions", "authority_extensions", *_named(name))


def _request(name, kind):
    _openssl("req", "-new", *_key(kind), "-keyout", path(name + ".key"), "-out", path(name + ".csr"), *_named(name))


def _together(result, *names):
    with open(path(result), "w") as file:
        for name in names:
            with open(path(name)) as part:
                file.write(part.read())


def _make():
    shutil.rmtree(HOME, ignore_errors=True)
    os.makedirs(path("issued"), mode=0o700)
    authorities = ("authority", "intermediate", "stranger")
    with open(path("openssl.cnf"), "w") as file:
        file.write(CONFIGURATION)
        file.writelines(AUTHORITY % {"home": HOME, "name": name} for name in authorities)
        file.writelines(LEAF % {"name": name, "speaks_for": leaf.speaks_for} for name, leaf in LEAVES.items())
    for name in authorities:
        with open(path(name + ".index"), "w"):
            pass
    _root("authority")
    _root("stranger")
    _request("intermediate", "rsa:2048")
    _sign("authority", "intermediate", "authority_extensions")
    for name, leaf in LEAVES.items():
        _request(name, leaf.key)
        _sign(leaf.signer, name, name + "_extensions", LONG_AGO if name == "gw-expired" else None)
        _together(name + ".chain.pem", name + ".pem", *(["intermediate.pem"] if leaf.signer == "intermediate" else []))
        # pluto takes a key only together with its certificate, and only so.
        run(["openssl", "pkcs12", "-export", "-in", path(name + ".pem"), "-inkey", path(name + ".key"), "-name", name,
             "-passout", "pass:lab", "-out", path(name + ".p12")])
        os.chmod(path(name + ".key"), 0o600)
    _openssl("ca", "-name", "authority", "-revoke", path("gw-revoked.pem"))
    for name in ("authority", "intermediate"):
        _openssl("ca", "-name", name, "-gencrl", "-out", path(name + ".crl"))
    _together("revocations.pem", "authority.crl", "intermediate.crl")


def make():
    """Once per run: what is revoked or expired does not depend on an earlier one."""
    global _made
    with _making:
        if not _made:
            _make()
            _made = True
