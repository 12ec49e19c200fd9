// Engine, tensors, and the life of an op: make, bind, run, free.
#include "op.h"

#include <oneapi/dnnl/dnnl_debug.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// Debian's oneDNN runs on GNU OpenMP; <omp.h> belongs to gcc and is not in clang's search path.
extern void omp_set_num_threads(int count);
extern int omp_get_max_threads(void);
extern int omp_get_num_threads(void);
extern int omp_get_thread_num(void);
// What gcc makes of "#pragma omp parallel num_threads(threads)"; clang's pragma would want another runtime.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);

const char *cdnnl_version(char buffer[32]) {
    const dnnl_version_t *version = dnnl_version();
    snprintf(buffer, 32, "%d.%d.%d", version->major, version->minor, version->patch);
    return buffer;
}

const char *cdnnl_status_text(int status) { return dnnl_status2str(status); }

// Each set has the bits of all that it contains.
static bool has(dnnl_cpu_isa_t set) { return ((int)dnnl_get_effective_cpu_isa() & (int)set) == (int)set; }

bool cdnnl_has_bfloat16(void) { return has(dnnl_cpu_isa_avx512_core_bf16); }

const char *cdnnl_instruction_set(void) {
    if (has(dnnl_cpu_isa_avx512_core_amx)) return "avx512_core_amx";
    if (has(dnnl_cpu_isa_avx512_core_bf16)) return "avx512_core_bf16";
    if (has(dnnl_cpu_isa_avx512_core)) return "avx512_core";
    if (has(dnnl_cpu_isa_avx2)) return "avx2";
    if (has(dnnl_cpu_isa_avx)) return "avx";
    return "no instruction set that it names";
}

// MARK: Threads

void cdnnl_set_threads(int count) { omp_set_num_threads(count); }

struct region {
    int parts;
    void *context;
    void (*body)(void *, int, int);
};

static void run_region(void *data) {
    const struct region *region = data;
    int step = omp_get_num_threads();
    for (int part = omp_get_thread_num(); part < region->parts; part += step)
        region->body(region->context, part, region->parts);
}

void cdnnl_parallel(int parts, void *context, void (*body)(void *, int, int)) {
    struct region region = {parts, context, body};
    GOMP_parallel(run_region, &region, (unsigned)parts, 0);
}

// MARK: Engine

static pthread_once_t once = PTHREAD_ONCE_INIT;
static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void start(void) {
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success)
        dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
}

// A NULL engine makes the first call that uses it return invalid_arguments.
dnnl_engine_t cdnnl_engine(void) {
    pthread_once(&once, start);
    return engine;
}

// MARK: Tensors

static dnnl_format_tag_t tag_of(cdnnl_tensor tensor) {
    static const dnnl_format_tag_t plain[] = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
    switch (tensor.format) {
    case cdnnl_any: return dnnl_format_tag_any;
    case cdnnl_plain: return plain[tensor.rank - 1];
    case cdnnl_blocked8: return dnnl_nChw8c;
    case cdnnl_blocked16: return dnnl_nChw16c;
    case cdnnl_weights16: return tensor.rank == 5 ? dnnl_gOIhw16i16o : dnnl_OIhw16i16o;
    default: return dnnl_format_tag_undef;
    }
}

dnnl_status_t desc_make(dnnl_memory_desc_t *desc, cdnnl_tensor tensor) {
    dnnl_data_type_t type = tensor.type == cdnnl_bfloat16 ? dnnl_bf16 : dnnl_f32;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_tag(desc, tensor.rank, tensor.dims, type, tag_of(tensor));
#else
    return dnnl_memory_desc_init_by_tag(desc, tensor.rank, tensor.dims, type, tag_of(tensor));
#endif
}

void desc_free(dnnl_memory_desc_t desc) {
#if DNNL_VERSION_MAJOR >= 3
    if (desc) dnnl_memory_desc_destroy(desc);
#else
    (void)desc;
#endif
}

// MARK: Arguments

static const int dnnl_argument[cdnnl_argument_count] = {
    [cdnnl_source] = DNNL_ARG_SRC,
    [cdnnl_weights] = DNNL_ARG_WEIGHTS,
    [cdnnl_bias] = DNNL_ARG_BIAS,
    [cdnnl_destination] = DNNL_ARG_DST,
    [cdnnl_workspace] = DNNL_ARG_WORKSPACE,
    [cdnnl_scratchpad] = DNNL_ARG_SCRATCHPAD,
    [cdnnl_diff_source] = DNNL_ARG_DIFF_SRC,
    [cdnnl_diff_weights] = DNNL_ARG_DIFF_WEIGHTS,
    [cdnnl_diff_bias] = DNNL_ARG_DIFF_BIAS,
    [cdnnl_diff_destination] = DNNL_ARG_DIFF_DST,
};

