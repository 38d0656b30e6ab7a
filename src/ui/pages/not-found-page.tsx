// The page for an address below /ui/ that does not exist.
import { EmptyState } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { texts } from "../text/texts.ts";

export function NotFoundPage() {
  const t = texts.value.frame;
  return (
    <Page title={t.noMatch}>
      <EmptyState title={t.noMatchHint}>
        <a href="/ui/">{t.toHome}</a>
      </EmptyState>
    </Page>
  );
}
