// Names the receiver of a run or a window when it is not the first receiver.
import { FIRST_RECEIVER } from "../state/receiver-names.ts";
import { texts } from "../text/texts.ts";

export function ReceiverName({ of: name }: { of: string | null }) {
  if (name === null || name === FIRST_RECEIVER) return null;
  return (
    <span class="tag">
      {texts.value.frame.receiver} <code>{name}</code>
    </span>
  );
}
