#include "CPNG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

struct cpng_decoder {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t left;
    cpng_status status;
    jmp_buf failure;
    char message[128];
};

static void leave(png_structp png, png_const_charp message) {
    cpng_decoder *decoder = png_get_error_ptr(png);
    if (decoder->status == CPNG_OK) decoder->status = CPNG_FAILED;
    snprintf(decoder->message, sizeof decoder->message, "%s", message);
    longjmp(decoder->failure, 1);
}

static void warn(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    cpng_decoder *decoder = png_get_io_ptr(png);
    if (count > decoder->left) {
        decoder->status = CPNG_DAMAGED;
        png_error(png, "the file ends early");
    }
    memcpy(target, decoder->bytes, count);
    decoder->bytes += count;
    decoder->left -= count;
}

// libpng's own state serves one image only.
static void forget(cpng_decoder *decoder) { png_destroy_read_struct(&decoder->png, &decoder->info, NULL); }

cpng_decoder *cpng_create(void) { return calloc(1, sizeof(cpng_decoder)); }

void cpng_destroy(cpng_decoder *decoder) {
    forget(decoder);
    free(decoder);
}

cpng_status cpng_read_header(cpng_decoder *decoder, const uint8_t *bytes, size_t count, cpng_header *header) {
    forget(decoder);
    decoder->bytes = bytes;
    decoder->left = count;
    decoder->status = CPNG_OK;
    snprintf(decoder->message, sizeof decoder->message, "no memory");
    if (setjmp(decoder->failure)) return decoder->status;

    decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, leave, warn);
    if (!decoder->png) return CPNG_FAILED;
    decoder->info = png_create_info_struct(decoder->png);
    if (!decoder->info) return CPNG_FAILED;
    png_set_read_fn(decoder->png, decoder, read_bytes);
    // The caller judges the dimensions, before rows have memory. And no texts: each may be 8 MB packed into a few kB.
    png_set_user_limits(decoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_cache_max(decoder->png, 1);
    png_read_info(decoder->png, decoder->info);

    int stored = png_get_color_type(decoder->png, decoder->info);
    *header = (cpng_header){
        .stored = stored & PNG_COLOR_MASK_COLOR ? CPNG_BGR : CPNG_GREY,
        .width = png_get_image_width(decoder->png, decoder->info),
        .height = png_get_image_height(decoder->png, decoder->info)};
    png_bytep exif = NULL;
    png_uint_32 exif_count = 0;
    if (png_get_eXIf_1(decoder->png, decoder->info, &exif_count, &exif)) {
        header->exif = exif;
        header->exif_count = exif_count;
    }
    return CPNG_OK;
}

// The steps and the weights of red and green are those of OpenCV's imread.
static void ask_for(png_structp png, png_infop info, cpng_form form) {
    int stored = png_get_color_type(png, info);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    if (stored == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (!(stored & PNG_COLOR_MASK_COLOR) && png_get_bit_depth(png, info) < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (form == CPNG_GREY) {
        if (stored & PNG_COLOR_MASK_COLOR) png_set_rgb_to_gray(png, PNG_ERROR_ACTION_NONE, 0.299, 0.587);
    } else if (stored & PNG_COLOR_MASK_COLOR) {
        png_set_bgr(png);
    } else {
        png_set_gray_to_rgb(png);
    }
}

cpng_status cpng_read_pixels(cpng_decoder *decoder, cpng_form form, uint8_t *pixels) {
    png_structp png = decoder->png;
    if (setjmp(decoder->failure)) return decoder->status;

    ask_for(png, decoder->info, form);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, decoder->info);
    size_t height = png_get_image_height(png, decoder->info);
    size_t row_bytes = (size_t)png_get_image_width(png, decoder->info) * form;
    if (png_get_rowbytes(png, decoder->info) != row_bytes) png_error(png, "rows of an unexpected size");

    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < height; y++) png_read_row(png, pixels + y * row_bytes, NULL);
    }
    png_read_end(png, NULL);
    return CPNG_OK;
}

const char *cpng_message(const cpng_decoder *decoder) { return decoder->message; }
