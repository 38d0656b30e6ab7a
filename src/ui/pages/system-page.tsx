// /ui/system shows the settings of the deployment. It lists secrets by name and never shows their values.
import { Fragment } from "preact";
import type { SystemAnswer, SystemVar } from "../../contract/api/api-types.ts";
import { paths } from "../api/paths.ts";
import { Download } from "../parts/download.tsx";
import { lazyPage } from "../parts/lazy-page.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { EmptyState } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { useFeed } from "../state/feed.ts";
import { system } from "../state/frame-feeds.ts";
import { hasSeveralReceivers } from "../state/receivers.ts";
import { texts } from "../text/texts.ts";
import { Channels } from "./channels.tsx";
import { DoctorPanel } from "./doctor-panel.tsx";

/** Most deployments have one receiver, and do not load this script. */
const Receivers = lazyPage(
  () => import("./several-receivers.ts").then((part) => part.ReceiverTable),
  ["receivers"],
);

export function SystemPage() {
  const t = texts.value.system;
  useFeed(system.path);
  return (
    <Page title={t.title}>
      <Loaded feed={system}>{(view) => <Deployment view={view} />}</Loaded>
      {hasSeveralReceivers.value && <Receivers />}
      <DoctorPanel />
      <Channels />
      <Loaded feed={system}>{(view) => <Settings view={view} />}</Loaded>
      <section aria-labelledby="cli">
        <h2 id="cli">{t.cli}</h2>
        <p>{t.cliHint}</p>
        <p>
          <a href="/ui/logpush-backfill.mjs" download="logpush-backfill.mjs">
            {t.cliFile}
          </a>
        </p>
      </section>
      <section aria-labelledby="api">
        <h2 id="api">{t.api}</h2>
        <p>{t.apiHint}</p>
        <Download path={paths.openApi} name="openapi.json" label={t.apiFile} />
      </section>
    </Page>
  );
}

function Deployment({ view }: { view: SystemAnswer }) {
  const t = texts.value.system;
  return (
    <section aria-labelledby="deployment">
      <h2 id="deployment">{t.deployment}</h2>
      <dl class="facts">
        <dt>{t.receiver}</dt>
        <dd>
          <code>{view.receiver_id}</code>
        </dd>
        <dt>{t.killSwitch}</dt>
        <dd>{view.enabled ? t.on : <strong class="tone-red">{t.off}</strong>}</dd>
        <dt>{t.missing}</dt>
        <dd>{view.missing_secrets.length === 0 ? t.none : <code>{view.missing_secrets.join(", ")}</code>}</dd>
        {/* With several receivers, their table shows who has which slot. */}
        {view.receivers.length === 1 && <dt>{t.slot}</dt>}
        {view.receivers.length === 1 && (
          <dd>
            {view.slot_holder === null ? (
              t.slotFree
            ) : (
              <a href={`/ui/runs/${view.slot_holder}`}>{view.slot_holder}</a>
            )}
          </dd>
        )}
      </dl>
    </section>
  );
}

function Settings({ view }: { view: SystemAnswer }) {
  const t = texts.value.system;
  const { roles } = texts.value.states;
  return (
    <div class="side-tables">
      <section aria-labelledby="vars">
        <h2 id="vars">{t.vars}</h2>
        <Table
          isNarrow
          label={t.vars}
          rows={view.vars}
          rowKey={({ name }) => name}
          columns={[
            { key: "name", head: t.name, cell: ({ name }) => <VarName of={name} /> },
            { key: "value", head: t.value, cell: (one) => <Value of={one} /> },
            { key: "source", head: t.source, cell: ({ set }) => (set ? t.deployed : t.byDefault) },
            { key: "reach", head: t.reach, cell: ({ applies }) => reachText(applies) },
          ]}
        />
      </section>
      <section aria-labelledby="secrets">
        <h2 id="secrets">{t.secrets}</h2>
        <Table
          isNarrow
          label={t.secrets}
          rows={view.secrets}
          rowKey={({ name }) => name}
          columns={[
            { key: "name", head: t.name, cell: ({ name }) => <VarName of={name} /> },
            { key: "set", head: t.value, cell: ({ set }) => (set ? t.isSet : t.notSet) },
          ]}
        />
      </section>
      <section aria-labelledby="tokens">
        <h2 id="tokens">{t.tokens}</h2>
        {view.tokens.length === 0 ? (
          <EmptyState title={t.noTokens} />
        ) : (
          <Table
            isNarrow
            label={t.tokens}
            rows={view.tokens}
            rowKey={({ name }) => name}
            columns={[
              { key: "name", head: t.name, cell: ({ name }) => <code>{name}</code> },
              { key: "role", head: t.role, cell: ({ role }) => roles[role] },
            ]}
          />
        )}
      </section>
    </div>
  );
}

/** Shows the name of a var. A line may break inside the name only after an underscore. */
function VarName({ of: name }: { of: string }) {
  return (
    <code class="var-name">
      {name.split(/(?<=_)/).map((part) => (
        <Fragment key={part}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}

function Value({ of: { value, shown, set } }: { of: SystemVar }) {
  const t = texts.value.system;
  if (!shown) return <span class="quiet">{set ? t.notShown : t.unset}</span>;
  return value === null ? <span class="quiet">{t.unset}</span> : <code class="clip">{value}</code>;
}

function reachText(applies: SystemVar["applies"]): string {
  const t = texts.value.system;
  return { "every run": t.everyRun, "new runs": t.newRuns, "new runs; PATCH": t.newRunsPatch }[applies];
}
