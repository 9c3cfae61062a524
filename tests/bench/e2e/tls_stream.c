#include "tls_stream.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "certificate.h"

/* The same for all senders: what is compared are libraries, not ciphers. */
#define CIPHER "TLS_AES_256_GCM_SHA384"

static SSL_CTX *server_side, *client_side;

static SSL_CTX *context(const SSL_METHOD *method)
{
    SSL_CTX *made = SSL_CTX_new(method);
    EXPECT(made != NULL);
    EXPECT(SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION) == 1);
    EXPECT(SSL_CTX_set_ciphersuites(made, CIPHER) == 1);
    return made;
}

void tls_prepare(const char *authority_file)
{
    struct certificate certificate = certificate_make();
    FILE *file = fopen(authority_file, "w");
    EXPECT(file != NULL && PEM_write_X509(file, certificate.authority) == 1 && fclose(file) == 0);
    server_side = context(TLS_server_method());
    EXPECT(SSL_CTX_use_certificate(server_side, certificate.server) == 1);
    EXPECT(SSL_CTX_use_PrivateKey(server_side, certificate.server_key) == 1);
    client_side = context(TLS_client_method());
    EXPECT(X509_STORE_add_cert(SSL_CTX_get_cert_store(client_side), certificate.authority) == 1);
    SSL_CTX_set_verify(client_side, SSL_VERIFY_PEER, NULL);
}

static size_t receive_tls(void *of, void *bytes, size_t room)
{
    int got = SSL_read(of, bytes, room > INT32_MAX ? INT32_MAX : (int)room);
    return got > 0 ? (size_t)got : 0;
}

static void send_tls(void *of, const void *bytes, size_t len)
{
    (void)SSL_write(of, bytes, (int)len);
}

static void close_tls(void *of)
{
    int connection = SSL_get_fd(of);
    (void)SSL_shutdown(of);
    SSL_free(of);
    close(connection);
}

static struct stream shaken(SSL *connection, int result)
{
    struct stream stream = { connection, receive_tls, send_tls, close_tls };
    EXPECT(result == 1);
    EXPECT(strcmp(SSL_get_cipher(connection), CIPHER) == 0);
    return stream;
}

static SSL *on(SSL_CTX *side, int connection)
{
    SSL *made = SSL_new(side);
    EXPECT(made != NULL && SSL_set_fd(made, connection) == 1);
    return made;
}

static struct stream connect_tls(const char *address)
{
    SSL *made = on(client_side, loopback_connect(address));
    return shaken(made, SSL_connect(made));
}

static struct stream accept_tls(int listener)
{
    SSL *made = on(server_side, loopback_accept(listener));
    return shaken(made, SSL_accept(made));
}

const struct connector tls = { connect_tls, accept_tls };
