// The head of every page: the navigation, the person's name and role, the receiver, and the run that is active now.
import { named } from "./text/punctuation.ts";
import { useEffect, useState } from "preact/hooks";
import { PAGES } from "./pages/pages.ts";
import { useProgress } from "./pages/run/use-whole-run.ts";
import { Window } from "./parts/instant.tsx";
import { ReceiverName } from "./parts/receiver-name.tsx";
import { StageBadge } from "./parts/stage-badge.tsx";
import { TimeLeft } from "./parts/time-left.tsx";
import { Switch } from "./parts/switch.tsx";
import { Verb } from "./parts/verb.tsx";
import { paths } from "./api/paths.ts";
import { credential } from "./api/token.ts";
import { useFeed } from "./state/feed.ts";
import { activeRunIds, runFeed, system } from "./state/frame-feeds.ts";
import { place } from "./state/location.ts";
import { now } from "./state/poller.ts";
import { rateNow } from "./state/run-share.ts";
import { isWorking, toneOf } from "./state/run-stage.ts";
import { me, signInProblem, signOut } from "./state/session.ts";
import { chooseLanguage, zone } from "./state/settings.ts";
import { showRunInTab } from "./state/tab-title.ts";
import { stageWord } from "./text/codes.ts";
import { count, duration, linesPerSecond, percent } from "./text/numbers.ts";
import { language, LANGUAGES, texts } from "./text/texts.ts";
import { ZONES } from "./text/time.ts";

export function FrameHead() {
  const t = texts.value.frame;
  const isSignedIn = me.value !== null && signInProblem.value === null;
  const [isOpen, setOpen] = useState(false);
  // The menu closes when the person has chosen another page.
  useEffect(() => setOpen(false), [place.value.path]);
  return (
    <header class={isOpen ? "frame-head is-open" : "frame-head"}>
      <button
        type="button"
        class="menu-button"
        aria-expanded={isOpen}
        aria-controls="menu"
        onClick={() => setOpen(!isOpen)}
        onKeyDown={({ key }) => key === "Escape" && setOpen(false)}
      >
        {t.menu}
      </button>
      <div class="frame-row" id="menu">
        <a class="product in-menu" href="/ui/">
          {t.product}
        </a>
        <Navigation />
        <div class="settings in-menu">
          <Switch
            label={t.zone}
            chosen={zone.value}
            onChoose={(chosen) => (zone.value = chosen)}
            values={ZONES.map((value) => ({ value, text: texts.value.units[value] }))}
          />
          <Switch
            label={t.language}
            chosen={language.value}
            onChoose={(chosen) => void chooseLanguage(chosen)}
            values={LANGUAGES.map((value) => ({ value, text: { en: "EN", zh: "中文" }[value], lang: value }))}
          />
          {isSignedIn && <Person />}
        </div>
      </div>
      {isSignedIn && <Deployment />}
    </header>
  );
}

function Navigation() {
  const { path } = place.value;
  return (
    <nav class="in-menu" aria-label={texts.value.frame.main}>
      {PAGES.flatMap(({ pattern, nav }) => {
        if (nav === null) return [];
        const isHere = pattern === "/ui" ? /^\/ui\/?$/.test(path) : path.startsWith(pattern);
        return (
          <a
            key={pattern}
            href={pattern === "/ui" ? "/ui/" : pattern}
            aria-current={isHere ? "page" : undefined}
          >
            {nav(texts.value)}
          </a>
        );
      })}
    </nav>
  );
}

function Person() {
  const person = me.value;
  if (person === null) return null;
  const { roles } = texts.value.states;
  return (
    <span class="person">
      <span class="clip">{person.actor}</span> · {person.role === null ? "—" : roles[person.role]}
      {credential() !== null && (
        <button type="button" class="small" onClick={() => void signOut()}>
          {texts.value.frame.signOut}
        </button>
      )}
    </span>
  );
}

function Deployment() {
  const t = texts.value.frame;
  const view = useFeed(system.path)?.data.value ?? null;
  const asOf = system.asOf.value;
  const [id = null, ...others] = activeRunIds.value;
  return (
    <section class="frame-row deployment" aria-label={t.activeRun}>
      {view && (
        <span class="in-menu">
          {t.receiver}{" "}
          <code>{[view.receiver_id, ...view.receivers.slice(1).map(({ name }) => name)].join(", ")}</code>
        </span>
      )}
      {view && (
        <span class={view.enabled ? "quiet in-menu" : "tone-red"}>
          {view.enabled ? t.switchOn : t.switchOff}
        </span>
      )}
      {id === null ? (
        view && <span class="quiet no-run">{t.noActiveRun}</span>
      ) : (
        <ActiveRun key={id} id={id} />
      )}
      {others.map((other) => (
        <OtherRun key={other} id={other} />
      ))}
      {asOf !== null && (
        <span class="as-of quiet in-menu">{t.asOf(duration(Math.max(0, (now.value - asOf) / 1_000)))}</span>
      )}
    </section>
  );
}

function ActiveRun({ id }: { id: string }) {
  const t = texts.value.frame;
  const verbs = texts.value.verbs;
  const feed = runFeed(id);
  useFeed(feed.path);
  const run = feed.data.value;
  const share = useProgress(run);
  const progress = percent(share);
  useEffect(
    () =>
      showRunInTab(run && { text: `${progress} ${stageWord(run.stage_code)}`, tone: toneOf(run.stage_code) }),
    [run?.stage_code, progress, language.value],
  );
  if (run === null) return null;
  return (
    <span class="active-run">
      <StageBadge stage={run.stage_code} />
      <ReceiverName of={run.receiver} />
      <a class="in-menu" href={`/ui/runs/${id}`}>
        <Window start={run.window.start} end={run.window.end} />
      </a>
      <progress class="in-menu" max={1} value={share ?? 0} aria-label={t.activeRun} />
      <a class="progress-link" href={`/ui/runs/${id}`} aria-label={named(t.activeRun, progress)}>
        <strong>{progress}</strong>
      </a>
      {isWorking(run.stage_code) && (
        <span class="in-menu">
          {t.sendingAt(count(rateNow(run)), linesPerSecond(run.limits.max_lines_per_second))}
        </span>
      )}
      <span class="in-menu">
        <TimeLeft run={run} />
      </span>
      {run.stage_code !== "paused" && (
        <Verb
          label={verbs.pause}
          title={verbs.pauseTitle}
          now={verbs.pauseNow}
          later={verbs.pauseLater}
          openPosts={run.in_flight}
          path={paths.runVerb(id, "pause")}
        />
      )}
    </span>
  );
}

/** A further run that sends, to another receiver. */
function OtherRun({ id }: { id: string }) {
  const feed = runFeed(id);
  useFeed(feed.path);
  const run = feed.data.value;
  if (run === null) return null;
  return (
    <span class="in-menu">
      <a href={`/ui/runs/${id}`}>{stageWord(run.stage_code)}</a>
      <ReceiverName of={run.receiver} />
    </span>
  );
}
