// The frame around every page: navigation, settings, the deployment's state, and the active run.
import { FrameHead } from "./frame-head.tsx";
import { Loading } from "./parts/loading.tsx";
import { Notice, Refusal, Reload } from "./parts/notice.tsx";
import { NotFoundPage } from "./pages/not-found-page.tsx";
import { PAGES } from "./pages/pages.ts";
import { SignInPage } from "./pages/sign-in-page.tsx";
import { place } from "./state/location.ts";
import { lostSince } from "./state/poller.ts";
import { findRoute } from "./state/routes.ts";
import { configProblem, me, signInProblem } from "./state/session.ts";
import { zone } from "./state/settings.ts";
import { isLanguageLost, texts } from "./text/texts.ts";
import { timeText } from "./text/time.ts";

export function App() {
  const t = texts.value.frame;
  return (
    <>
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <FrameHead />
      <main id="main" tabIndex={-1}>
        <ReachNotice />
        {isLanguageLost.value && (
          <Notice tone="amber" isAlert title={t.languageLost}>
            <Reload />
          </Notice>
        )}
        <Refusal problem={configProblem.value} />
        <CurrentPage />
      </main>
    </>
  );
}

function ReachNotice() {
  const t = texts.value.frame;
  const since = lostSince.value;
  if (since === null) return null;
  const at = `${timeText(since, zone.value)} ${texts.value.units[zone.value]}`;
  return (
    <Notice tone="amber" isAlert title={t.notReached(at)}>
      <p>{t.retrying}</p>
    </Notice>
  );
}

function CurrentPage() {
  if (signInProblem.value !== null) return <SignInPage />;
  const found = findRoute(PAGES, place.value.path);
  if (found === null) return <NotFoundPage />;
  // No page is shown yet, because a page would send requests before it is known whether the person must sign in.
  if (me.value === null) return <Loading />;
  const { component: Component } = found.route;
  return <Component key={place.value.path} params={found.params} />;
}
