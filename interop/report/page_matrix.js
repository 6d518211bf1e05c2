// SPDX-License-Identifier: ISC
// Views of many cases: the matrix, one implementation, values side by side, what has changed.

function casePath(device, id) {
	return "case/" + device.path + "/" + id;
}

function cellLink(device, section, cell, filter) {
	const text = countsText(cell.counts), name = section ? sectionLabel(section) : "all sections";
	const title = device.label + ", " + name + ": worst " + cell.worst.name + "; " + text + (cell.changed ? "; changed since the run before" : "");
	const shade = "v-" + cell.worst.name.toLowerCase();
	return h("td", {class: shade}, h("a", {class: "cell " + shade, title,
		href: writeAddress("device/" + device.path, filter, {section: section || filter.section, rows: ""}),
		"data-device": device.label, "data-section": section || ""},
		letter(cell.worst), unseen(cell.worst.name + ": "),
		h("span", {class: "counts"}, cell.counts.map(([verdict, count]) =>
			h("span", {"data-verdict": verdict.name, "data-count": String(count)}, String(count), h("abbr", {title: verdict.name}, verdict.letter)))),
		cell.changed && changeMark()));
}

function sectionLabel(section) {
	const [document, number] = section.split("/");
	return documentName(document) + " " + numberName(number);
}

// `distinct`: the values of its row, each of which has a shade of its own.
function caseCell(device, result, filter, distinct) {
	if (result === undefined)
		return h("td", {class: "none"}, h("span", {title: "not in any run"}, "\u2013"), unseen("not in any run"));
	const verdict = VERDICT.get(result.of.verdict), value = result.of.value || "";
	const shade = distinct && result.of.value !== undefined ? "p" + distinct.indexOf(value) % 4 + " quiet" : "v-" + verdict.name.toLowerCase();
	return h("td", {class: shade.split(" ")[0]}, h("a", {class: "cell " + shade, href: writeAddress(casePath(device, result.id), filter),
		title: device.label + ": " + verdict.name + (value ? ", " + cut(value, 200) : "") + ". " + cut(result.of.observed, 300)},
		shade.endsWith("quiet") ? null : letter(verdict), h("span", {class: "counts"}, value ? cut(value, 60) : verdict.name), result.changed && changeMark()));
}

function bySections(model, filter, found) {
	const rows = [];
	let document = null;
	for (const section of model.sections) {
		const cells = model.devices.map((device, i) => cellOf(found[i].filter(result => result.section === section)));
		if (cells.every(cell => cell.cases === 0))
			continue;
		if (section.split("/")[0] !== document) {
			document = section.split("/")[0];
			rows.push(documentRow(model, document));
		}
		const cases = new Set(found.flatMap(results => results.filter(result => result.section === section).map(result => result.id)));
		rows.push(h("tr", {}, h("th", {scope: "row"}, h("a", {class: "plain", href: writeAddress("", filter, {section, rows: "cases"}),
			title: "the cases of " + sectionLabel(section)}, unseen(documentName(document) + " "), numberName(section.slice(document.length + 1))),
			h("span", {class: "muted"}, count(cases.size, "case"))),
			cells.map((cell, i) => cell.cases > 0 ? cellLink(model.devices[i], section, cell, filter) : caseCell())));
	}
	return rows;
}

function byCases(model, filter, found) {
	const rows = [], shown = new Set(found.flatMap(results => results.map(result => result.id)));
	let section = null;
	const ids = [...shown].sort((a, b) => byNumber(sectionOf(a), sectionOf(b)));
	for (const id of ids) {
		if (sectionOf(id) !== section) {
			section = sectionOf(id);
			rows.push(documentRow(model, section));
		}
		rows.push(h("tr", {}, h("th", {scope: "row", class: "long"}, cut(model.cases.get(id).title, 160), h("span", {class: "id"}, id)),
			model.devices.map((device, i) => caseCell(device, found[i].find(result => result.id === id), filter))));
	}
	return rows;
}

function documentRow(model, name) {
	const [document, number] = name.split("/");
	return h("tr", {class: "document"}, h("th", {scope: "colgroup", colspan: model.devices.length + 1},
		number === undefined ? documentName(document) : sectionLabel(name),
		number === undefined && DOCUMENTS.has(document) && h("span", {class: "muted"}, DOCUMENTS.get(document))));
}

