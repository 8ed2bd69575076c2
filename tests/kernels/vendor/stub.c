/* A library under one of NVIDIA's names: VERSION, CUDART and CREATE_STATUS are what it answers; LACKING leaves out a
   function, UNRESOLVED needs one that nobody has, OTHER is a library of something else. */
#include <stddef.h>

#ifndef CREATE_STATUS
#define CREATE_STATUS 0
#endif

int pleura_vendor_stub = 1;

#ifdef UNRESOLVED
int pleura_function_of_nobody(void);
int pleura_vendor_stub_calls(void) { return pleura_function_of_nobody(); }
#endif

#ifndef OTHER
#ifdef CUBLASLT
#define NAME(name) cublasLt##name
#else
#define NAME(name) cudnn##name
#endif
#define UNUSED(name) \
  void NAME(name)(void) {}

size_t NAME(GetVersion)(void) { return VERSION; }
size_t NAME(GetCudartVersion)(void) { return CUDART; }
int NAME(Create)(void** handle) {
  *handle = &pleura_vendor_stub;
  return CREATE_STATUS;
}
int NAME(Destroy)(void* handle) {
  pleura_vendor_stub = handle == &pleura_vendor_stub ? 0 : -1;
  return 0;
}

#ifdef CUBLASLT
const char* cublasLtGetStatusString(int status) { return status == CREATE_STATUS ? "the stub makes none" : "?"; }
UNUSED(Matmul)
#ifndef LACKING
UNUSED(MatmulAlgoGetHeuristic)
#endif
UNUSED(MatmulDescCreate)
UNUSED(MatmulDescDestroy)
UNUSED(MatmulDescSetAttribute)
UNUSED(MatrixLayoutCreate)
UNUSED(MatrixLayoutDestroy)
UNUSED(MatrixLayoutSetAttribute)
UNUSED(MatmulPreferenceCreate)
UNUSED(MatmulPreferenceDestroy)
UNUSED(MatmulPreferenceSetAttribute)
#else
const char* cudnnGetErrorString(int status) { return status == CREATE_STATUS ? "the stub makes none" : "?"; }
UNUSED(SetStream)
UNUSED(BackendCreateDescriptor)
UNUSED(BackendDestroyDescriptor)
UNUSED(BackendSetAttribute)
UNUSED(BackendGetAttribute)
UNUSED(BackendFinalize)
#ifndef LACKING
UNUSED(BackendExecute)
#endif
#endif
#endif
