# SPDX-License-Identifier: ISC
"""Pieces of the draft, and pictures, that are made from the product.  See ../README.md."""
