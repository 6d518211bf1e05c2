# SPDX-License-Identifier: ISC
"""What is checked of the page in a browser.  Each function takes a scene and says what it finds by scene.check()."""
import datetime
import ipaddress
import json
import os
import shutil
import subprocess
from urllib.parse import quote

import expected


def address(device, identifier="", **query):
    path = "device/" if not identifier else "case/"
    path += quote(device.name, safe="!'()*~-._") + "/" + quote(device.version or "~", safe="!'()*~-._")
    asked = "&".join("%s=%s" % (name, value) for name, value in query.items())
    return "#/" + path + ("/" + identifier if identifier else "") + ("?" + asked if asked else "")


# ---- what is shown -----------------------------------------------------------------------------------------------------

CELLS = """[...document.querySelectorAll("#matrix a.cell")].map(cell => ({device: cell.dataset.device, section: cell.dataset.section,
    letter: cell.querySelector(".letter").textContent, worst: [...cell.classList].find(name => name.startsWith("v-")),
    title: cell.title, changed: cell.querySelector(".changed") !== null,
    counts: Object.fromEntries([...cell.querySelectorAll("[data-verdict]")].map(count => [count.dataset.verdict, Number(count.dataset.count)])),
    shown: cell.querySelector(".counts").textContent}))"""


def compare_cells(scene, name, devices, like=lambda case: True):
    """All cells that are there, and none else."""
    shown = {(cell["device"], cell["section"]): cell for cell in scene.browser.run(CELLS)}
    wanted = {}
    for device in devices:
        for section in expected.sections(devices) + [None]:
            cell = device.cell(section, like)
            if cell is not None:
                wanted[device.label, section or ""] = cell
    scene.check(name + ": the cells that there are", sorted(shown) == sorted(wanted), (sorted(shown), sorted(wanted)))
    wrong = []
    for key, (worst, counts, changed) in wanted.items():
        cell = shown.get(key)
        text = "".join("%d%s" % (counts[verdict], expected.LETTERS[verdict]) for verdict in expected.WORST_FIRST if verdict in counts)
        if cell is None or (cell["letter"], cell["worst"], cell["counts"], cell["changed"], cell["shown"]) != (
                expected.LETTERS[worst], "v-" + worst.lower(), counts, changed, text) or "worst " + worst not in cell["title"]:
            wrong.append((key, cell, worst, counts, changed))
    scene.check(name + ": letters, colours, titles, counts and marks", not wrong, wrong[:2])


def matrix(scene):
    browser, devices = scene.browser, scene.devices
    browser.open(scene.page)
    scene.check("opens without a word on the console", not browser.complaints(), browser.complaints())
    compare_cells(scene, "matrix", devices)
    order = browser.run("""[...document.querySelectorAll("#matrix tbody a.cell")].map(cell => cell.dataset.section)
        .filter((section, i, all) => all.indexOf(section) === i)""")
    scene.check("matrix: sections by number", order == expected.sections(devices), order)
    semantics = browser.run("""(() => { const table = document.querySelector("#matrix"); return [
        table.caption !== null, [...table.tHead.querySelectorAll("th")].every(th => th.scope === "col"),
        [...table.querySelectorAll("tbody tr:not(.document) > th")].every(th => th.scope === "row"),
        [...table.querySelectorAll("a, button")].every(one => one.textContent.trim() !== ""),
        document.documentElement.lang === "en", document.querySelectorAll("h1").length === 1,
        document.querySelectorAll("main").length === 1] })()""")
    scene.check("matrix: caption, scopes, names, language, one heading of the first level", all(semantics), semantics)


