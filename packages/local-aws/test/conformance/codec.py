"""Sends prepared requests with boto3, and says what it made of the prepared answers.

Usage: codec.py ENDPOINT CASES. CASES is a file of JSON lines: {"service", "operation", "input"}. Timestamps stand as
{"$date": seconds}, bytes as {"$bytes": base64}. Prints a line of JSON per case: the decoded answer, or the error's code, message and status.
"""
import base64
import datetime
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, cases = sys.argv[1:]
config = Config(retries={"total_max_attempts": 1}, parameter_validation=False, inject_host_prefix=False)
clients = {}


def from_wire(value):
    if isinstance(value, dict):
        if "$date" in value:
            return datetime.datetime.fromtimestamp(value["$date"], datetime.timezone.utc)
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        return {key: from_wire(item) for key, item in value.items()}
    return [from_wire(item) for item in value] if isinstance(value, list) else value


def to_wire(value):
    if isinstance(value, datetime.datetime):
        return {"$date": int(value.timestamp())}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    return [to_wire(item) for item in value] if isinstance(value, list) else value


for line in open(cases):
    case = json.loads(line)
    service = case["service"]
    if service not in clients:
        clients[service] = boto3.client(service, endpoint_url=endpoint, config=config)
    try:
        answer = clients[service]._make_api_call(case["operation"], from_wire(case["input"]))
        answer.pop("ResponseMetadata")
        outcome = {"output": to_wire(answer)}
    except ClientError as error:
        said = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        outcome = {"error": {"code": said["Code"], "message": said["Message"], "status": status}}
    print(json.dumps(outcome), flush=True)
