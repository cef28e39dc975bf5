class Run:
    """The generation being made. A stage is written, then marked; a marked stage is not run again."""

    def __init__(self, spark, args):
        self.spark, self.args, self.seconds = spark, args, {}
        self.out = Place(spark, args.out)
        shipped = [("vanban", args.vanban), ("adapt", args.adapt), ("model", args.model)]
        self.maker = "+".join(sha256(path) for _, path in shipped if path)
        for name, path in shipped:
            if path:
                ship(spark, path, name)
        self.before = (self.out.read("current") or "").strip() or None
        number = int(self.before or 0) + 1
        self.name = f"generations/{number:06d}"
        plan = {"maker": self.maker, "input": args.input, "format": args.format, "before": self.before}
        plan |= {"store": bool(args.store), "max_text": args.max_text}
        known = self.out.read(f"{self.name}/plan.json")
        self.resumed = known is not None and json.loads(known) == plan
        if not self.resumed:
            self.out.remove(self.name)
            self.out.write(f"{self.name}/plan.json", json.dumps(plan))
        spark.sparkContext.setCheckpointDir(f"{self.out.uri}/{self.name}/work/checkpoints")
        spark.sparkContext.environment["RAYON_NUM_THREADS"] = spark.conf.get("spark.task.cpus", "1")

    def stage(self, name, make, by=None, place=None):
        """What `make()` gives, kept under work/ or `place`; or what a run before this one kept."""
        place, mark = f"{self.name}/{place or f'work/{name}'}", f"{self.name}/work/{name}.done"
        known = self.out.read(mark)
        if known is None:
            said(f"stage {name}")
            begun = time.monotonic()
            rows = make()
            writer = rows.write.mode("overwrite")
            (writer.partitionBy(by) if by else writer).parquet(f"{self.out.uri}/{place}")
            self.seconds[name] = round(time.monotonic() - begun, 3)
            # Of a table without rows no reader could tell the columns.
            known = rows.schema.json()
            self.out.write(mark, known)
        else:
            said(f"stage {name}: done before")
        return self.spark.read.schema(StructType.fromJson(json.loads(known))).parquet(f"{self.out.uri}/{place}")

    def last_manifest(self):
        return json.loads(self.out.read(f"generations/{self.before}/manifest.json"))

    def last_records(self):
        """Records of the published generation that the same program and model made; None where there are none."""
        if self.before is None or self.last_manifest()["records"] == 0:
            return None
        rows = self.spark.read.parquet(f"{self.out.uri}/generations/{self.before}/records")
        # A driver of another build wrote other columns; its program was another too.
        if "packed" not in rows.columns:
            return None
        rows = rows.where(f.col("maker") == self.maker)
        return rows.where("packed is not null") if self.args.store else rows

    def last_faults(self):
        """What the published generation set aside; without maker where that was not for what the text is."""
        return self.spark.read.schema(FAULT_FIELDS).parquet(f"{self.out.uri}/generations/{self.before}/quarantine")

    def texts(self):
        """The input as (id, hash, bytes, line), the line as `vanban map` reads it; and broken lines."""
        spark, args = self.spark, self.args
        # Told by their length, before anything of them is read.
        limit = f.lit(args.max_text)
        over = lambda length: f.concat(
            length, f.lit(" bytes, over the limit of "), limit, f.lit("; split it, or raise --max-text")
        ).alias("error")
        if args.format == "text":
            root = Place(spark, args.input)
            files = spark.read.format("binaryFile").option("recursiveFileLookup", True).load(args.input)
            # A single file is called by its name, as everywhere.
            below = f.expr(f"substring(path, {len(root.uri) + 2})")
            below = f.when(below == "", f.element_at(f.split("path", "/"), -1)).otherwise(below)
            # Spark breaks base64 into lines, as mail does.
            encoded = f.replace(f.base64("content"), f.lit("\r\n"))
            broken = files.where(f.col("length") > limit).select(below.alias("id"), over(f.col("length")))
            texts = files.where(f.col("length") <= limit).select(
                below.alias("id"),
                f.sha2("content", 256).alias("hash"),
                f.col("length").alias("bytes"),
                f.to_json(f.struct(below.alias("id"), encoded.alias("bytes"))).alias("line"),
            )
            return texts, broken
        if args.format == "parquet":
            table = spark.read.parquet(args.input).select(f.col("id").cast("string"), f.col("text").cast("string"))
            broken = table.where("id is null or text is null").select("id", f.lit("id or text is null").alias("error"))
        else:
            lines = spark.read.option("recursiveFileLookup", True).text(args.input).where("trim(value) <> ''")
            table = lines.select(f.from_json("value", "id string, text string", JSON).alias("row"), "value")
            reason = f.lit("not an object with the strings id and text")
            broken = table.where("row.id is null or row.text is null")
            broken = broken.select("row.id", f.concat(reason, f.lit(": "), f.left("value", f.lit(200))).alias("error"))
            table = table.select("row.*")
        table = table.where("id is not null and text is not null")
        length = f.octet_length("text").cast("long")
        broken = broken.unionByName(table.where(length > limit).select("id", over(length)))
        texts = table.where(length <= limit).select(
            "id",
            f.sha2("text", 256).alias("hash"),
            length.alias("bytes"),
            f.to_json(f.struct("id", "text")).alias("line"),
        )
        return texts, broken

    def records(self):
        """All records of this generation: the new ones made, the others taken over. None where nothing changed."""
        texts, broken = self.texts()
        each = Window.partitionBy("id").orderBy("hash")
        listed = self.stage("inventory", lambda: texts.drop("line").withColumn("n", f.row_number().over(each)))
        twice = listed.where("n > 1").select("id", f.lit("the same id was given before").alias("error"))
        given_badly = twice.unionByName(broken).withColumn("hash", f.lit(None).cast("string"))
        given_badly = given_badly.withColumn("maker", f.col("hash")).select("id", "hash", "maker", "error")
        listed = listed.where("n = 1").drop("n")
        known, refused, fresh = self.last_records(), None, listed
        if known is not None:
            refused = self.last_faults().where(f.col("maker") == self.maker)
            if self.unchanged(listed, known, refused, given_badly):
                return None
            fresh = listed.join(known.select("hash").unionByName(refused.select("hash")).distinct(), "hash", "left_anti")
        made = self.stage("made", lambda: self.make(texts, fresh))

        def all_faults():
            faults = made.where("error is not null").select("id", "hash", "maker", "error")
            if refused is not None:
                again = listed.select("id", "hash").join(refused.drop("id").dropDuplicates(["hash"]), "hash")
                faults = faults.unionByName(again)
            return faults.unionByName(given_badly)

        faults = self.stage("faults", all_faults)
        whole = made.where("error is null").drop("error")
        if known is not None:
            whole = whole.unionByName(taken_over(listed, known))
        files = f.pmod(f.xxhash64("id"), f.lit(self.args.files_a_year))
        records = self.stage("records", lambda: whole.repartition("year", files), by="year", place="records")
        # What was listed is either a record or a fault: anything else means that the input moved.
        n_listed, n_records = listed.count(), records.count()
        n_faults = faults.where("maker is not null").count()
        if n_listed != n_records + n_faults:
            self.out.remove(f"{self.name}/plan.json")
            sys.exit(f"{n_listed} texts became {n_records} records and {n_faults} faults: the input changed "
                     "while it was read; nothing was published, run again")
        counts = {"texts": n_listed, "records": n_records, "set_aside": faults.count()}
        # Those that were tried in vain are counted too: nothing else tells whether anything was done.
        counts["made"] = made.count()
        return records, faults, counts

    def unchanged(self, listed, known, refused, given_badly):
        """Whether the published generation is what would be made, of the same texts and in the same forms."""
        last = self.last_manifest()
        if last.get("forms") != self.forms() or known.count() != last["records"]:
            return False
        pairs = known.select("id", "hash").unionByName(refused.select("id", "hash"))
        before = self.last_faults().where("maker is null")
        return same_rows(listed.select("id", "hash"), pairs) and same_rows(
            given_badly.select("id", "error"), before.select("id", "error")
        )

    def forms(self):
        """Which optional forms the generation is written in."""
        return {"bulk": self.args.bulk, "graph": self.args.graph}

    def make(self, texts, fresh):
        """New texts through `vanban map`, in partitions of like bytes; large texts alone, and first."""
        target = self.args.partition_bytes
        large = fresh.where(f.col("bytes") >= target).select("id", "hash", "bytes")
        large = large.withColumn("slot", f.row_number().over(Window.orderBy(f.desc("bytes"), "id")) - 1)
        large = large.persist(StorageLevel.MEMORY_AND_DISK)
        small = fresh.where(f.col("bytes") < target).select("id", "hash", "bytes")
        n_large = large.count()
        n_small = -(-(small.agg(f.sum("bytes")).first()[0] or 0) // target)
        slot = f.pmod(f.xxhash64("id"), f.lit(max(n_small, 1))) + f.lit(n_large)
        slots = large.unionByName(small.withColumn("slot", slot)).select("id", "hash", f.col("slot").cast("int"))
        said(f"  {n_large} large texts alone, the others in {n_small} partitions")
        work = texts.drop("bytes").join(slots, ["id", "hash"]).dropDuplicates(["id"])
        work = work.repartitionById(max(n_large + n_small, 1), "slot").select("line", "id", "hash")
        command = ["map", "--facts", "--max-line", str(self.args.max_text * 2)]
        command += ["--packed"] if self.args.store else []
        command += ["--adapt", "file:adapt"] if self.args.adapt else []
        command += ["--model", "file:model"] if self.args.model else []
        done = work.mapInArrow(
            lambda rows: through(command, rows, kept=("id", "hash"), accepted=(0, 3)),
            "line string, id string, hash string",
        )
        # The facts stand last, and behind them what was packed: the record is what comes before.
        if self.args.store:
            at = f.length("line") - f.length(f.substring_index("line", ',"packed":', -1))
            done = done.withColumn("at", at)
            packed = f.from_json(f.expr("substring(line, at + 1, length(line) - at - 1)"), PACKED_FIELDS, JSON)
            done = done.withColumn("own_packed", f.when(f.col("at") > 0, packed))
            line = f.when(f.col("at") > 0, f.concat(f.expr("left(line, at - 10)"), f.lit("}"))).otherwise(f.col("line"))
            done = done.withColumn("line", line)
        else:
            done = done.withColumn("own_packed", f.from_json(f.lit("{}"), PACKED_FIELDS))
        fields = f.from_json("line", f"{RECORD_FIELDS}, source_hash string, error string", JSON)
        cut = f.length("line") - f.length(f.substring_index("line", ',"facts":', -1))
        record = f.concat(f.expr("left(line, cut - 9)"), f.lit("}"))
        facts = f.expr("substring(line, cut + 1, length(line) - cut - 1)")
        done = done.withColumn("own", fields).withColumn("cut", cut)
        sound = f.col("own.error").isNull()
        return done.select(
            "id", "hash", f.lit(self.maker).alias("maker"),
            f.coalesce(f.left("own.date", f.lit(4)).cast("int"), f.lit(0)).alias("year"),
            *[f.col(f"own.{word.split()[0]}") for word in RECORD_FIELDS.split(", ")],
            f.col("own.source_hash"),
            f.when(sound, record).alias("record"),
            f.when(sound, facts).alias("facts"),
            f.col("own_packed.by").alias("packed_by"),
            f.unbase64("own_packed.document").alias("packed"),
            f.col("own.error"),
        )

    def step(self, stage, name, tables, keys=None):
        """`vanban resolve NAME` over the groups of `tables`; kept by table."""

        def make():
            rows = None
            for table in tables:
                table = table.select("key", "order", "line")
                rows = table if rows is None else rows.unionByName(table)
            if keys is not None:
                rows = rows.join(keys, "key", "left_semi")
            rows = rows.repartition(self.args.parts, "key").sortWithinPartitions("key", "order", "line")
            # {"key":"…"} and the row: {"key":"…","row":{…}}.
            quoted = f.expr("left(to_json(struct(key)), length(to_json(struct(key))) - 1)")
            rows = rows.select(f.concat(quoted, f.lit(',"row":'), "line", f.lit("}")).alias("line"))
            return parsed(rows.mapInArrow(lambda batches: through(["resolve", name], batches), "line string"))

        return Tables(self.stage(stage, make, by="to"))

    def link(self, records):
        """Nodes, edges and doubts as rows of `vanban resolve`."""

        def papers():
            facts = records.select(f.col("facts").alias("line")).repartition(self.args.parts)
            return parsed(facts.mapInArrow(lambda rows: through(["resolve", "papers"], rows), "line string"))

        start = Tables(self.stage("papers", papers, by="to"))
        pairs = self.step("pairs", "pairs", [start.pairs])
        labels = self.stage("labels", lambda: components(pairs.pairs))
        same = start.copies.join(labels, "key", "left")
        same = same.withColumn("key", f.coalesce("label", "key"))
        copies = self.step("copies", "copies", [same])
        cites = self.step("mentions", "mentions", [start.facts, copies.owner]).cites
        numbers, found = self.numbers(copies, cites)
        named = self.step("named", "named", [start.facts, copies.owner, numbers.met])
        called = copies.called.unionByName(numbers.called)
        names = self.step("names", "names", [called, named.calls])
        met = numbers.met.unionByName(named.met).unionByName(names.met)
        acting = self.step("acting", "acting", [start.facts, copies.owner, met])
        if not acting.cites.isEmpty():
            cites = cites.unionByName(acting.cites)
            numbers, _ = self.numbers(copies, cites, numbers, found, acting.cites.select("key").distinct())
        if not acting.calls.isEmpty():
            keys = acting.calls.select("key").distinct()
            again = self.step("names-acting", "names", [called, named.calls, acting.calls], keys)
            names = names.replaced("names", again, keys)
        met = numbers.met.unionByName(named.met).unionByName(names.met)
        # What each document's references mean comes back to the document.
        drafts = copies.draft.unionByName(numbers.draft).unionByName(names.draft)
        needed = met.select(f.get_json_object("line", "$.body.met.node").alias("node"), f.col("key").alias("doc"))
        drafts = needed.distinct().join(drafts.withColumnRenamed("key", "node"), "node")
        drafts = drafts.withColumn("key", f.col("doc"))
        edges = self.step("edges", "edges", [start.facts, copies.owner, met, drafts])
        settled = self.step("settle", "settle", [edges.spoken])
        doubts = numbers.doubts.unionByName(names.doubts).unionByName(edges.doubts)
        made = numbers.made.unionByName(names.made)
        return {"node": copies.node, "made": made, "term": numbers.term, "edges": settled.edges, "doubts": doubts}

    def numbers(self, copies, cites, answers=None, found=None, keys=None):
        """Which paper each number means; asked again where misprints come into question.

        A misprint is looked for on the shelves of its day and title, and what is found there is
        given to the group of its number. That changes what the group makes, so it is repeated
        until it asks for nothing new and no other paper has learned its term meanwhile.
        """
        acting, n, requests = "" if keys is None else "acting-", 0, None
        while True:
            n += 1
            tables = [copies.held, cites] + ([found] if found is not None else [])
            given = self.step(f"numbers-{acting}{n}", "numbers", tables, keys)
            before = answers
            answers = given if answers is None or keys is None else answers.replaced("numbers", given, keys)
            requests = given.requests if requests is None else requests.unionByName(given.requests)
            moved = before is not None and differ(before.learned, answers.learned)
            if given.requests.isEmpty() and not (moved and found is not None):
                return answers, found
            if n == 9:
                sys.exit("numbers did not come to rest in nine rounds; nothing was published")
            shelf = self.step(f"shelf-{acting}{n}", "shelf", [copies.shelved, answers.learned, requests])
            found = shelf.found if found is None or keys is None or not acting else found.unionByName(shelf.found)
            keys = shelf.found.select("key").distinct()

    def publish(self, records, faults, lineage, counts):
        base = f"{self.out.uri}/{self.name}"
        text = records.select("year", f.col("record").alias("value")).repartition("year", f.spark_partition_id())
        text.write.mode("overwrite").partitionBy("year").option("compression", "gzip").text(f"{base}/ndjson")
        faults.write.mode("overwrite").parquet(f"{base}/quarantine")
        held = lineage["node"].select(f.from_json("line", f"body struct<node: struct<{NODE_FIELDS}>>").alias("row"))
        made = lineage["made"].select(f.from_json("line", "body struct<made: array<string>>").alias("row"))
        drafts = f.from_json(f.element_at("row.body.made", 1), f"draft struct<node: struct<{NODE_FIELDS}>>")
        made = made.select(drafts.alias("row"))
        learned = "body struct<learned: struct<id: string, term: string>>"
        terms = lineage["term"].select(f.from_json("line", learned).alias("row"))
        terms = terms.select("row.body.learned.id", f.col("row.body.learned.term").alias("known"))
        nodes = held.select("row.body.node.*").unionByName(made.select("row.draft.node.*")).join(terms, "id", "left")
        nodes = nodes.withColumn("term", f.coalesce("term", "known")).drop("known")
        nodes.write.mode("overwrite").parquet(f"{base}/nodes")
        spoken = f"body struct<spoken: struct<`from`: string, `to`: string, edge: struct<{EDGE_FIELDS}>>>"
        edges = lineage["edges"].select(f.from_json("line", spoken).alias("row"))
        edges = edges.select("row.body.spoken.from", "row.body.spoken.to", "row.body.spoken.edge.*")
        edges.write.mode("overwrite").parquet(f"{base}/edges")
        doubt = "body struct<doubt: struct<doc: string, kind: string, note: string, candidates: array<string>>>"
        doubts = lineage["doubts"].select(f.from_json("line", doubt).alias("row")).select("row.body.doubt.*").distinct()
        doubts.write.mode("overwrite").parquet(f"{base}/doubts")
        if self.args.bulk:
            command = ["export", "--format", "bulk", "--records", "-", "--index", self.args.bulk]
            lines = records.select(f.col("record").alias("line"))
            lines = lines.mapInArrow(lambda rows: through(command, rows), "line string")
            # An action and its document stay together: an even number of lines a file.
            lines.write.mode("overwrite").option("maxRecordsPerFile", 40_000).text(f"{base}/bulk")
        if self.args.graph:
            self.one_graph(lineage)
        if self.args.store:
            counts["store"] = self.gather(records, faults)
        counts |= {"nodes": nodes.count(), "edges": edges.count(), "doubts": doubts.count(), "resumed": self.resumed}
        manifest = {"generation": self.name.split("/")[1], "maker": self.maker, "input": self.args.input, **counts}
        manifest |= {"forms": self.forms(), "seconds": self.seconds}
        self.out.write(f"{self.name}/manifest.json", json.dumps(manifest, indent=1) + "\n")
        self.out.write("current", self.name.split("/")[1] + "\n")
        # The rest is tidying; what fails here is made up for by the next run.
        self.out.remove(f"{self.name}/work")
        self.tidy(self.name.split("/")[1])
        print(json.dumps(manifest))

    def leave(self):
        """Publishes nothing: what is published is what would be made."""
        manifest = self.last_manifest()
        if self.args.store:
            # It may have been rolled back, or removed.
            manifest["store"] = self.gather(self.last_records(), self.last_faults())
        self.out.remove(self.name)
        self.tidy(self.before)
        print(json.dumps(manifest | {"made": 0, "unchanged": True, "seconds": self.seconds}))

    def tidy(self, current):
        names = [name for name in self.out.folders("generations") if name <= current]
        for old in names[: -self.args.keep]:
            self.out.remove(f"generations/{old}")

    def gather(self, records, faults):
        """Everything into the store, through this machine; only what the store lacks is sent whole. Gives the
        number of the store's generation."""
        begun = time.monotonic()
        reader = ["--store", self.args.store]
        reader += ["--adapt", self.args.adapt] if self.args.adapt else []
        reader += ["--model", self.args.model] if self.args.model else []
        said("stage store")
        with tempfile.TemporaryDirectory() as folder:
            held, report = f"{folder}/held", f"{folder}/report.json"
            with open(held, "wb") as file:
                subprocess.run([self.args.vanban, "gather", "--held", *reader], stdout=file, check=True)
            self.out.put(held, f"{self.name}/work/held")
            held = self.spark.read.text(f"{self.out.uri}/{self.name}/work/held").distinct()
            rows = records.join(held, records.source_hash == held.value, "left")
            encoded = f.struct(
                f.col("packed_by").alias("by"), f.replace(f.base64("packed"), f.lit("\r\n")).alias("document")
            )
            whole = f.to_json(f.struct("id", encoded.alias("packed")))
            name = f.to_json(f.struct("id", f.col("source_hash").alias("hash")))
            rows = rows.select("id", f.when(f.col("value").isNull(), whole).otherwise(name).alias("line"))
            # A broken line has no id, and a text given twice has one that stands already.
            named = faults.where("id is not null").groupBy("id").agg(f.min("error").alias("error"))
            named = named.join(records.select("id"), "id", "left_anti")
            rows = rows.unionByName(named.select("id", f.to_json(f.struct("id", "error")).alias("line")))
            command = [self.args.vanban, "gather", *reader, "--report", report, "--keep", str(self.args.keep)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE)
            try:
                with process.stdin:
                    for row in rows.orderBy("id").select("line").toLocalIterator(prefetchPartitions=True):
                        process.stdin.write(row.line.encode() + b"\n")
            except BrokenPipeError:
                pass  # The program ended early; its exit status says why.
            except BaseException:
                process.kill()
                raise
            # What was set aside is told by both.
            if process.wait() not in (0, 3):
                sys.exit(f"{' '.join(command)} ended with status {process.returncode}; nothing was published")
            with open(report) as file:
                generation = json.load(file)["generation"]
        self.seconds["store"] = round(time.monotonic() - begun, 3)
        return generation

    def one_graph(self, lineage):
        """The whole lineage in one file, made on this machine."""
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/graph"
            command = [self.args.vanban, "resolve", "graph", "--packed", path]
            process = subprocess.Popen(command, stdin=subprocess.PIPE)
            with process.stdin:
                for table in lineage.values():
                    for row in table.select("line").toLocalIterator(prefetchPartitions=True):
                        process.stdin.write(row.line.encode() + b"\n")
            if process.wait() != 0:
                sys.exit(f"{' '.join(command)} ended with status {process.returncode}; nothing was published")
            self.out.put(path, f"{self.name}/graph")