def filters(scene):
    browser, devices = scene.browser, scene.devices
    browser.open(scene.page + "#/?level=MUST,SHOULD&verdict=PASS,FAIL,INFO")
    compare_cells(scene, "filter by level and verdict in the address", devices,
                  lambda case: case["level"] in ("MUST", "SHOULD") and case["verdict"] in ("PASS", "FAIL", "INFO"))
    browser.go("#/?section=rfc3706/5.3")
    compare_cells(scene, "filter by section", devices, lambda case: expected.section(case["id"]) == "rfc3706/5.3")
    browser.go("#/?section=rfc2409")
    compare_cells(scene, "filter by document", devices, lambda case: case["id"].startswith("rfc2409/"))
    browser.go("#/?text=COOKIE")
    compare_cells(scene, "filter by text", devices, lambda case: any(
        "cookie" in case.get(name, "").lower() for name in ("id", "title", "requirement", "observed", "value")))
    browser.go("#/")
    browser.run("document.querySelector('[data-chip=MUST]').focus()")
    browser.key(" ")
    scene.check("a chip of the filter writes the address", browser.run("location.hash") == "#/?level=MUST", browser.run("location.hash"))
    state = browser.run("[document.activeElement.dataset.chip, document.activeElement.getAttribute('aria-pressed')]")
    scene.check("is pressed, and keeps the focus", state == ["MUST", "true"], state)
    browser.run("""document.querySelector('#text').focus()""")
    for letter in "spi":
        browser.say("Input.dispatchKeyEvent", type="char", text=letter)
        browser.settle()
    state = browser.run("[location.hash, document.activeElement.id, document.activeElement.value]")
    scene.check("typing filters and keeps the focus", state == ["#/?level=MUST&text=spi", "text", "spi"], state)
    browser.go("#/nowhere/at/all")
    scene.check("an address that leads nowhere says so", "leads to nothing" in browser.run("document.body.innerText"), None)
    scene.check("filters: nothing on the console", not browser.complaints(), browser.complaints())


def cases_of_all(scene):
    """Every case of every implementation by its permalink."""
    browser, wrong = scene.browser, []
    browser.open(scene.page)
    for device in scene.devices:
        for identifier, case in device.cases.items():
            browser.go(address(device, identifier))
            browser.settle()  # the ladder is drawn when its width is known
            shown = browser.run("""({title: document.querySelector("h1").textContent,
                story: Object.fromEntries([...document.querySelectorAll(".story > div")].map(part => [part.className.split(" ")[0], part.querySelector("dd").innerText])),
                badge: document.querySelector(".under .badge").innerText, level: document.querySelector(".under .level").textContent,
                links: [...document.querySelectorAll(".requirement a")].map(a => a.href), command: (document.querySelector(".command") || {}).textContent,
                rungs: [...document.querySelectorAll(".rung")].map(rung => Number(rung.dataset.index)), lost: document.querySelectorAll(".rung.lost").length,
                deciding: [...document.querySelectorAll(".rung.deciding")].map(rung => Number(rung.dataset.index)),
                rows: document.querySelectorAll(".messages tbody tr").length, fields: document.querySelectorAll(".field").length,
                octets: [...document.querySelectorAll(".octet")].map(octet => octet.textContent).join("")})""")
            problem = case_problem(case, shown)
            if problem:
                wrong.append((device.label, identifier, problem))
    scene.check("every case by its permalink: requirement, expected, observed, ladder, octets, command", not wrong, wrong[:3])
    scene.check("cases: nothing on the console", not browser.complaints(), browser.complaints())


def references(section):
    """"RFC 2408 sections 4.8, 3.15, RFC 2409 appendix B" """
    found, document, kind = [], None, None
    for word in section.replace(",", "").split():
        if word.isdigit() and document is None:
            document = word
        elif word == "RFC":
            document = kind = None
        elif word in ("section", "sections", "appendix"):
            kind = "appendix" if word == "appendix" else "section"
        else:
            found.append("https://www.rfc-editor.org/rfc/rfc%s#%s-%s" % (document, kind, word))
    return found


def drawn(messages, deciding):
    """Of many messages the beginning, the end, and what is around the deciding one."""
    last = len(messages) - 1
    return [i for i in range(last + 1) if last < 60 or i < 16 or i > last - 8 or (deciding is not None and abs(i - deciding) <= 8)]


