// Does a limited number of jobs at the same time. When a job ends, the next job begins.

/** `next` returns a started job, or null when no job may begin now. Waits for all jobs that began. @throws the
 * first failure of a job. After a failure no job begins. */
export async function inParallel(most: number, next: () => Promise<void> | null): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (;;) {
    while (underWay.size < most && failures.length === 0) {
      const job = next();
      if (job === null) break;
      const watched: Promise<void> = job
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(watched));
      underWay.add(watched);
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay);
  }
  if (failures.length > 0) throw failures[0];
}
