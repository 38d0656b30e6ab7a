// The kinds of keys that stop a run until an operator decides: the code and the text of each. Does no I/O.
import type { NamedKind } from "../contract/listing.ts";

/** For each kind: its code, and the text between the count and the examples. */
const CODES: Record<string, { code: string; says: string }> = {
  folder_with_logs: { code: "foreign_folders", says: "folders with logs that are no day folders" },
  late_file: { code: "late_files", says: "files came late" },
  log_without_time: { code: "log_without_time", says: "logs without a readable time in their names" },
  not_looked_through: { code: "not_looked_through", says: "folders were not looked through for logs" },
};

export interface OpenCode {
  code: string;
  detail: string;
}

export function codesOfKeys(kinds: readonly NamedKind[]): OpenCode[] {
  return kinds.flatMap(({ kind, count, examples }) => {
    const known = CODES[kind];
    if (known === undefined) return [];
    return [{ code: known.code, detail: `${count} ${known.says}: ${examples.join(", ")}` }];
  });
}

export function codeOfDuplicates({ kind, count, examples }: NamedKind): OpenCode {
  const says = "objects have the name and size of another file and are not read";
  return { code: kind, detail: `${count} ${says}: ${examples.join(", ")}` };
}
