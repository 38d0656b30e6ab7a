// Milliseconds that never go back: for waits and leases of a sender, which are differences. A clock that is set back
// stands still for one reading and goes on from there. Its values mean nothing outside this isolate.

let newest = Number.NEGATIVE_INFINITY;
let offsetMs = 0;

export function steadyNow(wallMs: number = Date.now()): number {
  if (wallMs < newest) offsetMs += newest - wallMs;
  newest = wallMs;
  return wallMs + offsetMs;
}
