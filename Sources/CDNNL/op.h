// What the two halves of the shim share: descriptors whose type depends on oneDNN's version, and the op.
#ifndef CDNNL_OP_H
#define CDNNL_OP_H

#include <oneapi/dnnl/dnnl.h>

#include "CDNNL.h"

// A memory descriptor is a struct in oneDNN 2 and a handle that must be destroyed in oneDNN 3.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t desc_ref;
#define REF(desc) (desc)
#define NO_DESC NULL
#else
typedef const dnnl_memory_desc_t *desc_ref;
#define REF(desc) (&(desc))
#define NO_DESC ((dnnl_memory_desc_t){0})
#endif

struct cdnnl_op {
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    // The pool's size when it was made: scratchpads are cut to it, so it must run with the same.
    int threads;
    int count;
    dnnl_exec_arg_t arguments[cdnnl_argument_count];
};

// The process's only engine and stream: the CPU, in order.
dnnl_engine_t cdnnl_engine(void);

// Writes the tensor's descriptor; desc_free must follow, whether it worked or not.
dnnl_status_t desc_make(dnnl_memory_desc_t *desc, cdnnl_tensor tensor);
void desc_free(dnnl_memory_desc_t desc);

// The descriptor of an argument, of zero size where there is none; lives as long as the op.
desc_ref argument_desc(const cdnnl_op *op, cdnnl_argument argument);

// Makes the op of a description, which it takes over; gives the status on if there is an error already.
int op_make(cdnnl_op **op, dnnl_primitive_desc_t description, dnnl_status_t status);

#endif
