// Makes tables of the declared vars and secrets for the documents, and the [vars] of wrangler.toml.
import { SECRETS, VARS, type DeclaredVar } from "../../src/platform/vars.ts";
import { markdownTable } from "./markdown-table.ts";

const TOML_WIDTH = 110;

function code(text: string): string {
  return `\`${text}\``;
}

export function varsTable(): string {
  const rows = Object.entries<DeclaredVar>(VARS).map(([name, declared]) => {
    const value = declared.shipped ?? declared.default;
    return [
      code(name),
      value === null ? "none" : code(value),
      declared.kind.values,
      declared.meaning,
      declared.applies,
    ];
  });
  return markdownTable([["var", "shipped", "accepted", "meaning", "a change reaches"], ...rows]);
}

export function secretsTable(): string {
  const rows = Object.entries(SECRETS).map(([name, { kind, meaning }]) => [code(name), kind.values, meaning]);
  return markdownTable([["secret", "accepted", "meaning"], ...rows]);
}

/** The text that follows the line "[vars]". */
export function varsToml(): string {
  const vars = Object.entries<DeclaredVar>(VARS).flatMap(([name, declared]) => {
    const value = declared.shipped ?? declared.default;
    const { meaning, reason = "", kind } = declared;
    const comment = [meaning, reason, `Accepted: ${kind.values}.`].filter((text) => text !== "").join(" ");
    const setting =
      value === null ? `# ${name} = ${quoted(declared.example ?? "")}` : `${name} = ${quoted(value)}`;
    return [...wrapped(comment.replaceAll("`", "")), setting];
  });
  return ["# Written by `npm run tables` from src/platform/vars.ts.", ...vars, ""].join("\n");
}

/** A TOML string. Single quotes keep the quotes of JSON as they are. */
function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? "#"} ${word}`;
    if (lines.length === 0 || longer.length > TOML_WIDTH) lines.push(`# ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
