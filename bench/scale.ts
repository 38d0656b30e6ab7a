// placeholder
import type { Section } from "./report.ts";
export async function scaleSections(_share: number): Promise<Section[]> {
  return [];
}
