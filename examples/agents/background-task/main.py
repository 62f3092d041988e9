"""Answers at once and works on: while a task runs, the session counts as busy and is not ended as idle."""

import threading
import time

from bedrock_agentcore import BedrockAgentCoreApp

app = BedrockAgentCoreApp()
finished = []


def work(task, seconds):
    time.sleep(seconds)
    finished.append(f"worked {seconds} s")
    app.complete_async_task(task)


@app.entrypoint
def start(payload):
    """`{"seconds": ...}` starts work that long; without it, says what is finished."""
    if "seconds" not in payload:
        return {"finished": finished, "running": app.get_async_task_info()["active_count"]}
    task = app.add_async_task("work")
    threading.Thread(target=work, args=(task, float(payload["seconds"])), daemon=True).start()
    return {"started": task}


if __name__ == "__main__":
    app.run()
