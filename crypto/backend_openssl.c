/* SPDX-License-Identifier: ISC */
#include "crypto/backend_openssl.h"

#include <stdlib.h>

#include "crypto/secret.h"

struct crypto *crypto_new(void)
{
	struct crypto *crypto = calloc(1, sizeof(*crypto));

	if (crypto == NULL)
		return NULL;
	if (!cbc_contexts_new(crypto) || !dh_arithmetic_new(crypto)) {
		crypto_free(crypto);
		return NULL;
	}
	return crypto;
}

void crypto_free(struct crypto *crypto)
{
	if (crypto == NULL)
		return;
	cbc_contexts_free(crypto);
	dh_arithmetic_free(crypto);
	secret_wipe(crypto, sizeof(*crypto));
	free(crypto);
}
