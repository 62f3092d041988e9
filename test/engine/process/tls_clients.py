"""Calls an engine over TLS by boto3, which takes its trust from AWS_CA_BUNDLE, and by Python's own ssl, which is strict; prints
what came as JSON."""

import json
import socket
import ssl
import sys
from urllib.parse import urlsplit

import boto3

url, alias = sys.argv[1:]
client = boto3.client("bedrock-agentcore-control", endpoint_url=url)
listed = client.list_code_interpreters()["codeInterpreterSummaries"]

context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT
with socket.create_connection(("127.0.0.1", urlsplit(url).port)) as plain:
    with context.wrap_socket(plain, server_hostname=alias) as encrypted:
        version = encrypted.version()

print(json.dumps({"listed": [one["name"] for one in listed], "version": version}))
