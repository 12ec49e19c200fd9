// Multiply-adds on registers alone, as fast as the processor can: one loop for each width of its vectors.
#include "CDNNL.h"

// Independent sums hide the latency of each other's multiply-adds; a loop needs all its registers and no more.
#define LOOP(name, target, width, sums)                                                                     \
    target static float name(int64_t rounds) {                                                              \
        typedef float vector __attribute__((vector_size(4 * (width))));                                     \
        vector x = (vector){0} + 0.999f, y = (vector){0} + 1e-3f, sum[sums];                                \
        for (int i = 0; i < (sums); i++) sum[i] = x * (float)(i + 1);                                       \
        for (int64_t round = 0; round < rounds; round++) {                                                  \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < (sums); i++) sum[i] = sum[i] * x + y;    \
        }                                                                                                   \
        float total = 0;                                                                                    \
        for (int i = 0; i < (sums); i++)                                                                    \
            for (int lane = 0; lane < (width); lane++) total += sum[i][lane];                               \
        return total;                                                                                       \
    }

#if defined(__x86_64__)
LOOP(fma_avx512, __attribute__((target("avx512f"))), 16, 24)
LOOP(fma_avx2, __attribute__((target("avx2,fma"))), 8, 12)
LOOP(fma_plain, , 4, 12)

static bool has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

float cdnnl_fma(int64_t rounds) {
    return has_avx512() ? fma_avx512(rounds) : has_avx2() ? fma_avx2(rounds) : fma_plain(rounds);
}

int cdnnl_fma_operations(void) { return 2 * (has_avx512() ? 16 * 24 : has_avx2() ? 8 * 12 : 4 * 12); }
#else
LOOP(fma_plain, , 4, 24)

float cdnnl_fma(int64_t rounds) { return fma_plain(rounds); }

int cdnnl_fma_operations(void) { return 2 * 4 * 24; }
#endif
