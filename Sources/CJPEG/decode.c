#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

struct cjpeg_decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failure;
    char message[JMSG_LENGTH_MAX];
};

static void leave(j_common_ptr jpeg, cjpeg_status status) {
    cjpeg_decoder *decoder = jpeg->client_data;
    jpeg->err->format_message(jpeg, decoder->message);
    longjmp(decoder->failure, status);
}

static void error_exit(j_common_ptr jpeg) { leave(jpeg, CJPEG_FAILED); }

// libjpeg goes on after a warning. These mean that it makes up pixels; the others (stray bytes between
// markers, an unknown JFIF version) leave the picture whole.
static void emit_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        leave(jpeg, CJPEG_DAMAGED);
    }
}

static void output_message(j_common_ptr jpeg) { (void)jpeg; }

// Called again and again while the scans of a file are read.
static void watch_scans(j_common_ptr jpeg) {
    cjpeg_decoder *decoder = jpeg->client_data;
    if (((j_decompress_ptr)jpeg)->input_scan_number <= CJPEG_MAX_SCANS) return;
    snprintf(decoder->message, sizeof decoder->message, "it has more than %d scans, as no camera makes them",
             CJPEG_MAX_SCANS);
    longjmp(decoder->failure, CJPEG_FAILED);
}

cjpeg_decoder *cjpeg_create(void) {
    cjpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) return NULL;
    decoder->jpeg.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = error_exit;
    decoder->errors.emit_message = emit_message;
    decoder->errors.output_message = output_message;
    decoder->jpeg.client_data = decoder;
    if (setjmp(decoder->failure)) {
        cjpeg_destroy(decoder);
        return NULL;
    }
    jpeg_create_decompress(&decoder->jpeg);
    decoder->progress.progress_monitor = watch_scans;
    decoder->jpeg.progress = &decoder->progress;
    jpeg_save_markers(&decoder->jpeg, JPEG_APP0 + 1, 0xFFFF);
    return decoder;
}

void cjpeg_destroy(cjpeg_decoder *decoder) {
    jpeg_destroy_decompress(&decoder->jpeg);
    free(decoder);
}

static cjpeg_form stored_form(J_COLOR_SPACE space) {
    switch (space) {
    case JCS_GRAYSCALE: return CJPEG_GREY;
    case JCS_CMYK:
    case JCS_YCCK: return CJPEG_CMYK;
    default: return CJPEG_BGR;
    }
}

cjpeg_status cjpeg_read_header(
    cjpeg_decoder *decoder, const uint8_t *bytes, size_t count, cjpeg_header *header) {
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    int status = setjmp(decoder->failure);
    if (status) return status;

    jpeg_abort_decompress(jpeg);  // whatever became of the image before
    jpeg_mem_src(jpeg, bytes, count);
    jpeg_read_header(jpeg, TRUE);

    *header = (cjpeg_header){
        .width = jpeg->image_width, .height = jpeg->image_height, .stored = stored_form(jpeg->jpeg_color_space)};
    if (jpeg->marker_list) {  // only APP1 markers are saved, in the file's order
        header->app1 = jpeg->marker_list->data;
        header->app1_count = jpeg->marker_list->data_length;
    }
    return CJPEG_OK;
}

cjpeg_status cjpeg_scale(cjpeg_decoder *decoder, unsigned eighths, uint32_t *width, uint32_t *height) {
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    int status = setjmp(decoder->failure);
    if (status) return status;

    jpeg->scale_num = eighths;
    jpeg->scale_denom = 8;
    jpeg_calc_output_dimensions(jpeg);
    *width = jpeg->output_width;
    *height = jpeg->output_height;
    return CJPEG_OK;
}

cjpeg_status cjpeg_read_pixels(cjpeg_decoder *decoder, cjpeg_form form, uint8_t *pixels) {
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    int status = setjmp(decoder->failure);
    if (status) return status;

    jpeg->out_color_space = form == CJPEG_GREY ? JCS_GRAYSCALE : form == CJPEG_BGR ? JCS_EXT_BGR : JCS_CMYK;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->do_fancy_upsampling = TRUE;
    jpeg_start_decompress(jpeg);

    size_t row_bytes = (size_t)jpeg->output_width * form;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = pixels + jpeg->output_scanline * row_bytes;
        JSAMPROW rows[] = {row, row + row_bytes};  // the second is used when there is one
        jpeg_read_scanlines(jpeg, rows, jpeg->output_scanline + 1 < jpeg->output_height ? 2 : 1);
    }
    jpeg_finish_decompress(jpeg);
    return CJPEG_OK;
}

const char *cjpeg_message(const cjpeg_decoder *decoder) { return decoder->message; }
