# SPDX-License-Identifier: ISC
"""As much of JSON Schema (draft 2020-12) as the schema of the sets uses; a keyword that is not known here is refused."""
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
REMARKS = {"$schema", "$id", "title", "description", "$defs"}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(a, b):
    return type(a) is type(b) and a == b


class Schema:
    def __init__(self, document):
        self.document = document
        self._checks = {}  # of each part of the schema, by its identity

    def faults(self, value):
        return list(self._faults(value, self.document, ""))

    def _fits(self, value, schema):
        return next(iter(self._faults(value, schema, "")), None) is None

    def _faults(self, value, schema, path):
        checks = self._checks.get(id(schema))
        if checks is None:
            checks = self._checks[id(schema)] = list(self._of(schema))
        for check, wanted in checks:
            yield from check(value, wanted, path, schema)

    def _of(self, schema):
        for keyword, wanted in schema.items():
            if keyword in REMARKS or keyword in ("then", "else", "additionalProperties"):
                continue
            check = getattr(self, "_" + keyword.lstrip("$"), None)
            if check is None:
                raise ValueError("the schema uses %s, which is not known here" % keyword)
            if keyword == "$ref":
                at = self.document
                for step in wanted.removeprefix("#/").split("/"):
                    at = at[step]
                wanted = at
            yield check, wanted

    def _ref(self, value, wanted, path, _):
        return self._faults(value, wanted, path)

    def _type(self, value, wanted, path, _):
        if not is_type(value, wanted):
            yield path, "is not of type %s" % wanted

    def _const(self, value, wanted, path, _):
        if not same(value, wanted):
            yield path, "is not %r" % (wanted,)

    def _enum(self, value, wanted, path, _):
        if not any(same(value, one) for one in wanted):
            yield path, "%r is none of %s" % (value, wanted)

    def _pattern(self, value, wanted, path, _):
        if isinstance(value, str) and (not re.search(wanted, value) or "\n" in value):  # "$" would let a last one pass
            yield path, "%r does not match %s" % (value[:80], wanted)

    def _minLength(self, value, wanted, path, _):
        if isinstance(value, str) and len(value) < wanted:
            yield path, "is shorter than %d" % wanted

    def _minimum(self, value, wanted, path, _):
        if is_type(value, "integer") and value < wanted:
            yield path, "%d is below %d" % (value, wanted)

    def _maximum(self, value, wanted, path, _):
        if is_type(value, "integer") and value > wanted:
            yield path, "%d is above %d" % (value, wanted)

    def _minItems(self, value, wanted, path, _):
        if isinstance(value, list) and len(value) < wanted:
            yield path, "has fewer than %d" % wanted

    def _maxItems(self, value, wanted, path, _):
        if isinstance(value, list) and len(value) > wanted:
            yield path, "has more than %d" % wanted

    def _items(self, value, wanted, path, _):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._faults(item, wanted, "%s[%d]" % (path, index))

    def _required(self, value, wanted, path, _):
        if isinstance(value, dict):
            for name in wanted:
                if name not in value:
                    yield path, "has no %s" % name

    def _properties(self, value, wanted, path, schema):
        if not isinstance(value, dict):
            return
        for name, item in value.items():
            if name in wanted:
                yield from self._faults(item, wanted[name], "%s.%s" % (path, name) if path else name)
            elif schema.get("additionalProperties") is False:
                yield path, "has %s, which is not in the schema" % name

    def _oneOf(self, value, wanted, path, _):
        fits = [one for one in wanted if self._fits(value, one)]
        if len(fits) == 1:
            return
        # The alternative that is of its type says what is wrong; null is the other one everywhere.
        closer = [list(self._faults(value, one, path)) for one in wanted]
        yield from min(closer, key=lambda faults: any("is not of type" in what and at == path for at, what in faults))

    def _not(self, value, wanted, path, _):
        if self._fits(value, wanted):
            yield path, "has what must not be there: %s" % wanted

    def _if(self, value, wanted, path, schema):
        branch = schema.get("then" if self._fits(value, wanted) else "else")
        if branch is not None:
            yield from self._faults(value, branch, path)
