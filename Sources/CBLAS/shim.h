// OpenBLAS's C interface as it is: Swift imports it without help.
#ifndef CBLAS_SHIM_H
#define CBLAS_SHIM_H
#include <cblas.h>
#endif
