/*
 * The one function of Windows' bcryptprimitives.dll that Rust's standard library asks for, for versions of Wine that do
 * not have it (before 9.0): random bytes, from what Wine has.
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(void *bytes, ULONG len);

__declspec(dllexport) BOOL WINAPI ProcessPrng(unsigned char *bytes, SIZE_T len)
{
    const ULONG most = 1 << 20;
    while (len > 0) {
        ULONG part = len < most ? (ULONG)len : most;
        if (!SystemFunction036(bytes, part)) {
            return FALSE;
        }
        bytes += part;
        len -= part;
    }
    return TRUE;
}