function deviceCard(device, filter) {
	const cell = cellOf([...device.results.values()]), run = device.runs[0];
	return h("li", {class: "card"}, h("a", {class: "name", href: writeAddress("device/" + device.path, filter, {rows: ""})},
		cut(device.name, 80), " ", h("span", {class: "version"}, cut(device.version, 40))),
		cell.cases > 0 && bar(cell), h("p", {class: "small"}, cell.counts.map(([verdict, number]) =>
			h("span", {class: "count", title: number + " " + verdict.name}, h("span", {class: "dot v-" + verdict.name.toLowerCase(), "aria-hidden": "true"}, verdict.letter),
				String(number), unseen(" " + verdict.name)))),
		h("p", {class: "muted small"}, count(cell.cases, "case") + ", " + day(run.started),
			device.runs.length > 1 ? ", " + count(device.runs.length, "run") : "", cell.changed && [" ", changeMark()]));
}

// One or two columns need not be as wide as the page.
function few(model) {
	return model.devices.length < 3 ? " few-" + model.devices.length : "";
}

function matrixView(model, address) {
	const filter = address.filter, found = model.devices.map(device => resultsOf(device, filter));
	const cases = filter.rows === "cases", columns = h("colgroup", {}, h("col", {class: cases ? "first long" : "first"}), model.devices.map(() => h("col")));
	const total = found.reduce((sum, results) => sum + results.length, 0);
	const rows = cases ? byCases(model, filter, found) : bySections(model, filter, found);
	const swap = h("div", {class: "chips rows", role: "group", "aria-label": "Rows"}, [["", "Sections"], ["cases", "Cases"]].map(([name, text]) =>
		h("a", {class: "chip" + (filter.rows === name ? " on" : ""), role: "button", "data-chip": "rows" + name,
			"aria-pressed": String(filter.rows === name), href: writeAddress("", filter, {rows: name})}, text)));
	return {title: "Matrix", content: [
		h("h1", {}, "IKEv1 keepalive conformance"),
		h("p", {class: "lead"}, count(model.devices.length, "implementation"), ", ", count(model.cases.size, "case"), ". A cell shows the worst verdict of its section, and how many there are of each."),
		h("ul", {class: "cards", "aria-label": "Implementations"}, model.devices.map(device => deviceCard(device, filter))),
		filters(model, "", filter, swap),
		total === 0 ? h("p", {class: "empty"}, "No case is like that.") :
			h("div", {class: "scroller", tabindex: "0", role: "region", "aria-label": "Matrix"},
				h("table", {class: "matrix" + few(model), id: "matrix"},
					h("caption", {}, cases ? "Cases against implementations" : "Sections against implementations",
						h("span", {class: "muted"}, ": ", count(total, "result"))), columns,
					h("thead", {}, h("tr", {}, h("th", {scope: "col"}, cases ? "Case" : "Section"), model.devices.map(device =>
						h("th", {scope: "col"}, h("a", {href: writeAddress("device/" + device.path, filter, {rows: ""})},
							cut(device.name, 60), h("span", {class: "version"}, cut(device.version, 40))))))),
					h("tbody", {}, rows),
					!cases && h("tfoot", {}, h("tr", {}, h("th", {scope: "row"}, "All"), found.map((results, i) =>
						results.length > 0 ? cellLink(model.devices[i], "", cellOf(results), filter) : caseCell()))))),
		legend()]};
}

function count(number, noun) {
	return number + " " + noun + (number === 1 ? "" : "s");
}

function legend() {
	return h("details", {class: "legend"}, h("summary", {}, "What the letters mean"), h("dl", {}, VERDICTS.map(verdict =>
		h("div", {}, h("dt", {}, badge(verdict.name)), h("dd", {}, verdict.meaning))),
		h("div", {}, h("dt", {}, h("span", {class: "badge"}, changeMark(), " changed")), h("dd", {}, "the verdict or the value was another in the run before"))));
}

// ---- one implementation ---------------------------------------------------------------------------------------------

