# SPDX-License-Identifier: ISC
"""Holds what values.json says against what was computed, leaf by leaf, and knows which section each leaf is from."""

# By the last name on the path; what is not here is of the layout itself.
SECTIONS = {
    "skeyid": "RFC 2409 section 5", "skeyid_d": "RFC 2409 section 5", "skeyid_a": "RFC 2409 section 5", "skeyid_e": "RFC 2409 section 5",
    "hash_i": "RFC 2409 section 5", "hash_r": "RFC 2409 section 5", "sig_i": "RFC 2409 section 5.1", "sig_r": "RFC 2409 section 5.1",
    "sai_b": "RFC 2409 section 3.2", "idii_b": "RFC 2409 section 3.2", "idir_b": "RFC 2409 section 3.2",
    "ni_b": "RFC 2409 section 3.2", "nr_b": "RFC 2409 section 3.2",
    "cky_i": "RFC 2408 section 3.1", "cky_r": "RFC 2408 section 3.1", "flags": "RFC 2408 section 3.1",
    "message_id": "RFC 2408 section 3.1", "exchange": "RFC 2408 section 3.1", "wire": "RFC 2408 section 3.1",
    "private_i": "RFC 2409 section 5", "private_r": "RFC 2409 section 5", "public_i": "RFC 2409 section 5",
    "public_r": "RFC 2409 section 5", "g_xy": "RFC 2409 section 5", "g_xy_length": "RFC 2409 section 5",
    "key": "RFC 2409 appendix B", "k": "RFC 2409 appendix B", "initial_iv": "RFC 2409 appendix B", "iv": "RFC 2409 appendix B",
    "iv_from": "RFC 2409 appendix B", "last_block": "RFC 2409 appendix B", "plaintext": "RFC 2409 appendix B",
    "ciphertext": "RFC 2409 appendix B", "padding": "RFC 2409 appendix B",
    "input": "RFC 2409 section 5", "hashes": "RFC 2409 section 5", "signature": "RFC 2409 section 5.1",
    "keymat": "RFC 2409 section 5.5", "encryption_key": "RFC 2409 section 5.5", "authentication_key": "RFC 2409 section 5.5",
    "esp": "RFC 4303 section 2",
    "spi_i": "RFC 2409 section 5.5", "spi_r": "RFC 2409 section 5.5", "id_ci": "RFC 2409 section 5.5", "id_cr": "RFC 2409 section 5.5",
    "proposal": "RFC 2409 appendix A", "transform": "RFC 2407 section 4.5", "body": "RFC 2408 section 3.2",
    "notify": "RFC 2408 section 3.14", "delete": "RFC 2408 section 3.15", "sequence": "RFC 3706 section 5.3",
    "octets": "RFC 3948 section 2", "fragment": "MS-IKEE section 2.2.3.1", "data": "MS-IKEE section 2.2.3.1",
}


def section_of(path):
    for step in reversed(path.split(".")):
        section = SECTIONS.get(step.split("[")[0])
        if section is not None:
            return section
    return "interop/vectors/values.schema.json"


def leaves_if_same(found, wanted):
    """How many leaves there are, if all are the same and of the same type; else None."""
    if type(found) is not type(wanted):
        return None
    if isinstance(wanted, dict):
        if found.keys() != wanted.keys():
            return None
        pairs = ((found[name], wanted[name]) for name in wanted)
    elif isinstance(wanted, list):
        if len(found) != len(wanted):
            return None
        pairs = zip(found, wanted)
    else:
        return 1 if found == wanted else None
    total = 0
    for one, other in pairs:
        leaves = leaves_if_same(one, other)
        if leaves is None:
            return None
        total += leaves
    return total


def compare(ledger, kind, path, found, wanted):
    """Every leaf of both; what is missing or too much on either side, too."""
    if not ledger.tell:  # nobody wants to see each
        leaves = leaves_if_same(found, wanted)
        if leaves is not None:
            ledger.passes(kind, leaves)
            return
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in wanted:
            at = "%s.%s" % (path, name)
            if name in found:
                compare(ledger, kind, at, found[name], wanted[name])
            else:
                ledger.true(kind, at, section_of(at), False, "is not there")
        for name in found:
            if name not in wanted:
                at = "%s.%s" % (path, name)
                ledger.true(kind, at, section_of(at), False, "is there, but nothing was computed for it")
    elif isinstance(wanted, list) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(found, wanted)):
            compare(ledger, kind, "%s[%d]" % (path, index), one, other)
        if len(found) != len(wanted):
            ledger.true(kind, path, section_of(path), False, "%d there, but computed: %d" % (len(found), len(wanted)))
    else:
        ledger.equal(kind, path, section_of(path), found, wanted)
