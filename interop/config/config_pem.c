/* SPDX-License-Identifier: ISC */
#include "interop/config/config_pem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"

static bool check_mode(const char *path, enum pem_kind kind, const struct stat *status,
		       struct fault *fault)
{
	if (!S_ISREG(status->st_mode))
		return fault_say(fault, "%s is not a regular file", path);
	if (kind == PEM_PRIVATE && (status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return fault_say(fault, "%s may be read or written by others: chmod 600 %s", path,
				 path);
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_say(fault, "%s may be written by others: chmod go-w %s", path, path);
	if (status->st_size == 0)
		return fault_say(fault, "%s is empty", path);
	if ((uintmax_t)status->st_size > PEM_MOST)
		return fault_say(fault, "%s has more than %zu octets", path, PEM_MOST);
	return true;
}

/* As much as there is when it is read, at most as much as there was when it was looked at. */
static bool read_all(int fd, const char *path, struct pem *pem, struct fault *fault)
{
	ssize_t more = 1;

	pem->text = secret_slab_new(pem->room);
	if (pem->text == NULL)
		return fault_say(fault, "no memory for %s", path);
	while (pem->length < pem->room && more > 0) {
		more = read(fd, pem->text + pem->length, pem->room - pem->length);
		pem->length += more > 0 ? (size_t)more : 0;
	}
	return more >= 0 || fault_say(fault, "cannot read %s: %s", path, strerror(errno));
}

static bool read_whole(const char *path, enum pem_kind kind, struct pem *pem, struct fault *fault)
{
	/* O_NONBLOCK: a pipe is refused, and not waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	bool good;

	if (fd < 0)
		return fault_say(fault, "cannot read %s: %s", path, strerror(errno));
	good = fstat(fd, &status) == 0
		   ? check_mode(path, kind, &status, fault)
		   : fault_say(fault, "cannot read %s: %s", path, strerror(errno));
	if (good) {
		pem->room = (size_t)status.st_size;
		good = read_all(fd, path, pem, fault);
	}
	close(fd);
	if (!good)
		pem_free(pem);
	return good;
}

bool pem_read(const char *path, const char *folder, enum pem_kind kind, struct pem *pem,
	      struct fault *fault)
{
	char *whole = NULL;
	bool good;

	*pem = (struct pem){.room = 0};
	if (path[0] == '/' || folder == NULL)
		return read_whole(path, kind, pem, fault);
	if (asprintf(&whole, "%s/%s", folder, path) < 0)
		return fault_say(fault, "no memory for a file name");
	good = read_whole(whole, kind, pem, fault);
	free(whole);
	return good;
}

void pem_free(struct pem *pem)
{
	secret_slab_free(pem->text, pem->room);
	*pem = (struct pem){.room = 0};
}
