// oneDNN for Swift: the same few calls over oneDNN 2 and 3, whose C interfaces differ.
//
// A cdnnl_op is a primitive with its arguments, made at set-up; a step only points the arguments at memory and runs it.
// Calls return oneDNN's status (0 is success), which cdnnl_status_text puts into words.
#ifndef CDNNL_H
#define CDNNL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// "3.2.0", of the library that runs.
const char *cdnnl_version(char buffer[_Nonnull 32]);

/// A status in oneDNN's words.
const char *cdnnl_status_text(int status);

/// The instruction set that oneDNN uses here, or one near it; it heeds ONEDNN_MAX_CPU_ISA: "avx512_core_bf16".
const char *cdnnl_instruction_set(void);

/// Whether that set multiplies bfloat16 numbers, and does not only emulate it.
bool cdnnl_has_bfloat16(void);

// MARK: Threads

/// Sets the number of threads of the calling thread's OpenMP pool, which is oneDNN's.
void cdnnl_set_threads(int count);

/// Calls body(context, part, parts) once for each part, in oneDNN's own OpenMP pool.
void cdnnl_parallel(int parts, void *context, void (*body)(void *context, int part, int parts));

// MARK: Tensors

/// How a tensor lies in memory; cdnnl_any lets the primitive choose.
typedef enum {
    cdnnl_any,
    /// Row-major, of any rank.
    cdnnl_plain,
    /// N x C/8 x H x W x 8 and N x C/16 x H x W x 16.
    cdnnl_blocked8,
    cdnnl_blocked16,
    /// Weights in blocks of 16 inputs x 16 outputs, for each group if there is an axis for it: of rank 4 or 5 only.
    cdnnl_weights16,
    /// Something else that only oneDNN knows.
    cdnnl_opaque,
} cdnnl_format;

/// What a tensor's values are; float32 unless said otherwise.
typedef enum { cdnnl_float32, cdnnl_bfloat16 } cdnnl_type;

typedef struct {
    int rank;
    int64_t dims[5];
    cdnnl_format format;
    cdnnl_type type;
} cdnnl_tensor;

/// Height and width of what slides over an image. dilation is Caffe's: 1 is none.
typedef struct {
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
} cdnnl_window;

// MARK: Primitives

typedef enum {
    cdnnl_direct,
    /// For kernels of 3 x 3; not every processor, shape and version of oneDNN has it.
    cdnnl_winograd,
} cdnnl_algorithm;

typedef struct cdnnl_op cdnnl_op;

/// The arguments of a primitive: what a blob's data is, then what its diff is.
typedef enum {
    cdnnl_source,
    cdnnl_weights,
    cdnnl_bias,
    cdnnl_destination,
    cdnnl_workspace,
    cdnnl_scratchpad,
    cdnnl_diff_source,
    cdnnl_diff_weights,
    cdnnl_diff_bias,
    cdnnl_diff_destination,
    cdnnl_argument_count,
} cdnnl_argument;

/// destination = source * weights + bias; its negative numbers become zero where it rectifies.
int cdnnl_convolution_forward(cdnnl_op *_Nullable *_Nonnull op, cdnnl_algorithm algorithm, cdnnl_tensor source,
                              cdnnl_tensor weights, const cdnnl_tensor *_Nullable bias, cdnnl_tensor destination,
                              cdnnl_window window, bool rectifies);
int cdnnl_convolution_backward_data(cdnnl_op *_Nullable *_Nonnull op, const cdnnl_op *forward,
                                    cdnnl_algorithm algorithm, cdnnl_tensor diff_source, cdnnl_tensor weights,
                                    cdnnl_tensor diff_destination, cdnnl_window window);
int cdnnl_convolution_backward_weights(cdnnl_op *_Nullable *_Nonnull op, const cdnnl_op *forward,
                                       cdnnl_algorithm algorithm, cdnnl_tensor source, cdnnl_tensor diff_weights,
                                       const cdnnl_tensor *_Nullable diff_bias, cdnnl_tensor diff_destination,
                                       cdnnl_window window);

/// Where a forward `trains` it leaves in a workspace what backward needs.
typedef enum { cdnnl_max, cdnnl_average_with_padding, cdnnl_average_without_padding } cdnnl_pooling;

int cdnnl_pooling_forward(cdnnl_op *_Nullable *_Nonnull op, cdnnl_pooling method, cdnnl_tensor source,
                          cdnnl_tensor destination, cdnnl_window window, bool trains);
int cdnnl_pooling_backward(cdnnl_op *_Nullable *_Nonnull op, const cdnnl_op *forward, cdnnl_pooling method,
                           cdnnl_tensor diff_source, cdnnl_tensor diff_destination, cdnnl_window window);

/// Local response normalisation across channels: x * (k + alpha / size * sum of squares) ^ -beta.
int cdnnl_lrn_forward(cdnnl_op *_Nullable *_Nonnull op, cdnnl_tensor tensor, int64_t size, float alpha, float beta,
                      float k, bool trains);
int cdnnl_lrn_backward(cdnnl_op *_Nullable *_Nonnull op, const cdnnl_op *forward, cdnnl_tensor tensor, int64_t size,
                       float alpha, float beta, float k);

/// destination = source + beta * destination, beta 0 or 1, from one format and type into another.
int cdnnl_reorder(cdnnl_op *_Nullable *_Nonnull op, cdnnl_tensor source, cdnnl_tensor destination, float beta);
/// The same into, and out of, the format which another primitive has chosen for one of its arguments.
int cdnnl_reorder_into(cdnnl_op *_Nullable *_Nonnull op, cdnnl_tensor source, const cdnnl_op *other,
                       cdnnl_argument argument);
int cdnnl_reorder_out_of(cdnnl_op *_Nullable *_Nonnull op, const cdnnl_op *other, cdnnl_argument argument,
                         cdnnl_tensor destination, float beta);

void cdnnl_free(cdnnl_op *op);

/// The implementation that oneDNN chose: "jit:avx512_common", "ref:any".
const char *cdnnl_implementation(const cdnnl_op *op);

/// The format that the primitive has chosen for an argument of these dimensions, of whatever type.
cdnnl_format cdnnl_format_of(const cdnnl_op *op, cdnnl_argument argument, cdnnl_tensor tensor);

/// What the values of an argument are.
cdnnl_type cdnnl_type_of(const cdnnl_op *op, cdnnl_argument argument);

/// Bytes of an argument, padding included; 0 if the primitive has no such argument.
size_t cdnnl_bytes_of(const cdnnl_op *op, cdnnl_argument argument);

/// Points an argument at memory; does nothing if the primitive has no such argument.
void cdnnl_bind(cdnnl_op *op, cdnnl_argument argument, const void *memory);

/// Runs to the end.
int cdnnl_run(cdnnl_op *op);

/// Row-major C = alpha * op(A) * op(B) + beta * C.
int cdnnl_sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                const float *_Nullable a, int64_t lda, const float *_Nullable b, int64_t ldb, float beta,
                float *_Nullable c, int64_t ldc);

/// The same with A and B rounded to bfloat16, on the calling thread alone; only where cdnnl_has_bfloat16.
void cdnnl_gemm_bf16(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                     const float *_Nullable a, int64_t lda, const float *_Nullable b, int64_t ldb, float beta,
                     float *_Nullable c, int64_t ldc);

// MARK: The machine

/// Runs a loop of multiply-adds on the registers of the calling thread's core; the result is of no use.
float cdnnl_fma(int64_t rounds);
/// How many operations a round of it has: two for each multiply-add.
int cdnnl_fma_operations(void);

#pragma clang assume_nonnull end

#endif
