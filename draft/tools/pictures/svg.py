# SPDX-License-Identifier: ISC
"""As much of SVG as the pictures need.

Each has a ground of its own, so that it can be read on any page; where the reader prefers dark, ground and ink change places.
Series are told apart by colour, and by dashes or by the shape of their markers.
"""

from xml.sax.saxutils import escape

STYLE = """
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre; }
.ground { fill: #ffffff; stroke: #d0d7de; }
.small { font-size: 11px; fill: #59636e; }
.strong { font-weight: bold; }
.title { font: bold 15px system-ui, sans-serif; }
.box { fill: #f6f8fa; stroke: #1f2328; stroke-width: 1.5; }
.line { stroke: #1f2328; fill: none; stroke-width: 1.5; }
.faint { stroke: #d0d7de; fill: none; }
.s0 { stroke: #0550ae; } .s1 { stroke: #bc4c00; } .s2 { stroke: #116329; } .s3 { stroke: #a40e26; } .s4 { stroke: #6639ba; } .s5 { stroke: #57606a; }
.f0 { fill: #0550ae; } .f1 { fill: #bc4c00; } .f2 { fill: #116329; } .f3 { fill: #a40e26; } .f4 { fill: #6639ba; } .f5 { fill: #57606a; }
.curve { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.ground { fill: #0d1117; stroke: #30363d; }
.small { fill: #9198a1; }
.box { fill: #161b22; stroke: #e6edf3; }
.line { stroke: #e6edf3; }
.faint { stroke: #30363d; }
.s0 { stroke: #79c0ff; } .s1 { stroke: #ffa657; } .s2 { stroke: #7ee787; } .s3 { stroke: #ff7b72; } .s4 { stroke: #d2a8ff; } .s5 { stroke: #9198a1; }
.f0 { fill: #79c0ff; } .f1 { fill: #ffa657; } .f2 { fill: #7ee787; } .f3 { fill: #ff7b72; } .f4 { fill: #d2a8ff; } .f5 { fill: #9198a1; }
}
"""
WIDEST = {"": 7.9, "small": 6.7, "strong": 8.0, "title": 9.0}  # pixels of a character
DASHES = ("", "8 3", "2 3", "8 3 2 3", "12 4", "4 4")


def _n(value):
    return ("%.1f" % value).rstrip("0").rstrip(".")


class Picture:
    """`title` and `description` are what a reader hears who does not see it."""

    def __init__(self, width, height, title, description):
        self.width, self.height = width, height
        self._parts = ['<title>%s</title>' % escape(title), '<desc>%s</desc>' % escape(description),
                       '<style>%s</style>' % STYLE.strip("\n"),
                       '<rect class="ground" x="0.5" y="0.5" width="%s" height="%s" rx="8"/>' % (_n(width - 1), _n(height - 1))]

    def add(self, text):
        self._parts.append(text)

    def text(self, x, y, words, style="", anchor="start"):
        if anchor == "start" and x + WIDEST.get(style, WIDEST[""]) * len(words) > self.width:
            raise ValueError("does not fit into the picture: " + words)
        self.add('<text x="%s" y="%s"%s%s>%s</text>' % (_n(x), _n(y), ' class="%s"' % style if style else "",
                                                        ' text-anchor="%s"' % anchor if anchor != "start" else "", escape(words)))

    def upwards(self, x, y, words, style=""):
        self.add('<text transform="translate(%s %s) rotate(-90)" text-anchor="middle"%s>%s</text>' % (
            _n(x), _n(y), ' class="%s"' % style if style else "", escape(words)))

    def box(self, x, y, width, height, style="box"):
        self.add('<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="5"/>' % (style, _n(x), _n(y), _n(width), _n(height)))

    def path(self, points, style="line", dashes=""):
        self.add('<polyline class="%s" points="%s"%s/>' % (style, " ".join("%s,%s" % (_n(x), _n(y)) for x, y in points),
                                                           ' stroke-dasharray="%s"' % dashes if dashes else ""))

    def head(self, x, y, to_right, style="f5"):
        """An arrow's head with its point at x, y."""
        back = x - 9 if to_right else x + 9
        self.add('<path class="%s" d="M%s %s L%s %s L%s %s Z"/>' % (style, _n(x), _n(y), _n(back), _n(y - 4.5), _n(back), _n(y + 4.5)))

    def dot(self, x, y, style):
        self.add('<circle class="%s" cx="%s" cy="%s" r="3"/>' % (style, _n(x), _n(y)))

    def marker(self, x, y, series):
        """A shape of the series' own."""
        style = "f%d" % series
        shapes = (lambda: '<circle class="%s" cx="%s" cy="%s" r="4.5"/>' % (style, _n(x), _n(y)),
                  lambda: '<rect class="%s" x="%s" y="%s" width="8" height="8"/>' % (style, _n(x - 4), _n(y - 4)),
                  lambda: '<path class="%s" d="M%s %s l5 9 h-10 Z"/>' % (style, _n(x), _n(y - 5)),
                  lambda: '<path class="%s" d="M%s %s l6 6 l-6 6 l-6 -6 Z"/>' % (style, _n(x), _n(y - 6)),
                  lambda: '<path class="%s" d="M%s %s l-5 -9 h10 Z"/>' % (style, _n(x), _n(y + 5)),
                  lambda: '<path class="s5 curve" d="M%s %s l8 8 m0 -8 l-8 8"/>' % (_n(x - 4), _n(y - 4)))
        self.add(shapes[series]())

    def __str__(self):
        return ('<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img">\n%s\n</svg>\n' % (
            _n(self.width), _n(self.height), _n(self.width), _n(self.height), "\n".join(self._parts)))
