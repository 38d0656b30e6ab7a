// Remembers the RayIDs of one file's kept records. Owns the memory bound. The memory is exact below the bound, and
// reports when the bound is reached.

/** The most ids of one file. Logpush writes at most a million records into a file, so only files of other origin
 * reach this bound. */
const MAX_IDS = 1_000_000;
/** The most characters of ids of another shape. They are kept as strings, which cost more memory. */
const MAX_ODD_CHARS = 2_000_000;

export type Seen = "new" | "repeated" | "untracked";

const HEX = new Uint8Array(128).fill(255);
for (let digit = 0; digit < 16; digit += 1) HEX[digit.toString(16).charCodeAt(0)] = digit;

/** A RayID is 16 lower-case hex digits, exactly 64 bits. The open-addressing table stores two halves, so it
 * compares whole ids and a collision cannot drop a line. An id takes 16 bytes. A file of 100,000 records needs
 * 1 to 2 MB. */
export class RayIds {
  #capacity = 1024;
  #table = new Uint32Array(2 * this.#capacity);
  #size = 0;
  /** Whether the id of 64 zero bits was seen. In the table this id would look like an empty slot. */
  #zeroSeen = false;
  readonly #odd = new Set<string>();
  #oddChars = 0;

  /** Remembers `id` and returns whether it was known before. */
  add(id: string): Seen {
    if (id.length !== 16) return this.#addOdd(id);
    let high = 0;
    let low = 0;
    for (let at = 0; at < 8; at += 1) {
      const highDigit = HEX[id.charCodeAt(at)] ?? 255;
      const lowDigit = HEX[id.charCodeAt(at + 8)] ?? 255;
      if ((highDigit | lowDigit) > 15) return this.#addOdd(id);
      high = (high << 4) | highDigit;
      low = (low << 4) | lowDigit;
    }
    return this.#addBits(high >>> 0, low >>> 0);
  }

  #addBits(high: number, low: number): Seen {
    if (high === 0 && low === 0) {
      const seen = this.#zeroSeen ? "repeated" : "new";
      this.#zeroSeen = true;
      return seen;
    }
    const at = this.#place(high, low);
    if (this.#table[at] !== 0 || this.#table[at + 1] !== 0) return "repeated";
    if (this.#size >= MAX_IDS) return "untracked";
    this.#table[at] = high;
    this.#table[at + 1] = low;
    this.#size += 1;
    // Linear probing gets slow when more than three quarters of the table are used.
    if (this.#size * 4 > this.#capacity * 3) this.#grow();
    return "new";
  }

  /** The slot of the id, or the empty slot for it. */
  #place(high: number, low: number): number {
    const mask = this.#capacity - 1;
    let hash = Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    const table = this.#table;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = 2 * slot;
      const a = table[at]!;
      const b = table[at + 1]!;
      if ((a === high && b === low) || (a === 0 && b === 0)) return at;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#capacity *= 2;
    this.#table = new Uint32Array(2 * this.#capacity);
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at]!;
      const low = old[at + 1]!;
      if (high === 0 && low === 0) continue;
      const place = this.#place(high, low);
      this.#table[place] = high;
      this.#table[place + 1] = low;
    }
    // Frees the memory at once. The garbage collector would free it only in a full collection.
    old.buffer.transfer(0);
  }

  #addOdd(id: string): Seen {
    if (this.#odd.has(id)) return "repeated";
    if (this.#oddChars + id.length > MAX_ODD_CHARS || this.#odd.size >= MAX_IDS / 10) return "untracked";
    this.#odd.add(id);
    this.#oddChars += id.length;
    return "new";
  }
}
