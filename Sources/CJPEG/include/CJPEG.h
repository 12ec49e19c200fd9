// libjpeg for Swift: its errors leave by longjmp, which must never cross a Swift frame, so setjmp stays here.
// A status comes back, and cjpeg_message has the text. Colours, orientation and limits are the caller's business.
#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

/// A file of more scans is refused: each costs the time of a pass over the whole picture, and a few bytes make one.
/// (An ordinary progressive file has ten.)
#define CJPEG_MAX_SCANS 500

/// One decoder, for one thread at a time; its tables and working memory are kept from image to image.
typedef struct cjpeg_decoder cjpeg_decoder;

typedef enum cjpeg_status {
    CJPEG_OK = 0,
    CJPEG_FAILED,   ///< libjpeg can't decode this
    CJPEG_DAMAGED,  ///< it could, with part of the pixels made up
} cjpeg_status;

/// How pixels are stored in the file (YCbCr and RGB are both "colour"), and how they come out.
typedef enum cjpeg_form {
    CJPEG_GREY = 1,  ///< 1 byte a pixel
    CJPEG_BGR = 3,   ///< 3 bytes a pixel
    CJPEG_CMYK = 4,  ///< 4 bytes a pixel; YCCK comes out as this too, Adobe's inversion kept
} cjpeg_form;

typedef struct cjpeg_header {
    uint32_t width, height;
    cjpeg_form stored;
    /// The payload of the first APP1 marker (normally "Exif\0\0" and a TIFF), or null; valid until the next call.
    const uint8_t *_Nullable app1;
    size_t app1_count;
} cjpeg_header;

/// A decoder, or null when there is no memory.
cjpeg_decoder *_Nullable cjpeg_create(void);
void cjpeg_destroy(cjpeg_decoder *_Nonnull decoder);

/// Reads the header of the JPEG file in memory; the bytes must stay until the pixels have been read.
cjpeg_status cjpeg_read_header(
    cjpeg_decoder *_Nonnull decoder, const uint8_t *_Nonnull bytes, size_t count, cjpeg_header *_Nonnull header);

/// Makes cjpeg_read_pixels decode the image whose header was just read at eighths / 8 (1 to 8) of its size, by smaller
/// DCTs, and says what size that is.
cjpeg_status cjpeg_scale(
    cjpeg_decoder *_Nonnull decoder, unsigned eighths, uint32_t *_Nonnull width, uint32_t *_Nonnull height);

/// Decodes the image whose header was just read, row after row of width * form bytes:
/// slow integer DCT and fancy upsampling, as OpenCV has it. GREY and BGR need a stored GREY or BGR, CMYK a CMYK.
cjpeg_status cjpeg_read_pixels(cjpeg_decoder *_Nonnull decoder, cjpeg_form form, uint8_t *_Nonnull pixels);

/// What libjpeg said about the last status that was not OK.
const char *_Nonnull cjpeg_message(const cjpeg_decoder *_Nonnull decoder);

#endif
