// Returns a value after it has not changed for a moment. Returns the previous value in the meantime.
import { useEffect, useState } from "preact/hooks";

const SETTLE_MS = 300;

export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
