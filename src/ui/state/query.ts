// Changes the parameters of an address. Does no I/O.

/** Returns a text such as "?a=1". "" if no parameter is left. */
export function changedQuery(query: string, changes: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
