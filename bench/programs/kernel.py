"""Drives an ipykernel with jupyter_client: a line of JSON in, a line of JSON with the milliseconds out.

{"do": "execute"} runs 6*7 in a kernel that is warm; {"do": "start"} starts another kernel, up to its first answer.
"""

import json
import sys
import time

from jupyter_client import KernelManager

SECONDS = 60


def execute(client):
    """Runs a cell and waits until the kernel is idle again, as notebooks do."""
    request = client.execute("6*7")
    result = None
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "execute_result":
            result = message["content"]["data"]["text/plain"]
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
    if result != "42":
        raise RuntimeError(f"The kernel answered {result!r}.")
    while client.get_shell_msg(timeout=SECONDS)["parent_header"].get("msg_id") != request:
        pass


def start():
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=SECONDS)
    execute(client)
    return manager, client


def stop(manager, client):
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def milliseconds_since(begun):
    return (time.perf_counter() - begun) * 1000


def main():
    manager, client = start()
    try:
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            begun = time.perf_counter()
            if json.loads(line)["do"] == "execute":
                execute(client)
                took = milliseconds_since(begun)
            else:
                other = start()
                took = milliseconds_since(begun)
                stop(*other)
            print(json.dumps({"ms": took}), flush=True)
    finally:
        stop(manager, client)


if __name__ == "__main__":
    main()
