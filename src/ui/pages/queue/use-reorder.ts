// Moves a window of the queue to another place, when a person drags its row or presses a button. The API decides the
// new order, and the page then reads the list again.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MovedTo } from "../../../contract/windows.ts";
import { ask } from "../../api/client.ts";
import type { Problem } from "../../api/problem.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { announceChange } from "../../state/poller.ts";
import { isOperator, noteProblem } from "../../state/session.ts";
import { dropOf } from "./drop-place.ts";

export interface Reorder {
  isBusy: boolean;
  problem: Problem | null;
  /** The window that was moved last. */
  movedId: number | null;
  move(id: number, to: MovedTo, way: "up" | "down"): Promise<void>;
  rowProps(id: number): Record<string, unknown>;
}

interface Over {
  id: number;
  isAfter: boolean;
}

/** `ids`: the shown windows of the receiver's queue, in their order. */
export function useReorder(ids: readonly number[], receiver: string | null): Reorder {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [movedId, setMovedId] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<Over | null>(null);
  const focused = useRef<string | null>(null);
  useLayoutEffect(() => {
    // The browser removes the focus from the button when its row moves. This gives the focus back.
    if (focused.current === null || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-move="${focused.current}"]`)?.focus();
  }, [ids.join()]);

  const move: Reorder["move"] = async (id, to, way) => {
    if (isBusy) return;
    setBusy(true);
    focused.current = `${id} ${way}`;
    const answer = await ask(queuePaths.move(id, receiver), { method: "POST", body: to });
    noteProblem(answer.ok ? null : answer.problem);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setMovedId(id);
    announceChange();
  };

  const endDrag = () => {
    setDragged(null);
    setOver(null);
  };
  const rowProps: Reorder["rowProps"] = (id) => ({
    draggable: isOperator.value,
    class: rowClass(id, dragged, over),
    onDragStart: (event: DragEvent) => {
      // Firefox drags a row only if the event has data.
      event.dataTransfer?.setData("text/plain", String(id));
      setDragged(id);
    },
    onDragOver: (event: DragEvent) => {
      if (dragged === null || !(event.currentTarget instanceof HTMLElement)) return;
      event.preventDefault();
      const { top, height } = event.currentTarget.getBoundingClientRect();
      const isAfter = event.clientY > top + height / 2;
      if (over?.id !== id || over.isAfter !== isAfter) setOver({ id, isAfter });
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      const to = dragged === null || over === null ? null : dropOf(ids, dragged, over);
      if (dragged !== null && to !== null) void move(dragged, to, "before" in to ? "up" : "down");
      endDrag();
    },
    onDragEnd: endDrag,
  });
  return { isBusy, problem, movedId, move, rowProps };
}

function rowClass(id: number, dragged: number | null, over: Over | null): string {
  const isTarget = over?.id === id && dragged !== id;
  return [
    "movable",
    ...(dragged === id ? ["dragged"] : []),
    ...(isTarget ? [over.isAfter ? "drop-after" : "drop-before"] : []),
  ].join(" ");
}
