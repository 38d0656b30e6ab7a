// The receivers of the deployment: kind, cap, slot, and whether the deployment has settings for them. No secret is shown.
import type { SystemReceiver } from "../../contract/api/api-types.ts";
import { RunLink } from "../parts/links.tsx";
import { Table } from "../parts/table.tsx";
import { receivers } from "../state/receivers.ts";
import { linesPerSecond } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";

export function ReceiverTable() {
  const t = texts.value.receivers;
  return (
    <section aria-labelledby="receivers">
      <h2 id="receivers">{t.title}</h2>
      <Table
        isNarrow
        label={t.title}
        rows={receivers.value}
        rowKey={({ name }) => name}
        columns={[
          { key: "name", head: t.name, cell: ({ name }) => <code>{name}</code> },
          { key: "kind", head: t.kind, cell: ({ kind }) => (kind === null ? "—" : <code>{kind}</code>) },
          {
            key: "cap",
            head: t.cap,
            isNumber: true,
            cell: ({ max_lines_per_second: cap }) => linesPerSecond(cap),
          },
          { key: "settings", head: t.settings, cell: (one) => <Settings of={one} /> },
          { key: "slot", head: t.slot, cell: (one) => <Slot of={one} /> },
        ]}
      />
    </section>
  );
}

function Settings({ of: { kind } }: { of: SystemReceiver }) {
  const t = texts.value.receivers;
  return kind === null ? <strong class="tone-red">{t.unusable}</strong> : <>{t.usable}</>;
}

function Slot({ of: { slot_holder: holder } }: { of: SystemReceiver }) {
  return holder === null ? <>{texts.value.receivers.slotFree}</> : <RunLink run={holder} />;
}