function deviceView(model, address) {
	const device = model.devices.find(one => one.name === address.segments[1] && one.version === (address.segments[2] || "~").replace(/^~$/, ""));
	if (device === undefined)
		return null;
	const filter = address.filter, path = "device/" + device.path, found = resultsOf(device, filter), about = device.about, run = device.runs[0];
	const facts = [["Address", about.address], ["Profile", about.profile], ["Vendor IDs", (about.vendor_ids || []).join(", ")],
		["Runs", device.runs.map(one => day(one.started)).join(", ")], ["Took", seconds(run.seconds)],
		["Options", Object.entries(run.options).map(([name, value]) => name + " " + value).join(", ")],
		["Tester", run.tool.name + " " + run.tool.version]];
	return {title: device.label, up: writeAddress("", filter), content: [
		h("p", {class: "crumbs"}, h("a", {href: writeAddress("", filter)}, "Matrix")),
		h("h1", {}, cut(device.name, 200), " ", h("span", {class: "version"}, cut(device.version, 100))),
		h("dl", {class: "facts"}, facts.filter(fact => fact[1]).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, cut(value, 2000))))),
		filters(model, path, filter),
		found.length === 0 ? h("p", {class: "empty"}, "No case is like that.") :
			h("table", {class: "cases"}, h("caption", {}, count(found.length, "case"), h("span", {class: "muted"}, ": ", countsText(cellOf(found).counts))),
				h("thead", {}, h("tr", {}, ["Verdict", "Case", "Level", "Role"].map(name => h("th", {scope: "col"}, name)))),
				h("tbody", {}, found.map(result => h("tr", {},
					h("td", {}, badge(result.of.verdict)),
					h("th", {scope: "row"}, h("a", {href: writeAddress(casePath(device, result.id), filter)}, cut(result.of.title, 200)),
						result.changed && [" ", changeMark(changeText(result))], h("span", {class: "id"}, result.id),
						h("span", {class: "observed"}, result.of.value ? h("b", {}, cut(result.of.value, 100), " ") : null, cut(result.of.observed, 300))),
					h("td", {}, h("span", {class: "level"}, result.of.level)), h("td", {class: "muted"}, result.of.role)))))]};
}

function changeText(result) {
	const was = result.runs[1].of;
	return "was " + was.verdict + (was.value ? " " + cut(was.value, 100) : "") + " on " + day(result.runs[1].run.started);
}

// ---- values and changes ---------------------------------------------------------------------------------------------

function valuesView(model, address) {
	const ids = [...model.cases.keys()].filter(id => model.devices.some(device => {
		const result = device.results.get(id);
		return result !== undefined && result.of.value !== undefined;
	})).sort((a, b) => byNumber(sectionOf(a), sectionOf(b)));
	const rows = ids.map(id => {
		const values = model.devices.map(device => device.results.get(id));
		const distinct = [...new Set(values.filter(result => result && result.of.value !== undefined).map(result => result.of.value))];
		return h("tr", {}, h("th", {scope: "row", class: "long"}, cut(model.cases.get(id).title, 160), h("span", {class: "id"}, id, distinct.length > 1 && h("span", {class: "differs"}, "they differ"))),
			values.map((result, i) => caseCell(model.devices[i], result, address.filter, distinct)));
	});
	return {title: "Values", up: "#/", content: [
		h("h1", {}, "Observed policy"),
		h("p", {class: "lead"}, "What each implementation does where the documents leave it open, as it was seen on the wire."),
		rows.length === 0 ? h("p", {class: "empty"}, "No case has a value.") :
			h("div", {class: "scroller", tabindex: "0", role: "region", "aria-label": "Values"}, h("table", {class: "matrix values" + few(model)},
				h("caption", {}, "Values against implementations", h("span", {class: "muted"}, ": equal shades in a row are equal values")), h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Case"), model.devices.map(device =>
					h("th", {scope: "col"}, h("a", {href: "#/device/" + device.path}, cut(device.name, 60), h("span", {class: "version"}, cut(device.version, 40))))))),
				h("tbody", {}, rows)))]};
}

function stateOf(of) {
	return [badge(of.verdict), " ", of.value ? h("span", {class: "value"}, cut(of.value, 100)) : null,
		h("span", {class: "observed"}, cut(of.observed, 300))];
}

function changesView(model, address) {
	const parts = model.devices.filter(device => device.runs.length > 1).map(device => {
		const found = [...device.results.values()].filter(result => result.changed);
		return h("section", {}, h("h2", {}, cut(device.label, 200)),
			h("p", {class: "muted"}, count(device.runs.length, "run"), ": ", device.runs.map(run => day(run.started)).join(", ")),
			found.length === 0 ? h("p", {class: "empty"}, "No verdict and no value has changed since the run before.") :
				h("table", {class: "cases changes"}, h("caption", {}, count(found.length, "case"), " changed"),
					h("thead", {}, h("tr", {}, ["Case", "Was", "Is"].map(name => h("th", {scope: "col"}, name)))),
					h("tbody", {}, found.map(result => h("tr", {}, h("th", {scope: "row"},
						h("a", {href: writeAddress(casePath(device, result.id), address.filter)}, cut(result.of.title, 200)), h("span", {class: "id"}, result.id)),
						h("td", {}, stateOf(result.runs[1].of)), h("td", {}, stateOf(result.of)))))));
	});
	return {title: "Changes", up: "#/", content: [h("h1", {}, "Changed since the run before"),
		parts.length > 0 ? parts : h("p", {class: "empty"}, "Every implementation was run once: there is nothing to compare.")]};
}
