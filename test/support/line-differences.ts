// Shows where a partner line differs from the expected line, by field number and name. A line may have 5 MB, so the
// output is bounded. Does no I/O. Runs in Node and in the Workers runtime.

const FIELD_COUNT = 145;
/** How many characters of a value are shown, from shortly before its first difference. */
const SHOWN = 60;
const BEFORE = 20;
/** At most this many fields are shown, because a line that is shifted by one field differs everywhere. */
const FIELDS_SHOWN = 8;
const LINES_SHOWN = 3;

/** The names of the fields by their numbers, from the golden data. */
export function fieldNames(table: string): Map<number, string> {
  const rows = table.split("\n").map((row) => row.split("\t"));
  return new Map(rows.slice(1).map(([index = "", source = ""]) => [Number(index), source]));
}

/** Returns a sentence for each field that differs. There is none when both lines are equal, including the LF. */
export function lineDifferences(
  printed: string,
  right: string,
  names: ReadonlyMap<number, string> = new Map(),
): string[] {
  if (printed === right) return [];
  const [ours, theirs] = [printed.split("\u0001"), right.split("\u0001")];
  const found: string[] = [];
  if (ours.length !== theirs.length) found.push(`${ours.length} fields, right are ${theirs.length}`);
  for (let index = 0; index < Math.max(ours.length, theirs.length, FIELD_COUNT); index += 1) {
    const [is, should] = [ours[index], theirs[index]];
    if (is === should) continue;
    const name = names.get(index + 1);
    const at = is === undefined || should === undefined ? 0 : firstDifference(is, should);
    const label = name === undefined ? "" : ` (${name})`;
    found.push(`field ${index + 1}${label}: ${excerpt(is, at)}, right is ${excerpt(should, at)}`);
  }
  return bounded(found, FIELDS_SHOWN, "fields");
}

/** Like the function above, but each element is the text of a whole batch. Each line of it ends in LF. */
export function contentDifferences(
  printed: readonly string[],
  right: readonly string[],
  names?: ReadonlyMap<number, string>,
): string[] {
  const found =
    printed.length === right.length ? [] : [`${printed.length} batches, right are ${right.length}`];
  for (const [batch, content] of printed.entries()) {
    if (content === right[batch]) continue;
    const [ours, theirs] = [content.split("\n"), (right[batch] ?? "").split("\n")];
    for (let line = 0; line < Math.max(ours.length, theirs.length); line += 1) {
      for (const text of lineDifferences(ours[line] ?? "", theirs[line] ?? "", names)) {
        found.push(`batch ${batch}, line ${line + 1}: ${text}`);
      }
      if (found.length > FIELDS_SHOWN * LINES_SHOWN) break;
    }
  }
  return bounded(found, FIELDS_SHOWN * LINES_SHOWN, "differences");
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function excerpt(value: string | undefined, at: number): string {
  if (value === undefined) return "nothing";
  const from = Math.max(0, at - BEFORE);
  const shown = JSON.stringify(value.slice(from, from + SHOWN));
  return value.length <= SHOWN && from === 0 ? shown : `${shown} (from ${from} of ${value.length})`;
}

function bounded(found: string[], limit: number, what: string): string[] {
  return found.length <= limit ? found : [...found.slice(0, limit), `and more ${what}`];
}
