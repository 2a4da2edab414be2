"""Headless Chromium by its DevTools protocol over two pipes: what tests of pages need, and no more."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
VARIABLE = "GROOVE_CHROMIUM"  # the path of another one
_SWITCHES = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check",
    "--mute-audio", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--font-render-hinting=none", "--disable-gpu",
    "--enable-unsafe-swiftshader",
)  # fmt: skip
_PATIENCE_S = 30.0
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
        "ArrowDown": 40, "Home": 36, "End": 35}  # fmt: skip
SHIFT = 8


def find() -> str | None:
    """The browser's program; None where there is none."""
    given = os.environ.get(VARIABLE)
    return given or next(filter(None, map(shutil.which, PROGRAMS)), None)


class BrowserError(AssertionError):
    """The browser, or a script in a page, said no."""


class Browser:
    """One browser with an empty profile of its own; `page()` opens tabs."""

    def __init__(self, program: str) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="groove-chromium-")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        command = (program, *_SWITCHES, *sandbox, f"--user-data-dir={self.profile.name}", "about:blank")
        # The browser reads from descriptor 3 and writes to 4.
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.log = Path(self.profile.name) / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", shell, "bash", *command],
                pass_fds=(theirs_in, theirs_out),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": self.profile.name},
            )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        self._buffer, self._number = b"", 0
        self.events: list[dict[str, Any]] = []
        self.call("Browser.getVersion")

    def call(self, method: str, session: str | None = None, **values: Any) -> dict[str, Any]:
        """Ask the browser, and wait for its answer."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": values}
        if session:
            asked["sessionId"] = session
        self._write(json.dumps(asked).encode() + b"\0")
        until = time.monotonic() + _PATIENCE_S
        while True:
            answer = self._read(until, method)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            if "method" in answer:
                self.events.append(answer)

    def wait_for(self, method: str, session: str) -> dict[str, Any]:
        """The next event of a kind in a tab, one that has come already included."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            for event in self.events:
                if event["method"] == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return dict(event["params"])
            answer = self._read(until, method)
            if "method" in answer:
                self.events.append(answer)

    def _write(self, message: bytes) -> None:
        while message:
            message = message[os.write(self._out, message) :]

    def _read(self, until: float, what: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            more = os.read(self._in, 1 << 20) if ready else b""
            if not more:
                said = self.log.read_text("utf-8", "replace")[-2000:]
                raise BrowserError(f"no answer to {what}: {said}")
            self._buffer += more
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))

    @contextmanager
    def page(
        self, path: Path, *, width: int = 1024, height: int = 800, dark: bool = False
    ) -> Iterator[Page]:
        """A tab with a file in it, of a width in CSS pixels, light or dark; closed at the end."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        try:
            page = Page(self, session)
            page.prepare(width, height, dark)
            page.go(path.absolute().as_uri())
            yield page
        finally:
            self.call("Target.closeTarget", targetId=target)
            self.events.clear()

    def close(self) -> None:
        """End the browser; its profile goes with it."""
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (OSError, BrowserError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self._in)
        os.close(self._out)
        self.profile.cleanup()


class Page:
    """A tab: what is in it, what was asked of the network, what went wrong."""

    def __init__(self, browser: Browser, session: str) -> None:
        self.browser, self.session = browser, session
        self._errors: list[str] = []
        self._requests: list[str] = []

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """Ask the tab by the DevTools protocol."""
        return self.browser.call(method, self.session, **values)

    def prepare(self, width: int, height: int, dark: bool) -> None:
        """Set size and scheme, and begin to listen."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, still])

    def resize(self, width: int, height: int = 800) -> None:
        """Another size of the window, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def go(self, address: str) -> None:
        """Open an address, and wait until it is loaded."""
        answer = self.call("Page.navigate", url=address)
        if "errorText" in answer:
            raise BrowserError(f"{address}: {answer['errorText']}")
        self.browser.wait_for("Page.loadEventFired", self.session)

    def run(self, script: str, **values: Any) -> Any:
        """What an expression is, or what it resolves to; `values` are its variables by name."""
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        body = f"(() => {{ {given} return ({script}); }})()"
        answer = self.call("Runtime.evaluate", expression=body, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def load(self, script: str) -> None:
        """Run a file's text in the page, whatever its policy says."""
        answer = self.call("Runtime.evaluate", expression=script)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"]["text"])

    def until(self, script: str, within_s: float = 5.0) -> Any:
        """Wait until an expression is true, and return what it is."""
        end = time.monotonic() + within_s
        while not (value := self.run(script)):
            if time.monotonic() > end:
                raise BrowserError(f"not within {within_s:g} s: {script}")
            time.sleep(0.02)
        return value

    def click(self, selector: str) -> None:
        """Click the middle of the first element that a selector finds, with the mouse."""
        x, y = self.middle(selector)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def middle(self, selector: str) -> tuple[float, float]:
        """Where the middle of an element is in the window, after it was scrolled into it."""
        script = """(() => { const e = document.querySelector(selector);
            if (!e) throw Error("nothing is " + selector);
            e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
            const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"""
        x, y = self.run(script, selector=selector)
        return x, y

    def mouse(self, kind: str, x: float, y: float, **values: Any) -> None:
        """A mouse event: "mouseMoved", "mousePressed", "mouseReleased", "mouseWheel"."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **values)

    def press(self, *keys: str, shift: bool = False) -> None:
        """Press keys one after another: letters, or names such as "Tab"."""
        for key in keys:
            about: dict[str, Any] = {
                "key": key,
                "code": key if len(key) > 1 else "Space" if key == " " else f"Key{key.upper()}",
                "windowsVirtualKeyCode": KEYS.get(key, ord(key[0].upper())),
                "modifiers": SHIFT if shift else 0,
            }
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        """Put text where the cursor is."""
        self.call("Input.insertText", text=text)

    def screenshot(self, path: Path, *, whole: bool = False) -> Path:
        """A PNG of the window, or of the whole page."""
        given: dict[str, Any] = {"format": "png"}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            given |= {"captureBeyondViewport": True, "clip": {**size, "scale": 1}}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **given)["data"]))
        return path

    def _listen(self) -> None:
        self.run("1")  # what happened before has been told when this is answered
        for event in [each for each in self.browser.events if each.get("sessionId") == self.session]:
            self.browser.events.remove(event)
            self._note(event["method"], event["params"])

    def _note(self, method: str, about: Mapping[str, Any]) -> None:
        match method:
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self._errors.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if about["type"] in ("error", "warning", "assert"):
                self._errors.append(" ".join(str(each.get("value")) for each in about["args"]))
            case "Log.entryAdded" if about["entry"]["level"] in ("error", "warning"):
                self._errors.append(f"{about['entry']['text']} {about['entry'].get('url', '')}".strip())
            case "Network.requestWillBeSent":
                self._requests.append(about["request"]["url"])

    @property
    def errors(self) -> list[str]:
        """What the console told so far that is an error or a warning."""
        self._listen()
        return self._errors

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for so far; the first is the page."""
        self._listen()
        return self._requests
