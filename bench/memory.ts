// Measures the memory of the parse step in two ways. The first is the used memory while a file is parsed, after
// forced garbage collections and with a slow consumer of batches. The second is the runtime's resident memory, for
// a small and a large file. The design bounds only the used memory, because resident memory also contains garbage.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { loadLogs } from "../local/dev/load-logs.ts";
// The import comes first, because it sets variables that wrangler reads when wrangler is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import "../local/dev/runtime.ts";
import { logsBucketOf, workerParts } from "../local/dev/worker-parts.ts";
import { benchData, type BenchData } from "./data.ts";
import { Inspector } from "./inspector.ts";
import { ProcessMeter } from "./process-meter.ts";
import { figure, type Section } from "./report.ts";
import { SPEC } from "./run-spec.ts";
import { bucketConfig } from "./worker-config.ts";

/** How long the consumer needs to store one batch. Meanwhile the parse step must wait and must not read ahead. */
const PAUSE_MS = 40;
const SAMPLES = 10;
const SETTLE_MS = 1_000;

interface Measured {
  idleLiveMiB: number;
  liveMiB: number[];
  idleRssMiB: number;
  peakRssMiB: number;
}

export async function memorySection(lines: number, manyLines: number): Promise<Section> {
  const small = await measure(await benchData(2, lines), true);
  const again = await measure(await benchData(2, lines), false);
  const large = await measure(await benchData(1, manyLines), false);
  return {
    title: `memory of the parse step, ${PAUSE_MS} ms for each batch`,
    figures: [
      figure(
        `peak RSS, ${manyLines} lines against ${lines}`,
        large.peakRssMiB / again.peakRssMiB,
        "ratio",
        "≤ 1.25",
      ),
      figure(
        `live above idle, highest of ${small.liveMiB.length} points`,
        Math.max(...small.liveMiB) - small.idleLiveMiB,
        "MiB",
        "≤ 40",
      ),
      figure("live, idle", small.idleLiveMiB, "MiB"),
      figure(`peak RSS above idle, ${lines} lines`, above(again), "MiB"),
      figure(`peak RSS above idle, ${manyLines} lines`, above(large), "MiB"),
      figure("idle RSS", again.idleRssMiB, "MiB"),
    ],
  };
}

function above({ peakRssMiB, idleRssMiB }: Measured): number {
  return peakRssMiB - idleRssMiB;
}

/** Measures one file. `collects` forces garbage collections. Resident memory is measured without them, because they
 * would reduce it. */
async function measure(data: BenchData, collects: boolean): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  try {
    const stateDir = join(dir, "state");
    await mkdir(stateDir);
    const config = await bucketConfig(dir, "parse-step.ts");
    await loadLogs(data.logsDir, stateDir, logsBucketOf(await workerParts(config), config));
    const { unstable_startWorker } = await import("wrangler");
    const port = await freePort();
    const worker = await unstable_startWorker({
      config,
      envFiles: ["/dev/null"],
      dev: {
        server: { hostname: "127.0.0.1", port: 0 },
        persist: stateDir,
        watch: false,
        remote: false,
        inspector: { hostname: "127.0.0.1", port },
      },
    });
    try {
      await worker.ready;
      return await watch(String(await worker.url), port, data, collects);
    } finally {
      await worker.dispose();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function watch(url: string, port: number, data: BenchData, collects: boolean): Promise<Measured> {
  const poke = async (): Promise<unknown> => (await fetch(url)).text();
  await poke();
  await wait(SETTLE_MS);
  const meter = await ProcessMeter.below(process.pid);
  const inspector = collects ? await Inspector.connect(new URL(`ws://127.0.0.1:${port}/ws`), poke) : null;
  const measured: Measured = {
    idleLiveMiB: (await inspector?.liveMiB()) ?? NaN,
    liveMiB: [],
    idleRssMiB: await meter.rssMiB(),
    peakRssMiB: NaN,
  };
  await meter.forgetPeak();
  const { key, kept } = data.files[0]!;
  const query = new URLSearchParams({ key, spec: JSON.stringify(SPEC), pause: String(PAUSE_MS) });
  const pass = fetch(`${url}ours?${query.toString()}`).then(async (response) => {
    if (!response.ok) throw new Error(`the parse failed: ${response.status}`);
    return response.text();
  });
  const everyMs = ((kept / SPEC.batchLines) * PAUSE_MS) / SAMPLES;
  if (inspector !== null) measured.liveMiB = await samples(inspector, everyMs, pass);
  await pass;
  measured.peakRssMiB = await meter.peakRssMiB();
  inspector?.close();
  return measured;
}

/** Takes samples until `end`. Drops a sample that was taken after `end`. */
async function samples(inspector: Inspector, everyMs: number, end: Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  const over = end.then(() => true);
  const isOver = (waitMs: number): Promise<boolean> => Promise.race([over, wait(waitMs, false)]);
  for (;;) {
    if (await isOver(everyMs)) return taken;
    const live = await inspector.liveMiB();
    if (await isOver(0)) return taken;
    taken.push(live);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
