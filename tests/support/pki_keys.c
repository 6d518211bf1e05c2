/* SPDX-License-Identifier: ISC */
/* Keys made for these tests, and for nothing else: everybody has them. */
#include "tests/support/pki.h"

/* clang-format off */
static const char *const keys[PKI_KEYS] = {
	[PKI_RSA] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIIEugIBADANBgkqhkiG9w0BAQEFAASCBKQwggSgAgEAAoIBAQCpuk73fOjn8yE5\n"
	    "R0fxcv/Ao5gt0vo+rUWteYVbOsYFqLBQSFMhaEA54UYp4qGO3FEh6IsQm/YgN2/x\n"
	    "ywMe5daYXZOVn/vq5ETXDhfKBal9E5yx7wmms5rSE3/+HFIQV5/Ozpxl8YR7jEMj\n"
	    "ONz/18b1F2vWcRNwT4IZHVJIUz7peN4Iut2DCgoX64NiLv0IKMS12OEhlbkQG1/O\n"
	    "84LKPq6Jv9oglYLufR5VNUTgNA9iiqRNJ7VCHzji9Qqy3pJa0z94hvv/AqHxcaDy\n"
	    "P7hbJrsNxBK9MOcmq6dYXkjyPSFeXD0JYAK2wxjgVu6Zg9PUn0tyzJt4InY9MtYv\n"
	    "saxppmbFAgMBAAECgf9K6vHwTDKCL896ePxIl3pMjemeUIIlKFaZPAqhOlAuL0ek\n"
	    "KEiJdnrjEYzm8CJf7N/jF8JKko0Rq2a+U94MxWbz2lpKsVOBW0EHrDDT+6vUidOg\n"
	    "tuKLsruj/veAMwAGNqdTod9nIDRaVI9N/MuQIq6vgKcZANCTwoSqkUbApf4fD4Kv\n"
	    "uw5J4T/nuEFlepu+5qlOilPjvVqB+3HWDsozaCw7lXpt5Bm768yJwP9YvSfty4zo\n"
	    "XtXz8E/y2Kc7SLKlwjgc0wVNIiDgtpeeropmT+9AU8ZeKejBUokMQkGxb0HcDfOL\n"
	    "l1wGVKNrYIUwp3dRO972K8HyADn1xhmU26iu2sECgYEA21/mrzuj9IrXbPGsT2Ul\n"
	    "K9LlFJafDFUYMES/TqwNdBQTFdck7LcvcIbpKwGGqCUhqE3a4sw9lEPNavkQUVtj\n"
	    "ue0zrQTnG3K6jA+N2yRMLUI4cen0xcxRz6fYTET3FvQV5DOiK9q/DdXCrWtF3XNf\n"
	    "OxZYX4mKYSX1oKDGxcGdFhUCgYEAxhB+rRo8Fgm/5pnkFVcZVHN8jmaQLU2CKSem\n"
	    "Uz+6k6FFNYgJcI1XzHt8un3b1wBaTjphyu52kHzQLAJxh2IVNEdDJenmchSYkLuP\n"
	    "hKz+C2K9aOD3ib/F7YFqHICp1aR4nbTLpeODrHUFql+wBAmTdd197qRhUljwC/l9\n"
	    "nO9eafECgYASqwmNdezQ3ZPRgItiQkA0h4DZDKxCN2eUi/Ufs8J9U0wAest4nWob\n"
	    "EE/9Seb0nhxMHzv2Ot0upcpwRPufgMBuzQGtwpIMIuo/Cv/OWztkSpNVFkyvHGEF\n"
	    "48mjS+ce++x0+/Pb+YRyn/MuIMfUPYIoHBGvJ5wwAjPx1Fy17XD5tQKBgEuubdkT\n"
	    "FzaMjyk8UGzfFSyx3DxFcH3/CedT4TgaN97FVr63tnOtbokR/nz8Lo6e8eLGaCu0\n"
	    "ptVa++h1HpBOqC+Ls1q/X3Dj8dAL+zEFMSWEmz+CBtQ51RWFx9gQSdT6vaP1O4Ot\n"
	    "xdiV9o49dfJ0/kWhVsdjRFTE6ySINrlKtdbhAoGAAuZI7j2fa/WdInC7CcPNPvfj\n"
	    "WvnrqQ3WguH0um1OejsvOmRez1xFu/9V53YUV5bjQNdyd5uS1X6e3zXBuoUhWGzC\n"
	    "AnT1J+Tn5w95xR8eANuUmV94ibfKPXIVNt1vHTU+fYaGKEYM+PoImD7UnUecxqQG\n"
	    "9DsdWrNR8PGDY7Hv1rs=\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_RSA_OTHER] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDd/+snQ8f7UA2G\n"
	    "q0KRedGX3Eh3RDMQOfssUxnlbl2RMoMYAL9u8ktkgYy3VQ4lIckmPMmDjwJzPny3\n"
	    "IlN8D9rofYM2SqM8v5m+vGvta7H0dpxlRkfs51LJRj4LxBLRAvJd7IVYHgug/pnm\n"
	    "+MkXsYoySvksxTxLocnLpL/xO7PhEhImu/fLswGWMxQ6A1RKUBXRO3YoZAX0uR3L\n"
	    "5D0QXKG7OY2UHcudW6jCgi7CMqYlvcuVbMXlPfio8XuWWq97xBPpjFP8jLr3zUOR\n"
	    "Jbe4wOk9ussk7RENrqayHS1FUfoDhfraenb0Pa7fhw6gsEn5qdMuEADH5SQ9fqTx\n"
	    "1y/fLMrdAgMBAAECggEADnYtrirg8+rg2rE83qeyIuOnd9eCQRAZ3+cQ9Ix2PW9u\n"
	    "MUnZLqPLjAJRdZ7tkzcqeJp0oSSXiwTa0H5EtHv+7W7Bta9yh1JO9GknWbnOh6eT\n"
	    "ZBiKNnFSSAjSoWcWN7XqrnoqLJWWedgkE/MIfInlAAY4ybUWirHBKMo0c8VJIEPz\n"
	    "QhHlbESRq7UZ4ao3l/3Hrk6aP1xNv3aJ7/yVn5JvsHs974KBbF6MakZAO7pIlVah\n"
	    "3JtCBS/SUPPnS859nufYDU/qTp6mx+yxuveRUF21DYRwjZNhyW2aP8cxJ2jROovj\n"
	    "fN6/htRvJdp5BCH4IRzzOf709/27iTHP40Qb9hc+0QKBgQD5QTwHZn/LzfrYEyPG\n"
	    "M1PAK5su2S5zx2OC/i5Tgt++Ldfvx30XoZ4nTBCb/4Kk6zqt7VvaQ0UvllJWkCEp\n"
	    "rwyBGa3/5Q9MyqRwB/MgG9qcu7hL/TcCvV7wSzaFl+GnFo5jpQ/jPPWxjNg1kjuR\n"
	    "ptSwnO8uuLcR3TGJ2NhSqXwM7QKBgQDkAd5K1zizUIQNwQTd7xZg4owVHzw4cL8S\n"
	    "YnbWwnoo65LKpu3ZsWq9H0bGE2H1WTNd+7VRe/6Ksa1bKK/Ggbg4e3i2fXXw3NrG\n"
	    "Nt1WRXx7mIqj2htnHciain4zyqSPG33v8H0oLm5xTjVeh4IuX0Uv0nZvknGDqr2A\n"
	    "uz4VCfbnsQKBgCBZwSrMuOWA1H/a7Be7bbFRd5C7C3ZneJj12JlqMRQD6zTp1WiN\n"
	    "x3MeQkGdBh3VkgYk+nj3pjEo94LYrhU07RCMfrLpzfSPkIwh3AJc2yDglGj4cn1e\n"
	    "isXxXSA1uEnxeYWhVNCPhuwGdcFuO2EKICzUEY8k1k3xQY68oEcKTFl5AoGBAN/2\n"
	    "8drD8983bK9x9QzniCzc+8rXpriuDxHJBIDKAWLmm4dSV3qpqnZhHYz9hxCQcUOV\n"
	    "NzL2QD8OboGHwrmTvFhG+HkRXeOdnYxsYhgXI0LowO5YFOjCOcWL2pGXMPOdhqRE\n"
	    "rzvj9/p2XzgelYJldLmX21yXFcfG1GR6CG50HkLRAoGACyb4dIHUO8IHg1FwIq48\n"
	    "3jU5qag71ayumycZNjUJpZmK9lEtrEJSAQIDiMof8YYL4dsmlWqhbkQ7D0Yo0psP\n"
	    "wd2apGbUWACI/BAku0KoUxe81Gi/QQBpnwA6ozesBjhh8ZD3ToLRrN4uK13sXTb9\n"
	    "p4gGMeIyY2GQJNF8EumXCCc=\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_RSA_EXPONENT_3] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCvx4yyPg3BKaUW\n"
	    "yCZfztYR59OrnTZKU7RqhbnfdBzXVUsModC7mEXSAbvowXrkkLo1UqMOtskBaS88\n"
	    "GXS4cOmRB7owZgd0Ui4RM4h00aC87UjyRvd+k2YkshbuwiBmmiacxp5ZxryuZJs7\n"
	    "JIBKPIX7qHprxg7StexXMY6ILnuFH9D9CETs4EGAQhgXmgAXQZtRekYao0MvK1C7\n"
	    "mk5LsOus7wxC+tskYSJ7gJeXkxBn08LEcF1AAN+EnKADZSb4CUEJKlSdA6jStjrA\n"
	    "8D6BvOXPXiyWRbBkDBRFpIx6f8NdJaiqpgBBzx9wx4XhilrOEj1XoBuaL9tdwIZR\n"
	    "axZvR0i3AgEDAoIBAHUvsyF+s9Ybw2SFbuqJ5Avv4nJoztw3zZxZJpT4Ezo43LMW\n"
	    "iye62Tar0psrp0MLJs43F18khgDwyigQ+Hr18QtafCBEBPg2yWDNBaM2ayieMKGE\n"
	    "pP8M7sMhZJ8sFZm8Gb3ZvuaEfcmYZ3zDADF9rqfFpvKECeHOnY92XwV0Uli+xG9C\n"
	    "OuMbhxJy1eaalGQCrRbfmYLbwZN1V2ItBS1FCoNHdQ3WA+pmg0eG4FZWCHLjXUiO\n"
	    "k0cledOeduKfshQOAIQinRCTM62JCPOVsIgu9nLseT+cUw667mSSLGK7m9OLFj91\n"
	    "5tl+XKx8Jf3tL9DYRmLJFNZo913B+uh7Cc0kZPsCgYEA6iwB0WO0963FEmabRjjc\n"
	    "NoFwpVdn0B7jaYPSLeYs/bbaHr1weIdNK0iXHgcN3kVIHFR/eSd1bzpB9eZncQr9\n"
	    "olIB82AlluhS2UOX+4uZCXCKLxsZpkWS7VQE5Ot4wb1RPu9iP2KXdHUUfdO9tb9/\n"
	    "cF8jwstFyICIBILDYk1kVL0CgYEAwCojGzSB/zbQxNcW20hhYS26On7x0LMX5CSE\n"
	    "mKGcXjEpvfDJXL16MkefKQ8EJXY2moMbBy3TOYzs98kOKs72nfD0daQBRGYV1A/3\n"
	    "uindarJxR5vBjYhgwVrEZPrtl+KDyFwS5pj6H/j4zxDo3VVOY2ROuY1Mn9CViXHv\n"
	    "JW4sXIMCgYEAnB1Wi5fN+nPYtu8SLtCSzwD1w4+air9CRlfhc+7IqSSRadOgUFoz\n"
	    "cjBkvq9elC4wEuL/phpOSibWo+7voLH+bDar95VuZJrh5i0P/Qe7W6BcH2dmbtkM\n"
	    "njgDQ0el1n42KfTsKkG6TaNi/o0pI9T/oD9tLIeD2wBarayCQYjtjdMCgYEAgBwX\n"
	    "Z3hWqiSLLeS554WWQMkm0an2iyIP7W2tuxZoPstxKUsw6H5RdtpqG19YGPl5vFdn\n"
	    "Wh6M0Qid+oYJcd9PE/X4Tm1WLZlj4rVP0XE+RyGg2mfWXlrrK5HYQ1HzupcChZK3\n"
	    "RGX8FVCl32CbPjje7O2J0Qjdv+BjsPafbkly6FcCgYBWl+lcq+OLinedqzQ139IS\n"
	    "wQICnPvR2Q3eKHp25wvpCNx0AmQrI2Pu5YhaiX+RoupgqptVmFyjKFeiK7oz9dKn\n"
	    "zm3SxYp/9Kel3sQI7z8w9netL2WLCzuqFuXYEpmXFSowFxJJLhIYgy3W3vkNvPFU\n"
	    "ALlJk1xaFoMLRB9nDfPt3A==\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_RSA_1024] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAKHp65MHUbhHADdR\n"
	    "my9j4oYvuvCyAAFEJ2JYXodyjY+XM5fWaIQthVAdNYseNm2HYOIc6j5mSaUsmIYL\n"
	    "DV738JTy2CtBA71HufMMEmrWy3vETAWsRkP+q58T6yaNDT24JBJ7X73GhhJ8699E\n"
	    "BYAK9YkGxOSD116vaz5jTUKmr3eZAgMBAAECgYArfzIAD6lOfhR6x/uOoaDLN6ta\n"
	    "2hbSQELsUp0ieg25k38SvVDaoXf867vkobsxdXr7g5USKlyCeRaIfBOdfbIthAwm\n"
	    "gBeuaS8J6/QN+Ay6NGq5yGHkgoE4CxkP6S0LhxdOpsyqJlbRK3r5+mccYTwlZDsY\n"
	    "qn9E0JHyWi0K7EGTOQJBANQ1iKKroCgrgbQA9wDNcH8rD2TFmgwxyEIxIxebQIMd\n"
	    "8Hlt0n2ESkNAMFkZUnH85pecmJ4IDiQdhelsqYMDa7cCQQDDU2kfMw6oTaJcMrF0\n"
	    "/0MAbQj2V54a/V1Qcg1uGluaIF4d0IUyQGaRJOaWdJ1hPpCwd1rLBvTiGWto365D\n"
	    "KNcvAkBzqwJg+H+BpcU64lPAQjqRdl0bpoGDKBdpzPK9yUfusAEFjxDujY8U/QXd\n"
	    "aun/a8Qc26RsbyOWF+mIBEyZNuIdAkARaJC48CMBSxIKZ5Y7WDjPg+hFlF+KBkTX\n"
	    "06JwyraZUQMyYxBL/0Nk8kX+6NvR+/KHV8vmxnLy59MT4MO2RqCPAkEAgdCjE3Xe\n"
	    "N6QZZ2ex3/7Sr3WHrQUZQYsgTmlQGTf6vnVQyE9UrO9pC2GEgxBRkMXnMaWHGoQ+\n"
	    "/6s66EA8joPxhA==\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_RSA_768] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIIB4wIBADANBgkqhkiG9w0BAQEFAASCAc0wggHJAgEAAmEAuaZsVaw9uph3gl2x\n"
	    "dA92C9m9Xy2uxFf6SrwcLZd2V1XYoJNkS/7BDIIFwHSKS1DDQBnFp5EmID9rEy2/\n"
	    "tYYjunWMlLsMaO2mv2dB3GqFQRaX2GmjJ+jSDL7mUJRls83TAgMBAAECYBKhigO7\n"
	    "CmLchDnYD0P3fUBJNMEFg6F+tsajRCyrI5w2KExNHmamBVetAMjEqVBPpWzMeYRq\n"
	    "VZ6G4EKn3tdLDPXmrNqPBY9YY1PMQ9oAXZVTvcGqq37r+qrvLEYRLK/K2QIxAOVC\n"
	    "+LCR6noE00b76nu9bHXCrcpuMPukfJ2fSipR4EQuZHy/yPvQNa4lrbBb0vXGRQIx\n"
	    "AM9NWXGwkTVow7i6UYCNHTX/8smuqtYH8QYfU1mnULr/M3903vnJ2HiHHRj7tNcx\n"
	    "NwIwNgFWr9FPmLq2QkxpagivGfZoFf1rEHwo1sCFKf7rg2QiS7ip0Ze0bXd2uMqI\n"
	    "oVi5AjBXKPt5fLahESpxqg0Iksx8XuATAlib4vzpCRS/dkTQSuq5JUd3GPHmQ1Dt\n"
	    "py8y52MCMAnWTa+QMRrEO6AubHL3mLOVeSQFcLbXHa0d69pTERCHrglwXALNVMlH\n"
	    "3B7ocGr++w==\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_RSA_PSS] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIICdQIBADALBgkqhkiG9w0BAQoEggJhMIICXQIBAAKBgQDuv6se8JcMjI+h/DaG\n"
	    "J//ECik91ZzpdFiYEEW9dtyF3zfihTcONVkTg1oXyLcj1nbwdizTjQb3K7xwiCDw\n"
	    "FVP6rGVIOa5UANVG+hmWkefUr7mxZCXeCZrQZP0xZZpePhkK2G70FCjqWqzhuWXq\n"
	    "zepIRmzSgu1n7BxixbtrVh8nAQIDAQABAoGBANnVn7h3JBqbFWJi0QzO6hpgewik\n"
	    "IqsPMNZt4nPgQ40SAdd4XKdmHYQkUMtqo07bm2IDMRtEjZpwGVtDmWn0y80kuuIA\n"
	    "UCJLkNqOKpTn4FRlPaGcOUYjxD7ELDOXkPvZOcVLRLxSOekWAqwTESRsWQRO4tV9\n"
	    "z4vTiD03UmGJGAfBAkEA/cj8ekq8Vx5C25Yqb9iPlSPosvA4UfKNQeBMlNGa3H0c\n"
	    "R9UjVQG9unt5wLecnwPROiLP4hc2oO7DXpGfyFKVTQJBAPDVFmPQJzAdXMvLlzVw\n"
	    "kokvo465jN1figPqbYHnjmePx5EoQxOwZiYKzDaMQ2e/rKHYLfOUaKmSAW2ATnES\n"
	    "7oUCQAd/OHYkXwvzyOXTuc00CInPVcBzeDZzg9i+V4TN7FU3HO7CTRjlxEUOALrA\n"
	    "sc/AvR2KibmUFfkLFJpmkuHIDsECQQCTq4U8FLFCvm5dA+wmt20Ss2RNqpamUuO0\n"
	    "vPUCt3JJLA9JgW+Hzh0EbJCFTgIyxoPbBUw/1BtNBprbgtYWXW5lAkBYGRqzbtg8\n"
	    "u7LiPLfrw1tlYxR+to54B72yR4Fc2sAzcevW/D59LuRtGYXWm6JqclB4+gC+bTP4\n"
	    "0GdpFfxnUOv/\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_P256] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglWzMpdSLm1v1i3KJ\n"
	    "TdFPIHUdgdn9tceWewcdhYmkvXahRANCAATo7QjLjvUWXnucZn81y1omwPW8FXCA\n"
	    "CM1YCtgTvbClLGP3qWSVSN/go5t0iCORdSS+Z6N5AzIV5wZo8FfmXm8v\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_P256_OTHER] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUzNX2hbnz6VbiEkA\n"
	    "cgxwhqh4nU/etw8Db+kKnbTASbOhRANCAATScMk0qqNv7obsUe9SWD16BlwweUcx\n"
	    "faO/UxQIeq43IpX7hyjy7k145KgjvlOE3LxA3Ld/qdoQF1IswIC0iuqE\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_P384] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDC+J8IgLBIvLEXItVp5\n"
	    "fc1pUXVdqL9pKWJNZCVf8mctbUzhcFON4fRWKpzi2qDmsf6hZANiAARGkGdyEC4v\n"
	    "fLvDkKcJQBnt2bUV7AKwy3vDMTM4exxay7sEaF3sTJiVsEFYoRL3gNA/3WG/NTOr\n"
	    "GfCNTthDhguVuYwtZ5pT5J8490PodwsIDIiImrcWmZjGofwL7y/XrmU=\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_P521] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBrbYXOHJTcOHRtlvU\n"
	    "MRGv+Ohwz/LRq7u3VvDptjSWIcib9wkQkl6CChdvxNrlsD8FzkBdopgCJ0CPszyc\n"
	    "zub0eK6hgYkDgYYABAEa2oEKGGx9IQPQmGBAgweO+4cUK9ewlRfQKCr14yTWsbLx\n"
	    "iYLXruecjv3GZvdveD3ojt/e6hGUfmfYd45ej/whHgGPkuN/uAJyJbphoDuLfEaK\n"
	    "C9Pd5SfsLzuvVxeYE1+c6zeJjESBwqCx7pDt5RwVhUk2GRM6HY6vvM3/xT8CMbi8\n"
	    "Jg==\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_P224] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MHgCAQAwEAYHKoZIzj0CAQYFK4EEACEEYTBfAgEBBBx9Qh0a5geqYkpqBTXWmiJ2\n"
	    "D4CHVm+URbtIXLP8oTwDOgAEHHJL6PzYU1Hp6e2GlwL/0pjOSOGzowk4PlEu92WI\n"
	    "Ls2BFrsZKYZ9tOf6sK6p5gro+09HGnO1xWc=\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_ED25519] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MC4CAQAwBQYDK2VwBCIEIJZgtCGF4MVTnXV3LJrSkXmMDFV7bT3dD/SlOmHJgLG9\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_ROOT] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbX5RvJeCJ/jnwdrU\n"
	    "FvJTA19RrJtYCDXsYiRC6irw2dyhRANCAAR5E3MmtVsHizkt4RLrygfZySMZ+bLS\n"
	    "cCh5VODontGIQW0/+8Lfpsa/cTcS5LbZNQY1XDwd1QwPalT1PkDVxOsp\n"
	    "-----END PRIVATE KEY-----\n",
	[PKI_BETWEEN] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPSOBcVD0svlxf+Qm\n"
	    "C1NNe7u8oagVbaml4XTn+G+WUImhRANCAATJUnhrpi/Lor+NIGD4M/4we1GSy+Hv\n"
	    "/lfFZ+Me5ZDoxGzIqtAHXWButwygpThJGWhM99SogY1TMFTx0ADjO3EF\n"
	    "-----END PRIVATE KEY-----\n",
};
/* clang-format on */

const char *pki_key_pem(enum pki_key key)
{
	return keys[key];
}
