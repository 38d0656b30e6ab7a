// Finds the page for a path. Does no I/O.

/** The values that a path has in the places of the pattern's parameters, decoded. */
export type Params = Readonly<Record<string, string>>;

/** The properties that every page receives. */
export interface PageProps {
  params: Params;
}

/** `pattern` is such as "/ui/runs/:id". A slash at the end is ignored. Null: the path does not fit. */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = partsOf(pattern);
  const given = partsOf(path);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!part.startsWith(":")) {
      if (part !== value) return null;
      continue;
    }
    const decoded = decode(value);
    if (decoded === null) return null;
    params[part.slice(1)] = decoded;
  }
  return params;
}

/** The first route whose pattern fits the path. */
export function findRoute<Route extends { pattern: string }>(
  routes: readonly Route[],
  path: string,
): { route: Route; params: Params } | null {
  for (const route of routes) {
    const params = matchPath(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
