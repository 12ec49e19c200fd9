// One maker per kind of primitive. oneDNN 2 fills an operation descriptor and makes the primitive's from that;
// oneDNN 3 makes it in one call.
#include "op.h"

static const dnnl_prop_kind_t training = dnnl_forward_training;

static dnnl_prop_kind_t forward_kind(bool trains) { return trains ? training : dnnl_forward_inference; }

// oneDNN counts the gaps of a dilation, Caffe the steps.
static void gaps(const cdnnl_window *window, dnnl_dims_t result) {
    for (int i = 0; i < 2; i++) result[i] = window->dilation[i] - 1;
}

// Scratchpads are the caller's, so that all ops can share one; and an accumulating reorder adds to what is there.
static dnnl_status_t attributes_make(dnnl_primitive_attr_t *attributes, float beta) {
    dnnl_status_t status = dnnl_primitive_attr_create(attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
    if (status != dnnl_success || beta == 0) return status;
    dnnl_post_ops_t post;
    status = dnnl_post_ops_create(&post);
    if (status != dnnl_success) return status;
#if DNNL_VERSION_MAJOR >= 3
    status = dnnl_post_ops_append_sum(post, beta, 0, dnnl_data_type_undef);
#else
    status = dnnl_post_ops_append_sum(post, beta);
#endif
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, post);
    dnnl_post_ops_destroy(post);
    return status;
}

static dnnl_status_t attributes_rectify(dnnl_primitive_attr_t attributes) {
    dnnl_post_ops_t post;
    dnnl_status_t status = dnnl_post_ops_create(&post);
    if (status != dnnl_success) return status;
#if DNNL_VERSION_MAJOR >= 3
    status = dnnl_post_ops_append_eltwise(post, dnnl_eltwise_relu, 0, 0);
#else
    status = dnnl_post_ops_append_eltwise(post, 1, dnnl_eltwise_relu, 0, 0);
#endif
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, post);
    dnnl_post_ops_destroy(post);
    return status;
}

// What every maker needs: attributes and up to four descriptors, freed together.
struct parts {
    dnnl_primitive_attr_t attributes;
    dnnl_memory_desc_t source, weights, bias, destination;
    dnnl_status_t status;
};

static struct parts parts_make(const cdnnl_tensor *source, const cdnnl_tensor *weights, const cdnnl_tensor *bias,
                               const cdnnl_tensor *destination, float beta) {
    struct parts parts = {NULL, NO_DESC, NO_DESC, NO_DESC, NO_DESC, dnnl_success};
    parts.status = cdnnl_engine() ? attributes_make(&parts.attributes, beta) : dnnl_runtime_error;
    const cdnnl_tensor *tensors[] = {source, weights, bias, destination};
    dnnl_memory_desc_t *descs[] = {&parts.source, &parts.weights, &parts.bias, &parts.destination};
    for (int i = 0; i < 4; i++)
        if (parts.status == dnnl_success && tensors[i]) parts.status = desc_make(descs[i], *tensors[i]);
    return parts;
}

static void parts_free(struct parts *parts) {
    if (parts->attributes) dnnl_primitive_attr_destroy(parts->attributes);
    desc_free(parts->source);
    desc_free(parts->weights);
    desc_free(parts->bias);
    desc_free(parts->destination);
}

// MARK: Convolution

static dnnl_alg_kind_t kind_of(cdnnl_algorithm algorithm) {
    return algorithm == cdnnl_winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
}

int cdnnl_convolution_forward(cdnnl_op **op, cdnnl_algorithm algorithm, cdnnl_tensor source, cdnnl_tensor weights,
                              const cdnnl_tensor *bias, cdnnl_tensor destination, cdnnl_window window,
                              bool rectifies) {
    struct parts p = parts_make(&source, &weights, bias, &destination, 0);
    if (p.status == dnnl_success && rectifies) p.status = attributes_rectify(p.attributes);
    dnnl_primitive_desc_t description = NULL;
    dnnl_dims_t dilation;
    gaps(&window, dilation);
    desc_ref bias_ref = bias ? REF(p.bias) : NULL;
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        p.status = dnnl_convolution_forward_primitive_desc_create(
            &description, cdnnl_engine(), training, kind_of(algorithm), p.source, p.weights, bias_ref,
            p.destination, window.stride, dilation, window.pad_begin, window.pad_end, p.attributes);
#else
        dnnl_convolution_desc_t operation;
        p.status = dnnl_dilated_convolution_forward_desc_init(
            &operation, training, kind_of(algorithm), &p.source, &p.weights, bias_ref, &p.destination,
            window.stride, dilation, window.pad_begin, window.pad_end);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(), NULL);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

