// libpng for Swift: its errors leave by longjmp, which must never cross a Swift frame, so setjmp stays here.
// A status comes back, and cpng_message has the text. Orientation and limits are the caller's business.
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

/// One decoder, for one thread at a time.
typedef struct cpng_decoder cpng_decoder;

typedef enum cpng_status {
    CPNG_OK = 0,
    CPNG_FAILED,   ///< libpng can't decode this
    CPNG_DAMAGED,  ///< the file ends before the picture does
} cpng_status;

/// How pixels come out, and whether the file has colour.
typedef enum cpng_form {
    CPNG_GREY = 1,  ///< 1 byte a pixel
    CPNG_BGR = 3,   ///< 3 bytes a pixel
} cpng_form;

typedef struct cpng_header {
    uint32_t width, height;
    cpng_form stored;
    /// The eXIf chunk (a TIFF) if it stands before the pixels, or null; valid until the next call.
    const uint8_t *_Nullable exif;
    size_t exif_count;
} cpng_header;

/// A decoder, or null when there is no memory.
cpng_decoder *_Nullable cpng_create(void);
void cpng_destroy(cpng_decoder *_Nonnull decoder);

/// Reads the header of the PNG file in memory; the bytes must stay until the pixels have been read.
cpng_status cpng_read_header(
    cpng_decoder *_Nonnull decoder, const uint8_t *_Nonnull bytes, size_t count, cpng_header *_Nonnull header);

/// Decodes the image whose header was just read, row after row of width * form bytes, as OpenCV has it:
/// 8 bits of 16, palettes and few bits widened, alpha dropped, grey and colour turned into each other.
cpng_status cpng_read_pixels(cpng_decoder *_Nonnull decoder, cpng_form form, uint8_t *_Nonnull pixels);

/// What libpng said about the last status that was not OK.
const char *_Nonnull cpng_message(const cpng_decoder *_Nonnull decoder);

/// Encodes rows of width * form bytes as a PNG file of *count bytes, to be given back to cpng_free;
/// null when there is no memory, or when width or height is none.
uint8_t *_Nullable cpng_encode(
    const uint8_t *_Nonnull pixels, uint32_t width, uint32_t height, cpng_form form, size_t *_Nonnull count);
void cpng_free(uint8_t *_Nullable bytes);

#endif
