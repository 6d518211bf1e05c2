/* SPDX-License-Identifier: ISC */
#include "interop/conform/profile.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "interop/config/config_text.h"
#include "interop/config/config_values.h"

/* ---- the grammar --------------------------------------------------------------------------------------------------- */

static cfg_opt_t deviation_fields[] = {
    CFG_STR("verdict", NULL, CFGF_NODEFAULT),
    CFG_STR("reason", NULL, CFGF_NODEFAULT),
    CFG_STR("value", NULL, CFGF_NODEFAULT),
    CFG_END(),
};

static cfg_opt_t file_fields[] = {
    CFG_STR("name", NULL, CFGF_NODEFAULT),
    CFG_STR("version", NULL, CFGF_NODEFAULT),
    CFG_STR("patience", NULL, CFGF_NODEFAULT),
    CFG_STR("worry", NULL, CFGF_NODEFAULT),
    CFG_STR("death", NULL, CFGF_NODEFAULT),
    CFG_SEC("deviation", deviation_fields, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_END(),
};

/* libconfuse's callbacks carry no argument, so what is being loaded stands here; only profile_load() sets it. */
static struct {
	const char *path;
	struct profile *profile;
	struct fault *fault;
	bool complained; /* the first complaint is the one that helps */
} loading;

static void complain(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void complain(cfg_t *cfg, const char *format, va_list arguments)
{
	char text[FAULT_TEXT - 128];

	if (loading.complained)
		return;
	loading.complained = true;
	vsnprintf(text, sizeof(text), format, arguments);
	fault_say(loading.fault, "%s:%d: %s", loading.path, cfg != NULL ? cfg->line : 0, text);
}

/* ---- deviations ---------------------------------------------------------------------------------------------------- */

static bool verdict_of(const char *text, enum conform_verdict *verdict)
{
	static const enum conform_verdict possible[] = {CONFORM_FAIL, CONFORM_LENIENT,
							CONFORM_UNSUPPORTED, CONFORM_INCONCLUSIVE,
							CONFORM_INFO_VALUE};

	for (size_t i = 0; i < sizeof(possible) / sizeof(possible[0]); i++) {
		if (strcasecmp(conform_verdict_name(possible[i]), text) != 0)
			continue;
		*verdict = possible[i];
		return true;
	}
	return false;
}

static const struct profile_deviation *find(const struct profile *profile,
					    const struct conform_case *of)
{
	for (size_t i = 0; i < profile->deviations; i++)
		if (profile->deviation[i].of == of)
			return &profile->deviation[i];
	return NULL;
}

/* False: `why` is what is wrong with it. */
static bool read_deviation(cfg_t *section, struct profile_deviation *deviation, struct fault *why)
{
	const char *id = cfg_title(section), *verdict = cfg_getstr(section, "verdict"),
		   *reason = cfg_getstr(section, "reason"), *value = cfg_getstr(section, "value");

	deviation->of = conform_case_find(id);
	if (deviation->of == NULL)
		return fault_say(why, "there is no case \"%s\": see ruthere conform --list", id);
	if (find(loading.profile, deviation->of) != NULL)
		return fault_say(why, "a second deviation \"%s\"", id);
	if (verdict == NULL || !verdict_of(verdict, &deviation->verdict))
		return fault_say(why,
				 "deviation \"%s\": verdict is not FAIL, LENIENT, UNSUPPORTED, "
				 "INCONCLUSIVE or INFO",
				 id);
	if (reason == NULL || reason[0] == '\0')
		return fault_say(why, "deviation \"%s\" has no reason: say why it is so", id);
	if (value != NULL && deviation->verdict != CONFORM_INFO_VALUE)
		return fault_say(why, "deviation \"%s\": value is for verdict = INFO", id);
	deviation->reason = strdup(reason);
	deviation->value = value != NULL ? strdup(value) : NULL;
	return (deviation->reason != NULL && (value == NULL || deviation->value != NULL)) ||
	       fault_say(why, "no memory");
}

/* Called where the section closes, so that a complaint has its line. */
static int finish_deviation(cfg_t *cfg, cfg_opt_t *opt)
{
	struct profile *profile = loading.profile;
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct profile_deviation *grown =
	    realloc(profile->deviation, (profile->deviations + 1) * sizeof(*grown));
	struct profile_deviation next = {.of = NULL};
	struct fault why;
	bool good;

	if (grown == NULL) {
		cfg_error(cfg, "no memory");
		return -1;
	}
	profile->deviation = grown;
	good = read_deviation(section, &next, &why);
	if (!good)
		cfg_error(cfg, "%s", why.text);
	grown[profile->deviations++] = next;
	return good ? 0 : -1;
}

static int check_duration(cfg_t *cfg, cfg_opt_t *opt)
{
	struct fault why;
	ike_time duration;

	if (value_duration(cfg_opt_getstr(opt), &duration, &why))
		return 0;
	cfg_error(cfg, "%s: %s", opt->name, why.text);
	return -1;
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

static bool read_text(cfg_t *cfg, const char *name, char **text)
{
	const char *value = cfg_getstr(cfg, name);

	*text = value != NULL ? strdup(value) : NULL;
	return value == NULL || *text != NULL;
}

static void read_duration(cfg_t *cfg, const char *name, ike_time *duration)
{
	const char *text = cfg_getstr(cfg, name);
	struct fault why;

	if (text == NULL || !value_duration(text, duration, &why))
		*duration = 0; /* not said: what cannot be read was refused when it was */
}

static bool parse(char *text)
{
	struct profile *profile = loading.profile;
	cfg_t *cfg = cfg_init(file_fields, CFGF_NONE);
	bool good;

	if (cfg == NULL)
		return fault_say(loading.fault, "no memory to read %s", loading.path);
	cfg_set_error_function(cfg, complain);
	cfg_set_validate_func(cfg, "deviation", finish_deviation);
	cfg_set_validate_func(cfg, "patience", check_duration);
	cfg_set_validate_func(cfg, "worry", check_duration);
	cfg_set_validate_func(cfg, "death", check_duration);
	good = cfg_parse_buf(cfg, text) == CFG_SUCCESS;
	if (!good && !loading.complained)
		fault_say(loading.fault, "%s:%d: this is not understood", loading.path, cfg->line);
	if (good && (!read_text(cfg, "name", &profile->name) ||
		     !read_text(cfg, "version", &profile->version)))
		good = fault_say(loading.fault, "no memory to read %s", loading.path);
	read_duration(cfg, "patience", &profile->patience);
	read_duration(cfg, "worry", &profile->worry);
	read_duration(cfg, "death", &profile->death);
	cfg_free(cfg);
	return good;
}

struct profile *profile_load(const char *path, struct fault *fault)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	bool others_may_read; /* there is nothing to hide in it */
	char *text;

	if (profile == NULL) {
		fault_say(fault, "no memory to read %s", path);
		return NULL;
	}
	text = config_text_read(path, &others_may_read, fault);
	loading.path = path;
	loading.profile = profile;
	loading.fault = fault;
	loading.complained = false;
	if (text == NULL || !parse(text)) {
		profile_free(profile);
		profile = NULL;
	}
	config_text_free(text);
	return profile;
}

void profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	for (size_t i = 0; i < profile->deviations; i++) {
		free(profile->deviation[i].reason);
		free(profile->deviation[i].value);
	}
	free(profile->deviation);
	free(profile->name);
	free(profile->version);
	free(profile);
}

/* ---- what it makes of a result ------------------------------------------------------------------------------------- */

static bool is_out_of_date(const struct profile_deviation *deviation,
			   const struct conform_result *result)
{
	if (deviation->verdict == CONFORM_INFO_VALUE)
		return result->verdict == CONFORM_INFO_VALUE && deviation->value != NULL &&
		       strcmp(deviation->value, result->value) != 0;
	if (result->verdict == CONFORM_PASS)
		return true;
	return (deviation->verdict == CONFORM_FAIL || deviation->verdict == CONFORM_INCONCLUSIVE) &&
	       (result->verdict == CONFORM_LENIENT || result->verdict == CONFORM_UNSUPPORTED ||
		result->verdict == CONFORM_INFO_VALUE);
}

void profile_apply(const struct profile *profile, struct conform_result *result)
{
	const struct profile_deviation *deviation = find(profile, result->of);

	if (deviation == NULL)
		return;
	result->promised = deviation->verdict;
	result->reason = deviation->reason;
	if (is_out_of_date(deviation, result))
		result->verdict = CONFORM_XPASS;
	else if (result->verdict == deviation->verdict &&
		 (result->verdict == CONFORM_FAIL || result->verdict == CONFORM_INCONCLUSIVE) &&
		 result->trial != NULL)
		result->verdict = CONFORM_XFAIL;
}
