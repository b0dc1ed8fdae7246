/*
 * A provider for the tests of library contexts: SHA-256 with fips=yes, SHA-224 without it, and a
 * "SHA-384" whose digest is too short. It is what a module of a vendor looks like to OpenSSL, and
 * nothing that anybody validated.
 *
 * It ends the process when it is torn down while a context of it lives: whoever unloads it too early
 * does not get away with it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

/* ---- SHA-2 of 32-bit words: FIPS 180-4, sections 4.1.2, 4.2.2, 5 and 6.2 ---- */

enum { BLOCK = 64 };

struct state {
    int *live; /* the contexts of its provider */
    uint32_t hash[8];
    uint64_t length; /* bytes taken in */
    unsigned char block[BLOCK];
    int is_224;
};

static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t START_256[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t START_224[8] = {
    0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
};

static uint32_t turn(uint32_t word, int by)
{
    return word >> by | word << (32 - by);
}

static void compress(struct state *it)
{
    uint32_t w[64], v[8];

    for (int i = 0; i < 16; i++) {
        const unsigned char *at = it->block + 4 * i;
        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7]
            + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
    memcpy(v, it->hash, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25))
            + ((v[4] & v[5]) ^ (~v[4] & v[6])) + ROUND[i] + w[i];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22))
            + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        it->hash[i] += v[i];
}

static void take(struct state *it, const unsigned char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        it->block[it->length++ % BLOCK] = data[i];
        if (it->length % BLOCK == 0)
            compress(it);
    }
}

/* ---- what OpenSSL calls ---- */

/* What a provider is to OpenSSL: here, the number of its contexts. */
static void *new_context(void *provider)
{
    struct state *it = calloc(1, sizeof *it);

    if (it != NULL) {
        it->live = provider;
        __atomic_add_fetch(it->live, 1, __ATOMIC_SEQ_CST);
    }
    return it;
}

static void free_context(void *context)
{
    struct state *it = context;

    if (it != NULL)
        __atomic_sub_fetch(it->live, 1, __ATOMIC_SEQ_CST);
    free(it);
}

static void *copy_context(void *context)
{
    struct state *copy = new_context(((struct state *)context)->live);

    if (copy != NULL)
        memcpy(copy, context, sizeof *copy);
    return copy;
}

static int begin(struct state *it, const uint32_t start[8], int is_224)
{
    int *live = it->live;

    memset(it, 0, sizeof *it);
    it->live = live;
    memcpy(it->hash, start, sizeof it->hash);
    it->is_224 = is_224;
    return 1;
}

static int begin_256(void *context, const OSSL_PARAM params[])
{
    (void)params;
    return begin(context, START_256, 0);
}

static int begin_224(void *context, const OSSL_PARAM params[])
{
    (void)params;
    return begin(context, START_224, 1);
}

static int update(void *context, const unsigned char *data, size_t len)
{
    take(context, data, len);
    return 1;
}

static int finish(void *context, unsigned char *out, size_t *written, size_t room)
{
    static const unsigned char zero[BLOCK];
    struct state *it = context;
    uint64_t bits = it->length * 8;
    unsigned char end[8];
    size_t len = it->is_224 ? 28 : 32;

    if (room < len)
        return 0;
    take(it, (const unsigned char *)"\x80", 1);
    take(it, zero, (BLOCK + 56 - it->length % BLOCK) % BLOCK);
    for (int i = 0; i < 8; i++)
        end[i] = (unsigned char)(bits >> (56 - 8 * i));
    take(it, end, sizeof end);
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)(it->hash[i / 4] >> (24 - 8 * (i % 4)));
    *written = len;
    return 1;
}

static int tell(OSSL_PARAM params[], size_t len)
{
    for (OSSL_PARAM *param = params; param != NULL && param->key != NULL; param++) {
        size_t value;

        if (strcmp(param->key, OSSL_DIGEST_PARAM_SIZE) == 0)
            value = len;
        else if (strcmp(param->key, OSSL_DIGEST_PARAM_BLOCK_SIZE) == 0)
            value = BLOCK;
        else
            continue;
        if (param->data_size != sizeof value)
            return 0;
        memcpy(param->data, &value, sizeof value);
        param->return_size = sizeof value;
    }
    return 1;
}

static int tell_256(OSSL_PARAM params[])
{
    return tell(params, 32);
}

static int tell_224(OSSL_PARAM params[])
{
    return tell(params, 28);
}

#define FUNCTIONS(name, start, about)                                     \
    static const OSSL_DISPATCH name[] = {                                 \
        { OSSL_FUNC_DIGEST_NEWCTX, (void (*)(void))new_context },         \
        { OSSL_FUNC_DIGEST_FREECTX, (void (*)(void))free_context },       \
        { OSSL_FUNC_DIGEST_DUPCTX, (void (*)(void))copy_context },        \
        { OSSL_FUNC_DIGEST_INIT, (void (*)(void))start },                 \
        { OSSL_FUNC_DIGEST_UPDATE, (void (*)(void))update },              \
        { OSSL_FUNC_DIGEST_FINAL, (void (*)(void))finish },               \
        { OSSL_FUNC_DIGEST_GET_PARAMS, (void (*)(void))about },           \
        { 0, NULL },                                                      \
    }

FUNCTIONS(SHA_256, begin_256, tell_256);
FUNCTIONS(SHA_224, begin_224, tell_224);

static const OSSL_ALGORITHM DIGESTS[] = {
    { "SHA2-256:SHA-256:SHA256", "provider=fixture,fips=yes", SHA_256, "SHA-256" },
    { "SHA2-224:SHA-224:SHA224", "provider=fixture", SHA_224, "SHA-224" },
    { "SHA2-384:SHA-384:SHA384", "provider=fixture", SHA_256, "not SHA-384" },
    { NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    return operation == OSSL_OP_DIGEST ? DIGESTS : NULL;
}

static void tear_down(void *provider)
{
    if (__atomic_load_n((int *)provider, __ATOMIC_SEQ_CST) != 0) {
        fputs("the fixture is torn down while a context of it lives\n", stderr);
        abort();
    }
    free(provider);
}

static const OSSL_DISPATCH PROVIDER[] = {
    { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
    { OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))tear_down },
    { 0, NULL },
};

int OSSL_provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core,
    const OSSL_DISPATCH **to_core, void **provider)
{
    (void)core;
    (void)from_core;
    *to_core = PROVIDER;
    *provider = calloc(1, sizeof(int));
    return *provider != NULL;
}
