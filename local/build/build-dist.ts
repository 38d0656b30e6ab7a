// Builds dist/: the page, the command line and the API document. All code that serves the page calls this function first,
// so that no separate build command is necessary.
import { writeFile, rename } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { RECORD, isBuiltFrom, recordOf, sourcesOf } from "./build-record.ts";
import { DIST_DIR, PROJECT_DIR } from "./dist-dir.ts";

/** Does nothing when dist/ was built from the present sources.
 * @throws esbuild's error, which names file, line and fault, when a source cannot be built. */
export async function buildDist(): Promise<void> {
  const sources = await sourcesOf(PROJECT_DIR);
  if (await isBuiltFrom(DIST_DIR, sources)) return;
  // Loaded only for a build, because these modules take longer to load than the comparison above.
  const [{ openApiDocument }, { bundle }, { writeDist }] = await Promise.all([
    import("../openapi/document.ts"),
    import("./bundle.ts"),
    import("./write-dist.ts"),
  ]);
  const document = { path: "openapi.json", contents: JSON.stringify(openApiDocument()) };
  const files = [...(await bundle(PROJECT_DIR)), document];
  await writeDist(DIST_DIR, files);
  const record = await recordOf(
    sources,
    files.map(({ path }) => join(DIST_DIR, path)),
  );
  const unfinished = join(DIST_DIR, `.unfinished-${randomUUID()}`);
  await writeFile(unfinished, record);
  await rename(unfinished, join(DIST_DIR, RECORD));
}
