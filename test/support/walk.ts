// A random walk is a list of steps that a seed decides. Each step carries its own dice, so that any part of the list can
// be played alone. When a walk fails, `play` looks for a shorter list that fails too, and prints it with the seed.
export interface Step {
  do: string;
  dice: number;
}
export type Pick = (below: number) => number;
/** How often each kind of step occurs, in relation to the others. */
export type Weights = Record<string, number>;

/** Walks replayed at most while a failure is made shorter. */
const MOST_REPLAYS = 60;

/** Integers from 0 on, below the number asked for (Lehmer's generator). */
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

/** Plays all steps. A failure is thrown with the seed and the shortest list of steps that still fails. */
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
  // Halves first, then ever smaller pieces: a piece without which the walk still fails is left out.
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
