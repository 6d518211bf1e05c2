/* SPDX-License-Identifier: ISC */
#include "interop/fault.h"

#include <stdarg.h>
#include <stdio.h>

bool fault_say(struct fault *fault, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(fault->text, sizeof(fault->text), format, arguments);
	va_end(arguments);
	return false;
}
