# SPDX-License-Identifier: ISC
"""The trace as a page of its own: needs no network, reads on a telephone, light and dark."""

import html
import re

from tracing.judge import cases_of
from tracing.text import SHORT, NOTES, counts, devices, excuse, ordered

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --ground: #fff; --card: #f6f8fa; --edge: #d0d7de;
  --pass: #116329; --fail: #a40e26; --weak: #9a6700; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --ground: #0d1117; --card: #161b22; --edge: #30363d;
  --pass: #7ee787; --fail: #ff7b72; --weak: #e3b341; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
a { color: var(--link); }
h1 { font-size: 1.4rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
code, .id { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .85em; overflow-wrap: anywhere; }
.counts { color: var(--soft); }
form { position: sticky; top: 0; background: var(--ground); padding: .5rem 0; display: flex; flex-wrap: wrap; gap: .5rem; z-index: 1; }
input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: 6px; padding: .35rem .6rem; }
input { flex: 1 1 12rem; min-width: 0; } select { max-width: 100%; }
article { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: .75rem 1rem; margin: .6rem 0; }
article:target { border-color: var(--link); }
article p { margin: .3rem 0; }
.level { font-weight: 600; } .head { color: var(--soft); } .head a { text-decoration: none; }
.excuse { border-left: 3px solid var(--weak); padding-left: .6rem; }
dl { margin: .5rem 0 0; display: grid; grid-template-columns: 4.5rem 1fr; gap: .2rem .6rem; font-size: .9rem; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
.line { display: block; } .v { white-space: nowrap; margin-right: .4rem; }
.pass { color: var(--pass); } .fail { color: var(--fail); font-weight: 600; } .lenient, .skip, .unsupported, .inconclusive { color: var(--weak); }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .3rem; } }
"""
SCRIPT = """
const find = document.getElementById('find'), level = document.getElementById('level'), what = document.getElementById('what');
function show() {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const one of document.querySelectorAll('article'))
    one.hidden = !words.every(word => one.textContent.toLowerCase().includes(word)) ||
      level.value && one.dataset.level !== level.value || what.value && !one.dataset.is.split(' ').includes(what.value);
  for (const part of document.querySelectorAll('section'))
    part.hidden = ![...part.querySelectorAll('article')].some(one => !one.hidden);
}
for (const field of [find, level, what]) field.addEventListener('input', show);
show();
"""


def _e(text):
    return html.escape(text, quote=True)


def _sentence(text):
    text = re.sub(r"\{\{(?:Section ([\w.]+) of )?([\w.-]+)\}\}", lambda m: "[%s%s]" % (m.group(2), ", " + m.group(1) if m.group(1) else ""), text)
    return re.sub(r"\b(MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b", r"<strong>\1</strong>", _e(text).replace("`", ""))


def _place(place):
    return '<a href="../%s"><code>%s</code></a>%s' % (_e(place.path), _e(place.path),
                                                      " <code>%s</code>" % _e(place.name) if place.name else "")


def _row(term, parts):
    return "<dt>%s</dt><dd>%s</dd>" % (term, "".join('<span class="line">%s</span>' % part for part in parts)) if parts else ""


def _case(case):
    verdicts = " ".join('<span class="v">%s <span class="%s">%s</span></span>' % (_e(device), SHORT.get(verdict, ""), SHORT.get(verdict, verdict))
                       for device, verdict in case.verdicts.items())
    return "<code>%s</code> %s" % (_e(case.identifier), verdicts)


def _is(one, found):
    """What the filter asks for."""
    words = ["unmet" if one.excuse else "met", "case" if found else "no-case"]
    words += ["deviates"] if any(SHORT.get(verdict) in ("fail", "lenient") for case in found for verdict in case.verdicts.values()) else []
    return " ".join(words)


def _article(trace, one):
    found = cases_of(trace, one.identifier)
    source = ["%s %s" % (title, _e(one.notes[key])) for key, title in NOTES if key in one.notes and one.notes[key] != "no"]
    return ('<article id="%s" data-level="%s" data-is="%s"><p class="head"><a class="id" href="#%s">%s</a> <span class="level">%s</span></p>'
            "<p>%s</p>%s<dl>%s%s%s%s</dl></article>" % (
                one.identifier, one.level, _is(one, found), one.identifier, one.identifier, one.level, _sentence(one.sentence),
                '<p class="excuse">%s: %s</p>' % tuple(map(_e, excuse(one))) if one.excuse else "",
                _row("code", [_place(place) for place in trace.code.get(one.identifier, [])]),
                _row("tests", [_place(place) for place in trace.tests.get(one.identifier, [])]),
                _row("cases", [_case(case) for case in found]), _row("source", source)))


def render(trace, title, draft):
    """`draft`: the name of its rendered page, beside this one."""
    sections, current = [], None
    for one in ordered(trace):
        if one.section != current:
            current = one.section
            sections.append(['<h2><a href="%s.html#%s">%s</a></h2>' % (_e(draft), _e(current), _e(trace.anchors.get(current, current)))])
        sections[-1].append(_article(trace, one))
    body = "\n".join("<section>\n%s\n</section>" % "\n".join(parts) for parts in sections)
    return ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            "<title>%s: trace</title>\n<style>%s</style>\n</head>\n<body>\n<h1>%s: from requirement to code, test, case and verdict</h1>\n"
            '<p class="counts">%s. Verdicts of %s, <a href="../interop/matrix/index.html">as published</a>.</p>\n%s\n%s\n<script>%s</script>\n</body>\n</html>\n' % (
                _e(title), STYLE, _e(title), "; ".join("%d %s" % (number, words) for words, number in counts(trace)),
                _e(", ".join(devices(trace)) or "nobody"), FORM, body, SCRIPT))


FORM = ('<form onsubmit="return false"><input id="find" type="search" placeholder="find: R40, sequence.c, numbers" aria-label="find">'
        '<select id="level" aria-label="level"><option value="">any level</option>' +
        "".join("<option>%s</option>" % level for level in ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")) +
        '</select><select id="what" aria-label="which"><option value="">all</option><option value="unmet">not met in whole</option>'
        '<option value="deviates">somebody deviates</option><option value="case">shown by a case</option>'
        '<option value="no-case">shown by tests only</option></select></form>')
