#include "http.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// A response of more than this is no part of any comparison.
static const size_t most = 64 << 20;

static size_t gather(char *data, size_t size, size_t count, void *user) {
  http_bytes *into = user;
  size_t added = size * count;
  if (added == 0 || added > most - into->length) {
    return 0;
  }
  char *grown = realloc(into->start, into->length + added);
  if (grown == NULL) {
    return 0;
  }
  memcpy(grown + into->length, data, added);
  into->start = grown;
  into->length += added;
  return added;
}

static void forget(http_bytes *it) {
  free(it->start);
  it->start = NULL;
  it->length = 0;
}

// What the handle no longer points to.
static void clear(http *it) {
  curl_slist_free_all(it->lines);
  curl_slist_free_all(it->addresses);
  curl_mime_free(it->form);
  it->lines = NULL;
  it->addresses = NULL;
  it->form = NULL;
  forget(&it->head);
  forget(&it->body);
  it->text[0] = 0;
}

http *http_new(void) {
  http *it = calloc(1, sizeof *it);
  if (it == NULL) {
    return NULL;
  }
  it->easy = curl_easy_init();
  if (it->easy == NULL) {
    free(it);
    return NULL;
  }
  return it;
}

void http_free(http *it) {
  curl_easy_cleanup(it->easy);
  clear(it);
  free(it);
}

int http_reset(http *it) {
  curl_easy_reset(it->easy);
  clear(it);
  CURLcode code = CURLE_OK;
#define SET(option, value)                            \
  if (code == CURLE_OK) {                             \
    code = curl_easy_setopt(it->easy, option, value); \
  }
  SET(CURLOPT_ERRORBUFFER, it->text)
  SET(CURLOPT_NOSIGNAL, 1L)
  SET(CURLOPT_NOPROXY, "*")
  SET(CURLOPT_WRITEFUNCTION, gather)
  SET(CURLOPT_WRITEDATA, &it->body)
  SET(CURLOPT_HEADERFUNCTION, gather)
  SET(CURLOPT_HEADERDATA, &it->head)
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, "http,https")
#else
  SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS))
#endif
#undef SET
  return (int)code;
}

int http_text(http *it, CURLoption option, const char *value) {
  return (int)curl_easy_setopt(it->easy, option, value);
}

int http_long(http *it, CURLoption option, long value) {
  return (int)curl_easy_setopt(it->easy, option, value);
}

static int append(http *it, struct curl_slist **list, CURLoption option,
                  const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) {
    return CURLE_OUT_OF_MEMORY;
  }
  *list = longer;
  return (int)curl_easy_setopt(it->easy, option, longer);
}

int http_line(http *it, const char *line) {
  return append(it, &it->lines, CURLOPT_HTTPHEADER, line);
}

int http_address(http *it, const char *line) {
  return append(it, &it->addresses, CURLOPT_RESOLVE, line);
}

int http_body(http *it, const void *body, size_t length) {
  CURLcode code = curl_easy_setopt(it->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                   (curl_off_t)length);
  if (code == CURLE_OK) {
    code = curl_easy_setopt(it->easy, CURLOPT_COPYPOSTFIELDS,
                            length == 0 ? "" : body);
  }
  return (int)code;
}

int http_part(http *it, const char *name, const char *filename,
              const char *type, const void *data, size_t length) {
  if (it->form == NULL) {
    it->form = curl_mime_init(it->easy);
  }
  curl_mimepart *part = it->form == NULL ? NULL : curl_mime_addpart(it->form);
  if (part == NULL) {
    return CURLE_OUT_OF_MEMORY;
  }
  CURLcode code = curl_mime_name(part, name);
  if (code == CURLE_OK && filename != NULL) {
    code = curl_mime_filename(part, filename);
  }
  if (code == CURLE_OK && type != NULL) {
    code = curl_mime_type(part, type);
  }
  if (code == CURLE_OK) {
    code = curl_mime_data(part, length == 0 ? "" : data, length);
  }
  if (code == CURLE_OK) {
    code = curl_easy_setopt(it->easy, CURLOPT_MIMEPOST, it->form);
  }
  return (int)code;
}

void http_perform(http *it) {
  it->code = (int)curl_easy_perform(it->easy);
  curl_easy_getinfo(it->easy, CURLINFO_RESPONSE_CODE, &it->status);
  curl_easy_getinfo(it->easy, CURLINFO_HTTP_VERSION, &it->version);
  curl_easy_getinfo(it->easy, CURLINFO_REDIRECT_COUNT, &it->redirects);
  curl_easy_getinfo(it->easy, CURLINFO_REQUEST_SIZE, &it->sent);
}

const char *http_url(http *it) {
  char *url = NULL;
  curl_easy_getinfo(it->easy, CURLINFO_EFFECTIVE_URL, &url);
  return url == NULL ? "" : url;
}

struct http_shared {
  CURLSH *share;
  pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
};

// The access is ignored: unlocking is not told it.
static void lock(CURL *easy, curl_lock_data data, curl_lock_access access,
                 void *user) {
  (void)easy;
  (void)access;
  http_shared *it = user;
  pthread_mutex_lock(&it->locks[data]);
}

static void unlock(CURL *easy, curl_lock_data data, void *user) {
  (void)easy;
  http_shared *it = user;
  pthread_mutex_unlock(&it->locks[data]);
}

http_shared *http_shared_new(void) {
  http_shared *it = calloc(1, sizeof *it);
  if (it == NULL) {
    return NULL;
  }
  for (int data = 0; data < CURL_LOCK_DATA_LAST; data++) {
    pthread_mutex_init(&it->locks[data], NULL);
  }
  it->share = curl_share_init();
  if (it->share == NULL ||
      curl_share_setopt(it->share, CURLSHOPT_USERDATA, it) != CURLSHE_OK ||
      curl_share_setopt(it->share, CURLSHOPT_LOCKFUNC, lock) != CURLSHE_OK ||
      curl_share_setopt(it->share, CURLSHOPT_UNLOCKFUNC, unlock) != CURLSHE_OK ||
      curl_share_setopt(it->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK) {
    http_shared_free(it);
    return NULL;
  }
  return it;
}

void http_shared_free(http_shared *it) {
  if (it->share != NULL) {
    curl_share_cleanup(it->share);
  }
  for (int data = 0; data < CURL_LOCK_DATA_LAST; data++) {
    pthread_mutex_destroy(&it->locks[data]);
  }
  free(it);
}

int http_share(http *it, http_shared *shared) {
  return (int)curl_easy_setopt(it->easy, CURLOPT_SHARE, shared->share);
}
