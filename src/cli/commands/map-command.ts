// `map`: shows the states of a run's files by the time of the window, one letter for five minutes.
import type { RunMapAnswer } from "../../contract/api/run-map.ts";
import type { MapLetters } from "../../contract/run-map.ts";
import type { Group } from "../program/commands.ts";
import { shownInstant } from "../text/instants.ts";
import { table, type Cell } from "../text/table.ts";

const CELLS_PER_LINE = 12;
/** The letter of each state, the worst state first. */
const LETTERS: MapLetters = {
  failed: "f",
  missing: "m",
  changed: "c",
  suspicious: "s",
  set_aside: "b",
  waiting: "w",
  listed: "l",
  parsing: "p",
  open: "o",
  accepted: "a",
  closed: "d",
};

export function addMapCommand(group: Group): void {
  group.add({
    usage: "map <RUN>",
    summary: "show the files of a run over its window, a letter for each five minutes",
    examples: ["logpush-backfill map active"],
    routes: ["GET /runs/:id/map"],
    action: async (session, _options, [run = ""]) => {
      const map = await session.api.get<RunMapAnswer>(`/runs/${await session.run(run)}/map`);
      session.show(map, table(["FROM", "STATES", "FILES"], linesOf(map, session.zone), session.io.columns));
      const letters = Object.entries(LETTERS).map(([state, letter]) => `${letter} ${state}`);
      if (!session.isJson) session.notice(`worst file of each cell: ${letters.join(", ")}, e none`);
    },
  });
}

/** Returns the map as table rows, one for each hour. */
function linesOf({ start, cell_seconds, states, files }: RunMapAnswer, zone: string): Cell[][] {
  const lines: Cell[][] = [];
  for (let cell = 0; cell < states.length; cell += CELLS_PER_LINE) {
    const at = new Date(Date.parse(start) + cell * cell_seconds * 1_000).toISOString();
    const here = files.slice(cell, cell + CELLS_PER_LINE);
    lines.push([
      shownInstant(at, zone),
      states.slice(cell, cell + CELLS_PER_LINE),
      here.reduce((sum, n) => sum + n, 0),
    ]);
  }
  return lines;
}
