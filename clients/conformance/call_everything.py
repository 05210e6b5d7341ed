"""Calls every operation of the Python client. Standard input: {"base": address, "samples": samples.json}. Prints, for each
operation in the spelling of its operationId, its fields and those of them that are required."""

import inspect
import json
import re
import sys

from kycd_client import OPERATIONS, ApiError, Kycd

request = json.load(sys.stdin)
samples = request["samples"]
kycd = Kycd(request["base"], "kycd_key")
operations = {}
for name in OPERATIONS:
    operation_id = re.sub("_(.)", lambda match: match[1].upper(), name)
    parameters = inspect.signature(getattr(kycd, name)).parameters.values()
    fields = [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
    operations[operation_id] = {
        "fields": [one.name for one in fields],
        "required": [one.name for one in fields if one.default is inspect.Parameter.empty],
    }
    values = samples["values"] | samples["values_of"].get(operation_id, {})
    for names in samples["alternatives"].get(operation_id, [[one.name for one in fields]]):
        try:
            getattr(kycd, name)(**{field: values[field] for field in names}, request_id=operation_id)
        except ApiError as error:
            sys.exit(f"{name}: {error.status}")
missing = [name for name, _ in inspect.getmembers(Kycd, inspect.isfunction) if name[0] != "_" and name not in OPERATIONS]
assert missing == ["event_feed"], missing
json.dump(operations, sys.stdout)
