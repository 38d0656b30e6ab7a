// Plays random tests. A random walk is a list of steps that a seed decides. Each step has its own random numbers,
// so any part of the list can also be played without the rest. When a walk fails, `play` looks for a shorter list
// that also fails, and prints it with the seed.
export interface Step {
  do: string;
  dice: number;
}
export type Pick = (below: number) => number;
/** The relative frequency of each kind of step. */
export type Weights = Record<string, number>;

/** At most this many walks are replayed to make a failure shorter. */
const MOST_REPLAYS = 60;

/** A generator of integers from 0 to below the given bound (Lehmer's generator). */
export function seeded(seed: number): Pick {
  let state = ((seed * 7_919) % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

export function stepsOf(seed: number, count: number, weights: Weights): Step[] {
  const pick = seeded(seed);
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  return Array.from({ length: count }, () => {
    let left = pick(sum);
    const kind = Object.keys(weights).find((name) => (left -= weights[name] ?? 0) < 0);
    return { do: kind ?? "", dice: pick(2_147_483_646) };
  });
}

/** Plays all steps. A failure is thrown with the seed and the shortest list that still fails. */
export async function play(
  seed: number,
  steps: Step[],
  walk: (steps: Step[]) => Promise<void>,
): Promise<void> {
  const first = await failureOf(walk, steps);
  if (first === null) return;
  let shortest = steps;
  let failure = first;
  let replays = 0;
  // Leaves out halves first, then smaller pieces, while the rest still fails.
  for (let size = Math.ceil(steps.length / 2); size >= 1 && replays < MOST_REPLAYS; size = size >> 1) {
    for (let at = 0; at < shortest.length && replays < MOST_REPLAYS;) {
      const shorter = shortest.toSpliced(at, size);
      replays += 1;
      const again = await failureOf(walk, shorter);
      if (again === null) at += size;
      else [shortest, failure] = [shorter, again];
    }
  }
  const list = shortest.map((step) => `  ${step.do} ${step.dice}`).join("\n");
  throw new Error(`seed ${seed} fails with ${shortest.length} steps:\n${list}\n${failure.message}`, {
    cause: failure,
  });
}

async function failureOf(walk: (steps: Step[]) => Promise<void>, steps: Step[]): Promise<Error | null> {
  try {
    await walk(steps);
    return null;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error("the walk failed", { cause: failure });
  }
}