def case_problem(case, shown):
    messages, deciding = case["messages"], case.get("deciding")
    blanks = lambda text: " ".join(text.split())  # noqa: E731: as a browser shows them
    case = {name: blanks(value) if isinstance(value, str) else value for name, value in case.items()}
    story = {name: blanks(value) for name, value in shown["story"].items()}
    shown = dict(shown, title=blanks(shown["title"]), command=blanks(shown["command"]))
    if shown["title"] != case["title"] or shown["level"] != case["level"]:
        return "title or level"
    if case["requirement"] not in story["requirement"] or story["expected"] != case["expected"] or story["observed"] != case["observed"]:
        return "requirement, expected or observed"
    if "value" in case and story.get("value") != case["value"]:
        return "value"
    if "profile" in case and blanks(case["profile"]["reason"]) not in story.get("profile", ""):
        return "profile"
    if shown["links"] != references(case["section"]) or case["section"] not in story["requirement"]:
        return "links " + str(shown["links"])
    if shown["badge"].split() != [expected.LETTERS[case["verdict"]], case["verdict"]] or shown["command"] != case["command"]:
        return "badge or command"
    rungs = drawn(messages, deciding)
    if (shown["rungs"], shown["rows"], shown["lost"]) != (rungs, len(messages), sum(messages[i].get("lost", False) for i in rungs)):
        return "ladder"
    if shown["deciding"] != ([deciding] if deciding is not None else []):
        return "which message decides"
    if messages:
        message = messages[deciding if deciding is not None else -1]
        if shown["octets"] != message.get("plain", message["wire"]) or shown["fields"] != len(message.get("fields", [])):
            return "octets or fields"
    return None


def long(scene):
    """More messages than are drawn at first."""
    browser = scene.browser
    device, case = next((device, case) for device in scene.devices for case in device.cases.values() if len(case["messages"]) > 60)
    browser.open(scene.page + address(device, case["id"]))
    browser.settle()
    before = browser.run("document.querySelectorAll('.rung').length")
    browser.run("document.querySelector('.figure button').click()")
    browser.settle()
    after = browser.run("[document.querySelectorAll('.rung').length, document.querySelector('.figure button').hidden]")
    scene.check("long: all messages are drawn when that is asked for", before < 60 and after == [len(case["messages"]), True], (before, after))


def octets(scene):
    """Pointing at a field marks its octets, and the reverse; and so does the keyboard."""
    browser = scene.browser
    device, case = next((device, case) for device in scene.devices for case in device.cases.values()
                        if "deciding" in case and case["messages"][case["deciding"]].get("fields"))
    fields = case["messages"][case["deciding"]]["fields"]
    browser.go(address(device, case["id"]))
    marked = """[[...document.querySelectorAll(".octet")].flatMap((octet, i) => octet.classList.contains("on") ? [i] : []),
        [...document.querySelectorAll(".field")].flatMap((field, i) => field.classList.contains("on") ? [i] : [])]"""
    wrong = []
    for index, field in enumerate(fields):
        browser.run("document.querySelectorAll('.field')[%d].dispatchEvent(new MouseEvent('mouseenter'))" % index)
        got = browser.run(marked)
        if got != [list(range(field["offset"], field["offset"] + field["length"])), [index]]:
            wrong.append((index, got))
    scene.check("a field that is pointed at marks its octets", not wrong, wrong[:2])
    wrong = []
    for octet in range(0, 96, 5):
        browser.run("document.querySelectorAll('.octet')[%d].dispatchEvent(new MouseEvent('mouseenter'))" % octet)
        got = browser.run(marked)[1]
        inner = [i for i, field in enumerate(fields) if field["offset"] <= octet < field["offset"] + field["length"]]
        if got != [max(inner, key=lambda i: (fields[i]["depth"], i))]:
            wrong.append((octet, got))
    scene.check("an octet that is pointed at marks its innermost field", not wrong, wrong[:2])
    browser.run("document.querySelector('.field').focus()")
    browser.key("ArrowDown")
    browser.key("ArrowDown")
    scene.check("arrow keys go from field to field", browser.run(marked)[1] == [2], browser.run(marked))
    browser.run("document.querySelector('.octet').focus()")
    browser.key("ArrowDown")
    browser.key("ArrowRight")
    scene.check("and from octet to octet", browser.run("[...document.querySelectorAll('.octet')].indexOf(document.activeElement)") == 17, None)


