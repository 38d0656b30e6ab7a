// /ui/queue shows the waiting windows in their order, the running ones, and the ended ones. Each receiver has a queue of
// its own, and the page shows one of them.
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Page } from "../../parts/page.tsx";
import { ReceiverName } from "../../parts/receiver-name.tsx";
import { useFeed } from "../../state/feed.ts";
import { place } from "../../state/location.ts";
import { hasSeveralReceivers } from "../../state/receivers.ts";
import { texts } from "../../text/texts.ts";
import { EndedWindows } from "./ended-windows.tsx";
import { OpenWindows } from "./open-windows.tsx";
import { openFeed, queueReceiver } from "./queue-feed.ts";
import { QueueHead } from "./queue-head.tsx";
import { WaitingWindows } from "./waiting-windows.tsx";
import { WindowDetail } from "./window-detail.tsx";

/** Most deployments have one receiver, and do not load this script. */
const QueuesOfReceivers = lazyPage(
  () => import("../several-receivers.ts").then((part) => part.QueuesOfReceivers),
  ["receivers"],
);

export function QueuePage() {
  const receiver = queueReceiver.value;
  useFeed(openFeed().path);
  const shown = new URLSearchParams(place.value.query).get("window");
  return (
    <Page title={texts.value.queue.title} aside={<ReceiverName of={receiver} />}>
      {(hasSeveralReceivers.value || receiver !== null) && <QueuesOfReceivers />}
      {/* The number of a window and the state of a list belong to one queue. */}
      <div key={receiver}>
        <Loaded feed={openFeed()}>{({ queue }) => <QueueHead queue={queue} />}</Loaded>
        {shown !== null && /^\d{1,15}$/.test(shown) && <WindowDetail key={shown} id={Number(shown)} />}
        <OpenWindows />
        <WaitingWindows />
        <EndedWindows />
      </div>
    </Page>
  );
}
