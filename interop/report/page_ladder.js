// SPDX-License-Identifier: ISC
// Who said what to whom, and when: time goes down, the tester is left, the device right.

const CHARACTER = 7.3, LINE = 16, LONG_PAUSE = 0.5;
const MANY = 60, FIRST = 16, AROUND = 8, LAST = 8; // messages: of more than MANY those are drawn

// Behind a blank or a mark where there is one, at most so many lines.
function wrap(text, columns, most) {
	const lines = [];
	let rest = clean(text);
	while (rest.length > columns && lines.length < most - 1) {
		let at = columns;
		while (at > columns / 2 && !/[ ,:\/-]/.test(rest[at - 1]))
			at--;
		if (at <= columns / 2)
			at = columns;
		lines.push(rest.slice(0, at).trimEnd());
		rest = rest.slice(at).trimStart();
	}
	lines.push(rest.length > columns ? rest.slice(0, columns - 1) + "\u2026" : rest);
	return lines;
}

function arrow(from, to, y, lost) {
	const end = lost ? from + (to - from) * 0.62 : to, turn = to > from ? -1 : 1;
	const parts = [svg("line", {class: "shaft", x1: from, x2: lost ? end : end + turn * 7, y1: y, y2: y})];
	if (lost)
		parts.push(svg("path", {class: "cross", d: "M" + (end - 5) + " " + (y - 5) + "l10 10m0 -10l-10 10"}));
	else
		parts.push(svg("path", {class: "head", d: "M" + end + " " + y + "l" + turn * 9 + " -4.5v9z"}));
	return parts;
}

function rung(message, index, y, geometry, deciding) {
	const {left, right, columns} = geometry, lines = wrap(message.line, columns, 4), ours = message.from === "tester";
	const height = lines.length * LINE + 22, base = y + lines.length * LINE + 4, middle = (left + right) / 2;
	const group = svg("g", {class: "rung" + (message.lost ? " lost" : "") + (deciding ? " deciding" : ""), "data-index": index});
	group.append(svg("title", {}, (index + 1) + ", " + seconds(message.at) + ", from " + message.from + (message.lost ? ", lost" : "") +
		(deciding ? ", decides" : "") + ": " + cut(message.line, 2000)));
	group.append(svg("rect", {class: "back", x: 2, y: y - 3, width: geometry.width - 4, height: height - 2, rx: 6}));
	group.append(svg("text", {class: "time", x: left - 12, y: base + 4, "text-anchor": "end"}, message.at.toFixed(3)));
	if (deciding)
		group.append(svg("text", {class: "decides", x: left - 12, y: base - 11, "text-anchor": "end"}, "\u25c6 decides"));
	lines.forEach((line, i) => group.append(svg("text", {class: "line", x: middle, y: y + 11 + i * LINE, "text-anchor": "middle"}, line)));
	fill(group, {}, arrow(ours ? left : right, ours ? right : left, base, message.lost));
	if (message.lost)
		group.append(svg("text", {class: "fate", x: left + (right - left) * (ours ? 0.62 : 0.38) + (ours ? 14 : -14), y: base + 4,
			"text-anchor": ours ? "start" : "end"}, "lost"));
	return {group, height};
}

// Which messages are drawn; the beginning, the end, and what is around the one that decides.
function chosen(of, all) {
	const last = of.messages.length - 1, deciding = of.deciding === undefined ? -MANY : of.deciding;
	return of.messages.map((_, i) => i).filter(i => all || last < MANY || i < FIRST || i > last - LAST || Math.abs(i - deciding) <= AROUND);
}

function ladder(of, device, width, all) {
	const geometry = {width, left: 82, right: width - 12};
	geometry.columns = Math.max(12, Math.floor((geometry.right - geometry.left - 16) / CHARACTER));
	const picture = svg("svg", {class: "ladder", width, role: "img", "aria-label": "Ladder diagram: " + count(of.messages.length, "message") +
		" between the tester and " + cut(device.label, 200) + "; the table below has them all"});
	const rails = svg("g", {class: "rails"});
	picture.append(rails);
	const first = of.messages[0], ends = first.from === "tester" ? [first.source, first.destination] : [first.destination, first.source];
	const half = Math.max(8, Math.floor((geometry.right - 8) / 2 / CHARACTER));
	picture.append(svg("text", {class: "end", x: 6, y: 16}, "tester"), svg("text", {class: "host", x: 6, y: 32}, cut(ends[0], half)),
		svg("text", {class: "end", x: geometry.right + 6, y: 16, "text-anchor": "end"}, cut(device.name, half)),
		svg("text", {class: "host", x: geometry.right + 6, y: 32, "text-anchor": "end"}, cut(ends[1], half)));
	let y = 50, before = first.at, previous = -1;
	for (const index of chosen(of, all)) {
		const message = of.messages[index], left = index - previous - 1;
		if (message.at - before >= LONG_PAUSE || left > 0) {
			picture.append(svg("text", {class: "pause", x: (geometry.left + geometry.right) / 2, y: y + 13, "text-anchor": "middle"},
				"\u22ee " + (left > 0 ? count(left, "message") + " not drawn, " : "") + seconds(message.at - before)));
			y += 24;
		}
		before = message.at;
		previous = index;
		const {group, height} = rung(message, index, y, geometry, index === of.deciding);
		picture.append(group);
		y += height;
	}
	for (const x of [geometry.left, geometry.right])
		rails.append(svg("line", {x1: x, x2: x, y1: 40, y2: y + 4}));
	picture.setAttribute("height", y + 8);
	picture.setAttribute("viewBox", "0 0 " + width + " " + (y + 8));
	return picture;
}

// Drawn for the width that there is, and again when that changes: its letters stay as large as all others.
function ladderFigure(of, device, choose) {
	const figure = h("div", {class: "figure"});
	let drawn = 0, all = false;
	const more = h("button", {type: "button", hidden: chosen(of, false).length === of.messages.length, onclick: () => {
		all = true;
		drawn = 0;
		more.hidden = true;
		draw();
	}}, "Draw all " + of.messages.length + " messages");
	const draw = () => {
		const width = Math.max(300, Math.min(figure.clientWidth, 1100));
		if (figure.clientWidth === 0 || width === drawn)
			return;
		drawn = width;
		const picture = ladder(of, device, width, all);
		for (const group of picture.querySelectorAll(".rung"))
			group.addEventListener("click", () => choose(Number(group.dataset.index)));
		figure.replaceChildren(picture, more);
	};
	new ResizeObserver(draw).observe(figure);
	return figure;
}
