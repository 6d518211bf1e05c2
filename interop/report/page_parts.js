// SPDX-License-Identifier: ISC
// Elements, and the small parts that all views are made of.  Text is only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

// Characters that cannot be seen but change what is: control characters become their pictures, marks of direction their numbers.
function clean(text) {
	return String(text).replace(/[\u0000-\u0008\u000b-\u001f]/g, at => String.fromCharCode(0x2400 + at.charCodeAt(0)))
		.replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
			at => "\u27e8U+" + at.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9");
}

function cut(text, most) {
	const whole = clean(text);
	return whole.length > most ? whole.slice(0, most - 1) + "\u2026" : whole;
}

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else
			element.setAttribute(name, value === true ? "" : value);
	}
	for (const child of children.flat(Infinity))
		if (child !== null && child !== undefined && child !== false)
			element.append(child instanceof Node ? child : clean(child));
	return element;
}

function h(name, attributes, ...children) {
	return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
	return fill(document.createElementNS(SVG, name), attributes, children);
}

function unseen(text) {
	return h("span", {class: "unseen"}, text);
}

function tell(text) {
	document.getElementById("told").textContent = text;
}

function letter(verdict) {
	return h("span", {class: "letter", "aria-hidden": "true"}, verdict.letter);
}

// The letter and the name: for those who know neither colours nor letters.
function badge(name) {
	const verdict = VERDICT.get(name);
	return h("span", {class: "badge v-" + name.toLowerCase(), title: name + ": " + verdict.meaning}, letter(verdict), h("span", {}, name));
}

function changeMark(text) {
	return h("span", {class: "changed", title: text || "changed since the run before"}, h("span", {"aria-hidden": "true"}, "\u0394"),
		unseen(text || "changed since the run before"));
}

function day(started) {
	return started.replace(/^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}).*$/, "$1 $2");
}

function seconds(value) {
	return (value < 10 ? value.toFixed(3) : value.toFixed(1)) + " s";
}

function rfcLink(number, place, text) {
	return h("a", {href: "https://www.rfc-editor.org/rfc/rfc" + number + place, rel: "noopener noreferrer", class: "out"}, text);
}

// "RFC 3706 section 5.3", "RFC 2408 sections 4.8, 5.15, RFC 2409 appendix B": each leads to the RFC editor's text; all else is text.
function reference(text) {
	const form = /RFC ([1-9][0-9]{0,4})(?: (sections?|appendix) ((?:[0-9]+(?:\.[0-9]+)*|[A-Z])(?:, (?:[0-9]+(?:\.[0-9]+)*|[A-Z])(?![A-Za-z0-9]))*)(?![A-Za-z0-9]))?/g;
	const parts = [];
	let end = 0;
	for (const found of text.matchAll(form)) {
		const [whole, number, kind, list] = found, places = (list || "").split(", "), anchor = kind === "appendix" ? "#appendix-" : "#section-";
		parts.push(text.slice(end, found.index));
		end = found.index + whole.length;
		if (places.length === 1)
			parts.push(rfcLink(number, list ? anchor + list : "", whole));
		else
			parts.push("RFC " + number + " " + kind + " ", places.map((place, i) => [i > 0 ? ", " : "", rfcLink(number, anchor + place, place)]));
	}
	return h("span", {}, parts, text.slice(end));
}

function countsText(counts) {
	return counts.map(([verdict, count]) => count + " " + verdict.name).join(", ");
}

// A bar of verdicts by their share, with the numbers beside it.
function bar(cell) {
	const strip = svg("svg", {class: "bar", viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img",
		"aria-label": countsText(cell.counts)});
	let at = 0;
	for (const [verdict, count] of cell.counts.slice().reverse()) {
		const width = 1000 * count / cell.cases;
		strip.append(svg("rect", {class: "fill v-" + verdict.name.toLowerCase(), x: at, y: 0, width: Math.max(width - 3, 1), height: 10},
			svg("title", {}, count + " " + verdict.name)));
		at += width;
	}
	return strip;
}

// ---- filters --------------------------------------------------------------------------------------------------------

function toggled(list, name) {
	return (list.includes(name) ? list.filter(other => other !== name) : [...list, name]).join(",");
}

function chips(title, names, chosen, address, content) {
	return h("div", {class: "chips", role: "group", "aria-label": title}, h("span", {class: "label", "aria-hidden": "true"}, title),
		names.map(name => h("a", {class: "chip" + (chosen.includes(name) ? " on" : ""), role: "button", href: address(name),
			"aria-pressed": String(chosen.includes(name)), "data-chip": name}, content ? content(name) : name)));
}

function filters(model, path, filter, extra) {
	const go = changes => writeAddress(path, filter, changes);
	const text = h("input", {type: "search", id: "text", value: filter.text, autocomplete: "off", spellcheck: "false",
		placeholder: "ID, title, requirement, observed"});
	text.addEventListener("input", () => replaceAddress(go({text: text.value})));
	const documents = [...new Set(model.sections.map(section => section.split("/")[0]))];
	const section = h("select", {id: "section"}, h("option", {value: ""}, "all sections"), documents.map(document =>
		h("optgroup", {label: documentName(document)}, h("option", {value: document}, "all of " + documentName(document)),
			model.sections.filter(name => name.startsWith(document + "/")).map(name =>
				h("option", {value: name}, documentName(document) + ", " + name.slice(document.length + 1))))));
	section.value = filter.section;
	section.addEventListener("change", () => { location.hash = go({section: section.value}); });
	const some = FILTERS.some(name => name !== "rows" && filter[name]);
	const form = h("form", {class: "filters", role: "search", "aria-label": "Filter the cases", onsubmit: event => event.preventDefault()},
		chips("Level", LEVELS, filter.levels, name => go({level: toggled(filter.levels, name)})),
		chips("Verdict", VERDICTS.map(verdict => verdict.name), filter.verdicts, name => go({verdict: toggled(filter.verdicts, name)}),
			name => [h("span", {class: "dot v-" + name.toLowerCase(), "aria-hidden": "true"}, VERDICT.get(name).letter), name]),
		h("div", {class: "fields"},
			h("label", {for: "section"}, h("span", {class: "label"}, "Section"), section),
			h("label", {for: "text", class: "grow"}, h("span", {class: "label"}, "Text"), text),
			h("a", {class: "chip" + (filter.changed ? " on" : ""), role: "button", "aria-pressed": String(Boolean(filter.changed)),
				"data-chip": "changed", href: go({changed: filter.changed ? "" : "1"})}, "\u0394 changed only"),
			extra,
			some && h("a", {class: "plain", href: writeAddress(path, {rows: filter.rows})}, "Clear filters")));
	// where there is little room the filters wait behind their title until there is one
	return h("details", {class: "filterbox", open: some || innerWidth > 640}, h("summary", {}, "Filter"), form);
}
