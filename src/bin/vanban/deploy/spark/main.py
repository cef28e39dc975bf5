class Tables:
    """The output of a step, one attribute a table."""

    def __init__(self, rows):
        self.rows = rows

    def __getattr__(self, name):
        return self.rows.where(f.col("to") == name).select("key", "order", "by", "line")

    def replaced(self, step, given, keys):
        """These rows, but for the groups `keys` of `step` those of `given`."""
        groups = keys.select(f.concat(f.lit(f"{step}\x01"), "key").alias("by"))
        return Tables(self.rows.join(groups, "by", "left_anti").unionByName(given.rows))


def parsed(rows):
    return rows.select(f.from_json("line", ROW_FIELDS).alias("row"), "line").select("row.*", "line")


def same_rows(a, b):
    return a.exceptAll(b).isEmpty() and b.exceptAll(a).isEmpty()


def differ(a, b):
    return not same_rows(a.select("line").distinct(), b.select("line").distinct())


def components(pairs):
    """The least id of each set of documents that pairs connect, as (key, label)."""
    two = pairs.select(f.from_json("line", "body struct<pair: array<string>>").alias("row"))
    two = two.select(f.col("row.body.pair")[0].alias("a"), f.col("row.body.pair")[1].alias("b")).distinct()
    links = two.unionByName(two.select(f.col("b").alias("a"), f.col("a").alias("b"))).checkpoint()
    labels = links.select(f.col("a").alias("key")).distinct().withColumn("label", f.col("key"))
    while True:
        beside = links.join(labels, links.b == labels.key).groupBy("a").agg(f.min("label").alias("least"))
        moved = (f.col("least") < f.col("label")).alias("moved")
        nearer = labels.join(beside, labels.key == beside.a)
        nearer = nearer.select("key", f.least("label", "least").alias("label"), moved).checkpoint()
        labels = nearer.drop("moved")
        if nearer.where("moved").isEmpty():
            return labels


def taken_over(listed, known):
    """Records of the last generation for texts of the same content; the id may be another."""
    one = known.dropDuplicates(["hash"]).withColumnRenamed("id", "was")
    rows = listed.drop("bytes").join(one, "hash")
    same = f.col("id") == f.col("was")
    # The id stands first in both, and an id is quoted in the same way everywhere.
    head = f.expr("length(to_json(struct(was as id)))")
    renamed = lambda name: f.when(same, f.col(name)).otherwise(
        f.concat(f.expr("left(own_id, length(own_id) - 1)"), f.expr(f"substring({name}, was_length)"))
    )
    rows = rows.withColumn("own_id", f.to_json(f.struct("id"))).withColumn("was_length", head)
    rows = rows.withColumn("record", renamed("record")).withColumn("facts", renamed("facts"))
    return rows.drop("was", "own_id", "was_length")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def ship(spark, path, name):
    """Sends a file to all workers under `name`. A copy, since Spark calls a link by what it points to."""
    folder = tempfile.mkdtemp(prefix="vanban-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy = os.path.join(folder, name)
    shutil.copy(path, copy)
    spark.sparkContext.addFile(copy)


def said(text):
    print(text, file=sys.stderr, flush=True)


def size(text):
    """`8MiB`, `512KiB`, `1GiB` or bytes."""
    for unit, factor in (("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)):
        if text.endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)


def at_least_one(text):
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least the published generation is kept")
    return int(text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="make and publish a generation")
    run.add_argument("--input", required=True, help="texts, NDJSON or Parquet with id and text; any URI Spark reads")
    run.add_argument("--format", choices=["text", "ndjson", "parquet"], default="text", help="what it is [default: text]")
    run.add_argument("--out", required=True, help="folder of the generations; any URI that Spark writes")
    run.add_argument("--vanban", required=True, help="the program, for the workers' kind of machine")
    run.add_argument("--adapt", help="what `vanban adapt` learned from the archive")
    run.add_argument("--model", help="another model than the one inside")
    run.add_argument("--bulk", metavar="INDEX", help="also write _bulk actions for this index of a search engine")
    run.add_argument("--graph", action="store_true", help="also write the lineage as one file; all of it in memory here")
    run.add_argument("--store", metavar="DIR", help="also gather a store there; its index and lineage are made here")
    run.add_argument("--partition-bytes", type=size, default=size("4MiB"), help="text in one partition [default: 4MiB]")
    run.add_argument("--max-text", type=size, default=size("16MiB"), help="set larger texts aside [default: 16MiB]")
    run.add_argument("--parts", type=int, help="partitions of the joins [default: twice the cores]")
    run.add_argument("--files-a-year", type=int, default=1, help="files of records a year [default: 1]")
    run.add_argument("--keep", type=at_least_one, default=3, help="generations kept [default: 3]")
    show = commands.add_parser("show", help="print the manifest of what is published")
    show.add_argument("--out", required=True, help="folder of the generations")
    return parser.parse_args()


def main():
    args = arguments()
    builder = SparkSession.builder.appName("vanban")
    # Texts are long: few to a batch, or a batch of them fills the memory of a worker.
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", 64)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    if args.command == "show":
        out = Place(spark, args.out)
        current = (out.read("current") or "").strip()
        if not current:
            sys.exit(f"{args.out}: nothing is published there")
        print(out.read(f"generations/{current}/manifest.json"), end="")
        return
    args.parts = args.parts or 2 * spark.sparkContext.defaultParallelism
    run = Run(spark, args)
    made = run.records()
    if made is None:
        run.leave()
    else:
        records, faults, counts = made
        run.publish(records, faults, run.link(records), counts)


if __name__ == "__main__":
    main()
