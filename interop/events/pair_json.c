/* SPDX-License-Identifier: ISC */
#include "interop/events/pair_json.h"

void pair_json_add(json_t *line, const struct ike_ipsec_sa *sa)
{
	char proposal[64], local[IKE_SELECTOR_TEXT], remote[IKE_SELECTOR_TEXT];

	ike_ipsec_proposal_text(&sa->proposal, proposal, sizeof(proposal));
	ike_selector_text(&sa->inside_local, local, sizeof(local));
	ike_selector_text(&sa->inside_remote, remote, sizeof(remote));
	json_object_set_new(line, "proposal", json_string(proposal));
	json_object_set_new(line, "mode", json_string(sa->transport ? "transport" : "tunnel"));
	json_object_set_new(line, "local", json_string(local));
	json_object_set_new(line, "remote", json_string(remote));
	json_object_set_new(line, "encapsulated", json_boolean(sa->encapsulated));
}
