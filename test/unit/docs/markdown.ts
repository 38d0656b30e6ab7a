// Reads the documents for the tests of this folder: text, headings, anchors, links and tables.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Every Markdown file of the tree, by its path. */
export const DOCUMENTS: ReadonlyMap<string, string> = new Map(
  filesBelow().filter((file) => file.endsWith(".md") && !file.startsWith("test/fixtures/")).map((file) => [file, readFileSync(file, "utf8")]),
); // prettier-ignore

/** Every file of the tree that git tracks or would add. */
export function filesBelow(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  return execFileSync("git", args, { encoding: "utf8" }).split("\n").filter(Boolean);
}

export function document(path: string): string {
  const text = DOCUMENTS.get(path);
  if (text === undefined) throw new Error(`no document ${path}`);
  return text;
}

/** The text without fenced blocks, because a line inside a fence is no heading, link or table. */
function withoutFences(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, "");
}

export function headings(text: string): string[] {
  return [...withoutFences(text).matchAll(/^#+ (.*)$/gm)].map((found) => found[1] ?? "");
}

/** Anchors as GitHub makes them from headings. */
export function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const made = headings(text).map((heading) => {
    const plain = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-"); // prettier-ignore
    const before = seen.get(plain) ?? 0;
    seen.set(plain, before + 1);
    return before === 0 ? plain : `${plain}-${before}`;
  });
  const explicit = [...text.matchAll(/<a id="([^"]+)">/g)].map((found) => found[1] ?? "");
  return new Set([...made, ...explicit]);
}

/** Targets of links without a scheme. */
export function relativeLinks(text: string): string[] {
  const plain = withoutFences(text).replaceAll(/`[^`]*`/g, "");
  const targets = [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => found[1] ?? "");
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The body rows of every table, as trimmed cells. */
export function tableRows(text: string): string[][] {
  const lines = withoutFences(text).split("\n");
  return lines
    .filter((line, n) => line.startsWith("|") && !isRule(line) && !isRule(lines[n + 1] ?? ""))
    .map((line) => line.replaceAll(String.raw`\|`, "¦").split("|").slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
}

function isRule(line: string): boolean {
  return /^\|[\s:|-]+\|$/.test(line);
}

/** Every text between backticks. */
export function codes(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? "");
}

/** The first cells of the tables below the heading, up to the next heading of the same or a higher level. */
export function firstCells(text: string, heading: string): string[] {
  return tableRows(section(text, heading)).flatMap((row) => codes(row[0] ?? ""));
}

export function section(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const level = /^#+/.exec(lines[start] ?? "")?.[0].length ?? 1;
  const length = lines.slice(start + 1).findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? 9) <= level);
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join("\n");
}
