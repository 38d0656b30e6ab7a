// The path of dist/. It is in a file of its own, so that tests of the page do not load the builder.
import { resolve } from "node:path";

export const PROJECT_DIR = resolve(import.meta.dirname, "../..");
export const DIST_DIR = resolve(PROJECT_DIR, "dist");
