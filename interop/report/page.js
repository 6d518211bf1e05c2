// SPDX-License-Identifier: ISC
// From the address to a view, and the keyboard.

const model = makeModel(JSON.parse(document.getElementById("reports").textContent));
const VIEWS = new Map([["device", deviceView], ["case", caseView], ["values", valuesView], ["changes", changesView]]);
const trail = []; // the views above this one, as they were left
let current = null;

function replaceAddress(hash) {
	location.replace(hash);
}

function viewOf(address) {
	const make = VIEWS.get(address.segments[0]);
	const view = address.segments.length === 0 ? matrixView(model, address) : make && make(model, address);
	return view || {title: "Not here", up: "#/", content: [h("h1", {}, "Not in these reports"),
		h("p", {}, "The address leads to nothing that is in this page. ", h("a", {href: "#/"}, "To the matrix"))]};
}

// Where the focus was, so that a filter keeps it although everything is drawn anew.
function focusMark() {
	const active = document.activeElement;
	if (active.id === "text")
		return {selector: "#text", caret: active.selectionStart};
	if (active.id === "section")
		return {selector: "#section"};
	return active.dataset.chip ? {selector: "[data-chip=\"" + active.dataset.chip + "\"]"} : null;
}

function levelOf(address) {
	return {case: 2, device: 1}[address.segments[0]] || 0;
}

// A view that was left upwards leaves the focus on the way back to it.
function settle(mark, from, same) {
	const view = document.getElementById("view");
	const back = from !== null && [...view.querySelectorAll("a[href]")].find(link => link.getAttribute("href") === from);
	const target = mark && view.querySelector(mark.selector) || back || view.querySelector("h1"), title = target.tagName === "H1";
	if (title)
		target.tabIndex = -1;
	target.focus({preventScroll: title});
	if (mark && mark.caret !== undefined)
		target.setSelectionRange(mark.caret, mark.caret);
	if (title && !same)
		scrollTo(0, 0);
}

function render() {
	const address = readAddress(location.hash), kind = address.segments.join("/"), level = levelOf(address), same = current !== null && current.kind === kind;
	const mark = same ? focusMark() : null, view = viewOf(address);
	document.title = view.title + " \u00b7 IKEv1 keepalive conformance";
	document.getElementById("view").replaceChildren();
	fill(document.getElementById("view"), {}, view.content);
	for (const link of document.querySelectorAll("nav [data-view]"))
		if (link.dataset.view === (address.segments[0] || "matrix"))
			link.setAttribute("aria-current", "page");
		else
			link.removeAttribute("aria-current");
	if (current !== null)
		settle(mark, level < current.level ? current.hash : null, same);
	current = {kind, level, hash: location.hash, up: view.up};
	while (trail.length > 0 && trail[trail.length - 1].level >= level)
		trail.pop();
	trail.push(current);
}

// In a matrix the arrow keys go from cell to cell.
function moveInMatrix(event) {
	const cell = event.target.closest && event.target.closest("td, th"), table = cell && cell.closest("table.matrix");
	const steps = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key];
	if (!table || !steps || event.ctrlKey || event.altKey || event.metaKey)
		return;
	const rows = [...table.rows].filter(row => !row.classList.contains("document"));
	let row = rows.indexOf(cell.parentElement), column = cell.cellIndex;
	for (;;) {
		row += steps[0];
		column += steps[1];
		const to = rows[row] && rows[row].cells[column];
		if (!to)
			return;
		const link = to.querySelector("a");
		if (link) {
			event.preventDefault();
			link.focus();
			return;
		}
	}
}

document.addEventListener("keydown", event => {
	if (event.key === "Escape" && current.up && !(event.target.id === "text" && event.target.value !== "")) {
		event.preventDefault();
		location.hash = trail.length > 1 ? trail[trail.length - 2].hash || "#/" : current.up;
	} else if (event.key === " " && event.target.getAttribute("role") === "button" && event.target.tagName === "A") {
		event.preventDefault();
		event.target.click();
	} else {
		moveInMatrix(event);
	}
});
document.querySelector(".skip").addEventListener("click", event => { // its own address would be a view
	event.preventDefault();
	document.getElementById("view").focus();
});
addEventListener("hashchange", render);
fill(document.getElementById("foot"), {}, [
	"Made by ", [...new Set(model.reports.map(report => report.tool.name + " " + report.tool.version))].map(tool => cut(tool, 100)).join(", "),
	" of " + count(model.reports.length, "report") + ". This file is whole: it fetches nothing. IKEv1 is Historic (", reference("RFC 9395"), ")."]);
render();