int cdnnl_convolution_backward_data(cdnnl_op **op, const cdnnl_op *forward, cdnnl_algorithm algorithm,
                                    cdnnl_tensor diff_source, cdnnl_tensor weights, cdnnl_tensor diff_destination,
                                    cdnnl_window window) {
    struct parts p = parts_make(&diff_source, &weights, NULL, &diff_destination, 0);
    dnnl_primitive_desc_t description = NULL;
    dnnl_dims_t dilation;
    gaps(&window, dilation);
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        p.status = dnnl_convolution_backward_data_primitive_desc_create(
            &description, cdnnl_engine(), kind_of(algorithm), p.source, p.weights, p.destination, window.stride,
            dilation, window.pad_begin, window.pad_end, forward->description, p.attributes);
#else
        dnnl_convolution_desc_t operation;
        p.status = dnnl_dilated_convolution_backward_data_desc_init(
            &operation, kind_of(algorithm), &p.source, &p.weights, &p.destination, window.stride, dilation,
            window.pad_begin, window.pad_end);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(),
                                                  forward->description);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

int cdnnl_convolution_backward_weights(cdnnl_op **op, const cdnnl_op *forward, cdnnl_algorithm algorithm,
                                       cdnnl_tensor source, cdnnl_tensor diff_weights, const cdnnl_tensor *diff_bias,
                                       cdnnl_tensor diff_destination, cdnnl_window window) {
    struct parts p = parts_make(&source, &diff_weights, diff_bias, &diff_destination, 0);
    dnnl_primitive_desc_t description = NULL;
    dnnl_dims_t dilation;
    gaps(&window, dilation);
    desc_ref bias_ref = diff_bias ? REF(p.bias) : NULL;
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        p.status = dnnl_convolution_backward_weights_primitive_desc_create(
            &description, cdnnl_engine(), kind_of(algorithm), p.source, p.weights, bias_ref, p.destination,
            window.stride, dilation, window.pad_begin, window.pad_end, forward->description, p.attributes);
#else
        dnnl_convolution_desc_t operation;
        p.status = dnnl_dilated_convolution_backward_weights_desc_init(
            &operation, kind_of(algorithm), &p.source, &p.weights, bias_ref, &p.destination, window.stride,
            dilation, window.pad_begin, window.pad_end);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(),
                                                  forward->description);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

// MARK: Pooling

static dnnl_alg_kind_t pooling_algorithm(cdnnl_pooling method) {
    switch (method) {
    case cdnnl_max: return dnnl_pooling_max;
    case cdnnl_average_with_padding: return dnnl_pooling_avg_include_padding;
    default: return dnnl_pooling_avg_exclude_padding;
    }
}

int cdnnl_pooling_forward(cdnnl_op **op, cdnnl_pooling method, cdnnl_tensor source, cdnnl_tensor destination,
                          cdnnl_window window, bool trains) {
    struct parts p = parts_make(&source, NULL, NULL, &destination, 0);
    dnnl_primitive_desc_t description = NULL;
    dnnl_alg_kind_t algorithm = pooling_algorithm(method);
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        dnnl_dims_t dilation;
        gaps(&window, dilation);
        p.status = dnnl_pooling_forward_primitive_desc_create(
            &description, cdnnl_engine(), forward_kind(trains), algorithm, p.source, p.destination, window.stride,
            window.kernel, dilation, window.pad_begin, window.pad_end, p.attributes);
#else
        dnnl_pooling_desc_t operation;
        p.status = dnnl_pooling_forward_desc_init(&operation, forward_kind(trains), algorithm, &p.source,
                                                  &p.destination, window.stride, window.kernel, window.pad_begin,
                                                  window.pad_end);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(), NULL);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

