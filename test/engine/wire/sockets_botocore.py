"""Opens the WebSocket of an agent with what botocore signs, in headers and in the URL; prints what came as JSON."""

import json
import sys
from urllib.parse import quote

import boto3
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from websockets.sync.client import connect

arn = "arn:aws:bedrock-agentcore:eu-central-1:111122223333:runtime/name-0123456789"
url = f"{sys.argv[1]}/runtimes/{quote(arn, safe='')}/ws?qualifier=DEFAULT"
session = boto3.Session()
scope = (session.get_credentials(), "bedrock-agentcore", session.region_name)


def talk(request):
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    with connect(request.url.replace("http://", "ws://"), additional_headers=headers) as socket:
        received = [socket.recv()]
        socket.send("Hi")
        return received + [socket.recv()]


in_headers = AWSRequest(method="GET", url=url)
SigV4Auth(*scope).add_auth(in_headers)
in_url = AWSRequest(method="GET", url=url)
SigV4QueryAuth(*scope, expires=300).add_auth(in_url)
print(json.dumps([talk(in_headers), talk(in_url)]))
