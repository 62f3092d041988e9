"""Uploads, lists, fetches and deletes objects with unmodified boto3, as configured by the environment, and prints what it saw."""

import hashlib
import json
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "agent-code-of-boto3"
LARGE = 20 * 1024 * 1024

# Not through a proxy that the machine has, as boto3's own connections to an address of this machine.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def code_of(work):
    try:
        work()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return "accepted"


def fetched(url, data=None):
    request = urllib.request.Request(url, data=data, method="GET" if data is None else "PUT")
    try:
        with direct.open(request) as answer:
            return [answer.status, answer.read().decode()]
    except urllib.error.HTTPError as error:
        return [error.code, "SignatureDoesNotMatch" in error.read().decode()]


def main():
    s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
    region = s3.meta.region_name
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=BUCKET, **location)
    seen = {"buckets": [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]}

    large = os.urandom(LARGE)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "large"), Path(folder, "fetched")
        source.write_bytes(large)
        extra = {"ContentType": "application/zip", "Metadata": {"version": "7"}}
        s3.upload_file(str(source), BUCKET, "code/large.zip", ExtraArgs=extra)
        s3.download_file(BUCKET, "code/large.zip", str(target), Config=TransferConfig(multipart_chunksize=6_000_000))
        seen["largeIntact"] = hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(large).digest()
    head = s3.head_object(Bucket=BUCKET, Key="code/large.zip")
    seen["head"] = [head["ContentLength"], head["ContentType"], head["Metadata"], head["ETag"].split("-")[1]]

    for name, more in {
        "plain": {},
        "sha256": {"ChecksumAlgorithm": "SHA256"},
        "sha1": {"ChecksumAlgorithm": "SHA1"},
        "ключ ü+%20?&#/..": {},
    }.items():
        put = s3.put_object(Bucket=BUCKET, Key=f"small/{name}", Body=name.encode(), **more)
        assert put["ETag"] == f'"{hashlib.md5(name.encode()).hexdigest()}"'
        assert s3.get_object(Bucket=BUCKET, Key=f"small/{name}")["Body"].read() == name.encode()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Delimiter="/", PaginationConfig={"PageSize": 1})
    seen["prefixes"] = [prefix["Prefix"] for page in pages for prefix in page.get("CommonPrefixes", [])]
    seen["keys"] = [entry["Key"] for entry in s3.list_objects(Bucket=BUCKET, Prefix="small/")["Contents"]]

    params = {"Bucket": BUCKET, "Key": "small/plain"}
    url = s3.generate_presigned_url("get_object", Params=params)
    seen["presigned"] = fetched(url)
    seen["presignedForAnother"] = fetched(url.replace("plain", "sha1"))
    upload = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "presigned"})
    seen["presignedUpload"] = fetched(upload, b"by urllib")
    seen["uploaded"] = s3.get_object(Bucket=BUCKET, Key="presigned", Range="bytes=3-")["Body"].read().decode()

    seen["noKey"] = code_of(lambda: s3.get_object(Bucket=BUCKET, Key="missing"))
    seen["noBucket"] = code_of(lambda: s3.put_object(Bucket="missing-bucket", Key="k", Body=large))
    wrong = {"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    seen["wrongChecksum"] = code_of(lambda: s3.put_object(Bucket=BUCKET, Key="k", Body=b"x", **wrong))
    seen["notEmpty"] = code_of(lambda: s3.delete_bucket(Bucket=BUCKET))
    seen["notYet"] = code_of(lambda: s3.get_bucket_policy(Bucket=BUCKET))
    bucket = boto3.resource("s3").Bucket(BUCKET)
    bucket.objects.all().delete()
    bucket.delete()
    seen["gone"] = code_of(lambda: s3.head_bucket(Bucket=BUCKET))
    print(json.dumps(seen))


main()
