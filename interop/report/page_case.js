// SPDX-License-Identifier: ISC
// One case with one implementation: what is required, what was seen, and the evidence.

function factRows(result) {
	const of = result.of, rows = [["Requirement", [h("p", {}, of.requirement), h("p", {class: "small"}, reference(of.section))], "requirement"],
		["Expected", h("p", {}, of.expected), "expected"],
		["Observed", h("p", {}, of.observed), "observed v-" + of.verdict.toLowerCase()]];
	if (of.value !== undefined)
		rows.push(["Value", h("p", {}, h("b", {class: "value"}, of.value)), "value"]);
	if (of.profile !== undefined)
		rows.push(["Profile", [h("p", {}, of.profile.reason), h("p", {class: "small muted"}, "The profile says " + of.profile.verdict +
			(of.profile.found ? "; found was " + of.profile.found : "") + ".")], "profile"]);
	if (result.runs.length > 1)
		rows.push(["Earlier runs", h("ul", {class: "runs"}, result.runs.slice(1).map(({of: was, run}) => h("li", {}, badge(was.verdict), " ",
			h("span", {class: "muted"}, day(run.started)), " ", was.value ? h("b", {class: "value"}, cut(was.value, 100), " ") : null, cut(was.observed, 600)))), "earlier"]);
	return rows;
}

function others(model, device, result, filter) {
	const rest = model.devices.filter(other => other !== device && other.results.has(result.id));
	return rest.length > 0 && h("p", {class: "others"}, h("span", {class: "muted"}, "The same case: "), rest.map(other =>
		h("a", {class: "plain", href: writeAddress(casePath(other, result.id), filter)}, cut(other.label, 60), " ", badge(other.results.get(result.id).of.verdict))));
}

function messageTable(of, choose) {
	return h("div", {class: "scroller", tabindex: "0", role: "region", "aria-label": "Messages"}, h("table", {class: "messages"},
		h("caption", {}, "The same as a table"), h("thead", {}, h("tr", {}, ["No.", "Seconds", "From", "Message", "Remarks", "Octets"].map(name => h("th", {scope: "col"}, name)))),
		h("tbody", {}, of.messages.map((message, i) => h("tr", {class: i === of.deciding ? "deciding" : null},
			h("th", {scope: "row"}, String(i + 1)), h("td", {class: "number"}, message.at.toFixed(3)),
			h("td", {title: cut(message.source + " to " + message.destination, 300)}, message.from),
			h("td", {class: "mono"}, cut(message.line, 600)),
			h("td", {}, [message.lost && "lost on purpose", message.hash && "HASH(1) " + message.hash, i === of.deciding && "decides"].filter(Boolean).join(", ")),
			h("td", {}, h("button", {type: "button", "aria-label": "Show the octets of message " + (i + 1), onclick: () => choose(i, true)},
				String(message.wire.length / 2))))))));
}

function datagramTitle(of, index) {
	return (index === of.deciding ? "The deciding datagram" : "Message") + ": number " + (index + 1) + ", from the " + of.messages[index].from;
}

function evidence(of, device) {
	const panel = h("section", {class: "panel", id: "datagram", tabindex: "-1", "aria-labelledby": "datagram-title"});
	const show = (index, focus) => {
		const message = of.messages[index];
		panel.replaceChildren(h("h2", {id: "datagram-title"}, datagramTitle(of, index)),
			h("p", {class: "mono line"}, cut(message.line, 1200)),
			h("p", {class: "muted small"}, message.plain !== undefined ? "Its plaintext, " + count(message.plain.length / 2, "octet") + "; on the wire there were " +
				message.wire.length / 2 + ", encrypted." : count(message.wire.length / 2, "octet") + ", as on the wire.",
				message.fields ? " Point at a field or an octet, or use the arrow keys." : ""),
			octetView(message));
		for (const group of document.querySelectorAll(".rung"))
			group.classList.toggle("chosen", Number(group.dataset.index) === index);
		if (focus) {
			panel.scrollIntoView({block: "start"});
			panel.focus({preventScroll: true});
		}
	};
	const parts = [h("section", {class: "panel"}, h("h2", {}, "Messages"), ladderFigure(of, device, index => show(index, true)),
		h("details", {class: "list"}, h("summary", {}, count(of.messages.length, "message"), " as a table"), messageTable(of, show))), panel];
	show(of.deciding !== undefined ? of.deciding : of.messages.length - 1);
	return parts;
}

function copy(text, from) {
	const select = () => {
		const range = document.createRange();
		range.selectNodeContents(from);
		getSelection().removeAllRanges();
		getSelection().addRange(range);
		return document.execCommand("copy");
	};
	const done = good => tell(good ? "Copied." : "The command is selected: copy it with the keyboard.");
	if (navigator.clipboard === undefined)
		done(select());
	else
		navigator.clipboard.writeText(text).then(() => done(true), () => done(select()));
}

function filesPanel(result) {
	const command = h("code", {class: "command", tabindex: "0"}, result.of.command);
	const button = h("button", {type: "button", class: "copy", onclick: () => {
		copy(result.of.command, command);
		button.firstChild.textContent = "Copied";
		setTimeout(() => { button.firstChild.textContent = "Copy"; }, 1500);
	}}, "Copy", unseen(" the command"));
	const files = filesOf(result);
	return h("section", {class: "panel"}, h("h2", {}, "Take it with you"),
		files.length > 0 && h("ul", {class: "files"}, files.map(([name, make, meaning]) => h("li", {},
			h("button", {type: "button", "data-file": name, onclick: () => download(name, make())}, name), h("span", {class: "muted small"}, meaning)))),
		h("h3", {}, "This case once more"), h("div", {class: "again"}, command, button));
}

function neighbours(device, result, filter) {
	const list = resultsOf(device, filter), at = list.findIndex(one => one.id === result.id);
	const link = (one, text, rel) => one && h("a", {href: writeAddress(casePath(device, one.id), filter), rel, title: cut(one.of.title, 200)}, text);
	return h("nav", {class: "neighbours", "aria-label": "Cases beside this one"}, at > 0 && link(list[at - 1], "\u2190 Previous", "prev"),
		at >= 0 && link(list[at + 1], "Next \u2192", "next"));
}

function caseView(model, address) {
	const [, name, version, ...rest] = address.segments;
	const device = model.devices.find(one => one.name === name && one.version === (version === "~" ? "" : version));
	const result = device && device.results.get(rest.join("/"));
	if (!result)
		return null;
	const of = result.of, filter = address.filter, up = writeAddress("device/" + device.path, filter);
	return {title: cut(of.title, 120) + ", " + cut(device.label, 80), up, content: [
		h("p", {class: "crumbs"}, h("a", {href: writeAddress("", filter)}, "Matrix"), " / ", h("a", {href: up}, cut(device.label, 80)), neighbours(device, result, filter)),
		h("h1", {class: "case"}, cut(of.title, 12000)),
		h("p", {class: "under"}, badge(of.verdict), h("span", {class: "level"}, of.level), h("span", {class: "muted"}, "device as " + of.role),
			result.changed && h("span", {class: "note"}, changeMark(), changeText(result))),
		h("p", {class: "id"}, of.id, h("span", {class: "muted"}, " version " + of.version + ", took " + seconds(of.seconds) + ", run " + day(result.run.started))),
		others(model, device, result, filter),
		h("dl", {class: "panel story"}, factRows(result).map(([title, content, kind]) => h("div", {class: kind}, h("dt", {}, title), h("dd", {}, content)))),
		of.messages.length > 0 ? evidence(of, device) : h("p", {class: "empty"}, "There were no messages."),
		filesPanel(result)]};
}
