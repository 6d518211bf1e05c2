/* SPDX-License-Identifier: ISC */
/*
 * sndbuf.c - preloaded: sockets get the smallest send buffer that the system has, whatever they ask for.
 */
#include <dlfcn.h>
#include <sys/socket.h>

int setsockopt(int descriptor, int level, int option, const void *value, socklen_t length)
{
	int (*real)(int, int, int, const void *, socklen_t);
	static const int smallest = 1;

	*(void **)&real = dlsym(RTLD_NEXT, "setsockopt");
	if (level == SOL_SOCKET && (option == SO_SNDBUF || option == SO_SNDBUFFORCE))
		value = &smallest;
	return real(descriptor, level, option, value, length);
}
