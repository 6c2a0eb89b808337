"""A headless Chromium, spoken to in its DevTools protocol over a socket pair: no library, no driver, no port.

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEADLINE = 30.0
CONTROL = 2
PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # foreign hosts do not exist
    "--window-size=1400,900",
    "--remote-debugging-pipe",
)


class BrowserError(Exception):
    """The browser refused a command, went away, or kept the test waiting for too long."""


class Page:
    """One tab, and in `events` all that it has reported since it was opened, in order."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire = wire
        self.session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        self.unread = b""
        self.calls = 0
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result; what happens meanwhile goes to `events`."""
        self.calls += 1
        self.wire.sendall(
            json.dumps({"id": self.calls, "method": method, "params": params, **self.session}).encode() + b"\0"
        )
        while (message := self.receive()).get("id") != self.calls:
            self.events.append(message)
        if "error" in message:
            raise BrowserError(f"{method}: {message['error']['message']}")
        result: dict[str, Any] = message["result"]
        return result

    def receive(self) -> dict[str, Any]:
        while b"\0" not in self.unread:
            received = self.wire.recv(1 << 20)
            if not received:
                raise BrowserError("The browser has gone.")
            self.unread += received
        line, self.unread = self.unread.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"]["exception"].get("description", expression))
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait for a JavaScript expression to be truthy, looking at every frame."""
        self.evaluate(f"""new Promise((resolve, reject) => {{
            const end = performance.now() + {DEADLINE * 1000 - 5000};
            (function look() {{
                if ({expression}) resolve();
                else if (performance.now() > end) reject(new Error("Waited in vain for " + {json.dumps(expression)}));
                else requestAnimationFrame(look);
            }})();
        }})""")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of an element, once it is there."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.until(element)
        box = self.evaluate(f"{element}.getBoundingClientRect().toJSON()")
        middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for event in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=event, **middle, button="left", clickCount=1)

    def replace(self, selector: str, text: str) -> None:
        """Click into an editor, select all that it holds, and enter a text as from the clipboard."""
        self.click(selector)
        self.call("Input.dispatchKeyEvent", type="keyDown", key="a", windowsVirtualKeyCode=65, modifiers=CONTROL)
        self.call("Input.insertText", text=text)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def requests(self) -> list[str]:
        """The addresses that the page has asked for, but for data: URLs, which ask nobody."""
        sent = [event["request"]["url"] for event in self.reported("Network.requestWillBeSent")]
        return [url for url in sent if not url.startswith("data:")]

    def complaints(self) -> list[str]:
        """What a developer would see in red: console errors, uncaught exceptions, violations of the policy."""
        logged = [event["entry"] for event in self.reported("Log.entryAdded")]
        return [
            *(entry["text"] for entry in logged if entry["level"] in ("warning", "error")),
            *(str(call["args"]) for call in self.reported("Runtime.consoleAPICalled") if call["type"] != "log"),
            *(str(thrown["exceptionDetails"]) for thrown in self.reported("Runtime.exceptionThrown")),
            *(
                str(issue["issue"]["details"])
                for issue in self.reported("Audits.issueAdded")
                if issue["issue"]["code"] == "ContentSecurityPolicyIssue"
            ),
        ]

    def reported(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event["method"] == method]


@contextlib.contextmanager
def open_page() -> Iterator[Page]:
    """A new browser with a new profile; it goes when its end of the wire closes, even if the tests are killed."""
    assert PROGRAM is not None, "no Chromium on PATH"
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, ours:
        log = str(Path(profile, "log"))
        process = os.posix_spawn(
            PROGRAM,
            [PROGRAM, *FLAGS, f"--user-data-dir={profile}"],
            os.environ,
            file_actions=[
                # Chromium reads commands from descriptor 3 and writes answers to 4.
                (os.POSIX_SPAWN_DUP2, theirs.fileno(), 3),
                (os.POSIX_SPAWN_DUP2, theirs.fileno(), 4),
                (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT, 0o600),
            ],
            setpgroup=0,
        )
        theirs.close()
        ours.settimeout(DEADLINE)
        try:
            yield Page(ours)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
