// Counts the billed operations of an R2 bucket by price class. Deleting and aborting are free.
import type { R2Operations } from "../contract/work.ts";

const CLASS_A: ReadonlySet<string> = new Set([
  "put",
  "list",
  "createMultipartUpload",
  "uploadPart",
  "complete",
]);
const CLASS_B: ReadonlySet<string> = new Set(["get", "head"]);

/** A bucket that adds each operation to `count`, also one that fails. */
export function countedBucket(bucket: R2Bucket, count: R2Operations): R2Bucket {
  return counted(bucket, count, (name, answer) =>
    name === "createMultipartUpload"
      ? (answer as Promise<R2MultipartUpload>).then((upload) => counted(upload, count))
      : answer,
  );
}

function counted<T extends object>(
  target: T,
  count: R2Operations,
  answered: (name: string, answer: unknown) => unknown = (_name, answer) => answer,
): T {
  return new Proxy(target, {
    get(original, name) {
      const value: unknown = Reflect.get(original, name, original);
      if (typeof value !== "function" || typeof name !== "string") return value;
      return (...args: unknown[]): unknown => {
        if (CLASS_A.has(name)) count.classA += 1;
        if (CLASS_B.has(name)) count.classB += 1;
        return answered(name, value.apply(original, args));
      };
    },
  });
}
