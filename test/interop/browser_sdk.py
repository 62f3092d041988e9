"""Browses with AgentCore's Python SDK, as on AWS: the DevTools protocol over wss:// to AWS's own host. Prints what it saw."""

import json
import os
import ssl
import sys
import urllib.request
from contextlib import ExitStack
from itertools import count

from bedrock_agentcore.tools.browser_client import BrowserClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

OF_THE_HANDSHAKE = ("Host", "Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "User-Agent")
tls = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
sockets = ExitStack()


class DevTools:
    """A client of the DevTools protocol, by the address and the headers that the SDK gives."""

    def __init__(self, url, headers):
        own = {name: value for name, value in headers.items() if name not in OF_THE_HANDSHAKE}
        self.socket = sockets.enter_context(connect(url, additional_headers=own, ssl=tls, max_size=None, proxy=None))
        self.ids = count(1)

    def __call__(self, method, session=None, **params):
        number = next(self.ids)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}))
        while True:
            message = json.loads(self.socket.recv(timeout=20))
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(message["error"]["message"])
                return message["result"]


def refusal(client):
    try:
        DevTools(*client.generate_ws_headers())
    except InvalidStatus as error:
        return error.response.status_code
    return "let in"


client = BrowserClient("us-east-1")
client.start(name="from-python", viewport={"width": 800, "height": 600})
devtools = DevTools(*client.generate_ws_headers())
page = next(target for target in devtools("Target.getTargets")["targetInfos"] if target["type"] == "page")
session = devtools("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
devtools("Page.enable", session)
devtools("Page.navigate", session, url=sys.argv[1])


def evaluate(script):
    return devtools("Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True)["result"].get("value")


evaluate("new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))")
seen = {"heading": evaluate("document.querySelector('h1').textContent"), "size": evaluate("[innerWidth, innerHeight]")}
seen["name"] = client.get_session()["name"]
seen["listed"] = [item["sessionId"] == client.session_id for item in client.list_sessions(status="READY")["items"]]
client.take_control()
seen["refused"] = refusal(client)
client.release_control()
seen["back"] = DevTools(*client.generate_ws_headers())("Browser.getVersion")["product"].split("/")[0]
answer = urllib.request.urlopen(client.generate_live_view_url(), context=tls)
seen["live_view"] = [answer.status, answer.headers["content-type"]]
identifier, number = client.identifier, client.session_id
client.stop()
seen["after"] = client.get_session(identifier, number)["status"]
sockets.close()
print(json.dumps(seen))
