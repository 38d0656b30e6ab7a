// Links to a run and to a window of the queue, by their ids.

export function RunLink({ run }: { run: string | null }) {
  if (run === null) return <>—</>;
  return <a href={`/ui/runs/${run}`}>{run}</a>;
}

export function windowAddress(id: number): string {
  return `/ui/queue?window=${id}`;
}

export function WindowNumber({ id }: { id: number }) {
  return <a href={windowAddress(id)}>{id}</a>;
}
