# SPDX-License-Identifier: ISC
"""
Debian's Chromium without a window, told what to do by its own protocol (Chrome DevTools) over a pair of pipes: no port, no driver.
Everything it says of errors, of its console and of the network is kept.
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time


class Broken(Exception):
    """The browser has ended, does not answer, or an expression has thrown."""


class Browser:
    def __init__(self, patience=30.0):
        self.patience = patience
        self.home = tempfile.mkdtemp(prefix="ruthere-pages-")
        to_read, self.out = os.pipe()
        self.back, to_write = os.pipe()
        self.number, self.unread, self.events = 0, b"", []
        command = ["chromium", "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--force-device-scale-factor=1", "--hide-scrollbars", "--user-data-dir=" + self.home, "about:blank"]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # it has none for root

        def arrange():  # it reads from 3 and writes to 4
            taken = os.dup(to_read), os.dup(to_write)
            os.dup2(taken[0], 3)
            os.dup2(taken[1], 4)

        with open(os.path.join(self.home, "stderr"), "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, close_fds=False,
                                            preexec_fn=arrange, start_new_session=True, env=dict(os.environ, HOME=self.home))
        os.close(to_read)
        os.close(to_write)
        try:
            self.attach()
        except Broken as problem:
            with open(os.path.join(self.home, "stderr"), "rb") as errors:
                said = errors.read().decode(errors="replace")[-1000:]
            self.close()
            raise Broken("%s; it said: %s" % (problem, said)) from problem

    def attach(self):
        target = self.say("Target.getTargets", session=False)["targetInfos"]
        page = next(one for one in target if one["type"] == "page")["targetId"]
        self.session = self.say("Target.attachToTarget", session=False, targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.say(domain + ".enable")
        self.say("Browser.setDownloadBehavior", session=False, behavior="allow", downloadPath=self.home, eventsEnabled=True)

    def close(self):
        try:  # asked first: it waits for its own processes
            self.say("Browser.close", session=False)
            self.process.wait(10)
        except (Broken, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)
        os.close(self.out)
        os.close(self.back)
        shutil.rmtree(self.home, ignore_errors=True)

    # ---- the protocol ----------------------------------------------------------------------------------------------

    def receive(self, until):
        """The next message, or None when the time has come."""
        while b"\0" not in self.unread:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.back], [], [], left)[0]:
                return None
            piece = os.read(self.back, 1 << 20)
            if not piece:
                raise Broken("the browser has ended")
            self.unread += piece
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def say(self, method, session=True, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = self.session
        octets = json.dumps(message).encode() + b"\0"
        try:
            while octets:
                octets = octets[os.write(self.out, octets):]
        except BrokenPipeError as problem:
            raise Broken("the browser has ended") from problem
        until = time.monotonic() + self.patience
        while True:
            answer = self.receive(until)
            if answer is None:
                raise Broken("%s: no answer within %g s" % (method, self.patience))
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Broken("%s: %s" % (method, answer["error"]))
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait_for(self, method, like=lambda parameters: True):
        """An event of that name that has come since the last forget(), or comes now."""
        until = time.monotonic() + self.patience
        while True:
            for event in self.events:
                if event["method"] == method and like(event["params"]):
                    return event["params"]
            event = self.receive(until)
            if event is None:
                raise Broken("%s: did not come within %g s" % (method, self.patience))
            self.events.append(event)

    def forget(self):
        self.events = []

    # ---- what tests want -------------------------------------------------------------------------------------------

    def open(self, address):
        self.forget()
        self.say("Page.navigate", url="about:blank")
        self.wait_for("Page.loadEventFired")
        self.forget()
        self.say("Page.navigate", url=address)
        self.wait_for("Page.loadEventFired")

    def run(self, expression):
        """The value of an expression of JavaScript, as JSON has it; promises are waited for."""
        result = self.say("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise Broken(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def go(self, fragment):
        """To another view of the same page."""
        self.run("new Promise(done => { const to = %s; if (location.hash === to) return done();"
                 "addEventListener('hashchange', () => done(), {once: true}); location.hash = to; })" % json.dumps(fragment))

    def key(self, key, shift=False):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, " ": 32}
        about = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": codes[key], "modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.say("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **about, **({"text": text} if text else {}))
        self.say("Input.dispatchKeyEvent", type="keyUp", **about)
        self.settle()

    def settle(self):
        """What was asked for has happened and is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")

    def size(self, width, height):
        self.say("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.settle()

    def scheme(self, name):
        self.say("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path, whole=False):
        self.settle()
        shot = self.say("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def downloaded(self, button):
        """The octets of the file that a click on that makes; the name that it was given."""
        self.forget()
        self.run("document.querySelector(%s).click()" % json.dumps(button))
        begun = self.wait_for("Browser.downloadWillBegin")
        end = self.wait_for("Browser.downloadProgress", lambda it: it["guid"] == begun["guid"] and it["state"] != "inProgress")
        if end["state"] != "completed":
            raise Broken("the download of %s was %s" % (begun["suggestedFilename"], end["state"]))
        path = os.path.join(self.home, begun["suggestedFilename"])
        with open(path, "rb") as file:
            octets = file.read()
        os.unlink(path)
        return octets, begun["suggestedFilename"]

    def complaints(self):
        """What the console and the log have said, errors that nobody caught, and every request."""
        said = []
        for event in self.events:
            method, it = event["method"], event.get("params", {})
            if method == "Runtime.exceptionThrown":
                said.append("thrown: " + it["exceptionDetails"].get("exception", {}).get("description", it["exceptionDetails"]["text"]))
            elif method == "Runtime.consoleAPICalled":
                said.append("console.%s: %s" % (it["type"], [argument.get("value") for argument in it["args"]]))
            elif method == "Log.entryAdded":
                said.append("log: %s: %s" % (it["entry"]["level"], it["entry"]["text"]))
        return said

    def requests(self):
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
