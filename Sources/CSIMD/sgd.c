#include "CSIMD.h"

#if defined(__x86_64__)
#define EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EVERY_PROCESSOR
#endif

// A fused multiply-add rounds once instead of twice, and only some processors have it: without it all agree.
#pragma clang fp contract(off)

EVERY_PROCESSOR
void csimd_sgd(float *restrict w, const float *restrict g, float *restrict v, size_t count, float rate, float momentum,
               float scale, float decay) {
    for (size_t i = 0; i < count; i++) {
        v[i] = momentum * v[i] + rate * (scale * g[i] + decay * w[i]);
        w[i] -= v[i];
    }
}
