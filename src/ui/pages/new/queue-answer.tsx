// Shows what the queue did with the windows that a person added.
import type { QueueWindowsAnswer } from "../../../contract/api/api-types.ts";
import { queueAddress } from "../../parts/links.tsx";
import { Notice } from "../../parts/notice.tsx";
import { QueueOutcomes } from "../../parts/queue-outcomes.tsx";
import { texts } from "../../text/texts.ts";

export function QueueAnswer({ answer }: { answer: QueueWindowsAnswer }) {
  const t = texts.value.queue;
  return (
    <Notice tone="plain" isAlert title={t.answer}>
      <QueueOutcomes answer={answer} />
      <p>
        <a href={queueAddress(answer.receiver)}>{t.back}</a>
      </p>
    </Notice>
  );
}
