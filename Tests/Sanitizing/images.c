// Damaged images through CJPEG and CPNG, by libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer; each
// picture in memory of exactly its size.
#include <stdlib.h>
#include <string.h>

#include "CJPEG.h"
#include "CPNG.h"

enum { MAX_PIXELS = 1000000 };

// So that reading what comes first in a file is not left out.
static volatile unsigned sink;

static int is_small(uint32_t width, uint32_t height) { return (uint64_t)width * height <= MAX_PIXELS; }

// As ImageDecoder calls it, in each form and at each fraction of the size.
static void decode_jpeg(cjpeg_decoder *decoder, const uint8_t *bytes, size_t count) {
    for (unsigned eighths = 1; eighths <= 8; eighths *= 2) {
        cjpeg_header header;
        if (cjpeg_read_header(decoder, bytes, count, &header) != CJPEG_OK) break;
        if (!is_small(header.width, header.height)) break;
        for (size_t i = 0; i < header.app1_count; i++) sink += header.app1[i];
        uint32_t width = header.width, height = header.height;
        if (eighths < 8 && cjpeg_scale(decoder, eighths, &width, &height) != CJPEG_OK) break;
        cjpeg_form form = header.stored == CJPEG_CMYK ? CJPEG_CMYK : eighths == 4 ? CJPEG_GREY : CJPEG_BGR;
        uint8_t *pixels = malloc((size_t)width * height * form);
        cjpeg_status status = cjpeg_read_pixels(decoder, form, pixels);
        if (status != CJPEG_OK && strlen(cjpeg_message(decoder)) == 0) abort();
        free(pixels);
    }
}

static void decode_png(cpng_decoder *decoder, const uint8_t *bytes, size_t count) {
    for (int form = CPNG_GREY; form <= CPNG_BGR; form += CPNG_BGR - CPNG_GREY) {
        cpng_header header;
        if (cpng_read_header(decoder, bytes, count, &header) != CPNG_OK) break;
        if (!is_small(header.width, header.height)) break;
        for (size_t i = 0; i < header.exif_count; i++) sink += header.exif[i];
        uint8_t *pixels = malloc((size_t)header.width * header.height * form);
        cpng_status status = cpng_read_pixels(decoder, (cpng_form)form, pixels);
        if (status != CPNG_OK && strlen(cpng_message(decoder)) == 0) abort();
        free(pixels);
    }
}

// libFuzzer's entry. The decoders are kept from image to image, as a thread of the loader does.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static cjpeg_decoder *jpeg;
    static cpng_decoder *png;
    if (!jpeg) jpeg = cjpeg_create();
    if (!png) png = cpng_create();
    decode_jpeg(jpeg, bytes, count);
    decode_png(png, bytes, count);
    return 0;
}
