// /ui/queue shows the waiting windows in their order, the running ones, and the ended ones.
import { Loaded } from "../../parts/loaded.tsx";
import { Page } from "../../parts/page.tsx";
import { useFeed } from "../../state/feed.ts";
import { place } from "../../state/location.ts";
import { texts } from "../../text/texts.ts";
import { EndedWindows } from "./ended-windows.tsx";
import { OpenWindows } from "./open-windows.tsx";
import { openFeed } from "./queue-feed.ts";
import { QueueHead } from "./queue-head.tsx";
import { WaitingWindows } from "./waiting-windows.tsx";
import { WindowDetail } from "./window-detail.tsx";

export function QueuePage() {
  useFeed(openFeed.path);
  const shown = new URLSearchParams(place.value.query).get("window");
  return (
    <Page title={texts.value.queue.title}>
      <Loaded feed={openFeed}>{({ queue }) => <QueueHead queue={queue} />}</Loaded>
      {shown !== null && /^\d{1,15}$/.test(shown) && <WindowDetail key={shown} id={Number(shown)} />}
      <OpenWindows />
      <WaitingWindows />
      <EndedWindows />
    </Page>
  );
}