desc_ref argument_desc(const cdnnl_op *op, cdnnl_argument argument) {
    return dnnl_primitive_desc_query_md(op->description, dnnl_query_exec_arg_md, dnnl_argument[argument]);
}

cdnnl_type cdnnl_type_of(const cdnnl_op *op, cdnnl_argument argument) {
    desc_ref desc = argument_desc(op, argument);
    dnnl_data_type_t type = dnnl_f32;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_query(desc, dnnl_query_data_type, &type);
#else
    type = desc->data_type;
#endif
    return type == dnnl_bf16 ? cdnnl_bfloat16 : cdnnl_float32;
}

cdnnl_format cdnnl_format_of(const cdnnl_op *op, cdnnl_argument argument, cdnnl_tensor tensor) {
    desc_ref desc = argument_desc(op, argument);
    cdnnl_format found = cdnnl_opaque;
    tensor.type = cdnnl_type_of(op, argument);
    for (cdnnl_format format = cdnnl_plain; format < cdnnl_opaque && found == cdnnl_opaque; format++) {
        if (format == cdnnl_weights16 || (format != cdnnl_plain && tensor.rank != 4)) continue;
        dnnl_memory_desc_t candidate = NO_DESC;
        tensor.format = format;
        if (desc_make(&candidate, tensor) == dnnl_success && dnnl_memory_desc_equal(desc, REF(candidate)))
            found = format;
        desc_free(candidate);
    }
    return found;
}

size_t cdnnl_bytes_of(const cdnnl_op *op, cdnnl_argument argument) {
    desc_ref desc = argument_desc(op, argument);
    return desc ? dnnl_memory_desc_get_size(desc) : 0;
}

const char *cdnnl_implementation(const cdnnl_op *op) {
    const char *text = "";
    dnnl_primitive_desc_query(op->description, dnnl_query_impl_info_str, 0, &text);
    return text;
}

// MARK: Life of an op

static dnnl_status_t add_arguments(cdnnl_op *op) {
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < cdnnl_argument_count && status == dnnl_success; i++) {
        if (cdnnl_bytes_of(op, i) == 0) continue;
        dnnl_exec_arg_t *argument = &op->arguments[op->count];
        argument->arg = dnnl_argument[i];
        status = dnnl_memory_create(&argument->memory, argument_desc(op, i), engine, DNNL_MEMORY_NONE);
        if (status == dnnl_success) op->count++;
    }
    return status;
}

int op_make(cdnnl_op **result, dnnl_primitive_desc_t description, dnnl_status_t status) {
    *result = NULL;
    if (status != dnnl_success) return status;
    cdnnl_op *op = calloc(1, sizeof *op);
    if (!op) {
        dnnl_primitive_desc_destroy(description);
        return dnnl_out_of_memory;
    }
    op->description = description;
    op->threads = omp_get_max_threads();
    status = dnnl_primitive_create(&op->primitive, description);
    if (status == dnnl_success) status = add_arguments(op);
    if (status == dnnl_success)
        *result = op;
    else
        cdnnl_free(op);
    return status;
}

void cdnnl_free(cdnnl_op *op) {
    for (int i = 0; i < op->count; i++) dnnl_memory_destroy(op->arguments[i].memory);
    if (op->primitive) dnnl_primitive_destroy(op->primitive);
    dnnl_primitive_desc_destroy(op->description);
    free(op);
}

void cdnnl_bind(cdnnl_op *op, cdnnl_argument argument, const void *memory) {
    for (int i = 0; i < op->count; i++)
        if (op->arguments[i].arg == dnnl_argument[argument])
            dnnl_memory_set_data_handle(op->arguments[i].memory, (void *)memory);
}

int cdnnl_run(cdnnl_op *op) {
    omp_set_num_threads(op->threads);
    dnnl_status_t status = dnnl_primitive_execute(op->primitive, stream, op->count, op->arguments);
    return status == dnnl_success ? dnnl_stream_wait(stream) : status;
}

int cdnnl_sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    return dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