int cdnnl_pooling_backward(cdnnl_op **op, const cdnnl_op *forward, cdnnl_pooling method, cdnnl_tensor diff_source,
                           cdnnl_tensor diff_destination, cdnnl_window window) {
    struct parts p = parts_make(&diff_source, NULL, NULL, &diff_destination, 0);
    dnnl_primitive_desc_t description = NULL;
    dnnl_alg_kind_t algorithm = pooling_algorithm(method);
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        dnnl_dims_t dilation;
        gaps(&window, dilation);
        p.status = dnnl_pooling_backward_primitive_desc_create(
            &description, cdnnl_engine(), algorithm, p.source, p.destination, window.stride, window.kernel, dilation,
            window.pad_begin, window.pad_end, forward->description, p.attributes);
#else
        dnnl_pooling_desc_t operation;
        p.status = dnnl_pooling_backward_desc_init(&operation, algorithm, &p.source, &p.destination, window.stride,
                                                   window.kernel, window.pad_begin, window.pad_end);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(),
                                                  forward->description);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

// MARK: LRN

int cdnnl_lrn_forward(cdnnl_op **op, cdnnl_tensor tensor, int64_t size, float alpha, float beta, float k,
                      bool trains) {
    struct parts p = parts_make(&tensor, NULL, NULL, NULL, 0);
    dnnl_primitive_desc_t description = NULL;
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        p.status = dnnl_lrn_forward_primitive_desc_create(&description, cdnnl_engine(), forward_kind(trains),
                                                          dnnl_lrn_across_channels, p.source, p.source, size, alpha,
                                                          beta, k, p.attributes);
#else
        dnnl_lrn_desc_t operation;
        p.status = dnnl_lrn_forward_desc_init(&operation, forward_kind(trains), dnnl_lrn_across_channels, &p.source,
                                              size, alpha, beta, k);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(), NULL);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

int cdnnl_lrn_backward(cdnnl_op **op, const cdnnl_op *forward, cdnnl_tensor tensor, int64_t size, float alpha,
                       float beta, float k) {
    struct parts p = parts_make(&tensor, NULL, NULL, NULL, 0);
    dnnl_primitive_desc_t description = NULL;
    if (p.status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        p.status = dnnl_lrn_backward_primitive_desc_create(
            &description, cdnnl_engine(), dnnl_lrn_across_channels, p.source, p.source, p.source, size, alpha, beta, k,
            forward->description, p.attributes);
#else
        dnnl_lrn_desc_t operation;
        p.status = dnnl_lrn_backward_desc_init(&operation, dnnl_lrn_across_channels, &p.source, &p.source, size, alpha,
                                               beta, k);
        if (p.status == dnnl_success)
            p.status = dnnl_primitive_desc_create(&description, &operation, p.attributes, cdnnl_engine(),
                                                  forward->description);
#endif
    }
    parts_free(&p);
    return op_make(op, description, p.status);
}

// MARK: Reorder

static int reorder(cdnnl_op **op, struct parts *p, desc_ref from, desc_ref to) {
    dnnl_primitive_desc_t description = NULL;
    if (p->status == dnnl_success)
        p->status = dnnl_reorder_primitive_desc_create(&description, from, cdnnl_engine(), to, cdnnl_engine(),
                                                       p->attributes);
    parts_free(p);
    return op_make(op, description, p->status);
}

int cdnnl_reorder(cdnnl_op **op, cdnnl_tensor source, cdnnl_tensor destination, float beta) {
    struct parts p = parts_make(&source, NULL, NULL, &destination, beta);
    return reorder(op, &p, REF(p.source), REF(p.destination));
}

int cdnnl_reorder_into(cdnnl_op **op, cdnnl_tensor source, const cdnnl_op *other, cdnnl_argument argument) {
    struct parts p = parts_make(&source, NULL, NULL, NULL, 0);
    return reorder(op, &p, REF(p.source), argument_desc(other, argument));
}

int cdnnl_reorder_out_of(cdnnl_op **op, const cdnnl_op *other, cdnnl_argument argument, cdnnl_tensor destination,
                         float beta) {
    struct parts p = parts_make(NULL, NULL, NULL, &destination, beta);
    return reorder(op, &p, argument_desc(other, argument), REF(p.destination));
}
