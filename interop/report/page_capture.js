// SPDX-License-Identifier: ISC
// Files made of a case: captures in the form of interop/node/capture.c, and key tables.

const PCAP_HEADER = 24, PCAP_RECORD = 16, DLT_RAW = 101, UDP = 17, HOPS = 64, SNAP = 65535 + 48, MARKER = 4;

// "192.0.2.1:500", "[2001:db8::1]:500", or without a port.  Whatever else there is becomes 0.0.0.0.
function parseAddress(text) {
	const found = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(text) || /^([0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/.exec(text) || [];
	const port = Number(found[3] || 500) & 0xffff;
	if (found[2] !== undefined) {
		const octets = found[2].split(".").map(Number);
		if (octets.length === 4 && octets.every(octet => octet < 256))
			return {octets, port};
	}
	if (found[1] !== undefined)
		return {octets: parseIpv6(found[1]), port};
	return {octets: [0, 0, 0, 0], port};
}

function parseIpv6(text) {
	const words = part => part === "" ? [] : part.split(":").flatMap(word => {
		if (!word.includes("."))
			return [parseInt(word, 16) & 0xffff];
		const octets = word.split(".").map(Number);
		return [octets[0] << 8 | octets[1], octets[2] << 8 | octets[3]];
	});
	const [before, after] = text.split("::", 2), head = words(before), tail = after === undefined ? [] : words(after);
	const middle = new Array(Math.max(0, 8 - head.length - tail.length)).fill(0);
	return [...head, ...(after === undefined ? [] : middle), ...tail].concat(new Array(8).fill(0)).slice(0, 8).flatMap(word => [word >> 8 & 0xff, word & 0xff]);
}

// The Internet checksum of RFC 1071.
function checksum(sum, octets) {
	octets.forEach((octet, i) => { sum += i % 2 === 0 ? octet * 256 : octet; });
	while (sum > 0xffff)
		sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
	return sum;
}

function packet(source, destination, payload, identification) {
	const version6 = source.octets.length === 16 || destination.octets.length === 16, size = version6 ? 16 : 4;
	const from = source.octets.length === size ? source.octets : new Array(size).fill(0);
	const to = destination.octets.length === size ? destination.octets : new Array(size).fill(0);
	const length = 8 + payload.length, word = value => [value >> 8 & 0xff, value & 0xff];
	const udp = [...word(source.port), ...word(destination.port), ...word(length), 0, 0, ...payload];
	const sum = ~checksum(checksum(UDP + length, [...from, ...to]), udp) & 0xffff;
	udp.splice(6, 2, ...word(sum === 0 ? 0xffff : sum));
	if (version6)
		return [0x60, 0, 0, 0, ...word(length), UDP, HOPS, ...from, ...to, ...udp];
	const ip = [0x45, 0, ...word(20 + length), ...word(identification), 0, 0, HOPS, UDP, 0, 0, ...from, ...to];
	ip.splice(10, 2, ...word(~checksum(0, ip) & 0xffff));
	return [...ip, ...udp];
}

// On the port of NAT traversal IKE stands behind four octets of zero (RFC 3948 section 2.2), which no cookie begins with.
function asOnTheWire(octets, source, destination) {
	const floated = source.port === 4500 || destination.port === 4500;
	return floated && octets.slice(0, MARKER).some(octet => octet !== 0) ? [0, 0, 0, 0, ...octets] : [...octets];
}

function makePcap(started, messages, octetsOfMessage) {
	const packets = messages.map((message, i) => {
		const source = parseAddress(message.source), destination = parseAddress(message.destination);
		return {at: started + message.at, octets: packet(source, destination, asOnTheWire(octetsOfMessage(message), source, destination), i + 1)};
	});
	const file = new Uint8Array(PCAP_HEADER + packets.reduce((sum, one) => sum + PCAP_RECORD + one.octets.length, 0));
	const view = new DataView(file.buffer);
	view.setUint32(0, 0xa1b2c3d4, true);
	view.setUint16(4, 2, true);
	view.setUint16(6, 4, true);
	view.setUint32(16, SNAP, true);
	view.setUint32(20, DLT_RAW, true);
	let at = PCAP_HEADER;
	for (const {at: time, octets} of packets) {
		const microseconds = Math.max(0, Math.round(time * 1e6));
		view.setUint32(at, Math.floor(microseconds / 1e6), true);
		view.setUint32(at + 4, microseconds % 1e6, true);
		view.setUint32(at + 8, octets.length, true);
		view.setUint32(at + 12, octets.length, true);
		file.set(octets, at + PCAP_RECORD);
		at += PCAP_RECORD + octets.length;
	}
	return file;
}

function wiresharkTable(keys) {
	return keys.map(sa => sa.cky_i + "," + sa.key + "\n").join("");
}

function keyLog(keys) {
	return keys.map(sa => ["ikev1", sa.cky_i, sa.cky_r, sa.cipher + "-" + sa.hash, sa.key, sa.skeyid_a, sa.last_block || "-"].join(" ") + "\n").join("");
}

// [name, contents, what it is]
function filesOf(result) {
	const of = result.of, started = (Date.parse(result.run.started) || 0) / 1000, files = [];
	if (of.messages.length > 0)
		files.push(["wire.pcap", () => makePcap(started, of.messages, message => octetsOf(message.wire)), "as on the wire"],
			["plain.pcap", () => makePcap(started, of.messages, message => octetsOf(message.plain || message.wire)), "decrypted"]);
	if (of.keys.length > 0)
		files.push(["ikev1_decryption_table", () => wiresharkTable(of.keys), "keys, for Wireshark"],
			["ikev1.keys", () => keyLog(of.keys), "keys, for ruthere decode"]);
	return files;
}

function download(name, contents) {
	const address = URL.createObjectURL(new Blob([contents], {type: "application/octet-stream"}));
	const link = h("a", {href: address, download: name, hidden: true});
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(address), 60000);
}
