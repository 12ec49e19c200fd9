// Loops that are compiled for several processors at once, of which the program takes the best where it runs: C's
// target_clones, which Swift lacks. What a Swift loop can do as fast is not here.
#ifndef CSIMD_H
#define CSIMD_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// v = momentum * v + rate * (scale * g + decay * w); w = w - v; the same bits on every processor.
void csimd_sgd(float *w, const float *g, float *v, size_t count, float rate, float momentum, float scale, float decay);

#pragma clang assume_nonnull end

#endif