# ---- how it is used ----------------------------------------------------------------------------------------------------

FOCUS = """(() => { const at = document.activeElement, style = getComputedStyle(at, at.classList.contains("cell") ? "::after" : null), box = at.getBoundingClientRect(); return {
    tag: at.tagName, cell: at.classList.contains("cell"), href: at.getAttribute("href"), text: at.textContent.slice(0, 60),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, seen: box.bottom > 0 && box.top < innerHeight,
    first: at === document.querySelector("#matrix a.cell") } })()"""


def keyboard(scene):
    browser = scene.browser
    browser.open(scene.page)
    steps, reached = [], None
    for _ in range(80):
        browser.key("Tab")
        focus = browser.run(FOCUS)
        steps.append(focus)
        if focus["cell"]:
            reached = focus
            break
    scene.check("Tab reaches the cells", reached is not None and reached["first"], steps[-1])
    blind = [step for step in steps if not step["outlined"] or not step["seen"]]
    scene.check("the focus can be seen at every step", not blind, blind[:2])
    browser.key("ArrowRight")
    browser.key("ArrowDown")
    there = browser.run(FOCUS)
    scene.check("arrow keys go from cell to cell", there["cell"] and not there["first"], there)
    browser.key("Enter")
    opened = browser.run("[location.hash, document.activeElement.tagName, document.title]")
    scene.check("Enter opens", opened[0] == there["href"] and opened[1] == "H1", opened)
    for _ in range(40):
        browser.key("Tab")
        focus = browser.run(FOCUS)
        if (focus["href"] or "").startswith("#/case/"):
            break
    browser.key("Enter")
    scene.check("and a case from there", browser.run("location.hash") == focus["href"], browser.run("location.hash"))
    unnamed = browser.run("""[...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")].filter(one =>
        !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels && one.labels.length > 0)).map(one => one.outerHTML)""")
    scene.check("whatever can be reached has a name", unnamed == [], unnamed)
    browser.key("Escape")
    back = browser.run("[location.hash, document.activeElement.getAttribute('href')]")
    scene.check("Escape returns to where one was", back == [opened[0], focus["href"]], back)
    browser.key("Escape")
    back = browser.run("[location.hash.replace(/^#\\/$/, ''), document.activeElement.getAttribute('href')]")
    scene.check("and once more, to the cell", back == ["", there["href"]], back)
    scene.check("keyboard: nothing on the console", not browser.complaints(), browser.complaints())


def views(scene):
    """An address of every kind of view."""
    device = scene.devices[0]
    # one with a wrong field, if there is one
    identifier = max(device.cases.values(), key=lambda case: any(
        field.get("wrong") for message in case["messages"] for field in message.get("fields", [])))["id"]
    return [("matrix", "#/"), ("cases", "#/?rows=cases"), ("implementation", address(device)), ("case", address(device, identifier)),
            ("values", "#/values"), ("changes", "#/changes")]


OVERFLOW = """(() => { const wide = [...document.querySelectorAll("body *")].filter(one => { const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > innerWidth + 1 && !one.closest(".scroller, .octets, .unseen, .skip"); });
    return [document.documentElement.scrollWidth, innerWidth, wide.slice(0, 3).map(one => one.outerHTML.slice(0, 120))] })()"""


def narrow(scene, page=None, name="at 360 px"):
    browser = scene.browser
    browser.size(360, 740)
    browser.open(page or scene.page)
    where = views(scene) if page is None else [(fragment, fragment) for fragment in scene.hostile_views]
    for view, fragment in where:
        browser.go(fragment)
        browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        browser.settle()
        got = browser.run(OVERFLOW)
        scene.check("%s: no view is wider than the screen: %s" % (name, view), got[0] <= got[1] == 360 and got[2] == [], got)
    browser.size(1280, 900)


