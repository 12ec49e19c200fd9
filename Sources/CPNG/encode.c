#include "CPNG.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

struct writer {
    png_structp png;
    png_infop info;
    uint8_t *bytes;
    size_t count, room;
    jmp_buf failure;
};

static void leave(png_structp png, png_const_charp message) {
    (void)message;
    struct writer *writer = png_get_error_ptr(png);
    longjmp(writer->failure, 1);
}

static void warn(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void write_bytes(png_structp png, png_bytep source, size_t count) {
    struct writer *writer = png_get_io_ptr(png);
    if (count > writer->room - writer->count) {
        size_t room = 2 * writer->room + count + 1024;
        uint8_t *larger = realloc(writer->bytes, room);
        if (!larger) png_error(png, "no memory");
        writer->bytes = larger;
        writer->room = room;
    }
    memcpy(writer->bytes + writer->count, source, count);
    writer->count += count;
}

static void flush(png_structp png) { (void)png; }

uint8_t *cpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, cpng_form form, size_t *count) {
    struct writer writer = {0};
    if (setjmp(writer.failure)) {
        png_destroy_write_struct(&writer.png, &writer.info);
        free(writer.bytes);
        return NULL;
    }
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, leave, warn);
    if (!writer.png) return NULL;
    writer.info = png_create_info_struct(writer.png);
    if (!writer.info) leave(writer.png, "no memory");
    png_set_write_fn(writer.png, &writer, write_bytes, flush);
    png_set_compression_level(writer.png, 9);
    png_set_IHDR(
        writer.png, writer.info, width, height, 8, form == CPNG_GREY ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer.png, writer.info);
    if (form == CPNG_BGR) png_set_bgr(writer.png);
    for (uint32_t y = 0; y < height; y++) png_write_row(writer.png, pixels + (size_t)y * width * form);
    png_write_end(writer.png, NULL);
    png_destroy_write_struct(&writer.png, &writer.info);
    *count = writer.count;
    return writer.bytes;
}

void cpng_free(uint8_t *bytes) { free(bytes); }
