// Where built files stand. In a file of its own, because tests of the page need the place and not the builder.
import { resolve } from "node:path";

export const PROJECT_DIR = resolve(import.meta.dirname, "../..");
export const DIST_DIR = resolve(PROJECT_DIR, "dist");
