// A clock in milliseconds that never goes back, for a sender's waits and leases. When the system clock is set
// back, one reading repeats the previous value and the clock goes on from there. The values mean nothing
// outside this isolate.

let newest = Number.NEGATIVE_INFINITY;
let offsetMs = 0;

export function steadyNow(wallMs: number = Date.now()): number {
  if (wallMs < newest) offsetMs += newest - wallMs;
  newest = wallMs;
  return wallMs + offsetMs;
}
