// The title and the icon of the tab. Both show the stage of the active run, even while the tab is in the background.
import { effect, signal } from "@preact/signals";
import type { Tone } from "./run-stage.ts";

export interface TabRun {
  /** For example "82% Sending". */
  text: string;
  tone: Tone;
}

const page = signal("");
/** The run in the title. Null: no run owns the slot. */
const run = signal<TabRun | null>(null);

/** Sets the heading of the shown page as part of the title. */
export function showPageInTab(title: string): void {
  page.value = title;
}

/** Shows the run in the title and icon. The returned function removes it. */
export function showRunInTab(shown: TabRun | null): () => void {
  run.value = shown;
  return () => {
    run.value = null;
  };
}

const COLOURS: Record<Tone, string> = {
  red: "#c62828",
  amber: "#b26a00",
  green: "#2e7d32",
  work: "#1f5fa8",
  idle: "#6b7280",
};
/** The icons differ in shape too, because some people do not see the colours. */
const SHAPES: Record<Tone, string> = {
  red: "<path d='M8 1l7 13H1z'/>",
  amber: "<path d='M8 1l7 7-7 7-7-7z'/>",
  green: "<circle cx='8' cy='8' r='7'/>",
  work: "<path d='M3 1l11 7-11 7z'/>",
  idle: "<rect x='2' y='2' width='12' height='12'/>",
};

function iconOf(tone: Tone): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='${COLOURS[tone]}'>${SHAPES[tone]}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

export function showTab(product: () => string): void {
  effect(() => {
    document.title = [run.value?.text, page.value, product()].filter(Boolean).join(" · ");
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon) icon.href = iconOf(run.value?.tone ?? "idle");
  });
}
