/* SPDX-License-Identifier: ISC */
/* Made once with tests/support/pki.c and kept, so that an input is good or bad in every run alike. */
#include "tests/fuzz/certificates.h"

#include <string.h>

#include "tests/support/pki.h"

/* clang-format off */
const char *const certificates_root =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBTDCB8qADAgECAgEBMAoGCCqGSM49BAMCMB0xDTALBgNVBAMMBHJvb3QxDDAK\n"
    "BgNVBAoMA2xhYjAeFw05MTA5MTIwMTQ2NDBaFw0xMTA5MDcwMTQ2NDBaMB0xDTAL\n"
    "BgNVBAMMBHJvb3QxDDAKBgNVBAoMA2xhYjBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
    "A0IABHkTcya1WweLOS3hEuvKB9nJIxn5stJwKHlU4Oie0YhBbT/7wt+mxr9xNxLk\n"
    "ttk1BjVcPB3VDA9qVPU+QNXE6ymjIzAhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0P\n"
    "AQH/BAQDAgEGMAoGCCqGSM49BAMCA0kAMEYCIQC752DI9VbGe4ek0VjPCIYOOyTO\n"
    "Li15qzRIyqJavtKg6QIhAOWkiUPwQksHt0yl/xoN4VFK0J+MDzcZqQUr2YCom74f\n"
    "-----END CERTIFICATE-----\n";

const char *const certificates_lists =
    "-----BEGIN X509 CRL-----\n"
    "MIG7MGICAQEwCgYIKoZIzj0EAwIwHTENMAsGA1UEAwwEcm9vdDEMMAoGA1UECgwD\n"
    "bGFiFw0wMDA5MDkwMTQ2NDBaFw0wMjA5MDkwMTQ2NDBaMBQwEgIBThcNMDAwOTA5\n"
    "MDE0NjQwWjAKBggqhkjOPQQDAgNJADBGAiEA481gn+UhpCfbQwE8pPE96koPCUUl\n"
    "SVLxyUyTRfUbEUwCIQCaBEcfPrSV1NEEq3HdgcksDwpQyGcMtgcah/3/6e+kAQ==\n"
    "-----END X509 CRL-----\n"
    "-----BEGIN X509 CRL-----\n"
    "MIG+MGYCAQEwCgYIKoZIzj0EAwIwIDEQMA4GA1UEAwwHYmV0d2VlbjEMMAoGA1UE\n"
    "CgwDbGFiFw0wMDA5MDkwMTQ2NDBaFw0wMjA5MDkwMTQ2NDBaMBUwEwICA+gXDTAw\n"
    "MDkwOTAxNDY0MFowCgYIKoZIzj0EAwIDSAAwRQIgCwCGVNlRMxwtJnwOpPd7I7KX\n"
    "M9eL1oNo8ctJpWUVBzkCIQD5tcQnFKukhUeLveMjMNdRY91k1dkpeeumtg4MfAOc\n"
    "Gw==\n"
    "-----END X509 CRL-----\n";

