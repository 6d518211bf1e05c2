# SPDX-License-Identifier: ISC
"""Pictures for README and manual, made from the product.  See ../README.md."""
