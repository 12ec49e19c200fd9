// oneDNN for Swift: the same few calls over oneDNN 2 and 3, whose C interfaces differ.
#ifndef CDNNL_H
#define CDNNL_H

/// Sets the number of threads of oneDNN's OpenMP pool in this process.
void cdnnl_set_threads(int count);

#endif
