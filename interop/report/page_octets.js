// SPDX-License-Identifier: ISC
// A datagram as octets beside its fields: whatever is pointed at or focused is marked on both sides.

const ROW = 16;

// Then a row is two lines: page.css has the same width.
function narrow() {
	return matchMedia("(max-width: 40rem)").matches;
}

function octetsOf(hex) {
	return Uint8Array.from(hex.match(/../g) || [], pair => parseInt(pair, 16));
}

// Of one column of focus: the arrow keys move in it, Tab leaves it.
function rove(items, event, index, step) {
	const keys = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: step, ArrowUp: -step};
	let to = event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : keys[event.key] === undefined ? -1 : index + keys[event.key];
	if (to < 0 || to >= items.length || event.ctrlKey || event.altKey || event.metaKey)
		return;
	event.preventDefault();
	items[index].tabIndex = -1;
	items[to].tabIndex = 0;
	items[to].focus();
}

// Which field an octet belongs to: the innermost.
function owners(fields, length) {
	const owner = new Array(length).fill(-1), outer = new Array(length).fill(0);
	let payload = -1;
	fields.forEach((field, index) => {
		if (field.depth === 0)
			payload++;
		for (let i = field.offset; i < Math.min(field.offset + field.length, length); i++) {
			if (owner[i] < 0 || fields[owner[i]].depth <= field.depth)
				owner[i] = index;
			if (field.depth === 0)
				outer[i] = payload;
		}
	});
	return {owner, outer};
}

function fieldText(field) {
	return cut(field.name, 120) + (field.value ? ": " + cut(field.value, 300) : "") + (field.wrong ? " (wrong)" : "");
}

function octetRows(octets, spans) {
	const rows = [];
	for (let at = 0; at < octets.length; at += ROW) {
		const part = [...octets.slice(at, at + ROW)];
		rows.push(h("div", {class: "hexrow", role: "presentation"},
			h("span", {class: "offset", "aria-hidden": "true"}, at.toString(16).padStart(4, "0")),
			h("span", {class: "hex", role: "presentation"}, spans.slice(at, at + ROW)),
			h("span", {class: "ascii", "aria-hidden": "true"}, part.map(value => value > 0x20 && value < 0x7f ? String.fromCharCode(value) : "\u00b7").join(""))));
	}
	return rows;
}

function fieldItem(field) {
	return h("div", {class: "field" + (field.wrong ? " wrong" : ""), role: "treeitem", "aria-level": field.depth + 1, tabindex: "-1",
		"aria-selected": "false", "data-depth": Math.min(field.depth, 6)},
		h("span", {class: "fname"}, cut(field.name, 200)), h("span", {class: "fvalue"}, cut(field.value, 600)),
		field.section && h("span", {class: "fsection"}, cut(field.section, 120)), field.wrong && h("span", {class: "flag"}, "wrong"));
}

function octetView(message) {
	const octets = octetsOf(message.plain !== undefined ? message.plain : message.wire), fields = message.fields || [];
	const {owner, outer} = owners(fields, octets.length), items = fields.map(fieldItem);
	const spans = [...octets].map((value, i) => h("span", {class: "octet" + (fields.length > 0 ? " p" + outer[i] % 4 : "") +
		(owner[i] >= 0 && fields[owner[i]].wrong ? " wrong" : ""), role: "option", tabindex: "-1", "aria-selected": "false",
		"aria-label": "octet " + i + ", " + value.toString(16).padStart(2, "0") + (owner[i] >= 0 ? ", " + fieldText(fields[owner[i]]) : ""),
		title: owner[i] >= 0 ? fieldText(fields[owner[i]]) : "octet " + i}, value.toString(16).padStart(2, "0")));
	const mark = index => {
		const field = fields[index];
		items.forEach((item, i) => { item.classList.toggle("on", i === index); item.setAttribute("aria-selected", String(i === index)); });
		spans.forEach((span, i) => {
			const on = field !== undefined && i >= field.offset && i < field.offset + field.length;
			span.classList.toggle("on", on);
			span.setAttribute("aria-selected", String(on));
		});
	};
	items.forEach((item, i) => {
		item.addEventListener("mouseenter", () => mark(i));
		item.addEventListener("focus", () => mark(i));
		item.addEventListener("keydown", event => rove(items, event, i, 1));
	});
	spans.forEach((span, i) => {
		const point = () => { mark(owner[i]); };
		span.addEventListener("mouseenter", point);
		span.addEventListener("focus", point);
		span.addEventListener("keydown", event => rove(spans, event, i, narrow() ? ROW / 2 : ROW));
	});
	if (items.length > 0)
		items[0].tabIndex = 0;
	if (spans.length > 0)
		spans[0].tabIndex = 0;
	const firstWrong = fields.findIndex(field => field.wrong);
	if (firstWrong >= 0) {
		mark(firstWrong);
		requestAnimationFrame(() => { // in its own list, not in the page
			const list = items[firstWrong].parentElement;
			list.scrollTop = items[firstWrong].offsetTop - list.offsetTop - list.clientHeight / 2;
		});
	}
	return h("div", {class: "datagram" + (fields.length > 0 ? " annotated" : "")},
		h("div", {class: "octets", role: "listbox", "aria-label": "Octets", "aria-orientation": "horizontal", "aria-multiselectable": "true"}, octetRows(octets, spans)),
		fields.length > 0 && h("div", {class: "fieldlist", role: "tree", "aria-label": "Fields"}, items));
}
