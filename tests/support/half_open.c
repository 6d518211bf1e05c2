/* SPDX-License-Identifier: ISC */
#include "tests/support/half_open.h"

#include "tests/support/unit.h"

struct ike_sa *half_open_sa(struct ike_core *core, uint8_t number, uint8_t source)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH] = {number, 1}, cky_r[IKE_COOKIE_LENGTH] = {number, 2};
	struct ike_sa *sa = sa_table_add(core->sas, cky_i, cky_r);

	ck_assert_ptr_nonnull(sa);
	sa_set_gateway(sa, IKE_NONE);
	sa->remote.family = IKE_FAMILY_IPV4;
	sa->remote.octets[3] = source;
	return sa;
}

uint32_t half_open_of_all_sources(const struct ike_core *core)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < SOURCE_COUNTERS; i++)
		sum += core->sources.count[i];
	return sum;
}
