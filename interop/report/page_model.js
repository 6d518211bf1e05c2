// SPDX-License-Identifier: ISC
// The reports as one: implementations, of each case the newest result and those before it.  interop/report/report_matrix.c has the
// same rules.
"use strict";

// Worst first, each with its letter for those who do not see colours, and what it means.
const VERDICTS = [
	["FAIL", "F", "does not do what is required"],
	["XPASS", "!", "the profile says that it fails, and it does not"],
	["INCONCLUSIVE", "?", "the device did not come up, or was not well afterwards"],
	["XFAIL", "X", "fails, as the profile says, with its reason"],
	["UNSUPPORTED", "U", "a fact was observed: the device does not do this at all"],
	["LENIENT", "L", "allowed, but not what is recommended"],
	["PASS", "P", "does what is required"],
	["INFO", "I", "no right and wrong: a value worth knowing"],
	["SKIP", "S", "was not run"],
].map(([name, letter, meaning], rank) => ({name, letter, meaning, rank}));
const VERDICT = new Map(VERDICTS.map(verdict => [verdict.name, verdict]));
const LEVELS = ["MUST", "SHOULD", "MAY", "ROBUST", "INFO"];
const DOCUMENTS = new Map([
	["rfc2407", "The IPsec domain of interpretation"],
	["rfc2408", "ISAKMP"],
	["rfc2409", "The Internet key exchange"],
	["rfc3706", "Detecting dead IKE peers"],
	["rfc3947", "NAT traversal in IKE"],
	["rfc3948", "UDP encapsulation of IPsec packets"],
	["robust", "What every implementation must survive; sections are those of the format that is abused"],
]);

// Numbers by their value, so that 5.10 comes behind 5.9.
function byNumber(left, right) {
	const parts = text => text.match(/[0-9]+|[^0-9]/g) || [];
	const a = parts(left), b = parts(right);
	for (let i = 0; i < a.length && i < b.length; i++) {
		if (a[i] === b[i])
			continue;
		if (/^[0-9]/.test(a[i]) && /^[0-9]/.test(b[i])) {
			const x = BigInt(a[i]), y = BigInt(b[i]);
			if (x !== y)
				return x < y ? -1 : 1;
			continue;
		}
		return a[i] < b[i] ? -1 : 1;
	}
	return a.length - b.length;
}

function sectionOf(id) {
	return id.slice(0, id.lastIndexOf("/"));
}

// An appendix has a letter, which is a small one in IDs.
function numberName(number) {
	return /^[a-z]$/.test(number) ? number.toUpperCase() : number;
}

function documentName(document) {
	return document.startsWith("rfc") ? "RFC " + document.slice(3) : document[0].toUpperCase() + document.slice(1);
}

function changed(result) {
	const before = result.runs[1];
	return before !== undefined &&
		(before.of.verdict !== result.of.verdict || (before.of.value || "") !== (result.of.value || ""));
}

function makeDevice(runs) {
	runs.sort((a, b) => Date.parse(b.report.started) - Date.parse(a.report.started) || b.given - a.given);
	const about = runs[0].report.device, results = new Map();
	for (const {report} of runs)
		for (const of of report.cases) {
			if (!results.has(of.id))
				results.set(of.id, {id: of.id, of, run: report, section: sectionOf(of.id), runs: []});
			results.get(of.id).runs.push({of, run: report});
		}
	for (const result of results.values())
		result.changed = changed(result);
	const inOrder = new Map([...results].sort((a, b) => byNumber(a[1].section, b[1].section)));
	return {about, name: about.name, version: about.version || "", runs: runs.map(run => run.report),
		label: about.name + (about.version ? " " + about.version : ""), results: inOrder,
		path: encodeURIComponent(about.name) + "/" + encodeURIComponent(about.version || "~")};
}

function makeModel(reports) {
	const groups = new Map();
	reports.forEach((report, given) => {
		const key = JSON.stringify([report.device.name, report.device.version || ""]);
		if (!groups.has(key))
			groups.set(key, []);
		groups.get(key).push({report, given});
	});
	const devices = [...groups.values()].map(makeDevice);
	const sections = new Set(), cases = new Map();
	for (const device of devices)
		for (const result of device.results.values()) {
			sections.add(result.section);
			if (!cases.has(result.id))
				cases.set(result.id, result.of);
		}
	return {reports, devices, cases, sections: [...sections].sort(byNumber)};
}

// What stands where an implementation and some cases meet.
function cellOf(results) {
	const counts = new Map();
	let worst = null, some = false;
	for (const result of results) {
		const verdict = VERDICT.get(result.of.verdict);
		counts.set(verdict, (counts.get(verdict) || 0) + 1);
		if (worst === null || verdict.rank < worst.rank)
			worst = verdict;
		some = some || result.changed;
	}
	return {worst, counts: [...counts].sort((a, b) => a[0].rank - b[0].rank), cases: results.length, changed: some};
}

// ---- what is asked for: all of it is in the address -------------------------------------------------------------------

const FILTERS = ["level", "verdict", "section", "text", "changed", "rows"];

function readAddress(hash) {
	const [path, query] = hash.replace(/^#\/?/, "").split("?", 2);
	const segments = path.split("/").filter(segment => segment !== "").map(segment => {
		try {
			return decodeURIComponent(segment);
		} catch {
			return segment;
		}
	});
	const asked = new URLSearchParams(query || "");
	const filter = {};
	for (const name of FILTERS)
		filter[name] = asked.get(name) || "";
	filter.levels = filter.level.split(",").filter(level => LEVELS.includes(level));
	filter.verdicts = filter.verdict.split(",").filter(verdict => VERDICT.has(verdict));
	return {segments, filter};
}

function writeAddress(path, filter, changes) {
	const asked = new URLSearchParams(), all = Object.assign({}, filter, changes);
	for (const name of FILTERS)
		if (all[name])
			asked.set(name, all[name]);
	const query = asked.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
	return "#/" + path + (query ? "?" + query : "");
}

function passes(result, filter) {
	const of = result.of, text = filter.text.toLowerCase();
	return (filter.levels.length === 0 || filter.levels.includes(of.level)) &&
		(filter.verdicts.length === 0 || filter.verdicts.includes(of.verdict)) &&
		(filter.section === "" || result.section === filter.section || result.section.startsWith(filter.section + "/")) &&
		(filter.changed === "" || result.changed) &&
		(text === "" || [of.id, of.title, of.requirement, of.observed, of.value || ""].some(
			part => part.toLowerCase().includes(text)));
}

function resultsOf(device, filter) {
	return [...device.results.values()].filter(result => passes(result, filter));
}
