// The other C of the project under AddressSanitizer and UndefinedBehaviorSanitizer: odd sizes, in memory of exactly the
// bytes that are asked for. Results are proved elsewhere; here a sum shows that they were computed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "CDNNL.h"
#include "CSIMD.h"
#include "shim.h"

static void must(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "kernels: %s\n", what);
    exit(1);
}

static float *floats(size_t bytes) {
    float *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    for (size_t i = 0; i < bytes / sizeof(float); i++) memory[i] = (float)(i % 7) * 0.25f - 0.5f;
    return memory;
}

static void sgd(void) {
    for (size_t count = 0; count < 70; count++) {
        float *memory = malloc(3 * count * sizeof(float) + 1), *w = memory, *g = w + count, *v = g + count;
        for (size_t i = 0; i < 3 * count; i++) memory[i] = 1;
        csimd_sgd(w, g, v, count, 0.1f, 0.9f, 0.5f, 0.01f);
        must(count == 0 || fabsf(w[count - 1] - (1 - 0.951f)) < 1e-6f, "sgd");
        free(memory);
    }
}

static cdnnl_tensor tensor(int64_t n, int64_t c, int64_t h, int64_t w, cdnnl_format format) {
    return (cdnnl_tensor){.rank = 4, .dims = {n, c, h, w}, .format = format, .type = cdnnl_float32};
}

// Gives each argument memory of its size, and runs.
static void run(cdnnl_op *op, const char *what) {
    float *memory[cdnnl_argument_count];
    for (int argument = 0; argument < cdnnl_argument_count; argument++) {
        memory[argument] = floats(cdnnl_bytes_of(op, argument));
        cdnnl_bind(op, argument, memory[argument]);
    }
    must(cdnnl_run(op) == 0, what);
    must(cdnnl_implementation(op)[0] != 0, what);
    for (int argument = 0; argument < cdnnl_argument_count; argument++) free(memory[argument]);
}

// Makes a primitive, or says what oneDNN says.
#define MAKE(op, call)                                       \
    do {                                                     \
        int status = call;                                   \
        if (status) fprintf(stderr, "%s: ", #call);          \
        must(status == 0, cdnnl_status_text(status));        \
        run(op, #op);                                        \
    } while (0)

static void convolutions(cdnnl_format format) {
    cdnnl_window window = {.kernel = {3, 2}, .stride = {2, 1}, .dilation = {1, 1}, .pad_begin = {1, 0}, .pad_end = {1, 0}};
    cdnnl_tensor source = tensor(3, 16, 7, 9, format), destination = tensor(3, 32, 4, 8, format);
    cdnnl_tensor weights = tensor(32, 16, 3, 2, cdnnl_any);
    cdnnl_tensor bias = {.rank = 1, .dims = {32}, .format = cdnnl_plain, .type = cdnnl_float32};
    cdnnl_op *forward = NULL, *data = NULL, *gradient = NULL, *reorder = NULL;
    MAKE(forward, cdnnl_convolution_forward(&forward, cdnnl_direct, source, weights, &bias, destination, window, true));
    MAKE(data, cdnnl_convolution_backward_data(&data, forward, cdnnl_direct, source, weights, destination, window));
    MAKE(gradient, cdnnl_convolution_backward_weights(&gradient, forward, cdnnl_direct, source, weights, &bias,
                                                      destination, window));
    MAKE(reorder, cdnnl_reorder_into(&reorder, tensor(32, 16, 3, 2, cdnnl_plain), forward, cdnnl_weights));
    cdnnl_free(reorder);
    cdnnl_free(gradient);
    cdnnl_free(data);
    cdnnl_free(forward);
}

static void poolings(cdnnl_pooling method) {
    cdnnl_window window = {.kernel = {3, 3}, .stride = {2, 2}, .dilation = {1, 1}, .pad_end = {1, 1}};
    cdnnl_tensor source = tensor(2, 5, 8, 6, cdnnl_plain), destination = tensor(2, 5, 4, 3, cdnnl_plain);
    cdnnl_op *forward = NULL, *backward = NULL;
    MAKE(forward, cdnnl_pooling_forward(&forward, method, source, destination, window, true));
    // Its workspace is the forward's, not any bytes: only made here.
    must(cdnnl_pooling_backward(&backward, forward, method, source, destination, window) == 0, "pooling backward");
    cdnnl_free(backward);
    cdnnl_free(forward);
}

static void normalisation(void) {
    cdnnl_op *forward = NULL, *backward = NULL;
    cdnnl_tensor shape = tensor(2, 7, 3, 5, cdnnl_plain);
    MAKE(forward, cdnnl_lrn_forward(&forward, shape, 5, 1e-4f, 0.75f, 1, true));
    must(cdnnl_lrn_backward(&backward, forward, shape, 5, 1e-4f, 0.75f, 1) == 0, "LRN backward");
    cdnnl_free(backward);
    cdnnl_free(forward);
}

static void products(void) {
    enum { m = 5, n = 7, k = 9 };
    float *a = floats(m * k * sizeof(float)), *b = floats(k * n * sizeof(float)), *c = floats(m * n * sizeof(float));
    must(cdnnl_sgemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n) == 0, "sgemm");
    if (cdnnl_has_bfloat16()) cdnnl_gemm_bf16(false, true, m, n, k, 1, a, k, b, k, 1, c, n);
    free(a);
    free(b);
    free(c);
}

static void mark(void *context, int part, int parts) { ((int *)context)[part] = parts; }

static void others(void) {
    int *marks = calloc(2, sizeof(int));
    cdnnl_set_threads(2);
    cdnnl_parallel(2, marks, mark);
    must(marks[0] == 2 && marks[1] == 2, "parallel");
    char version[32];
    must(cdnnl_version(version)[0] != 0 && cdnnl_instruction_set()[0] != 0, "names");
    must(isfinite(cdnnl_fma(10)) && cdnnl_fma_operations() > 0, "fma");
    // A process may always read its own memory.
    int copy[2] = {0, 0};
    must(cmpi_read_process(getpid(), (uintptr_t)marks, copy, sizeof copy) == sizeof copy && copy[1] == 2, "read");
    free(marks);
}

int main(void) {
    sgd();
    convolutions(cdnnl_plain);
    convolutions(cdnnl_blocked8);
    for (int method = cdnnl_max; method <= cdnnl_average_without_padding; method++) poolings((cdnnl_pooling)method);
    normalisation();
    products();
    others();
    puts("clean");
    return 0;
}
