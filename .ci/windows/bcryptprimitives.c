/* Wine 8 lacks the one function of bcryptprimitives.dll that Rust's standard library asks for at the start. This stands
   in for it beside the program, in tests only: Windows 10 and later have the real one. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
  return RtlGenRandom(data, (ULONG)length);
}
