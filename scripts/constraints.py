#!/usr/bin/env python3
"""Writes src/engine/wire/constraints.json: which values the members of operations may have.

The facts (lengths, ranges, patterns, enums) come from the service models inside the PyPI package botocore
(Apache-2.0), taken from PyPI at the version below; no text of the models is kept. Take the botocore version whose
models have the same members as the pinned AWS SDK packages: test/engine/wire/constraints.test.ts tells.

Usage: python3 scripts/constraints.py
"""

import gzip
import json
import pathlib
import subprocess
import tempfile
import venv
import zipfile

BOTOCORE = "1.43.104"
SHA256 = "a447978a815f8ac7ef2f4ba103b6a0c310e56536386974df769edb1326f3b208"
MODELS = {
    "data": "botocore/data/bedrock-agentcore/2024-02-28/service-2.json.gz",
    "control": "botocore/data/bedrock-agentcore-control/2023-06-05/service-2.json.gz",
    "bedrock": "botocore/data/bedrock-runtime/2023-09-30/service-2.json.gz",
    "logs": "botocore/data/logs/2014-03-28/service-2.json.gz",
    "secrets": "botocore/data/secretsmanager/2017-10-17/service-2.json.gz",
}

# Of the other APIs only what may ever be answered locally: the engine reads the whole file when it starts.
ANSWERED = {
    "bedrock": {"Converse", "ConverseStream", "CountTokens", "InvokeModel", "InvokeModelWithResponseStream"},
    "logs": {
        "CreateLogGroup", "CreateLogStream", "DeleteLogGroup", "DeleteLogStream", "DeleteRetentionPolicy", "DescribeLogGroups",
        "DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "ListTagsForResource", "ListTagsLogGroup", "PutLogEvents",
        "PutRetentionPolicy", "TagLogGroup", "TagResource", "UntagLogGroup", "UntagResource",
    },
    "secrets": {
        "CreateSecret", "DeleteSecret", "DescribeSecret", "GetSecretValue", "ListSecrets", "PutSecretValue", "RestoreSecret",
        "UpdateSecret",
    },
}
TARGET = pathlib.Path(__file__).parent.parent / "src/engine/wire/constraints.json"

# Structures that the JavaScript SDK calls by another name.
RENAMED = {"ApiKeyCredentialProvider": "GatewayApiKeyCredentialProvider"}

# The first: a token's three parts, joined by any character: backtracks cubically on 128 KiB that do not match. The replacement
# accepts exactly the same strings, told apart by how many characters lie outside the class.
PART, OTHER = "[A-Za-z0-9-_=]", r"[^A-Za-z0-9\-_=\n\r\u2028\u2029]"
REWRITTEN = {
    f"{PART}+.{PART}+.{PART}+": f"{PART}{{5,}}|{PART}+{OTHER}{PART}{{3,}}|{PART}{{3,}}{OTHER}{PART}+"
    f"|{PART}+{OTHER}{PART}+{OTHER}{PART}+",
    # Escapes that JavaScript does not take.
    r"^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$": r"^!?[a-zA-Z0-9 :_@/+=.\-!]*$",
}


def service_models():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        venv.create(folder / "venv", with_pip=True)
        requirement = folder / "requirements.txt"
        requirement.write_text(f"botocore=={BOTOCORE} --hash=sha256:{SHA256}\n")
        subprocess.run(
            [folder / "venv/bin/pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", requirement, "-d", folder],
            check=True,
        )
        with zipfile.ZipFile(next(folder.glob("botocore-*.whl"))) as wheel:
            return {name: json.loads(gzip.decompress(wheel.read(path))) for name, path in MODELS.items()}


def constraints_of(model, answered):
    """The constrained shapes by name, and for each structure the members that have one."""
    shapes, structures = model["shapes"], {}
    constrained = {}

    def visit(name):
        """Whether the shape constrains its values, itself or in what it contains."""
        if name in constrained:
            return bool(constrained[name])
        shape = shapes[name]
        own = constrained[name] = {key: shape[key] for key in ("min", "max", "enum") if key in shape}
        if "pattern" in shape:
            own["pattern"] = REWRITTEN.get(shape["pattern"], shape["pattern"])
        if shape["type"] in ("integer", "long"):
            own["integer"] = True
        if shape["type"] == "structure":
            structures[name] = None  # Breaks recursion.
            members = {m: target["shape"] for m, target in shape.get("members", {}).items() if visit(target["shape"])}
            structures[name] = {m: target for m, target in members.items() if shapes[target]["type"] != "structure"}
            return False
        for part in ("member", "key", "value"):
            if part in shape and visit(shape[part]["shape"]):
                own[part] = shape[part]["shape"]
        return bool(own)

    for name, operation in model["operations"].items():
        if answered and name not in answered:
            continue
        for direction in ("input", "output"):
            if direction in operation:
                visit(operation[direction]["shape"])
    return {
        "shapes": {name: own for name, own in sorted(constrained.items()) if own},
        "structures": {RENAMED.get(name, name): members for name, members in sorted(structures.items()) if members},
    }


def write(models):
    """One line per shape, so that a change of version reads as a diff."""

    def lines(entries):
        return ",\n".join(f"{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}" for name, entry in entries.items())

    parts = [f'"source":"botocore {BOTOCORE}"']
    for model, tables in models.items():
        tables = ",\n".join(f"{json.dumps(name)}:{{\n{lines(entries)}\n}}" for name, entries in tables.items())
        parts.append(f"{json.dumps(model)}:{{\n{tables}\n}}")
    TARGET.write_text("{\n" + ",\n".join(parts) + "\n}\n")


write({name: constraints_of(model, ANSWERED.get(name)) for name, model in service_models().items()})
