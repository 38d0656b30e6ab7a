// Makes the time of the bench's Worker pass more slowly: its clock, its waits and its alarms. A busy machine then has
// more CPU time for each second of the run. All times of the run, and so its rates, are times of this slower clock.

let factor = 1;
let slow = { fromMs: 0 };
const realNow = Date.now;
const realTimeout = globalThis.setTimeout;
const realWait = scheduler.wait.bind(scheduler);

const runNow = (): number => Math.floor(slow.fromMs + (realNow() - slow.fromMs) / factor);
const realTime = (runMs: number): number => Math.ceil(slow.fromMs + (runMs - slow.fromMs) * factor);

/** From now on, one second of the Worker takes `by` real seconds. Call once, before the run's Durable Object
 * exists. */
export function slowDown(by: number): void {
  if (by === 1) return;
  factor = by;
  slow = { fromMs: realNow() };
  Date.now = runNow;
  const wait: typeof realWait = (ms, options) => realWait(ms * factor, options);
  Object.defineProperty(globalThis, "scheduler", { value: { wait }, configurable: true });
  const setTimeout = (call: () => void, ms = 0): unknown => realTimeout(call, ms * factor);
  Object.defineProperty(globalThis, "setTimeout", { value: setTimeout, configurable: true, writable: true });
}

let areAlarmsSlow = false;

/** Moves the alarms of all Durable Objects to real time. */
export function slowAlarms(storage: DurableObjectStorage): void {
  if (factor === 1 || areAlarmsSlow) return;
  areAlarmsSlow = true;
  const own: Pick<DurableObjectStorage, "setAlarm" | "getAlarm"> = Object.getPrototypeOf(storage);
  const { setAlarm, getAlarm } = own;
  own.setAlarm = function slowed(this: DurableObjectStorage, at, options) {
    return setAlarm.call(this, realTime(Number(at)), options);
  };
  own.getAlarm = async function slowed(this: DurableObjectStorage, options) {
    const at = await getAlarm.call(this, options);
    return at === null ? null : Math.floor(slow.fromMs + (at - slow.fromMs) / factor);
  };
}
