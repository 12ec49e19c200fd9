// Products of float32 matrices in bfloat16 arithmetic: factors are rounded on their way into the cache, sums are float32.
//
// oneDNN's own bf16 products want bf16 matrices. Weights that change each step would be read, rounded and written before
// they are read again, which costs more than it saves where a matrix is multiplied with few rows or columns only.
//
// The scheme is Goto's: a block of B is packed for the second-level cache, eight rows of A for the first, and a tile of
// 8 x 32 of C stays in registers while a pair of depth after the other is added. Matrices that are walked through once
// come from memory at the speed of multiplication: each tile fetches ahead what a later one will need.
#include "CDNNL.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

// In floats: a tile's rows, a vector, the depth of a block, the size of a packed block of B.
enum { tile_rows = 8, lanes = 16, max_depth = 256, block = 1 << 17 };
// From one row of packed A to the next; not a power of two, so that rows don't meet in the cache.
enum { packed_stride = max_depth + 2 * lanes };

static int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t round_up(int64_t a, int64_t to) { return (a + to - 1) / to * to; }

// The first `count` of 16 lanes: none below 0, all from 16 on.
static __mmask16 first(int64_t count) {
    return count >= lanes ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

// Sixteen floats of which the first `count` count; the others, which need not be there, are 0.
BF16 static inline __m512 load(const float *from, int64_t count) {
    return count >= lanes ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(first(count), from);
}

// Thirty-two floats as bfloat16 numbers, likewise.
BF16 static inline __m512i rounded(const float *from, int64_t count) {
    return (__m512i)_mm512_cvtne2ps_pbh(load(from + lanes, count - lanes), load(from, count));
}

// The pairs (low[i], high[i]) of sixteen and sixteen floats.
BF16 static inline __m512i pairs_of(__m512 low, __m512 high) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                                           21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

// MARK: Packing. Depth is padded with zeros to whole vectors of bfloat16 numbers.

// rows x depth of A: row after row.
BF16 static void pack_a(const float *a, int64_t lda, int64_t rows, int64_t depth, uint16_t *packed) {
    for (int r = 0; r < tile_rows; r++)
        for (int64_t k = 0; k < depth; k += 2 * lanes)
            _mm512_storeu_si512(packed + r * packed_stride + k, rounded(a + r * lda + k, r < rows ? depth - k : 0));
}

// The same where A lies there as depth x rows.
BF16 static void pack_transposed_a(const float *a, int64_t lda, int64_t rows, int64_t depth, uint16_t *packed) {
    for (int64_t k = 0; k < round_up(depth, 2 * lanes); k += 2) {
        __m512 low = load(a + k * lda, k < depth ? rows : 0);
        __m512 high = load(a + (k + 1) * lda, k + 1 < depth ? rows : 0);
        uint32_t pairs[lanes];
        _mm512_storeu_si512(pairs, pairs_of(low, high));
        for (int r = 0; r < tile_rows; r++) memcpy(packed + r * packed_stride + k, &pairs[r], sizeof pairs[r]);
    }
}

// depth x columns of B: strips of `width` columns, in each the pairs of depth one after the other.
BF16 static void pack_b(const float *b, int64_t ldb, int64_t depth, int64_t columns, int64_t width, uint16_t *packed) {
    int64_t padded = round_up(depth, 2 * lanes);
    for (int64_t k = 0; k < padded; k += 2)
        for (int64_t strip = 0; strip < columns; strip += width)
            for (int64_t c = 0; c < width; c += lanes) {
                const float *from = b + k * ldb + strip + c;
                __m512 low = load(from, k < depth ? columns - strip - c : 0);
                __m512 high = load(from + ldb, k + 1 < depth ? columns - strip - c : 0);
                _mm512_store_si512(packed + strip * padded + k * width + c * 2, pairs_of(low, high));
            }
}

// The same where B lies there as columns x depth.
BF16 static void pack_transposed_b(const float *b, int64_t ldb, int64_t depth, int64_t columns, int64_t width,
                                   uint16_t *packed) {
    int64_t padded = round_up(depth, 2 * lanes);
    for (int64_t strip = 0; strip < columns; strip += width)
        for (int64_t c = 0; c < width; c++)
            for (int64_t k = 0; k < padded; k += 2 * lanes) {
                const float *from = b + (strip + c) * ldb + k;
                uint32_t pairs[lanes];
                _mm512_storeu_si512(pairs, rounded(from, strip + c < columns ? depth - k : 0));
                uint16_t *to = packed + strip * padded + k * width + c * 2;
                for (int i = 0; i < lanes; i++) memcpy(to + 2 * i * width, &pairs[i], sizeof pairs[i]);
            }
}

// MARK: Multiplying

// Cache lines to fetch while a tile is multiplied, one for each pair of depth: 2^shift of them in each of eight rows.
struct ahead {
    const float *start;
    int64_t stride;
    int shift;
};

BF16 static inline void fetch(struct ahead ahead, int64_t line) {
    int64_t row = min(line >> ahead.shift, tile_rows - 1);
    _mm_prefetch(ahead.start + row * ahead.stride + (line & ((1 << ahead.shift) - 1)) * lanes, _MM_HINT_T1);
}

// A tile of C and what scales it.
struct tile {
    float *c;
    int64_t ldc;
    int64_t rows, columns;
    float alpha, beta;
};

// C = alpha * sum + beta * C, for sixteen columns of one row.
BF16 static inline void finish(const struct tile *tile, int row, int64_t column, __m512 sum) {
    __mmask16 inside = row < tile->rows ? first(tile->columns - column) : 0;
    float *c = tile->c + row * tile->ldc + column;
    sum = _mm512_mul_ps(_mm512_set1_ps(tile->alpha), sum);
    if (tile->beta != 0)
        sum = _mm512_fmadd_ps(_mm512_set1_ps(tile->beta), _mm512_maskz_loadu_ps(inside, c), sum);
    _mm512_mask_storeu_ps(c, inside, sum);
}

// Eight rows of A times a strip of B, 16 or 32 wide.
BF16 static inline __attribute__((always_inline)) void multiply(const struct tile *tile, int64_t depth,
                                                                const uint16_t *a, const uint16_t *b, int vectors,
                                                                struct ahead ahead) {
    __m512 sum[tile_rows][2];
    for (int r = 0; r < tile_rows; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    for (int64_t pair = 0; pair < (depth + 1) / 2; pair++) {
        __m512bh right[2];
        for (int v = 0; v < vectors; v++) right[v] = (__m512bh)_mm512_load_si512(b + (pair * vectors + v) * 2 * lanes);
        fetch(ahead, pair);
        for (int r = 0; r < tile_rows; r++) {
            int32_t left;
            memcpy(&left, a + r * packed_stride + 2 * pair, sizeof left);
            for (int v = 0; v < vectors; v++)
                sum[r][v] = _mm512_dpbf16_ps(sum[r][v], (__m512bh)_mm512_set1_epi32(left), right[v]);
        }
    }
    for (int r = 0; r < tile_rows; r++)
        for (int v = 0; v < vectors; v++) finish(tile, r, v * lanes, sum[r][v]);
}

BF16 void cdnnl_gemm_bf16(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                          const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
                          int64_t ldc) {
    _Alignas(64) uint16_t packed_a[tile_rows * packed_stride];
    _Alignas(64) uint16_t packed_b[block];
    int64_t width = n <= lanes ? lanes : 2 * lanes;
    int64_t block_depth = min(round_up(k, 2 * lanes), max_depth);
    int64_t block_columns = min(round_up(n, width), block / block_depth / width * width);
    for (int64_t j = 0; j < n; j += block_columns) {
        int64_t columns = min(block_columns, n - j);
        for (int64_t p = 0; p < k; p += block_depth) {
            int64_t depth = min(block_depth, k - p);
            const float *block_b = b + (transpose_b ? j * ldb + p : p * ldb + j);
            (transpose_b ? pack_transposed_b : pack_b)(block_b, ldb, depth, columns, width, packed_b);
            struct ahead next_b = {block_b + depth * ldb, ldb, 5};
            for (int64_t i = 0; i < m; i += tile_rows) {
                struct tile tile = {c + i * ldc + j, ldc, min(tile_rows, m - i), columns, alpha, p == 0 ? beta : 1};
                const float *block_a = a + (transpose_a ? p * lda + i : i * lda + p);
                (transpose_a ? pack_transposed_a : pack_a)(block_a, lda, tile.rows, depth, packed_a);
                struct ahead next_a = {block_a + tile_rows * lda, lda, 4};
                for (int64_t s = 0; s < columns; s += width) {
                    const uint16_t *strip = packed_b + s * round_up(depth, 2 * lanes);
                    struct ahead next_c = {tile.c + width, ldc, 1};
                    struct ahead ahead = m * k >= m * n && m * k >= k * n ? next_a : k * n >= m * n ? next_b : next_c;
                    if (width == lanes)
                        multiply(&tile, depth, packed_a, strip, 1, ahead);
                    else
                        multiply(&tile, depth, packed_a, strip, 2, ahead);
                    tile.c += width;
                    tile.columns -= width;
                    next_b.start += 4 * ldb;
                }
            }
        }
    }
}

#else

// Nobody calls it: cdnnl_has_bfloat16 is false.
void cdnnl_gemm_bf16(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                     int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    __builtin_trap();
}

#endif
