// The words for a number of holes, of which some were replayed.
import { count } from "./numbers.ts";
import { texts } from "./texts.ts";

/** Returns a text such as "Holes: 3, replayed: 1, not replayed: 2". When all were replayed, no number is given for
 * what is open. */
export function countOfHoles(name: (n: string) => string, all: number, replayed: number): string {
  const t = texts.value.coverage;
  const holes = name(count(all));
  if (replayed === 0) return holes;
  const rest = all - replayed;
  return rest === 0 ? t.allReplayed(holes) : t.someReplayed(holes, count(replayed), count(rest));
}
