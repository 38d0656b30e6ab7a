// Keeps the R2 outages of senders, parsers and the clock separately, because R2 may fail for only one of them.
import { outageSetBack, storageFailed, type StorageOutage, type StorageSide } from "./storage-outage.ts";

const SIDES: readonly StorageSide[] = ["send", "parse", "clock"];

export type KeptOutages = Record<StorageSide, StorageOutage | null>;

export class StorageOutages implements KeptOutages {
  send: StorageOutage | null;
  parse: StorageOutage | null;
  clock: StorageOutage | null;

  constructor(kept: KeptOutages | null) {
    this.send = kept?.send ?? null;
    this.parse = kept?.parse ?? null;
    this.clock = kept?.clock ?? null;
  }

  failed(side: StorageSide, key: string, detail: string, now: number): void {
    this[side] = storageFailed(this[side], key, detail, now);
  }

  setBack(backMs: number, now: number): void {
    for (const side of SIDES) {
      const outage = this[side];
      if (outage !== null) this[side] = outageSetBack(outage, backMs, now);
    }
  }

  keep(): KeptOutages {
    const { send, parse, clock } = this;
    return { send, parse, clock };
  }
}