def values_and_changes(scene):
    browser = scene.browser
    browser.open(scene.page + "#/values")
    shown = browser.run("""[...document.querySelectorAll(".values tbody tr")].map(row => [row.querySelector(".id").firstChild.textContent,
        ...[...row.querySelectorAll("td .counts")].map(cell => cell.textContent)])""")
    ids = [identifier for identifier in scene.devices[0].cases if any("value" in device.cases.get(identifier, {}) for device in scene.devices)]
    wanted = [[identifier] + [device.cases[identifier].get("value", device.cases[identifier]["verdict"]) for device in scene.devices] for identifier in ids]
    scene.check("values side by side", sorted(shown) == sorted(wanted), (shown[:2], wanted[:2]))
    browser.go("#/changes")
    shown = browser.run("""[...document.querySelectorAll(".changes tbody tr")].map(row => [row.querySelector(".id").textContent,
        ...[...row.querySelectorAll(".badge")].map(badge => badge.textContent.slice(1))])""")
    wanted = [[identifier, device.before[identifier]["verdict"], case["verdict"]] for device in scene.devices
              for identifier, case in device.cases.items() if device.changed(identifier)]
    scene.check("what has changed, was and is", sorted(shown) == sorted(wanted) and len(wanted) > 0, (shown[:2], wanted[:2]))


# ---- colours -----------------------------------------------------------------------------------------------------------

COLOURS = """(() => { const ground = one => { for (; one; one = one.parentElement) { const c = getComputedStyle(one).backgroundColor;
        if (c !== "rgba(0, 0, 0, 0)") return c; } return "rgb(255, 255, 255)"; };
    const found = new Map();
    for (const one of document.querySelectorAll("body *")) {
        if (one.closest("svg, .unseen, .skip, option, optgroup, noscript, script") || ![...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
            continue;
        if (one.getClientRects().length === 0) continue;
        const key = getComputedStyle(one).color + "/" + ground(one);
        if (!found.has(key)) found.set(key, one.className || one.tagName);
    }
    for (const one of document.querySelectorAll(".ladder text"))
        found.set(getComputedStyle(one).fill + "/" + ground(one.closest("div")), "ladder " + one.getAttribute("class"));
    return [...found].map(([key, who]) => [...key.split("/"), who]) })()"""


def colours(scene):
    browser = scene.browser
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        browser.open(scene.page)
        bad, seen = [], 0
        for _, fragment in views(scene) + [("filtered", "#/?level=MUST&verdict=FAIL,PASS")]:
            browser.go(fragment)
            browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            for text, ground, who in browser.run(COLOURS):
                seen += 1
                ratio = expected.contrast(expected.colour(text), expected.colour(ground))
                if ratio < 4.5:
                    bad.append((who, text, ground, round(ratio, 2)))
        scene.check("%s: every text has a contrast of 4.5 at least (%d pairs)" % (scheme, seen), not bad and seen > 30, bad)
        browser.go("#/")
        browser.run("document.querySelector('.legend').open = true")
        verdicts = browser.run("""[...document.querySelectorAll(".legend .badge")].slice(0, 9).map(badge => { const style = getComputedStyle(badge);
            return [badge.textContent, style.color, style.backgroundColor] })""")
        ratios = [(name, round(expected.contrast(expected.colour(text), expected.colour(ground)), 2)) for name, text, ground in verdicts]
        scene.check("%s: nine verdicts, each with its letter, seven colours of ground or more, contrast" % scheme,
                    len(ratios) == 9 and all(ratio >= 4.5 for _, ratio in ratios) and len({ground for _, _, ground in verdicts}) == 9 and
                    [name[0] for name, _ in ratios] == [expected.LETTERS[verdict] for verdict in expected.WORST_FIRST], ratios)
        ground = browser.run("getComputedStyle(document.body).backgroundColor")
        scene.check("%s: the ground is %s" % (scheme, scheme), (expected.luminance(expected.colour(ground)) > 0.5) == (scheme == "light"), ground)
    browser.scheme("light")


