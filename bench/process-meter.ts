// Reads CPU time and memory of the runtime's processes from /proc. Starts and ends no process. Works on Linux only.
import { readdir, readFile, writeFile } from "node:fs/promises";

/** The length of one clock tick in /proc/<pid>/stat, in ms. USER_HZ is 100 on every Linux that Node supports. */
const TICK_MS = 10;
const MIB = 1024;

export class ProcessMeter {
  readonly #pids: number[];

  private constructor(pids: number[]) {
    this.#pids = pids;
  }

  /** Finds the workerd processes among the descendants of the process `ancestor`: the runtime, and the small proxy
   * that wrangler starts. */
  static async below(ancestor: number): Promise<ProcessMeter> {
    const parents = new Map<number, number>();
    const names = new Map<number, string>();
    for (const pid of (await readdir("/proc")).map(Number).filter((n) => n > 0)) {
      const stat = await statOf(pid);
      if (stat === null) continue;
      parents.set(pid, stat.parent);
      names.set(pid, stat.name);
    }
    const isBelow = (pid: number): boolean => {
      for (let at: number | undefined = pid; at !== undefined; at = parents.get(at))
        if (at === ancestor) return true;
      return false;
    };
    const pids = [...names].filter(([pid, name]) => name === "workerd" && isBelow(pid)).map(([pid]) => pid);
    if (pids.length === 0) throw new Error(`no workerd runs below process ${ancestor}`);
    return new ProcessMeter(pids);
  }

  /** The CPU time of all threads so far, user and system time together. */
  async cpuMs(): Promise<number> {
    const stats = await Promise.all(this.#pids.map(statOf));
    return stats.reduce((sum, stat) => sum + (stat?.ticks ?? 0) * TICK_MS, 0);
  }

  /** The resident memory of all processes. */
  async rssMiB(): Promise<number> {
    return this.#sum("VmRSS");
  }

  /** The highest resident memory since the last call of `forgetPeak`. */
  async peakRssMiB(): Promise<number> {
    return this.#sum("VmHWM");
  }

  async forgetPeak(): Promise<void> {
    await Promise.all(this.#pids.map((pid) => writeFile(`/proc/${pid}/clear_refs`, "5")));
  }

  async #sum(field: string): Promise<number> {
    const sizes = await Promise.all(
      this.#pids.map(async (pid) => {
        const status = await readFile(`/proc/${pid}/status`, "latin1");
        return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
      }),
    );
    return sizes.reduce((sum, kib) => sum + kib, 0) / MIB;
  }
}

async function statOf(pid: number): Promise<{ name: string; parent: number; ticks: number } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => null);
  if (stat === null) return null;
  // The name in parentheses may itself contain spaces and parentheses. So the fields are counted from the last
  // parenthesis.
  const close = stat.lastIndexOf(")");
  const fields = stat.slice(close + 2).split(" ");
  return {
    name: stat.slice(stat.indexOf("(") + 1, close),
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
  };
}
