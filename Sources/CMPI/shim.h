// OpenMPI for Swift. Swift imports MPI's functions as they are, but not its handles: in mpi.h they are macros with
// casts, which Swift cannot see. Each gets one inline function here, named after it. No loops and no policy: the module
// Comm is the only caller, and turns every status into an error with text.
//
// This file can go when Swift imports macros that cast.
#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

// MPI's old C++ bindings are of no use here, and their header is not always installed.
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Comm hands Swift's Int to MPI as 64 bits.
_Static_assert(sizeof(intptr_t) == sizeof(int64_t), "Comm needs a 64-bit machine");

static inline MPI_Comm _Nonnull cmpi_comm_world(void) { return MPI_COMM_WORLD; }

static inline MPI_Datatype _Nonnull cmpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype _Nonnull cmpi_double(void) { return MPI_DOUBLE; }
static inline MPI_Datatype _Nonnull cmpi_int64(void) { return MPI_INT64_T; }
static inline MPI_Datatype _Nonnull cmpi_byte(void) { return MPI_BYTE; }

static inline MPI_Op _Nonnull cmpi_sum(void) { return MPI_SUM; }
static inline MPI_Op _Nonnull cmpi_min(void) { return MPI_MIN; }
static inline MPI_Op _Nonnull cmpi_max(void) { return MPI_MAX; }

// An address that MPI only compares; never to be read.
static inline const void *_Nonnull cmpi_in_place(void) { return MPI_IN_PLACE; }

// Where an operation that waits for nothing else need not say what came.
static inline MPI_Status *_Nullable cmpi_status_ignore(void) { return MPI_STATUS_IGNORE; }

static inline MPI_Errhandler _Nonnull cmpi_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Info _Nonnull cmpi_info_null(void) { return MPI_INFO_NULL; }

// Enumerators and sizes, as the int that MPI's functions take.
static inline int cmpi_thread_serialized(void) { return MPI_THREAD_SERIALIZED; }
static inline int cmpi_undefined(void) { return MPI_UNDEFINED; }
static inline int cmpi_comm_type_shared(void) { return MPI_COMM_TYPE_SHARED; }
static inline int cmpi_max_error_string(void) { return MPI_MAX_ERROR_STRING; }
static inline int cmpi_max_library_version_string(void) { return MPI_MAX_LIBRARY_VERSION_STRING; }

// How OpenMPI moves long messages between the processes of a host; the C library hides its own function for it, a GNU
// extension, from Swift. Returns the bytes read, or -1 and errno.
static inline long cmpi_read_process(pid_t process, uintptr_t address, void *_Nonnull buffer, size_t length) {
    struct iovec here = {buffer, length}, there = {(void *)address, length};
    return syscall(SYS_process_vm_readv, process, &here, 1L, &there, 1L, 0L);
}

#endif
