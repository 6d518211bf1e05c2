# SPDX-License-Identifier: ISC
"""An implementation of IKEv1 that only checks: written from the RFCs, never from the sources of this repository."""