const char *const certificates_rsa =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICVDCCAfqgAwIBAgIBTTAKBggqhkjOPQQDAjAgMRAwDgYDVQQDDAdiZXR3ZWVu\n"
    "MQwwCgYDVQQKDANsYWIwHhcNMDAwOTA5MDE0NjQwWhcNMDIwOTA5MDE0NjQwWjAj\n"
    "MRMwEQYDVQQDDApndy5leGFtcGxlMQwwCgYDVQQKDANsYWIwggEiMA0GCSqGSIb3\n"
    "DQEBAQUAA4IBDwAwggEKAoIBAQCpuk73fOjn8yE5R0fxcv/Ao5gt0vo+rUWteYVb\n"
    "OsYFqLBQSFMhaEA54UYp4qGO3FEh6IsQm/YgN2/xywMe5daYXZOVn/vq5ETXDhfK\n"
    "Bal9E5yx7wmms5rSE3/+HFIQV5/Ozpxl8YR7jEMjONz/18b1F2vWcRNwT4IZHVJI\n"
    "Uz7peN4Iut2DCgoX64NiLv0IKMS12OEhlbkQG1/O84LKPq6Jv9oglYLufR5VNUTg\n"
    "NA9iiqRNJ7VCHzji9Qqy3pJa0z94hvv/AqHxcaDyP7hbJrsNxBK9MOcmq6dYXkjy\n"
    "PSFeXD0JYAK2wxjgVu6Zg9PUn0tyzJt4InY9MtYvsaxppmbFAgMBAAGjVzBVMA4G\n"
    "A1UdDwEB/wQEAwIHgDBDBgNVHREEPDA6ggpndy5leGFtcGxlhwQKAQIDhxAgAQ24\n"
    "AAAAAAAAAAAAAAABgRRPcC5FcmF0b3JAZ3cuZXhhbXBsZTAKBggqhkjOPQQDAgNI\n"
    "ADBFAiAe4+FJfnXkBKfQAPvwkb5lNYssjoUsiElHFP8tSDyIbQIhAOdT5GvRN2lX\n"
    "Kyb9alIP+oKAoNc+XXCyFHGg/NOlk2Am\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBUDCB+KADAgECAgECMAoGCCqGSM49BAMCMB0xDTALBgNVBAMMBHJvb3QxDDAK\n"
    "BgNVBAoMA2xhYjAeFw05NjA5MTAwMTQ2NDBaFw0wNjA5MDgwMTQ2NDBaMCAxEDAO\n"
    "BgNVBAMMB2JldHdlZW4xDDAKBgNVBAoMA2xhYjBZMBMGByqGSM49AgEGCCqGSM49\n"
    "AwEHA0IABMlSeGumL8uiv40gYPgz/jB7UZLL4e/+V8Vn4x7lkOjEbMiq0AddYG63\n"
    "DKClOEkZaEz31KiBjVMwVPHQAOM7cQWjJjAkMBIGA1UdEwEB/wQIMAYBAf8CAQAw\n"
    "DgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0cAMEQCIF75m3BmsZzuBSwl3m/M\n"
    "/nu3pzTe4MRbCoZx19P09MVqAiBY+UrcjbU4hmTnbS2Emg9ah9le16Ae29MZVVLZ\n"
    "LU9Vqg==\n"
    "-----END CERTIFICATE-----\n";

const char *const certificates_ecdsa =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBhzCCASygAwIBAgIBTjAKBggqhkjOPQQDAjAdMQ0wCwYDVQQDDARyb290MQww\n"
    "CgYDVQQKDANsYWIwHhcNMDAwOTA5MDE0NjQwWhcNMDIwOTA5MDE0NjQwWjAjMRMw\n"
    "EQYDVQQDDApndy5leGFtcGxlMQwwCgYDVQQKDANsYWIwWTATBgcqhkjOPQIBBggq\n"
    "hkjOPQMBBwNCAATo7QjLjvUWXnucZn81y1omwPW8FXCACM1YCtgTvbClLGP3qWSV\n"
    "SN/go5t0iCORdSS+Z6N5AzIV5wZo8FfmXm8vo1cwVTAOBgNVHQ8BAf8EBAMCB4Aw\n"
    "QwYDVR0RBDwwOoIKZ3cuZXhhbXBsZYcECgECA4cQIAENuAAAAAAAAAAAAAAAAYEU\n"
    "T3AuRXJhdG9yQGd3LmV4YW1wbGUwCgYIKoZIzj0EAwIDSQAwRgIhAPibiNDZPrk+\n"
    "qveO2xbJhYZjCWvPuuIhzHDFNp7fEKkpAiEA7hYvUg5JBdDppGvO1fyhD++Bj36y\n"
    "wVFdtNfNzlHiEnI=\n"
    "-----END CERTIFICATE-----\n";

/* clang-format on */

static const uint8_t hash_octets[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
const struct octets certificates_hash = {hash_octets, sizeof(hash_octets)};

const struct credentials *certificates_peer(enum signature_kind kind)
{
	static struct credentials *made[2];
	const bool rsa = kind == SIGNATURE_RSA;
	const char *key = pki_key_pem(rsa ? PKI_RSA : PKI_P256);
	const char *chain = rsa ? certificates_rsa : certificates_ecdsa;
	char why[200];

	if (made[rsa] == NULL)
		made[rsa] = credentials_new(
		    &(struct credentials_text){.key = octets_of(key, strlen(key)),
					       .certificates = octets_of(chain, strlen(chain))},
		    why, sizeof(why));
	FUZZ_REQUIRE(made[rsa] != NULL);
	return made[rsa];
}
