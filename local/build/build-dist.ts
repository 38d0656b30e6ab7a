// Builds dist/: the page, the command line and the API document. All code that serves the page calls this function first,
// so that no separate build command is necessary.
import { openApiDocument } from "../openapi/document.ts";
import { bundle } from "./bundle.ts";
import { DIST_DIR, PROJECT_DIR } from "./dist-dir.ts";
import { writeDist } from "./write-dist.ts";

export async function buildDist(): Promise<void> {
  const document = { path: "openapi.json", contents: JSON.stringify(openApiDocument()) };
  await writeDist(DIST_DIR, [...(await bundle(PROJECT_DIR)), document]);
}
