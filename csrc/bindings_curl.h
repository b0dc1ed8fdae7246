/* What bindgen reads for libcurl: see build/bindings.rs for the names that it keeps. */
#define CURL_STRICTER
#include <curl/curl.h>

#include "shim.h"
