// The build of the page and the command line: what it writes, and what it leaves alone.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, type BuiltFile } from "../../../local/build/bundle.ts";
import { writeDist } from "../../../local/build/write-dist.ts";

let files: BuiltFile[] = [];
let dir = "";
beforeAll(async () => {
  files = await bundle(process.cwd());
  dir = await mkdtemp(join(tmpdir(), "backfill-build-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function textOf(path: string): string {
  const found = files.find((file) => file.path === path);
  return Buffer.from(found?.contents ?? "").toString();
}

describe("the built files", () => {
  it("are the same, byte for byte, when nothing changed", async () => {
    const again = await bundle(process.cwd());
    const shown = (list: BuiltFile[]) =>
      list.map(({ path, contents }) => [path, Buffer.from(contents).toString()]);
    expect(shown(again)).toEqual(shown(files));
  });

  it("contain every file that the document names, and a map of each script outside the page", () => {
    const named = [...textOf("ui/index.html").matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path);
    const paths = files.map(({ path }) => path);
    expect(named.length).toBeGreaterThanOrEqual(2);
    expect(paths).toEqual(expect.arrayContaining(named));
    const scripts = paths.filter((path) => /^ui\/assets\/.*\.js$/.test(path));
    const maps = scripts.map((path) => path.replace(/^ui\/assets\/[^/]+/, "maps").replace(/$/, ".map"));
    expect(paths).toEqual(expect.arrayContaining(maps));
    expect(paths.filter((path) => path.startsWith("ui/") && path.endsWith(".map"))).toEqual([]);
    expect(textOf(".assetsignore")).toBe("maps\n.built-from.json\n");
  });

  it("let a browser keep each file below the folder of this build, and nothing else", () => {
    const rules = textOf("_headers")
      .split("\n")
      .filter((line) => line.startsWith("/"));
    const assets = files.map(({ path }) => path).filter((path) => path.startsWith("ui/assets/"));
    const [, folder] = /^(ui\/assets\/[0-9a-f]{8})\/[^/]+$/.exec(assets[0] ?? "") ?? [];
    expect(rules).toEqual(["/*", `/${folder}/*`]);
    expect(assets.filter((path) => !path.startsWith(`${folder}/`))).toEqual([]);
    // Cloudflare reads at most 2,000 characters a line.
    expect(
      Math.max(
        ...textOf("_headers")
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThan(2_000);
  });

  it("contain a command line that can be executed", () => {
    const command = files.find(({ path }) => path === "ui/logpush-backfill.mjs");
    expect(command?.isExecutable).toBe(true);
    expect(textOf("ui/logpush-backfill.mjs")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe("the folder of the built files", () => {
  it("holds exactly the built files, and keeps an unchanged file untouched", async () => {
    await writeDist(dir, files);
    const command = join(dir, "ui/logpush-backfill.mjs");
    const before = await stat(command);
    expect(before.mode & 0o111).not.toBe(0);
    await writeFile(join(dir, "ui/assets/old-00000000.js"), "old");
    await writeFile(join(dir, "ui/index.html"), "changed");

    await Promise.all([writeDist(dir, files), writeDist(dir, files)]);

    expect(await readFile(join(dir, "ui/index.html"), "utf8")).toBe(textOf("ui/index.html"));
    expect((await stat(command)).ino).toBe(before.ino);
    const present = await readdir(dir, { recursive: true, withFileTypes: true });
    const paths = present
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(dir.length + 1));
    expect(paths.toSorted()).toEqual(files.map(({ path }) => path).toSorted());
  });
});
