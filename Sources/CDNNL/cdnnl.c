#include "CDNNL.h"

// Debian's oneDNN runs on GNU OpenMP; <omp.h> belongs to gcc and is not in clang's search path.
extern void omp_set_num_threads(int count);

void cdnnl_set_threads(int count) { omp_set_num_threads(count); }
