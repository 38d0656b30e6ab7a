// Unpacks the browser once, before the test files start.
import type { TestProject } from "vitest/node";
import { chromiumPath } from "../../../local/browser/chromium.ts";

declare module "vitest" {
  export interface ProvidedContext {
    chromiumPath: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  project.provide("chromiumPath", await chromiumPath());
}
