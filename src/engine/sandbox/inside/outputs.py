"""The rich outputs of cells, as a kernel names them."""

import json

# Of a message from a kernel, in bytes.
MAX_MESSAGE = 33 << 20


def valid_outputs(outputs):
    """The outputs that have the agreed form; anything else is left out, and all where they would grow on their way."""
    if not isinstance(outputs, list):
        return []
    valid = [
        {"kind": output["kind"], "data": output["data"]}
        for output in outputs
        if isinstance(output, dict)
        and output.get("kind") in ("display", "result")
        and isinstance(output.get("data"), dict)
        and all(isinstance(value, str) for value in output["data"].values())
    ]
    return valid if len(json.dumps(valid)) <= MAX_MESSAGE else []
