#include "config.h"

#include "data/net/easy.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void set_blob(CURL *easy, CURLoption opt, const char *pem)
{
    struct curl_blob blob = {(void *)(uintptr_t)pem, strlen(pem),
                             CURL_BLOB_COPY};

    curl_easy_setopt(easy, opt, &blob);
}

void easy_find_address(const struct http_target *t, const char *path,
                       struct easy_address *ret)
{
    const char *host = strstr(t->base, "://"), *end;
    char *to;
    const char *colon = NULL;

    *ret = (struct easy_address){0};
    if (t->tls_name == NULL || host == NULL) {
        ret->url = xasprintf("%s%s", t->base, path);
        return;
    }
    host += 3;
    end = host + strcspn(host, "/");
    for (const char *p = host; p < end; p++) {
        if (*p == ']')
            colon = NULL;
        else if (*p == ':')
            colon = p;
    }
    if (*host == '[' && colon != NULL &&
        memchr(colon, ']', (size_t)(end - colon)))
        colon = NULL;
    to = xasprintf("::%.*s%s", (int)(end - host), host,
                   colon != NULL ? "" : ":");
    ret->connect_to = curl_slist_append(NULL, to);
    free(to);
    ret->url = xasprintf("%.*s%s%.*s%s%s", (int)(host - t->base), t->base,
                         t->tls_name, colon != NULL ? (int)(end - colon) : 0,
                         colon != NULL ? colon : "", end, path);
}

static void set_tls(CURL *easy, const struct http_target *t)
{
    if (t->ca_pem != NULL) {
        set_blob(easy, CURLOPT_CAINFO_BLOB, t->ca_pem);
        curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (t->cert_pem != NULL && t->key_pem != NULL) {
        set_blob(easy, CURLOPT_SSLCERT_BLOB, t->cert_pem);
        set_blob(easy, CURLOPT_SSLKEY_BLOB, t->key_pem);
        curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
        curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    }
    if (t->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

void easy_set_target(CURL *easy, const struct http_target *t,
                     const char *path, struct easy_address *ret)
{
    easy_find_address(t, path, ret);
    curl_easy_setopt(easy, CURLOPT_URL, ret->url);
    if (ret->connect_to != NULL)
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, ret->connect_to);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 20L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 5L);
    if (t->socket != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, t->socket);
    if (t->proxy != NULL)
        curl_easy_setopt(easy, CURLOPT_PROXY, t->proxy);
    set_tls(easy, t);
}

void easy_address_finish(struct easy_address *a)
{
    curl_slist_free_all(a->connect_to);
    free(a->url);
    *a = (struct easy_address){0};
}

/* A handshake that was broken off is no refusal: libcurl tells both by one
   code, and in words what OpenSSL did not say. */
static bool broken_off(CURLcode result, const char *detail)
{
    return result == CURLE_SSL_CONNECT_ERROR &&
           strncmp(detail, "OpenSSL SSL_connect: ", 21) == 0;
}

int easy_explain(CURLcode result, const char *detail, struct error *ret)
{
    if (detail == NULL || detail[0] == '\0')
        detail = curl_easy_strerror(result);
    error_clear(ret);
    if (broken_off(result, detail))
        return error_set(ret, ERR_CUT, "%s", detail);
    switch (result) {
    case CURLE_OK:
        return 0;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(ret, ERR_CONNECT, "%s", detail);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
        return error_set(ret, ERR_TLS, "%s", detail);
    default:
        return error_set(ret, ERR_CUT, "%s", detail);
    }
}