# ---- files -------------------------------------------------------------------------------------------------------------

def endpoint(text):
    host, _, port = text.rpartition(":")
    return ipaddress.ip_address(host.strip("[]")).packed, int(port)


def payload(message, kind, ports):
    octets_ = bytes.fromhex(message["wire"] if kind == "wire" else message.get("plain", message["wire"]))
    return b"\0\0\0\0" + octets_ if 4500 in ports else octets_


def downloads(scene):
    browser = scene.browser
    for device in scene.devices:
        case = next(case for case in device.cases.values() if case["keys"] and any(message.get("lost") for message in case["messages"]))
        started = datetime.datetime.fromisoformat(device.runs[0]["started"].replace("Z", "+00:00")).timestamp()
        browser.open(scene.page + address(device, case["id"]))
        for kind in ("wire", "plain"):
            got, name = browser.downloaded("[data-file='%s.pcap']" % kind)
            wanted = []
            for message in case["messages"]:
                source, destination = endpoint(message["source"]), endpoint(message["destination"])
                wanted.append((round((started + message["at"]) * 1e6), *source, *destination, payload(message, kind, (source[1], destination[1]))))
            try:
                found = expected.packets(got)
            except AssertionError as problem:
                found = str(problem)
            scene.check("%s of %s: addresses, ports, times, payloads, checksums" % (name, device.label),
                        name == kind + ".pcap" and found == wanted, (found, wanted) if isinstance(found, str) else None)
            tshark(scene, device, kind, got, wanted)
        sa = case["keys"][0]
        got, _ = browser.downloaded("[data-file='ikev1_decryption_table']")
        scene.check("key table of " + device.label, got.decode() == "%s,%s\n" % (sa["cky_i"], sa["key"]), got)
        got, _ = browser.downloaded("[data-file='ikev1.keys']")
        scene.check("key log of " + device.label, got.decode() == "ikev1 %s %s %s-%s %s %s %s\n" % (
            sa["cky_i"], sa["cky_r"], sa["cipher"], sa["hash"], sa["key"], sa["skeyid_a"], sa["last_block"]), got)
    browser.run("document.querySelector('.copy').click()")
    browser.settle()
    scene.check("the command is copied, or selected to be", browser.run("document.getElementById('told').textContent").startswith(("Copied", "The command")), None)
    scene.check("downloads: nothing on the console", not browser.complaints(), browser.complaints())


def tshark(scene, device, kind, octets_, wanted):
    if shutil.which("tshark") is None:
        return scene.check("tshark is there", False, "tools/setup pages")
    path = os.path.join(scene.directory, kind + ".pcap")
    with open(path, "wb") as file:
        file.write(octets_)
    out = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "isakmp.ispi", "-e", "udp.payload", "-o", "udp.check_checksum:TRUE",
                          "-o", "ip.check_checksum:TRUE", "-e", "udp.checksum.status"], capture_output=True, text=True, timeout=60, check=False)
    rows = [row.split("\t") for row in out.stdout.splitlines()]
    cookies = [(row[0], row[1], row[2]) for row in rows]
    right = [((data[4:] if data[:4] == b"\0\0\0\0" else data)[:8].hex(), data.hex(), "1") for *_, data in wanted]
    return scene.check("tshark reads %s.pcap of %s: cookies, payloads, checksums" % (kind, device.label), cookies == right, (cookies[:2], right[:2]))


# ---- nothing but text --------------------------------------------------------------------------------------------------

