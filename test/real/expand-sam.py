"""Reads a SAM template as JSON, writes what AWS makes of it: the permissions, mappings and stages that it adds are scanned too."""

import json
import os
import sys
from types import SimpleNamespace

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform

no_managed_policies = SimpleNamespace(load=dict)
json.dump(transform(json.load(sys.stdin), {}, no_managed_policies), sys.stdout)
