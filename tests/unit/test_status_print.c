/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/status/status.h"

static const char *printed(const char *json)
{
	static char text[4096];
	json_t *status = json_loads(json, 0, NULL);
	FILE *stream = fmemopen(text, sizeof(text), "w");

	ck_assert_ptr_nonnull(status);
	memset(text, 0, sizeof(text));
	status_print(status, stream);
	fclose(stream);
	json_decref(status);
	return text;
}

START_TEST(test_nothing_is_there)
{
	const char *text = printed("{}");

	ck_assert_ptr_nonnull(strstr(text, "ruthere -"));
	ck_assert_ptr_null(strstr(text, "(null)"));
	text = printed("{\"peers\":[{\"sas\":[{}]}],\"verdicts\":[{}]}");
	ck_assert_ptr_null(strstr(text, "(null)"));
}
END_TEST

START_TEST(test_more_sas_than_are_told)
{
	ck_assert_ptr_nonnull(
	    strstr(printed("{\"peers\":[{\"peer\":\"a\",\"sa_count\":1000,\"sas\":[{}]}]}"),
		   "and 999 more SAs"));
}
END_TEST

/* Limits are each worker's; what is said of all is against their sum. */
START_TEST(test_workers)
{
	const char *text = printed(
	    "{\"sas\":5,\"established\":4,\"handshakes\":1,\"limits\":{\"sas\":10,\"handshakes\":3}"
	    ","
	    "\"workers\":[{\"worker\":0,\"pid\":7,\"sas\":5,\"established\":4,\"handshakes\":1,"
	    "\"datagrams-in\":6},{\"worker\":1,\"pid\":8,\"sas\":0}],"
	    "\"peers\":[{\"peer\":\"a\",\"state\":\"up\",\"worker\":0,\"sa_count\":1,"
	    "\"sas\":[{\"nat\":\"none\",\"worker\":1}]}]}");

	ck_assert_ptr_nonnull(strstr(text, "\n5 of 20 SAs, 4 established; 1 of 6 handshakes"));
	ck_assert_ptr_nonnull(strstr(text, "\nworker 0, process 7: 5 of 10 SAs, 4 established; "
					   "1 of 3 handshakes; 6 datagrams came\nworker 1"));
	ck_assert_ptr_nonnull(strstr(text, "peer a: up; worker 0\n"));
	ck_assert_ptr_nonnull(strstr(text, "mode; worker 1\n"));
	ck_assert_ptr_null(strstr(printed("{\"peers\":[{\"sas\":[{}]}]}"), "worker"));
}
END_TEST

/* Whoever wonders why nothing comes through a tunnel reads it here. */
START_TEST(test_packets)
{
	const char *text = printed(
	    "{\"ipsec\":{\"packets\":{\"interface\":\"ruthere0\",\"from_interface\":1,"
	    "\"to_interface\":2,\"in_udp\":3,\"out_udp\":4,\"in_raw\":5,\"out_raw\":6,"
	    "\"refused_by_system\":7,\"dropped\":[{\"verdict\":\"BAD_ICV\",\"section\":"
	    "\"RFC 4303 section 3.4.4\",\"sentence\":\"the value is wrong\",\"count\":8}]}}}");

	ck_assert_ptr_nonnull(
	    strstr(text, "\npackets\n"
			 "             1  from the interface ruthere0\n"
			 "             2  to it\n"
			 "             3  of ESP in UDP received\n"
			 "             4  sent\n"
			 "             5  of ESP without UDP received\n"
			 "             6  sent\n"
			 "             7  that the system refused\n"
			 "             8  BAD_ICV                    the value is wrong (RFC 4303 "
			 "section 3.4.4)\n"));
	ck_assert_ptr_null(strstr(printed("{\"ipsec\":{\"store\":\"keep\"}}"), "packets"));
}
END_TEST

START_TEST(test_not_impaired)
{
	ck_assert_ptr_null(strstr(printed("{\"impairments\":null}"), "IMPAIRED"));
}
END_TEST

START_TEST(test_all_of_it)
{
	const char *text = printed(
	    "{\"impairments\":[\"ack-late\",\"mm2-twice\"],\"confinement\":{\"text\":\"confined: "
	    "as it "
	    "is\"},\"capture\":{\"problem\":\"wire.pcap: it is full\"},"
	    "\"version\":\"1\",\"pid\":7,\"uptime_s\":60,\"listen\":[\"0.0.0.0\",\"::\"],"
	    "\"counters\":{\"datagrams-in\":5,\"octets-in\":0},"
	    "\"verdicts\":[{\"verdict\":\"BAD_HASH\",\"section\":\"RFC 2409 section 5.7\","
	    "\"sentence\":\"HASH does not match\",\"count\":3}],"
	    "\"peers\":[{\"peer\":\"gw\",\"state\":\"up\",\"gateway\":\"192.0.2.1\",\"next_s\":"
	    "null,"
	    "\"plan\":{\"text\":\"the "
	    "plan\"},\"sa_count\":1,\"sas\":[{\"cky_i\":\"01\",\"cky_r\":\"02\","
	    "\"gateway\":\"192.0.2.1\",\"role\":\"initiator\",\"proposal\":\"p\",\"identity\":"
	    "\"fqdn:gw\","
	    "\"exchange\":\"aggressive\",\"authentication\":\"rsa-signature\",\"nat\":\"here\","
	    "\"state\":"
	    "\"alive\","
	    "\"superseded\":true,\"keepalive\":true,\"silence_s\":1.25,\"next_s\":null}]}]}");

	ck_assert_ptr_nonnull(strstr(text, "up 60.0 s, listening on 0.0.0.0, ::"));
	ck_assert_ptr_nonnull(strstr(text, "\nconfined: as it is\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nIMPAIRED ON PURPOSE: ack-late, mm2-twice\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nthe capture ended: wire.pcap: it is full\n"));
	ck_assert_ptr_nonnull(strstr(text, "peer gw: up, gateway 192.0.2.1\n  plan: the plan\n"));
	ck_assert_ptr_nonnull(strstr(text, "SA 01:02 with 192.0.2.1 as initiator"));
	ck_assert_ptr_nonnull(
	    strstr(text, "alive (superseded); keepalive yes; silent for 1.2 s, next look in -"));
	ck_assert_ptr_nonnull(
	    strstr(text, "identity fqdn:gw by rsa-signature, aggressive mode; NAT here\n"));
	ck_assert_ptr_nonnull(strstr(text, "5  datagrams-in"));
	ck_assert_ptr_null(strstr(text, "octets-in"));
	ck_assert_ptr_nonnull(strstr(text, "HASH does not match (RFC 2409 section 5.7)"));
}
END_TEST

UNIT_MAIN("status_print", test_nothing_is_there, test_more_sas_than_are_told, test_packets,
	  test_not_impaired, test_workers, test_all_of_it)