def hostile(scene):
    browser = scene.browser
    browser.open(scene.hostile_page)
    scene.check("hostile: opens", browser.run("document.querySelectorAll('#matrix a.cell').length") > 0, None)
    links = browser.run("[...document.querySelectorAll('#view a[href]')].map(a => a.getAttribute('href')).filter(to => to.startsWith('#/device/'))")
    scene.hostile_views = ["#/", "#/values", "#/?rows=cases", links[0]]
    browser.go(links[0])
    scene.hostile_views += browser.run("[...document.querySelectorAll('#view a[href]')].map(a => a.getAttribute('href')).filter(to => to.startsWith('#/case/'))")[:6]
    found = []
    for fragment in scene.hostile_views:
        browser.go(fragment)
        found += browser.run("""[window.broken, document.querySelectorAll("#view img, #view script, #view iframe, #view object, #view style").length,
            [...document.querySelectorAll("#view *")].filter(one => [...one.attributes].some(attribute => attribute.name.startsWith("on"))).length,
            [...document.querySelectorAll("#view a[href]")].filter(a => !/^(#|https:\\/\\/www\\.rfc-editor\\.org\\/rfc\\/rfc[0-9]+)/.test(a.getAttribute("href"))).length]
            .filter(bad => bad)""")
    scene.check("hostile: nothing of it has become an element, an attribute, a link or a program", found == [], found)
    text = browser.run("document.body.innerText")
    scene.check("hostile: it is there as text, what cannot be seen made visible", "\u202e" not in text and "\u2066" not in text and
                any(mark in text for mark in ("</script>", "<img", "<!--")), text[:300])
    scene.check("hostile: nothing on the console", not browser.complaints(), browser.complaints())
    scene.check("hostile: nothing is fetched", all(url.startswith("file:") for url in browser.requests()), browser.requests())
    policy = browser.run("""new Promise(done => { document.addEventListener("securitypolicyviolation", event => done(event.effectiveDirective), {once: true});
        const late = document.createElement("script"); late.textContent = "window.broken = 99"; document.body.append(late); setTimeout(() => done("nothing"), 1000); })""")
    scene.check("hostile: even a script that were there would not run", policy.startswith("script-src") and not browser.run("window.broken"), policy)
    narrow(scene, scene.hostile_page, "hostile, at 360 px")


def network(scene):
    """Last: over all that was opened."""
    others = [url for url in scene.requests if url not in (scene.page, scene.hostile_page, scene.large_page) and not url.startswith("blob:")]
    scene.check("no request but for the page itself, in all views", not others and scene.requests, others[:3])


def large(scene):
    """Four implementations, 110 cases each, some fifteen messages in each: how long the page's own work takes."""
    browser = scene.browser
    browser.open(scene.large_page)
    took = browser.run("""(async () => { const began = performance.now(), wait = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const times = []; for (const to of ["#/?rows=cases", "#/", "#/values", %s]) { const at = performance.now();
        const drawn = new Promise(done => addEventListener("hashchange", done, {once: true})); location.hash = to; await drawn; await wait(); times.push(performance.now() - at); }
        return times })()""" % json.dumps(address(scene.large_devices[0])))
    scene.check("large: every view is drawn", browser.run("document.querySelectorAll('.cases tbody tr').length") == 110, None)
    print("# large: %s ms for a view, %.1f MB" % (", ".join("%.0f" % time for time in took), os.path.getsize(scene.large_page[7:]) / 1e6))
    scene.check("large: nothing on the console", not browser.complaints(), browser.complaints())


def pictures(scene):
    """For people: nothing is checked of them."""
    browser, device = scene.browser, scene.devices[0]
    case = next(case for case in device.cases.values() if case["verdict"] == "FAIL" and "deciding" in case)
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        for name, width, height in (("desktop", 1280, 900), ("phone", 360, 740)):
            browser.size(width, height)
            browser.open(scene.page)
            browser.picture(os.path.join(scene.directory, "matrix-%s-%s.png" % (name, scheme)))
            browser.go(address(device, case["id"]))
            browser.size(width, browser.run("Math.min(document.documentElement.scrollHeight, 6000)"))
            browser.picture(os.path.join(scene.directory, "case-%s-%s.png" % (name, scheme)))
    browser.scheme("light")
    browser.size(1280, 900)


ALL = [matrix, filters, cases_of_all, long, octets, keyboard, values_and_changes, narrow, colours, downloads, hostile, large, pictures, network]
