#include "certificate.h"

#include <openssl/x509v3.h>

#include "../bench.h"

enum { A_DAY = 24 * 3600 };

static void extend(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    EXPECT(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* A certificate for `key`, without a signature yet; an issuer of NULL is itself. */
static X509 *unsigned_for(EVP_PKEY *key, long serial, const char *name, X509 *issuer)
{
    X509 *made = X509_new();
    X509_NAME *subject;
    EXPECT(made != NULL && X509_set_version(made, 2) == 1 && X509_set_pubkey(made, key) == 1);
    EXPECT(ASN1_INTEGER_set(X509_get_serialNumber(made), serial) == 1);
    EXPECT(X509_gmtime_adj(X509_getm_notBefore(made), -A_DAY) != NULL);
    EXPECT(X509_gmtime_adj(X509_getm_notAfter(made), A_DAY) != NULL);
    subject = X509_get_subject_name(made);
    EXPECT(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) == 1);
    EXPECT(X509_set_issuer_name(made, issuer == NULL ? subject : X509_get_subject_name(issuer)) == 1);
    return made;
}

struct certificate certificate_make(void)
{
    struct certificate made;
    EVP_PKEY *authority_key = EVP_EC_gen("P-256");
    made.server_key = EVP_EC_gen("P-256");
    EXPECT(authority_key != NULL && made.server_key != NULL);
    made.authority = unsigned_for(authority_key, 1, "Benchmark authority", NULL);
    extend(made.authority, NID_basic_constraints, "critical,CA:TRUE");
    EXPECT(X509_sign(made.authority, authority_key, EVP_sha256()) > 0);
    made.server = unsigned_for(made.server_key, 2, "127.0.0.1", made.authority);
    extend(made.server, NID_basic_constraints, "CA:FALSE");
    extend(made.server, NID_ext_key_usage, "serverAuth");
    extend(made.server, NID_subject_alt_name, "IP:127.0.0.1");
    EXPECT(X509_sign(made.server, authority_key, EVP_sha256()) > 0);
    EVP_PKEY_free(authority_key);
    return made;
}
