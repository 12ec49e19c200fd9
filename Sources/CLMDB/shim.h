// LMDB's C interface as it is: Swift imports it without help.
#ifndef CLMDB_SHIM_H
#define CLMDB_SHIM_H
#include <lmdb.h>
#endif
