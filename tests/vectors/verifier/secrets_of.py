# SPDX-License-Identifier: ISC
"""What nobody could compute from a capture: pre-shared key, private values, RSA keys, the parties' own addresses."""
import ipaddress


class Secrets:
    def __init__(self, values):
        self.values = values
        psk = values["authentication"]["psk"]
        self.psk = None if psk is None else bytes.fromhex(psk)
        self.parties = {party["name"]: party for party in values["parties"]}

    def private(self, association):
        """Both private values of Phase 1, found by the cookies."""
        for entry in self.values["sas"]:
            if entry["cky_i"] == association.cky_i.hex() and entry["cky_r"] == association.cky_r.hex():
                return bytes.fromhex(entry["dh"]["private_i"]), bytes.fromhex(entry["dh"]["private_r"])
        return None

    def quick_private(self, quick):
        for entry in self.values["quick_modes"]:
            if entry["message_id"] == quick.message_id.hex() and entry["initiator"] == quick.parties["i"] and entry["dh"]:
                return bytes.fromhex(entry["dh"]["private_i"]), bytes.fromhex(entry["dh"]["private_r"])
        return None

    def endpoint(self, name):
        party = self.parties[name]
        return ipaddress.ip_address(party["address"]).packed, party["port"]

    def rsa(self, name):
        """Modulus, public exponent, private exponent."""
        key = self.parties[name]["rsa"]
        return tuple(int(key[part], 16) for part in ("modulus", "public_exponent", "private_exponent"))
