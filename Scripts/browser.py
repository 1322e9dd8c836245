"""A headless Chromium on a pipe, driven by its own protocol (https://chromedevtools.github.io/devtools-protocol/).

It notes what the pages write to their console and whatever they ask for, and takes pictures. Needs nothing but Python.
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
import zlib

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
SWITCHES = [
    "--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-sync", "--mute-audio",
    "--disable-features=Translate,MediaRouter,OptimizationHints", "--remote-debugging-pipe", "--password-store=basic",
]


def find():
    """The browser's path, or None."""
    named = os.environ.get("TIDEMARK_BROWSER")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One process with a profile of its own, which is removed with it."""

    def __init__(self, path, patience=60):
        self.patience = patience
        self.profile = tempfile.mkdtemp(prefix="tidemark-browser-")
        theirs_in, self.out = os.pipe()
        self.inp, theirs_out = os.pipe()
        self.log = open(os.path.join(self.profile, "log"), "wb")
        # Root has no sandbox to be put into.
        switches = SWITCHES + (["--no-sandbox"] if os.geteuid() == 0 else [])

        def wire():
            # The protocol is spoken on the descriptors 3 and 4; the pipe's own numbers may be the same ones.
            spare = [os.dup2(theirs_in, 30), os.dup2(theirs_out, 31)]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self.process = subprocess.Popen(
            [path, *switches, f"--user-data-dir={self.profile}", "about:blank"], preexec_fn=wire, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.rest, self.events = 0, b"", []

    def close(self):
        # Its helpers are in its group.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()
        for end in (self.out, self.inp):
            os.close(end)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + self.patience
        while True:
            answer = self.next(end)
            if answer is None:
                raise TimeoutError(f"The browser did not answer {method}.")
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error'].get('message')}")
            else:
                return answer.get("result", {})

    def next(self, end):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.inp], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            piece = os.read(self.inp, 1 << 20)
            if not piece:
                raise RuntimeError("The browser ended.")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def page(self, width, height, dark):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.call("Emulation.setEmulatedMedia", features=[scheme])
        page.call("Emulation.setTimezoneOverride", timezoneId="UTC")
        return page


class Page:
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def open(self, url):
        self.call("Page.navigate", url=url)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails'].get('text')}")
        return result["result"].get("value")

    def wait(self, expression, seconds=30):
        """Until an expression is true, asked for on each picture that the page draws."""
        script = f"""new Promise((done) => {{
          const end = Date.now() + {int(seconds * 1000)};
          const look = () => {{
            let is = false;
            try {{ is = Boolean({expression}); }} catch (error) {{ is = false; }}
            if (is || Date.now() > end) done(is); else setTimeout(look, 50);
          }};
          look();
        }})"""
        return self.value(script)

    def text(self):
        return self.value("document.body.innerText")

    def picture(self, path):
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        with open(path, "wb") as file:
            file.write(data)
        return data

    def events(self, method):
        return [each["params"] for each in self.browser.events if each.get("sessionId") == self.session and each["method"] == method]

    def complaints(self):
        """What the console and the log of the page say is wrong."""
        said = [f"{each['type']}: {each['args']}" for each in self.events("Runtime.consoleAPICalled")]
        said += [each["exceptionDetails"].get("text", "exception") for each in self.events("Runtime.exceptionThrown")]
        return said + [
            f"{each['entry']['level']}: {each['entry']['text']} {each['entry'].get('url', '')}"
            for each in self.events("Log.entryAdded") if each["entry"]["level"] in ("error", "warning")
        ]

    def addresses(self):
        """All that was asked for."""
        return [each["request"]["url"] for each in self.events("Network.requestWillBeSent")]


def distinct_lines(png):
    """How many lines of a picture differ from all others; a blank one has one or two."""
    width, _, depth, lines = unpacked(png)
    size = width * depth + 1
    return len({lines[start:start + size] for start in range(0, len(lines), size)})


def unpacked(png):
    """Width, height, bytes of a point, and the lines, each as it is filtered (https://www.w3.org/TR/png-3/#9Filters)."""
    packed, width, height, depth, place = b"", 0, 0, 0, 8
    while place < len(png):
        size = int.from_bytes(png[place:place + 4], "big")
        kind, body = png[place + 4:place + 8], png[place + 8:place + 8 + size]
        if kind == b"IHDR":
            width, height, depth = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"), {2: 3, 6: 4}[body[9]]
        elif kind == b"IDAT":
            packed += body
        place += size + 12
    return width, height, depth, zlib.decompress(packed)


def pixels(png):
    """Width, height, bytes of a point, and the points line by line."""
    width, height, depth, data = unpacked(png)
    size, rows, above = width * depth, [], bytearray(width * depth)
    for start in range(0, height * (size + 1), size + 1):
        kind, row = data[start], bytearray(data[start + 1:start + 1 + size])
        if kind == 2:
            row = bytearray((a + b) & 0xFF for a, b in zip(row, above))
        elif kind:
            for at in range(size):
                left, corner = (row[at - depth], above[at - depth]) if at >= depth else (0, 0)
                row[at] = (row[at] + predicted(kind, left, above[at], corner)) & 0xFF
        rows.append(row)
        above = row
    return width, height, depth, rows


def predicted(kind, left, above, corner):
    if kind == 1:
        return left
    if kind == 3:
        return (left + above) // 2
    # Of the three, the one nearest to what would continue the slope.
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))
